/* SPDX-License-Identifier: MIT */
#include "os/environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

char *gy_environment_copy(const char *name)
{
    const char *set = getenv(name);
    return set ? strdup(set) : NULL;
}

bool gy_environment_set(const char *name, const char *value)
{
    return (value ? setenv(name, value, 1) : unsetenv(name)) == 0;
}
