/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_WAIT_H
#define GILYIELD_WAIT_H

#include "loop/yielder.h"

#include <stdbool.h>

/*
 * Ways to be there when the GUI thread's event loop waits: one file each. The handler is called on the GUI thread in place of the
 * loop's poll, at which point nothing has been dispatched yet and nothing is dispatched until it returns.
 *
 * QAbstractEventDispatcher's aboutToBlock and awake are no such pair: with the GLib dispatcher every event is dispatched between
 * the two, with the UNIX one timers and socket notifiers are.
 */
typedef int (*gy_wait_handler)(gy_poll *poll);

typedef struct gy_wait {
    const char *name;
    /* Installs. NULL, or a phrase that says why it cannot be. GUI thread. */
    const char *(*install)(gy_wait_handler handler);
    /* Undoes it; if somebody else has hooked in after us, our hook stays as a plain pass to what was there before. GUI thread. */
    void (*remove)(void);
} gy_wait;

extern const gy_wait gy_wait_glib;
extern const gy_wait gy_wait_unix;

#endif
