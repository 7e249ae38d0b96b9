/* SPDX-License-Identifier: MIT */
#include "os/stderr.h"

#include <unistd.h>

void gy_stderr_write(const char *text, size_t length)
{
    ssize_t written = write(STDERR_FILENO, text, length);
    (void)written;
}
