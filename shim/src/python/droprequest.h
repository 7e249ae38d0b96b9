/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_DROPREQUEST_H
#define GILYIELD_DROPREQUEST_H

#include <stdbool.h>

/*
 * The request to drop the GIL, where each interpreter has its own: CPython 3.9 to 3.12. A thread that waits for the GIL sets that
 * of its own interpreter, and a holder that computes in another one never sees it. 3.8 has one request for all, since 3.13 it is
 * set on the holder.
 */

/* CPython was met, which may be another one than before. GUI thread, with or without the GIL. */
void gy_droprequest_meet(void);

/* True while a request may be of another interpreter than the holder. 3 ns, any thread, with or without the GIL. */
bool gy_droprequest_apart(void);

/*
 * Where CPython has the request is known for each version, and believed when it was seen to change: `asked` false when CPython is
 * about to set the main interpreter's, true when it has. Any thread, with the GIL's mutex held from the one call to the other.
 */
void gy_droprequest_observe(bool asked);

/* False: CPython has the request in another place, or in one that is not known. */
bool gy_droprequest_can_be_set(void);

/* In which interpreter the request was set. */
typedef enum gy_droprequest_place { GY_DROPREQUEST_NOWHERE, GY_DROPREQUEST_MAIN, GY_DROPREQUEST_OTHER } gy_droprequest_place;

/*
 * Sets the request of the interpreter that the calling thread is in, which has the GIL. Somebody has to be waiting for it, and to
 * go on waiting: who drops the GIL as asked waits until somebody has taken it. May be called in a signal handler.
 */
gy_droprequest_place gy_droprequest_set_here(void);

#endif
