/* SPDX-License-Identifier: MIT */
#include "find_shim.h"

#include <stdio.h>
#include <string.h>
#include <windows.h>

static const char NAME[] = "gilyield.dll";

static void *symbol_of(HMODULE module, const char *name)
{
    FARPROC function = GetProcAddress(module, name);
    void *symbol;
    memcpy(&symbol, &function, sizeof symbol);
    return symbol;
}

/* Fills `found`. Returns 1, or -1 if the library lacks a function: then `problem` says which. */
static int resolve(shim_search *s, HMODULE module)
{
    static char path[4 * MAX_PATH]; /* the shim is never unloaded, and all copies of a name are one */
    wchar_t wide[MAX_PATH];
    void *symbol;
    DWORD length = GetModuleFileNameW(module, wide, MAX_PATH);
    WideCharToMultiByte(CP_UTF8, 0, wide, length > 0 && length < MAX_PATH ? -1 : 0, path, sizeof path, NULL, NULL);
    s->found.path = path;
#define X(result, name, parameters)                                                                                              \
    symbol = symbol_of(module, "gilyield_" #name);                                                                               \
    if (symbol == NULL) {                                                                                                        \
        snprintf(s->problem, sizeof s->problem,                                                                                  \
                 "%s has no function gilyield_" #name ": it does not fit this Python module (version " GILYIELD_PY_VERSION ")",  \
                 path);                                                                                                          \
        return -1;                                                                                                               \
    }                                                                                                                            \
    memcpy(&s->found.name, &symbol, sizeof symbol);
    GILYIELD_PY_API_MAP(X)
#undef X
    return 1;
}

/* From the directories, else from where Windows looks. */
static HMODULE load(shim_search *s)
{
    char path[4096];
    wchar_t wide[4096];
    HMODULE module = NULL;
    for (size_t i = 0; module == NULL && i < s->dir_count; i++) {
        int length = snprintf(path, sizeof path, "%s\\%s", s->dirs[i], NAME);
        if (length > 0 && (size_t)length < sizeof path && MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, 4096) > 0) {
            module = LoadLibraryW(wide);
        }
    }
    module = module != NULL ? module : LoadLibraryA(NAME);
    if (module == NULL) {
        snprintf(s->problem, sizeof s->problem,
                 "%s could not be loaded: Windows says error %lu (looked in %s%s, then where Windows looks)", NAME,
                 GetLastError(), s->dir_count > 0 ? s->dirs[0] : "no directory", s->dir_count > 1 ? ", ..." : "");
    }
    return module;
}

static int one_qt_is_here(void)
{
    return (GetModuleHandleA("Qt5Core.dll") != NULL) != (GetModuleHandleA("Qt6Core.dll") != NULL);
}

int gilyield_py_find_shim(shim_search *s)
{
    HMODULE module = GetModuleHandleA(NAME);
    if (module == NULL && (s->dirs == NULL || (s->only_if_sure && !one_qt_is_here()))) {
        return 0;
    }
    module = module != NULL ? module : load(s);
    return module != NULL ? resolve(s, module) : -1;
}
