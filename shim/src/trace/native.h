/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_NATIVE_H
#define GILYIELD_NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a thread of this process does below Python, seen from another thread, without a signal and without stopping it: which
 * system call it is in, and in which native function it is.
 */

typedef enum gy_doing {
    GY_DOING_UNKNOWN,
    GY_DOING_COMPUTES,
    GY_DOING_SLEEPS, /* for a time */
    GY_DOING_LOCK,   /* waits for another thread */
    GY_DOING_CALL    /* any other system call: reads, waits for a file, a process */
} gy_doing;

/* Any thread. `where` is an address in the native function, 0 if it is not known. */
gy_doing gy_native_look(int thread, uintptr_t *where);

/*
 * Samples the thread while it computes: begin, wait some milliseconds of its time, end. False where the kernel does not allow it.
 * One at a time.
 */
bool gy_native_sample_begin(int thread);
/* The address that was seen most often, 0 if none was. *in_it: one was in the exported function of that name. */
uintptr_t gy_native_sample_end(const char *function, bool *in_it);

/* "usleep in libc.so.6", "" if there is nothing to say. Takes the dynamic loader's lock. */
void gy_native_name(uintptr_t where, char *name, size_t size);

/* Are the two addresses in the same loaded object? Takes the dynamic loader's lock. */
bool gy_native_same_object(uintptr_t one, uintptr_t other);

#endif
