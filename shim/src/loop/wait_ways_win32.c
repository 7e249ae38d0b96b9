/* SPDX-License-Identifier: MIT */
#include "loop/wait.h"

#include <stddef.h>

const gy_wait *const gy_wait_ways[] = {&gy_wait_win32, &gy_wait_none, NULL};
