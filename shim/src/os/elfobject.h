/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_ELFOBJECT_H
#define GILYIELD_ELFOBJECT_H

#include <stdbool.h>

/*
 * Redirects the calls that one loaded ELF object makes to an imported function, by writing to the object's slot for it in its
 * global offset table. Other objects are not touched. x86-64 and aarch64.
 */
typedef struct gy_elf_redirect {
    void **slot;    /* NULL: not installed */
    void *original; /* what the slot held: the function to chain to */
    void *hook;
    bool relro; /* the slot is read-only after relocation, and is made so again */
} gy_elf_redirect;

/*
 * Points the slot of `symbol` in the object that holds `address` to `hook`. `resolved` is where `symbol` leads when looked up,
 * used as the original while the slot still waits for its lazy binding. False if the object has no such slot or it cannot be
 * written. Installing again what is installed, or what was left in a chain by a remove, changes nothing.
 */
bool gy_elf_redirect_install(gy_elf_redirect *redirect, const void *address, const char *symbol, void *hook, void *resolved);

/*
 * Puts the original back, unless somebody else has redirected the slot since: then our hook stays in that chain, and must go on
 * working as a plain pass to `original`.
 */
void gy_elf_redirect_remove(gy_elf_redirect *redirect);

#endif
