/* SPDX-License-Identifier: MIT */
/* python.exe: the official CPython comes here as a DLL alone, named by TEST_PYTHON_DLL. */
#include "unix_environment.h"

#include <stdio.h>
#include <string.h>
#include <windows.h>

int wmain(int argc, wchar_t **argv)
{
    test_adopt_unix_environment();
    char name[64] = "";
    GetEnvironmentVariableA("TEST_PYTHON_DLL", name, sizeof name);
    HMODULE python = LoadLibraryA(name);
    if (!python) {
        fprintf(stderr, "python_exe: cannot load TEST_PYTHON_DLL=%s: error %lu\n", name, GetLastError());
        return 3;
    }
    FARPROC function = GetProcAddress(python, "Py_Main");
    int (*run)(int, wchar_t **);
    memcpy(&run, &function, sizeof run);
    return run(argc, argv);
}
