/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_OBJECTS_H
#define GILYIELD_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>

/* The objects that are loaded into this process: the program itself and shared libraries. Any thread. */
typedef struct gy_objects {
    char **names; /* as the loader has them; "" is the program itself */
    size_t count;
} gy_objects;

/* False if there is no memory: then `objects` has a part of them. To be freed in either case. */
bool gy_objects_list(gy_objects *objects);
void gy_objects_free(gy_objects *objects);

/* A handle for dlsym(), to be closed; NULL if no object of that name is loaded. Never loads one. */
void *gy_objects_open(const char *name);

/* The path of the object that this function is linked into, as the loader has it; false if it is not known. */
bool gy_objects_own_path(char *path, size_t size);

#endif
