/* SPDX-License-Identifier: MIT */
#include "os/environment.h"

#include <stdio.h>
#include <stdlib.h>

extern char **environ;

char *const *gy_environment_all(void)
{
    return environ;
}

bool gy_environment_get(const char *name, char *value, size_t size)
{
    const char *set = getenv(name);
    snprintf(value, size, "%s", set ? set : "");
    return set != NULL;
}
