/* SPDX-License-Identifier: MIT */
#include "py_symbol.h"

#include <dlfcn.h>

void *gilyield_py_symbol(const char *name)
{
    return dlsym(RTLD_DEFAULT, name);
}
