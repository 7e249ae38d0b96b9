/* SPDX-License-Identifier: MIT */
#include "os/threads.h"

#include <windows.h>

int gy_threads_id(void)
{
    return (int)GetCurrentThreadId();
}

int gy_threads_process(void)
{
    return (int)GetCurrentProcessId();
}

bool gy_threads_lives(int id)
{
    DWORD saved_error = GetLastError();
    HANDLE thread = OpenThread(SYNCHRONIZE, FALSE, (DWORD)id);
    bool lives = thread && WaitForSingleObject(thread, 0) == WAIT_TIMEOUT;
    if (thread) {
        CloseHandle(thread);
    }
    SetLastError(saved_error);
    return lives;
}

void gy_threads_name(int id, char *name, size_t size)
{
    (void)id;
    (void)size;
    *name = '\0';
}

typedef struct start {
    void *(*function)(void *data);
    void *data;
} start;

static DWORD WINAPI run(LPVOID argument)
{
    start what = *(start *)argument;
    HeapFree(GetProcessHeap(), 0, argument);
    what.function(what.data);
    return 0;
}

bool gy_threads_start(const char *name, void *(*function)(void *data), void *data)
{
    (void)name;
    start *what = HeapAlloc(GetProcessHeap(), 0, sizeof *what);
    if (!what) {
        return false;
    }
    *what = (start){function, data};
    HANDLE thread = CreateThread(NULL, 0, run, what, 0, NULL);
    if (!thread) {
        HeapFree(GetProcessHeap(), 0, what);
        return false;
    }
    CloseHandle(thread);
    return true;
}
