/* SPDX-License-Identifier: MIT */
#include "os/stderr.h"

#include <windows.h>

/* Past the C runtime, of which a process has several. A program with windows only has no such handle. */
void gy_stderr_write(const char *text, size_t length)
{
    DWORD last_error = GetLastError(), written;
    HANDLE handle = GetStdHandle(STD_ERROR_HANDLE);
    if (handle && handle != INVALID_HANDLE_VALUE) {
        WriteFile(handle, text, (DWORD)length, &written, NULL);
    }
    SetLastError(last_error);
}
