/* SPDX-License-Identifier: MIT */
#include "python/python_path.h"

#include <stddef.h>
#include <wchar.h>
#include <windows.h>

/* Where the directory is, seen from this library: in a wheel, and in the tree where it is built. */
static const wchar_t *const PLACES[] = {L"_path\\importable", L"..\\python\\gilyield\\_path\\importable"};

enum { CAPACITY = 2 * MAX_PATH };

const char *gy_python_path(void)
{
    static char found[2 * CAPACITY];
    static const char here;
    wchar_t path[CAPACITY], file[CAPACITY], whole[CAPACITY];
    HMODULE self;
    if (*found || !GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                                      (LPCWSTR)&here, &self)) {
        return found;
    }
    DWORD length = GetModuleFileNameW(self, path, MAX_PATH);
    wchar_t *name = length > 0 && length < MAX_PATH ? wcsrchr(path, L'\\') : NULL;
    for (size_t i = 0; name && !*found && i < sizeof PLACES / sizeof *PLACES; i++) {
        wcscpy(name + 1, PLACES[i]);
        if (GetFullPathNameW(path, CAPACITY, whole, NULL) == 0) {
            continue;
        }
        swprintf(file, CAPACITY, L"%ls\\gilyield.py", whole);
        if (GetFileAttributesW(file) != INVALID_FILE_ATTRIBUTES) {
            WideCharToMultiByte(CP_UTF8, 0, whole, -1, found, sizeof found, NULL, NULL);
        }
    }
    return found;
}
