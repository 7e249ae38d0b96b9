/* SPDX-License-Identifier: MIT */
#include "os/threads.h"

#include <stdint.h>
#include <stdlib.h>
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
    DWORD last_error = GetLastError();
    HANDLE thread = OpenThread(SYNCHRONIZE, FALSE, (DWORD)id);
    bool lives = thread && WaitForSingleObject(thread, 0) == WAIT_TIMEOUT;
    if (thread) {
        CloseHandle(thread);
    }
    SetLastError(last_error);
    return lives;
}

/* How often a thread has waited is not to be had. */
bool gy_threads_usage(gy_threads_used *used)
{
    (void)used;
    return false;
}

/* Windows names threads since version 10 only, and CPython since 3.14: Python's own name is known before that. */
void gy_threads_name(int id, char *name, size_t size)
{
    (void)id;
    if (size > 0) {
        *name = '\0';
    }
}

typedef struct start {
    void *(*function)(void *data);
    void *data;
} start;

static DWORD WINAPI run(LPVOID data)
{
    start given = *(start *)data;
    free(data);
    given.function(given.data);
    return 0;
}

bool gy_threads_start(const char *name, void *(*function)(void *data), void *data)
{
    (void)name;
    start *given = malloc(sizeof *given);
    if (!given) {
        return false;
    }
    *given = (start){function, data};
    HANDLE thread = CreateThread(NULL, 0, run, given, 0, NULL);
    if (!thread) {
        free(given);
        return false;
    }
    CloseHandle(thread);
    return true;
}
