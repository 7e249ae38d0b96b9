/* SPDX-License-Identifier: MIT */
#include "os/peek.h"

#include <windows.h>

bool gy_peek(const void *from, void *to, size_t size)
{
    DWORD last_error = GetLastError();
    SIZE_T got = 0;
    BOOL done = ReadProcessMemory(GetCurrentProcess(), from, to, size, &got);
    SetLastError(last_error);
    return done && got == size;
}
