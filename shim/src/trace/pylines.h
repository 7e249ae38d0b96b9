/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_PYLINES_H
#define GILYIELD_PYLINES_H

#include "trace/pylayout.h"

#include <stddef.h>

/*
 * The line of the instruction at byte `at` of a code object whose first line is `first`; `first` where the table does not say.
 * Pure; any bytes are safe.
 */
int gy_pylines_find(gy_pylines format, const unsigned char *table, size_t size, int first, long at);

#endif
