/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_REDIRECT_H
#define GILYIELD_REDIRECT_H

#include <stdbool.h>

/* One for calls and one for the address is what linkers make, if they do not make one for both. */
enum { GY_MOST_SLOTS = 4 };

typedef struct gy_slot {
    void **at;
    bool read_only; /* its page is made writable for the change only */
} gy_slot;

/*
 * Redirects the calls that one loaded object makes to an imported function, by writing to the object's slots for it: in its
 * global offset table (redirect_elf.c, x86-64 and aarch64) or in its import address table (redirect_pe.c). Other objects are not
 * touched.
 */
typedef struct gy_redirect {
    gy_slot slots[GY_MOST_SLOTS];
    int count;      /* of slots that lead to the hook, or have it in a chain; 0: not installed */
    void *original; /* what they held: the function to chain to */
    void *hook;
} gy_redirect;

/*
 * Points the slots of `symbol` in the object that holds `address` to `hook`. `original` gets what they held, before the hook can
 * be called, and is not written where it holds that already; while they still wait for their lazy binding it is the function
 * behind this library. Both are the bytes of function pointers: ISO C has no conversion to object pointers, all systems here make
 * them the same. A slot that holds something else than the first one was redirected by somebody else, and is left alone. False if
 * the object has no such slot or one cannot be written. Installing again what is installed, or what was left in a chain by a
 * remove, changes nothing.
 */
bool gy_redirect_install(gy_redirect *redirect, const void *address, const char *symbol, const void *hook, void *original);

/*
 * Puts the original back, except where somebody else has redirected a slot since: our hook stays in that chain, and must go on
 * working as a plain pass to `original`.
 */
void gy_redirect_remove(gy_redirect *redirect);

#endif
