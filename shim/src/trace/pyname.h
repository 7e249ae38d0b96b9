/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_PYNAME_H
#define GILYIELD_PYNAME_H

#include "trace/pylayout.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The str that an object has as its attribute `attribute`, looked for in the object's own variables without running any Python:
 * where CPython keeps them has changed with 3.11, 3.12 and 3.13. Returns its address, 0 if there is none. Any thread, without the
 * GIL.
 */
uintptr_t gy_pyname_find(const gy_pylayout *layout, uintptr_t object, const char *attribute);

#endif
