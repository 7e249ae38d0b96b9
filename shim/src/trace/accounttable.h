/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_ACCOUNTTABLE_H
#define GILYIELD_ACCOUNTTABLE_H

#include "os/compiler.h"
#include "trace/who.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The table of accounts, by the threads' numbers. For account.c, which writes it, and for names.c and figures.c; `gilyield top`
 * reads it from outside, so the layout of a row is known there, too.
 */

enum { GY_NAME_SIZE = 64 };

/* Written by the thread itself, but for the name; read by any. Times are ns, of CLOCK_MONOTONIC where they are moments. */
typedef struct gy_account_row {
    atomic_int id; /* whose figures these are: its number in the kernel */
    atomic_uint_least64_t held_ns, waited_ns, longest_hold_ns, longest_wait_ns, takes, waits;
    atomic_uint_least64_t holds_since, waits_since; /* 0: does not */
    char name[GY_NAME_SIZE];                        /* as Python's threading has it, once it is known */
} gy_account_row;

extern gy_account_row gy_account_table[GY_WHO_MAX];

/* How much is counted, and until when all is: see account.h. `gilyield top` writes them. */
extern atomic_int gy_account_detail_now;
extern atomic_uint_least64_t gy_account_all_until;

/* Enters the calling thread; returns its row, or one that counts for nobody, if there are too many threads. */
gy_account_row *gy_account_enter_row(void);

extern _Thread_local gy_account_row *gy_account_own_row GY_INITIAL_EXEC; /* NULL: not entered yet */

/* The calling thread's. */
static inline gy_account_row *gy_account_my_row(void)
{
    return gy_account_own_row ? gy_account_own_row : gy_account_enter_row();
}

static inline uint64_t gy_account_read(const atomic_uint_least64_t *figure)
{
    return atomic_load_explicit(figure, memory_order_relaxed);
}

static inline void gy_account_write(atomic_uint_least64_t *figure, uint64_t value)
{
    atomic_store_explicit(figure, value, memory_order_relaxed);
}

/* From `then` until now; 0 if `then` is. */
static inline uint64_t gy_account_since(uint64_t then, uint64_t now)
{
    return then != 0 && now > then ? now - then : 0;
}

#endif
