/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_MODULE_H
#define GILYIELD_MODULE_H

/*
 * A symbol of a loaded object: `handle` is what dlopen() gives, or an HMODULE. NULL if it has none of that name. The bytes of a
 * function pointer where it is a function: ISO C has no conversion, POSIX and Windows make them the same. Any thread.
 */
void *gy_module_symbol(void *handle, const char *name);

#endif
