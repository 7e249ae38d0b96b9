/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_LOG_H
#define GILYIELD_LOG_H

#include "os/compiler.h"

/*
 * One line on file descriptor 2, "gilyield: …", in one write(2), if `level` (enum gilyield_log_level) is within the level in
 * force. Never sys.stderr: it is None in GUI applications, and using it needs the GIL. Any thread, with or without the GIL. errno
 * is kept, and so is the last error where there is one.
 */
void gy_log(int level, const char *format, ...) GY_PRINTF(2, 3);

/* Any thread. The level at first is GILYIELD_LOG_WARN. */
void gy_log_set_level(int level);

#endif
