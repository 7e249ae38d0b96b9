/* SPDX-License-Identifier: MIT */
#include "os/module.h"

#include <dlfcn.h>

void *gy_module_symbol(void *handle, const char *name)
{
    return dlsym(handle, name);
}
