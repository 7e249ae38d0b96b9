/* SPDX-License-Identifier: MIT */
/* For systems on which a thread cannot say how long its turns at the processor have to be. */
#include "os/schedslice.h"

void gy_schedslice_shorten(void)
{
}

void gy_schedslice_lengthen(void)
{
}

void gy_schedslice_restore(void)
{
}

void gy_schedslice_disinherit(void)
{
}

void gy_schedslice_after_fork(void)
{
}
