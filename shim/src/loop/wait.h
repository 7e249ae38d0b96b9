/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_WAIT_H
#define GILYIELD_WAIT_H

#include "loop/yielder.h"

#include <stdbool.h>

/*
 * Ways to be there when the GUI thread's event loop waits: one file for each, and one table for each platform. The handler is
 * called on the GUI thread in place of the loop's poll, at which point nothing has been dispatched yet and nothing is dispatched
 * until it returns.
 *
 * QAbstractEventDispatcher's aboutToBlock and awake are no such pair: with the GLib dispatcher every event is dispatched between
 * the two, with the UNIX one timers and socket notifiers are.
 */
typedef int (*gy_wait_handler)(gy_poll *poll);

typedef struct gy_wait {
    const char *name;       /* as in gilyield_status */
    const char *dispatcher; /* the class of event dispatcher that waits here; NULL: any */
    const char *reason;     /* why this one, a phrase */
    bool elsewhere;         /* Qt waits here outside its event loop too, so it is installed whatever the dispatcher */
    /* Installs. NULL, or a phrase that says why it cannot be. GUI thread. */
    const char *(*install)(gy_wait_handler handler);
    /* Undoes it; if somebody else has hooked in after us, our hook stays as a plain pass to what was there before. GUI thread. */
    void (*remove)(void);
} gy_wait;

extern const gy_wait gy_wait_glib;  /* Linux */
extern const gy_wait gy_wait_unix;  /* Linux */
extern const gy_wait gy_wait_win32; /* Windows */
extern const gy_wait gy_wait_none;  /* ticks alone */

/* The platform's ways, the best first, then gy_wait_none, which always can be had, then NULL. */
extern const gy_wait *const gy_wait_ways[];

/*
 * Installs the way of the GUI thread's event dispatcher, and those that Qt takes elsewhere. Returns the former, gy_wait_none if
 * it cannot be had, and in *reason a phrase that says why this one. GUI thread.
 */
const gy_wait *gy_wait_install(gy_wait_handler handler, const char **reason);

/* Removes all that gy_wait_install() has installed. GUI thread. */
void gy_wait_remove(void);

#endif
