/* SPDX-License-Identifier: MIT */
#include "os/log.h"

#include "gilyield/gilyield.h"
#include "os/stderr.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static atomic_int log_level = GILYIELD_LOG_WARN;

void gy_log_set_level(int level)
{
    atomic_store_explicit(&log_level, level, memory_order_relaxed);
}

void gy_log(int level, const char *format, ...)
{
    if (level > atomic_load_explicit(&log_level, memory_order_relaxed)) {
        return;
    }
    int saved_errno = errno;
    char line[1024] = "gilyield: ";
    size_t used = strlen(line);
    va_list args;
    va_start(args, format);
    vsnprintf(line + used, sizeof line - used - 1, format, args);
    va_end(args);
    used = strlen(line);
    line[used++] = '\n';
    gy_stderr_write(line, used);
    errno = saved_errno;
}
