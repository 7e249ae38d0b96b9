/* SPDX-License-Identifier: MIT */
/* Where the package is not found from the library: who starts the application says it. */
#include "python/python_path.h"

const char *gy_python_path(void)
{
    return "";
}
