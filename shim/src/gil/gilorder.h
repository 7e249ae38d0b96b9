/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_GILORDER_H
#define GILYIELD_GILORDER_H

#include "gil/share.h"
#include "os/sync.h"

#include <stdbool.h>
#include <stdint.h>

struct gy_account;

/*
 * In which order threads get the GIL: the rules behind gilqueue_elf.c and gilqueue_win32.c, which bring CPython's calls here.
 * Where nothing else is said, the calling thread has the GIL's mutex; wait() lets go of it meanwhile, as a condition variable
 * does.
 */

/* The calling thread, without the mutex, is the GUI thread from now on. False: there is no memory. */
bool gy_gilorder_begin(uint64_t interval_ns, uint64_t slice_ns);

/*
 * From now on nobody is kept waiting longer than CPython asks for, and whoever is in wait() is woken to wait anew. Takes the
 * mutex for a moment. On the GUI thread.
 */
void gy_gilorder_end(void);

/* In a forked child: none of the waiting threads is there. */
void gy_gilorder_after_fork(void);

/* Is the calling thread the GUI thread? Without the mutex. */
bool gy_gilorder_is_gui(void);

/* Starts the account of who has the GIL: its condition variable is known from now on, so that every take and drop is seen. */
void gy_gilorder_begin_account(void);

/*
 * After gy_gilorder_begin(), on the GUI thread without the mutex: threads may stand in line from before, and of what has happened
 * since gy_gilorder_end() nothing was seen here. Calls `learn`, which begins the account if the GIL's condition variable is
 * known, with the mutex. `gui_has_it`: the GUI thread has the GIL.
 */
void gy_gilorder_go_on(void (*learn)(void), bool gui_has_it);

/*
 * Instead of CPython's timed wait: the calling thread wants the GIL and would ask for it after `switch_ns`, one switch interval.
 * Returns whether time has run out, which has CPython ask for the GIL; false also for no reason.
 */
bool gy_gilorder_wait(gy_mutex *mutex, uint64_t switch_ns);

/*
 * The calling thread has taken the mutex, to take or to drop the GIL. What is on its way to the GUI thread it leaves alone, and
 * what it has left to the next at the end of its turn: waits in line instead.
 */
void gy_gilorder_arrived(gy_mutex *mutex);

/*
 * The calling thread has dropped the GIL because it was asked to, and is to wait until somebody has taken it. It has the mutex
 * under which that is signalled, not the GIL's. True: somebody has. False: that may take long, or the thread ends and has no
 * place in line; the caller falls back to CPython's own wait.
 */
bool gy_gilorder_await_taken(gy_mutex *mutex);

/* The calling thread has taken the GIL. It has the mutex of gy_gilorder_await_taken(), too. */
void gy_gilorder_taken(void);

/*
 * The calling thread has dropped the GIL; whoever is to have it is woken. Returns whether CPython's own variable is to be
 * signalled as well: who began to wait before these rules were in force waits there.
 */
bool gy_gilorder_dropped(void);

/* How many threads but the GUI thread wait for the GIL. Any thread, without the mutex. */
int gy_gilorder_waiting(void);

/* How often threads other than the GUI thread have taken the GIL. Any thread, without the mutex. */
uint64_t gy_gilorder_takes(void);

/*
 * The GUI thread begins, or ends, its event loop's wait. What it drops in between goes to the others at once; elsewhere it may be
 * back in a moment. Until this is called for the first time it counts as waiting.
 */
void gy_gilorder_gui_polls(bool polls);

/*
 * The GUI thread begins, or ends, to wait for a lock of CPython, as a rule without the GIL. `owner`: who has it, NULL where that
 * is not known. On the GUI thread, without the mutex.
 */
void gy_gilorder_gui_in_lock(const struct gy_account *owner);
void gy_gilorder_gui_out_of_lock(void);
/* Meanwhile it is another thread that has to go on. On any thread, without the mutex and without the GIL. */
void gy_gilorder_gui_owner(const struct gy_account *owner);
/* The calling thread gives it what it waits for. As a rule with the GIL, without the mutex. */
void gy_gilorder_gui_given(void);

/* The account of who had the GIL. */
const gy_share *gy_gilorder_share(void);

/* What the GUI thread owes the others. On the GUI thread, without the mutex: who begins to wait writes to the account. */
uint64_t gy_gilorder_owed(uint64_t now);

#endif
