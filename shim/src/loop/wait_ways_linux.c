/* SPDX-License-Identifier: MIT */
#include "loop/wait.h"

#include <stddef.h>

const gy_wait *const gy_wait_ways[] = {&gy_wait_glib, &gy_wait_unix, &gy_wait_none, NULL};
