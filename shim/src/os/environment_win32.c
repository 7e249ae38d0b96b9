/* SPDX-License-Identifier: MIT */
#include "os/environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

/* Not the C runtime's: a process has several of those, and each has a copy of its own from some time before. */
char *const *gy_environment_all(void)
{
    LPWCH block = GetEnvironmentStringsW();
    if (!block) {
        return NULL;
    }
    int length = 0;
    size_t count = 0;
    while (block[length]) {
        length += (int)wcslen(block + length) + 1;
        count++;
    }
    int size = WideCharToMultiByte(CP_UTF8, 0, block, length + 1, NULL, 0, NULL, NULL);
    char **entries = malloc((count + 1) * sizeof *entries + (size_t)size);
    if (entries) {
        char *text = (char *)(entries + count + 1);
        WideCharToMultiByte(CP_UTF8, 0, block, length + 1, text, size, NULL, NULL);
        for (size_t i = 0; i < count; i++) {
            entries[i] = text;
            text += strlen(text) + 1;
        }
        entries[count] = NULL;
    }
    FreeEnvironmentStringsW(block);
    return entries;
}

bool gy_environment_get(const char *name, char *value, size_t size)
{
    DWORD last_error = GetLastError();
    DWORD needed = GetEnvironmentVariableA(name, NULL, 0); /* 0: it is not set */
    char *all = needed > 0 ? malloc(needed) : NULL;
    *value = '\0';
    if (all && GetEnvironmentVariableA(name, all, needed) < needed) {
        snprintf(value, size, "%s", all);
    }
    free(all);
    SetLastError(last_error);
    return needed > 0;
}
