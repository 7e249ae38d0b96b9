/* SPDX-License-Identifier: MIT */
#include "os/interrupt.h"

void gy_interrupt(int thread, void (*function)(void))
{
    (void)thread;
    (void)function;
}

bool gy_interrupt_works(void)
{
    return false;
}

void gy_interrupt_end(void)
{
}

void gy_interrupt_after_fork(void)
{
}
