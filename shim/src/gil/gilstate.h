/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_GILSTATE_H
#define GILYIELD_GILSTATE_H

#include "gil/fairclock.h"
#include "gil/line.h"
#include "gil/share.h"
#include "os/compiler.h"
#include "os/sync.h"
#include "os/threads.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What gilorder.c (who takes, who drops, to whom the GIL goes), guiwait.c and linewait.c (how the GUI thread and the others
 * wait), and guilock_linux.c (how the GUI thread waits for locks) know of the GIL. For these only.
 *
 * All is written under the GIL's mutex: CPython holds it in all three calls that matter (waiting for the GIL, signalling that it
 * is free, signalling that it was taken). What is atomic is also read without: by a thread that spins, by one that was asked to
 * drop the GIL and waits to be relieved, and by the GUI thread which looks whether anybody waits.
 */

/* To sleep and be woken takes about as long as this: nobody spins longer for one and the same holder. */
#define GY_SPIN_NS (UINT64_C(50) * UINT64_C(1000))

/* Gaps up to this are shorter than a change of thread. */
#define GY_SHORT_GAP_NS (UINT64_C(10) * UINT64_C(1000))

/* How long the GUI thread waits before it asks again, should a request or a signal have gone astray. */
#define GY_RETRY_NS UINT64_C(5000000)

/* Turns that end further apart count as so many turns apart. */
enum { GY_MOST_TURNS_APART = 4 };

/* Whom the GUI thread lends the GIL is asked for it after this. It is lent to nobody who is known to need more than the other. */
#define GY_MOST_LENT_NS (UINT64_C(250) * UINT64_C(1000))
#define GY_MOST_NEED_NS (2 * GY_MOST_LENT_NS)

typedef struct gy_account gy_account;

/* Places for waiters by account. */
enum { GY_WAITERS = 64 };

/* A background thread that waits. On its stack, in the line from the moment it begins to wait until it has the mutex again. */
typedef struct gy_waiter {
    gy_line_node node; /* first, so that a node is its waiter */
    gy_cond cond;
    const gy_account *account;         /* whose it is */
    struct gy_waiter *next, **pointer; /* of those with the same place in gy_order.waiters, and what leads here */
    uint64_t deadline;                 /* while it sleeps: when it wakes up by itself */
    bool asleep;
    bool signalled;                  /* since it fell asleep */
    bool little;                     /* class 2: it came back by itself, and has had less than its part */
    atomic_bool go;                  /* it spins, and the GIL is its own to take */
    bool served;                     /* it came back by itself, and has had its part */
    struct gy_waiter *newer, *older; /* of these */
} gy_waiter;

/* A thread's own memory: see os/compiler.h. */
struct gy_account {
    gy_runtime runtime;
    uint64_t left_at;            /* when it last dropped the GIL by itself; 0: it has come back since, or was asked to drop it */
    uint64_t dropped_at;         /* when it last did while others wanted it, asked or not; 0: never */
    uint64_t left_epoch;         /* of its last hold; kept for those only that others wanted to end */
    uint64_t gap_ns;             /* how long it usually stays away then */
    uint64_t need_ns;            /* how long it usually has the GIL when nobody asks for it */
    uint64_t turn_used_ns;       /* of its turn, before its present hold */
    uint64_t looked_at;          /* when it left the line; 0: it has taken the GIL since */
    uint64_t asked_at;           /* when it last asked */
    uint64_t asked_epoch;        /* for the end of this hold */
    unsigned away;               /* for so many holds it counts as having been away: by itself, while another had the GIL */
    unsigned little_waits;       /* how often it came to wait as one that needs little, since it last used up a turn */
    gy_threads_used used;        /* of the GUI thread: at `used_from`; 0: not known */
    uint64_t used_from;          /* likewise */
    uint64_t used_takes;         /* how often others had had the GIL by then */
    int thread;                  /* its number; 0: it has not taken the GIL yet */
    atomic_uint_least64_t holds; /* gy_order.epoch of the hold that it has; 0: it has none. Read by its signal handler */
    atomic_bool elsewhere;       /* when it last was told of a request that it did not hear, it was in a sub-interpreter */
    bool asks;                   /* CPython sets the request on its behalf, and comes back */
    bool met;                    /* it has waited for the GIL before */
    bool preempted;              /* it dropped the GIL as it was asked to */
    bool interrupted;            /* and its turn was not over */
    bool ask_again; /* CPython takes a time-out for a request only if nobody has taken the GIL since that wait began */
};

extern _Thread_local gy_account gy_own GY_INITIAL_EXEC;

typedef struct gy_gilstate {
    atomic_bool active;
    atomic_bool may_spin;
    _Atomic(gy_account *) gui; /* whose thread is the GUI thread */
    uint64_t interval_ns, slice_ns;
    _Atomic(gy_mutex *) mutex; /* the GIL's, once somebody has waited in line */

    /* Who has it. */
    bool held, gui_has_it;
    bool asked;                       /* to drop it, since it was taken */
    bool asked_in_time;               /* by one that knew when the turn would be over */
    bool little;                      /* the holder is of class 2 */
    bool quick;                       /* the holder is expected to have it for a moment only */
    int taken_on;                     /* processor; known while anybody waits */
    const gy_account *taken_by;       /* who took it there */
    gy_account *holder;               /* NULL: the GUI thread, nobody, or not known */
    atomic_uint_least64_t epoch;      /* how often it was taken */
    atomic_uint_least64_t taken_at;   /* 0: while nobody wanted it, so nobody looked at the clock */
    uint64_t alone_since;             /* when it was taken while nobody else wanted it; 0: that is over, or nobody knows */
    atomic_uint_least64_t free_since; /* 0: it is taken, or nobody looked at the clock */
    atomic_uint_least64_t grace_ns;   /* for so long after that only who dropped it takes it */

    /* The background threads. */
    gy_fairclock clock;
    gy_line line;
    gy_waiter *waiters[GY_WAITERS];      /* those in line, by account */
    gy_waiter *served;                   /* the newest of those in line that came back by themselves and had their part */
    uint64_t turn_ns;                    /* how long a turn is, by what was last seen */
    uint64_t turn_over_at;               /* when the last turn was used up; 0: nobody has waited since */
    uint64_t apart_ns;                   /* how far apart turns end; 0: not known yet */
    _Atomic(const gy_waiter *) promised; /* woken for a free GIL, and not yet there */
    _Atomic(gy_waiter *) spinner;
    atomic_uint_least64_t crowded_until; /* others want the processors, too: nobody spins before */
    atomic_int waiting;                  /* in line */
    atomic_uint_least64_t takes;

    /* The GUI thread. */
    gy_share share;
    bool gui_waiting;
    bool gui_asked;           /* CPython has asked for the GIL on behalf of the GUI thread since that last had it */
    uint64_t others_asked_at; /* for what the GUI thread has held beyond its hold, since it last took the GIL; 0: they did not */
    uint64_t gui_hindered;    /* when it last had to wait; 0: long ago */
    uint64_t gui_left_at;     /* when it last dropped the GIL outside of its loop's wait; 0: it did not since */
    _Atomic(const gy_account *) gui_owner; /* whose lock that is; NULL: not known, or it has had an interval for it */
    uint64_t lent_at;                      /* when it let go of the GIL for that; 0: it has it */
    int64_t budget_ns;       /* earned before `earns_since`, less what was lent; below 0: it was away for longer than that */
    uint64_t earns_since;    /* 0: it has not the GIL, or nobody has looked at the clock since */
    bool lends;              /* it is asked for a moment of its handler, for a thread that needs little */
    bool waits_for_lent;     /* it does not ask for that before its time is over */
    atomic_bool gui_polls;   /* it is in its loop's wait, or nobody knows better */
    atomic_bool handed_over; /* to the GUI thread, since it began to wait */
    atomic_bool on_offer;    /* to the GUI thread, and nobody has taken it yet */
    atomic_bool gui_spinning;
} gy_gilstate;

extern gy_gilstate gy_order;

/* guiwait.c. As gy_gilorder_wait(), for the GUI thread. */
bool gy_gui_wait(gy_mutex *mutex);
/* guiwait.c. The GUI thread has taken the GIL while others want it. */
void gy_gui_took(uint64_t now);
/* guiwait.c. The GUI thread, which had the GIL, drops it. */
void gy_gui_dropped(uint64_t now);
/* guiwait.c. The GUI thread has taken what it had lent. */
void gy_gui_has_it_back(uint64_t now);
/* guiwait.c. How long a class-2 thread may have the GIL at `now`, in the midst of a handler. Below 0: it may not, for so long. */
int64_t gy_gui_budget(uint64_t now);
/* guiwait.c. The GUI thread's condition variable. */
extern gy_cond gy_gui_cond;

/* linewait.c. As gy_gilorder_wait(), for all others. */
bool gy_line_wait(gy_mutex *mutex, uint64_t switch_ns);
/*
 * linewait.c. The calling thread was asked to drop the GIL and has, and waits here, in line, for what CPython has it wait for
 * elsewhere: so it does not come back just in the moment in which whom it made room for lets go of the GIL for some nanoseconds.
 */
void gy_line_wait_relieved(gy_mutex *mutex);
/* linewait.c. Whoever is first in line is to look at `when` at the latest. */
void gy_line_look_by(uint64_t when);
/*
 * linewait.c. A background thread has taken what the GUI thread has dropped outside of its loop's wait: if that is blocked, those
 * that came back by themselves are of class 2 whatever they have had, and look.
 */
void gy_line_gui_is_away(void);
/*
 * linewait.c. The GUI thread waits for a lock: its owner, if in line, is first. Who is first looks, and who of those that came
 * back by themselves came last.
 */
void gy_line_gui_in_lock(const gy_account *owner);
/*
 * linewait.c. The calling thread comes for the GIL: what it has saved or owes is kept within limits. To be called also when it
 * finds it free: who has been away for long would be owed all that time, and those in line before it would wait for as long.
 */
void gy_line_comes(uint64_t now);
/*
 * linewait.c. A thread of class 3 has had so much less than the calling thread that this one has to wait for it, also if both
 * have had less than their part: two threads that hand something to each other want the GIL one at a time, so together they have
 * the parts of two, and must not have all of it.
 */
bool gy_line_another_comes_before(uint64_t now);
/*
 * linewait.c. Wakes the first in line, as `active` has changed. While it is false whoever leaves the line wakes the next, so that
 * nobody has the mutex for longer the more there are.
 */
void gy_line_wake_first(void);

/*
 * gilstate.c. Takes one of the GIL's mutexes, without sleeping for it for GY_SPIN_NS: who has it is done in less, and would have
 * to wake the calling thread.
 */
void gy_gil_lock(gy_mutex *mutex);
/* gilstate.c. Likewise until `until`: who changed what was spun for has it for some ns more. */
void gy_gil_lock_soon(gy_mutex *mutex, uint64_t until);
/* gilstate.c. When the GUI thread counts as blocked: it dropped the GIL outside of its loop's wait. UINT64_MAX: it did not. */
uint64_t gy_gil_gui_blocked_at(void);
/* gilstate.c. It is, at `now`. */
bool gy_gil_gui_blocked(uint64_t now);
/* gilstate.c. What the GUI thread waits for is a lock of this one's. NULL: nobody's. */
bool gy_gil_holds_up_gui(const gy_account *account);
/* gilstate.c. How long a turn is at `now`. */
uint64_t gy_gil_turn(uint64_t now);
/* gilstate.c. A turn may end earlier by this: who is awake to end it does not sleep again for so short a time. */
uint64_t gy_gil_turn_tolerance(uint64_t now);
/* gilstate.c. When the turn of the background thread that has the GIL is over. */
uint64_t gy_gil_turn_end(uint64_t now);
/* gilstate.c. Somebody begins to wait: the holder's time counts from now on, if nobody wanted the GIL before. */
void gy_gil_wanted(uint64_t now);
/* gilstate.c. How long the calling thread stays away when it drops the GIL by itself: it wants the GIL at `now`. */
void gy_gil_returned(uint64_t now);

#endif
