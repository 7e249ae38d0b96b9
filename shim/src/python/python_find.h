/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_PYTHON_FIND_H
#define GILYIELD_PYTHON_FIND_H

#include <stdbool.h>

/*
 * Finds the object that holds CPython, wherever it is: linked or loaded globally, loaded RTLD_LOCAL by a plugin, or linked
 * statically into an executable that exports it. Where several hold one, an initialised one is preferred.
 * Returns a dlopen handle that is never closed, and sets *initialized; NULL if there is none. Searches again only after
 * something was loaded or unloaded since the last call. GUI thread, with or without the GIL.
 */
void *gy_python_find(bool *initialized);

/* Did the last search find one only? */
bool gy_python_is_only(void);

#endif
