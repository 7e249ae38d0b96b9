/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_UNHEARD_H
#define GILYIELD_UNHEARD_H

#include "os/sync.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Requests for the GIL that the holder does not hear, since it computes in another interpreter than the thread that asks: see
 * python/droprequest.h. The holder is interrupted, and sets the request in its own interpreter, which cannot vanish meanwhile;
 * then it drops the GIL as CPython always does.
 */

/*
 * Is the holder to be interrupted at `now`, as the calling thread, which waits for the GIL, asks for it? Either it has asked
 * before in this hold, or the holder is known to be in another interpreter. With the GIL's mutex.
 */
bool gy_unheard(uint64_t now);

/* Interrupts the holder. Lets go of the mutex meanwhile, 20 us. False: the GIL has changed hands, and nothing is to be asked. */
bool gy_unheard_tell(gy_mutex *mutex);

/* When the hooks are removed. GUI thread. */
void gy_unheard_end(void);

/* In a forked child. */
void gy_unheard_after_fork(void);

/* What follows for the application where nobody can be told, a sentence without its end; "" while it is no matter. Any thread. */
const char *gy_unheard_limit(void);

#endif
