/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_STDERR_H
#define GILYIELD_STDERR_H

#include <stddef.h>

/* Writes to file descriptor 2 in one piece. What cannot be written is lost. Any thread; errno may change. */
void gy_stderr_write(const char *text, size_t length);

#endif
