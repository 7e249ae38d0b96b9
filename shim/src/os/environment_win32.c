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

static wchar_t *as_wide(const char *text)
{
    int size = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    wchar_t *wide = size > 0 ? malloc((size_t)size * sizeof *wide) : NULL;
    if (wide) {
        MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, size);
    }
    return wide;
}

static char *as_utf8(const wchar_t *wide)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
    char *text = size > 0 ? malloc((size_t)size) : NULL;
    if (text) {
        WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, size, NULL, NULL);
    }
    return text;
}

char *gy_environment_copy(const char *name)
{
    DWORD last_error = GetLastError();
    wchar_t *wide_name = as_wide(name);
    DWORD needed = wide_name ? GetEnvironmentVariableW(wide_name, NULL, 0) : 0; /* 0: it is not set */
    wchar_t *all = needed > 0 ? malloc(needed * sizeof *all) : NULL;
    char *value = all && GetEnvironmentVariableW(wide_name, all, needed) < needed ? as_utf8(all) : NULL;
    free(all);
    free(wide_name);
    SetLastError(last_error);
    return value;
}

bool gy_environment_get(const char *name, char *value, size_t size)
{
    char *all = gy_environment_copy(name);
    snprintf(value, size, "%s", all ? all : "");
    free(all);
    return all != NULL;
}

/* Qt's and CPython's C runtime has a copy of its own, from which os.environ is made. */
static void set_in_runtime(const wchar_t *name, const wchar_t *value)
{
    HMODULE runtime = GetModuleHandleW(L"ucrtbase.dll");
    FARPROC function = runtime ? GetProcAddress(runtime, "_wputenv_s") : NULL;
    int (*set)(const wchar_t *, const wchar_t *);
    memcpy(&set, &function, sizeof set);
    if (set) {
        set(name, value);
    }
}

bool gy_environment_set(const char *name, const char *value)
{
    wchar_t *wide_name = as_wide(name), *wide_value = value ? as_wide(value) : NULL;
    bool done = wide_name && (wide_value || !value) && SetEnvironmentVariableW(wide_name, wide_value);
    if (done) {
        set_in_runtime(wide_name, wide_value ? wide_value : L""); /* "": it is taken out */
    }
    free(wide_value);
    free(wide_name);
    return done;
}
