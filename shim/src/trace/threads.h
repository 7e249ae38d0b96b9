/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_THREADS_H
#define GILYIELD_THREADS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The threads that have wanted the GIL, and what each got of it. A table of fixed size: a thread takes a place when it is first
 * seen and has it until it ends and another thread needs the place.
 */

enum { GY_THREADS_MAX = 512, GY_THREAD_NAME = 64, GY_THREAD_NONE = 0 };

typedef struct gy_thread {
    atomic_int id;               /* of the kernel; 0: the place is free */
    atomic_uintptr_t self;       /* pthread_self(), Python's threading.get_ident() */
    atomic_uint_least64_t since; /* when it was first seen; times are ns of CLOCK_MONOTONIC */
    /* Written by the thread itself. */
    atomic_uint_least64_t held_ns, waited_ns, longest_hold_ns, longest_wait_ns, takes, waits;
    atomic_uint_least64_t holds_since, waits_since; /* 0: does not */
} gy_thread;

/* Figures of one thread, with what is going on now counted in. */
typedef struct gy_thread_figures {
    uint16_t index;
    pid_t id;
    uintptr_t self;
    bool holds, waits;
    uint64_t now_ns;  /* for how long it has been holding, or waiting */
    uint64_t seen_ns; /* since it was first seen, or since the last reset */
    uint64_t held_ns, waited_ns, longest_hold_ns, longest_wait_ns, takes, waits_count;
    char name[GY_THREAD_NAME]; /* "" while it is not known */
} gy_thread_figures;

/* ---- What the GIL's queue tells, on the thread that it is about. Each thread's calls alternate as its life does. ---- */

void gy_thread_wants(uint64_t now); /* may be called again while it waits */
void gy_thread_takes(uint64_t now);
void gy_thread_drops(uint64_t now);

/* ---- Any thread ---- */

/* The calling thread's index, not 0; GY_THREAD_NONE if the table is full of living threads. */
uint16_t gy_thread_index(void);

/* Who has the GIL, GY_THREAD_NONE for nobody; and since when. */
uint16_t gy_threads_holder(void);

/* False: there is no such thread now. */
bool gy_threads_get(uint16_t index, uint64_t now, gy_thread_figures *figures);

/* Index of the thread with this pthread_self(), GY_THREAD_NONE if it was never seen. */
uint16_t gy_threads_find(uintptr_t self);

/* Changes by one with each thread that is seen for the first time. */
unsigned gy_threads_seen(void);

/* Names, as Python has them. */
void gy_threads_set_name(uintptr_t self, const char *name);
void gy_threads_get_name(uint16_t index, char *name);

void gy_threads_reset(uint64_t now);

#endif
