/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_GILFRONT_WIN32_H
#define GILYIELD_GILFRONT_WIN32_H

#include "os/redirect.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * How CPython's calls on its GIL are brought to gilorder.c: one file for each kind of lock that CPython uses on Windows. All but
 * the hooks themselves: GUI thread.
 */
typedef struct gy_gilfront {
    /*
     * Redirects the calls of the CPython that was found. What lies in [runtime, runtime_end) is its _PyRuntime, which has the
     * main interpreter's GIL. False: this CPython has no such calls.
     */
    bool (*install)(uintptr_t runtime, uintptr_t runtime_end);
    /*
     * After install(), while threads may stand in line from before the hooks went away: what was learnt then holds, if it lies in
     * there. Calls gy_gilorder_go_on().
     */
    void (*go_on)(bool gui_has_it);
    /* After this the hooks are plain passes; then gy_gilorder_end(). */
    void (*remove)(void);
    /* After gy_gilorder_end(): leaves CPython's locks as if nothing had been. */
    void (*settle)(void);
    /* Is it known which lock is the GIL's? Until then the account has not begun. */
    bool (*learnt)(void);
} gy_gilfront;

extern const gy_gilfront gy_gilfront_semaphore; /* CPython up to 3.12 */
extern const gy_gilfront gy_gilfront_srwlock;   /* since 3.13 */

/* Redirects one import of CPython. `original` has the system's function, and gets what was called so far. */
bool gy_gilfront_redirect(gy_redirect *redirect, const char *symbol, const void *hook, void *original);

/*
 * The calling thread has waited for the GIL, and time has run out: if the GUI thread has it, it is told so, as it may be in a
 * loop that is not Qt's. Without the mutex.
 */
void gy_gilfront_demand(void);

#endif
