/* SPDX-License-Identifier: MIT */
#include "python/threadstate.h"

#include "python/functions.h"

bool gy_threadstate_is_gone(void)
{
    return gy_py.of_this_thread && !gy_py.of_this_thread();
}
