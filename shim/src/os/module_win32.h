/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_MODULE_WIN32_H
#define GILYIELD_MODULE_WIN32_H

#include "os/module.h"

#include <stdbool.h>
#include <stdint.h>

/* The modules that are loaded into this process. Any thread, but not while a module is being loaded on it (DllMain). */

/* Calls visit(module, data) for each, until it returns true; returns whether one did. No module is held: it may be gone soon. */
bool gy_module_visit(bool (*visit)(void *module, void *data), void *data);

/* The module that has the address, which stays loaded from now on; NULL if none has. */
void *gy_module_pin(const void *address);

/* Changes whenever a module was loaded or unloaded. About 1 ns. */
unsigned gy_module_changes(void);

/*
 * Calls loaded() on a thread of its own soon after a module whose file name begins with `prefix`, in any case of letters, is
 * loaded; each time, until `loaded` is NULL. One at a time. `prefix` is static.
 */
void gy_module_await(const wchar_t *prefix, void (*loaded)(void));

#endif
