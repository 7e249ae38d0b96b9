/* SPDX-License-Identifier: MIT */
#include "py_symbol.h"

#include <Python.h>

#include <string.h>
#include <windows.h>

/* This module imports from python3.dll, which hands on to pythonXY.dll: there a function's address lies. */
void *gilyield_py_symbol(const char *name)
{
    int (*known)(void) = Py_IsInitialized;
    void *address, *symbol = NULL;
    HMODULE python;
    memcpy(&address, &known, sizeof address);
    if (GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                           (LPCWSTR)address, &python)) {
        FARPROC function = GetProcAddress(python, name);
        memcpy(&symbol, &function, sizeof symbol);
    }
    return symbol;
}
