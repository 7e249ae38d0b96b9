/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_OS_THREADS_H
#define GILYIELD_OS_THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Threads as the system numbers and names them. Twins: threads_linux.c, threads_win32.c. Any thread; errno is kept. */

/* Of the calling thread, and of this process. Never 0. */
int gy_threads_id(void);
int gy_threads_process(void);

/* Does the thread of this process with that number live? About 100 ns. */
bool gy_threads_lives(int id);

/* "" if it has none. */
void gy_threads_name(int id, char *name, size_t size);

/* What a thread has had of the processors so far. */
typedef struct gy_threads_used {
    uint64_t ran_ns;
    uint64_t waited; /* how often it has let go of its processor by itself, to wait for something */
} gy_threads_used;

/* Of the calling thread; about a microsecond. False: the system does not say. */
bool gy_threads_usage(gy_threads_used *used);

/* Starts a thread that does function(data) with all signals blocked and ends. False: there is no memory. */
bool gy_threads_start(const char *name, void *(*function)(void *data), void *data);

#endif
