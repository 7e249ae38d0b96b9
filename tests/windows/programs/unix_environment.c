/* SPDX-License-Identifier: MIT */
#include "unix_environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static const char PREFIX[] = "WINEQT_";

static void *runtime_function(const char *name)
{
    FARPROC function = GetProcAddress(LoadLibraryA("ucrtbase.dll"), name);
    void *address;
    memcpy(&address, &function, sizeof address);
    return address;
}

static void call_runtime(const char *name)
{
    int (*function)(void);
    void *address = runtime_function(name);
    memcpy(&function, &address, sizeof function);
    if (function) {
        function();
    }
}

void test_adopt_unix_environment(void)
{
    char *all = GetEnvironmentStringsA();
    for (const char *entry = all; entry && *entry; entry += strlen(entry) + 1) {
        const char *equals = strchr(entry, '=');
        if (equals && strncmp(entry, PREFIX, strlen(PREFIX)) == 0) {
            char name[128];
            snprintf(name, sizeof name, "QT_%.*s", (int)(equals - entry) - (int)strlen(PREFIX), entry + strlen(PREFIX));
            SetEnvironmentVariableA(name, equals + 1);
            snprintf(name, sizeof name, "%.*s", (int)(equals - entry), entry);
            SetEnvironmentVariableA(name, NULL); /* a program that this one starts has what this one then wants */
        }
    }
    FreeEnvironmentStringsA(all);
    call_runtime("_initialize_narrow_environment");
    call_runtime("_initialize_wide_environment");
}
