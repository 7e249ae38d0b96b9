/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_SYMBOLS_H
#define GILYIELD_SYMBOLS_H

#include <link.h>
#include <stdint.h>

/* One object that the dynamic loader has in memory, the program itself included. */
typedef struct gy_object {
    uintptr_t base; /* what is added to the addresses in the file */
    const ElfW(Dyn) * dynamic;
} gy_object;

/* The object that holds an address; 1, or 0 where there is none. Any thread; takes the loader's lock for a moment. */
int gy_object_of(const void *address, gy_object *object);

/* Its DT_SONAME, "" if it has none. */
const char *gy_object_soname(const gy_object *object);

/*
 * A function by its name, with its default version: the first one in the order in which objects were loaded, this library left
 * out. `soname`: only in an object that begins with that; NULL: in any behind this library, as one before it that has the
 * function, too, calls this library's. NULL if there is none.
 */
void *gy_function_elsewhere(const char *name, const char *soname);

#endif
