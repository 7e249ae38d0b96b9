/* SPDX-License-Identifier: MIT */
/* Where native code cannot be looked at from outside. */
#include "trace/native.h"

gy_doing gy_native_look(int thread, uintptr_t *where)
{
    (void)thread;
    *where = 0;
    return GY_DOING_UNKNOWN;
}

bool gy_native_sample_begin(int thread)
{
    (void)thread;
    return false;
}

uintptr_t gy_native_sample_end(const char *function, bool *in_it)
{
    (void)function;
    *in_it = false;
    return 0;
}

void gy_native_name(uintptr_t where, char *name, size_t size)
{
    (void)where;
    if (size > 0) {
        *name = '\0';
    }
}

bool gy_native_same_object(uintptr_t one, uintptr_t other)
{
    (void)one;
    (void)other;
    return false;
}
