/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_REDIRECT_H
#define GILYIELD_REDIRECT_H

#include <stdbool.h>

/*
 * Redirects the calls that one loaded object makes to an imported function, by writing to the object's slot for it: in its global
 * offset table (redirect_elf.c, x86-64 and aarch64) or in its import address table (redirect_pe.c). Other objects are not
 * touched.
 */
typedef struct gy_redirect {
    void **slot;    /* NULL: not installed */
    void *original; /* what the slot held: the function to chain to */
    void *hook;
    bool read_only; /* the slot's page is made writable for the change only */
} gy_redirect;

/*
 * Points the slot of `symbol` in the object that holds `address` to `hook`. `resolved` is where `symbol` leads when looked up,
 * used as the original while the slot still waits for its lazy binding. False if the object has no such slot or it cannot be
 * written. Installing again what is installed, or what was left in a chain by a remove, changes nothing.
 */
bool gy_redirect_install(gy_redirect *redirect, const void *address, const char *symbol, void *hook, void *resolved);

/*
 * Puts the original back, unless somebody else has redirected the slot since: then our hook stays in that chain, and must go on
 * working as a plain pass to `original`.
 */
void gy_redirect_remove(gy_redirect *redirect);

#endif
