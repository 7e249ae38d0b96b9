/* SPDX-License-Identifier: MIT */
/* Nothing is preloaded, so nothing is to be taken out. */
#include "preload/environment.h"

bool gy_environment_remove_preload(void)
{
    return false;
}

bool gy_environment_add_python_path(const char *directory)
{
    (void)directory;
    return false;
}

bool gy_environment_remove_python_path(const char *directory)
{
    (void)directory;
    return false;
}
