/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_WHO_H
#define GILYIELD_WHO_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A small number for each thread that deals with the GIL: an index into tables of fixed size. A thread gets one when it first
 * asks for it and has it until it ends and another thread needs the place. Any thread, with or without the GIL; no lock.
 */

enum { GY_WHO_MAX = 512, GY_WHO_NONE = 0 };

/* The calling thread's, not 0; GY_WHO_NONE if the table is full of living threads. */
uint16_t gy_who_am_i(void);

typedef struct gy_who {
    int id;         /* of the kernel */
    uintptr_t self; /* pthread_self(), Python's threading.get_ident() */
    uint64_t since; /* when it got its number, CLOCK_MONOTONIC */
} gy_who;

/* Who has or last had the number. False: nobody had. */
bool gy_who_get(uint16_t number, gy_who *who);

#endif
