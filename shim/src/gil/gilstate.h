/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_GILSTATE_H
#define GILYIELD_GILSTATE_H

#include "gil/fairclock.h"
#include "gil/gaps.h"
#include "gil/line.h"
#include "gil/share.h"
#include "os/compiler.h"
#include "os/sync.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What gilorder*.c (who takes, who drops, to whom the GIL goes), guiwait.c and line*.c (how the GUI thread and the others wait),
 * and guilock_linux.c (how the GUI thread waits for locks) know of the GIL. For these only.
 *
 * All but what is said to be the GUI thread's own, or its lock's, is written under the GIL's mutex: CPython holds it in all three
 * calls that matter (waiting for the GIL, signalling that it is free, signalling that it was taken). What is atomic is also read
 * without: by a thread that spins, by one that was asked to drop the GIL and waits to be relieved, and by the GUI thread which
 * looks whether anybody waits.
 */

/* To sleep and be woken takes about as long as this: nobody spins longer for one and the same holder. */
#define GY_SPIN_NS (UINT64_C(50) * UINT64_C(1000))

/* How long the GIL may be left free, after a row of short gaps, by a gap that is long: who watches sleeps for so long. */
#define GY_WATCH_NS (UINT64_C(200) * UINT64_C(1000))

/* How long the GUI thread waits before it asks again, should a request or a signal have gone astray. */
#define GY_RETRY_NS UINT64_C(5000000)

/* A class-2 thread that is still behind asks again after this. */
#define GY_ASK_AGAIN_NS (UINT64_C(300) * UINT64_C(1000))

/* Turns that end further apart count as so many turns apart. */
enum { GY_MOST_TURNS_APART = 4 };

/* Whom the GUI thread lends the GIL is asked for it after this. It is lent to nobody who is known to need more than the other. */
#define GY_MOST_LENT_NS (UINT64_C(250) * UINT64_C(1000))
#define GY_MOST_NEED_NS (2 * GY_MOST_LENT_NS)

typedef struct gy_account gy_account;

/* Places for waiters by account, and for processors. */
enum { GY_WAITERS = 64, GY_PROCESSORS = 64 };

/* A background thread that waits. On its stack, in the line from the moment it begins to wait until it has the mutex again. */
typedef struct gy_waiter {
    gy_line_node node; /* first, so that a node is its waiter */
    gy_cond cond;
    const gy_account *account;         /* whose it is */
    struct gy_waiter *next, **pointer; /* of those with the same place in gy_order.waiters, and what leads here */
    uint64_t deadline;                 /* while it sleeps: when it wakes up by itself */
    int seen_on;                       /* processor on which it began to sleep or to spin */
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
    gy_gaps gaps;                /* how long it stays away then */
    uint64_t away_ns;            /* likewise, usually, long stays counted too */
    uint64_t need_ns;            /* how long it usually has the GIL until it drops it by itself; 0: not known */
    uint64_t turn_used_ns;       /* of its turn, before its present hold */
    uint64_t looked_at;          /* when it left the line; 0: it has taken the GIL since */
    uint64_t no_way_until;       /* nobody makes way for it before: it stayed on its processor when it had dropped the GIL */
    uint64_t asked_at;           /* when it last asked */
    uint64_t asked_epoch;        /* for the end of this hold */
    unsigned away;               /* for so many holds it counts as having been away: by itself, while another had the GIL */
    unsigned little_waits;       /* how often it came to wait as one that needs little, since it last used up a turn */
    int thread;                  /* its number; 0: it has not taken the GIL yet */
    uint64_t calm;               /* gy_order.calm when it was this thread's: see calm.h. 0: it never was */
    atomic_uint_least64_t holds; /* gy_order.epoch of the hold that it has; 0: it has none. Read by its signal handler */
    atomic_bool elsewhere;       /* when it last was told of a request that it did not hear, it was in a sub-interpreter */
    bool asks;                   /* CPython sets the request on its behalf, and comes back */
    bool met;                    /* it has waited for the GIL before */
    bool asked;                  /* when it last dropped the GIL, it was asked to */
    bool preempted;              /* likewise, and it came back at once */
    bool interrupted;            /* and its turn was not over */
    bool had_part;               /* when it last came by itself, it had had its part */
    bool gives_turn;             /* it has dropped the GIL for the first in line, as its turn is over */
    bool ask_again; /* CPython takes a time-out for a request only if nobody has taken the GIL since that wait began */
};

extern _Thread_local gy_account gy_own GY_INITIAL_EXEC;

/* No thread's calm has this number; nor has that of a thread which never was calm. */
#define GY_NOT_CALM UINT64_MAX

typedef struct gy_gilstate {
    /* What each take and drop touches: one line of the cache. */
    _Alignas(64) uint64_t calm;  /* a number for each time that calm begins, GY_NOT_CALM while there is none: see calm.h */
    _Atomic(gy_account *) gui;   /* whose thread is the GUI thread */
    atomic_uint_least64_t epoch; /* how often the GIL was taken */
    atomic_uint_least64_t takes; /* how often by others than the GUI thread */
    gy_account *holder;          /* NULL: the GUI thread, nobody, or not known */
    bool held, gui_has_it;
    bool asked;           /* to drop it, since it was taken */
    bool asked_in_time;   /* by one that knew when the turn would be over */
    bool little;          /* the holder is of class 2 */
    bool quick;           /* the holder is expected to have it for a moment only */
    atomic_bool on_offer; /* to the GUI thread, and nobody has taken it yet */
    atomic_bool active;

    atomic_bool may_spin;
    uint64_t interval_ns, slice_ns;
    _Atomic(gy_mutex *) mutex; /* the GIL's, once somebody has waited in line */

    /* Who has it. */
    int taken_on;                     /* processor; known while anybody waits */
    uint64_t took_at[GY_PROCESSORS];  /* by processor: when it last came to a thread there */
    const gy_account *taken_by;       /* who took it there */
    atomic_int taker_on;              /* processor of whoever it was last left to, or has taken what was lent, as far as known */
    bool off_to_sleep;                /* who dropped it did so by itself, and is made way for */
    const gy_account *way_in_vain;    /* who was made way for, and stayed on its processor; NULL: nobody. Compared only */
    atomic_uint_least64_t taken_at;   /* 0: while nobody wanted it, so nobody looked at the clock */
    uint64_t alone_since;             /* when it was taken while nobody else wanted it; 0: that is over, or nobody knows */
    atomic_uint_least64_t free_since; /* 0: it is taken, or nobody looked at the clock */
    atomic_uint_least64_t grace_ns;   /* for so long after that only who dropped it takes it */

    /* The background threads. */
    gy_fairclock clock;
    gy_line line;
    gy_waiter *waiters[GY_WAITERS];      /* those in line, by account */
    uint64_t computing_ns;               /* the virtual runtimes of those in line that compute, together */
    gy_waiter *served;                   /* the newest of those in line that came back by themselves and had their part */
    uint64_t turn_ns;                    /* how long a turn is, by what was last seen */
    uint64_t turn_over_at;               /* when the last turn was used up; 0: nobody has waited since */
    uint64_t apart_ns;                   /* how far apart turns end; 0: not known yet */
    _Atomic(const gy_waiter *) promised; /* woken for a free GIL, and not yet there */
    _Atomic(gy_waiter *) spinner;
    atomic_uint_least64_t crowded_until; /* others want the processors, too: nobody spins before */
    atomic_int waiting;                  /* in line */
    unsigned computing;                  /* of these, how many compute */

    /* The GUI thread. */
    gy_share share;
    uint64_t others_asked_at; /* for what the GUI thread has held beyond its hold, since it last took the GIL; 0: they did not */
    uint64_t gui_hindered;    /* when it last had to wait; 0: long ago. The GUI thread's own */
    uint64_t gui_left_at;     /* when it last dropped the GIL outside of its loop's wait; 0: it did not since */
    _Atomic(const gy_account *) gui_owner; /* its lock's: who has it; NULL: not known, or it has had an interval */
    atomic_uint_least64_t gui_given; /* its lock's: `epoch` when it was given by one that was not known to have it; 0: seen */
    uint64_t lent_at;                /* when it let go of the GIL for a loan; 0: it has it */
    int64_t budget_ns;    /* earned before `earns_since`, less what was lent; below 0: it was away for longer than that */
    uint64_t earns_since; /* 0: it has not the GIL, or nobody has looked at the clock since */
    bool gui_waiting;
    bool gui_asked;          /* CPython has asked for the GIL on behalf of the GUI thread since that last had it */
    bool lends;              /* it is asked for a moment of its handler, for a thread that needs little */
    bool waits_for_lent;     /* it does not ask for that before its time is over */
    atomic_bool giver_stays; /* who gave it an event computed on for more than a moment: the next gives way to it */
    atomic_bool gui_polls;   /* it is in its loop's wait, or nobody knows better. Its own */
    atomic_bool handed_over; /* to the GUI thread, since it began to wait */
    atomic_bool gui_spinning;
} gy_gilstate;

extern gy_gilstate gy_order;

static inline gy_waiter *gy_gil_first(void)
{
    return (gy_waiter *)(void *)gy_order.line.first;
}

/*
 * A place for an address, of so many. Threads lie at round distances, and so do their locks: each thread's memory comes from an
 * arena of its own, and what it makes first lies at the same place in each.
 */
static inline unsigned gy_gil_spread(const void *address, unsigned places)
{
    uint64_t mixed = (uint64_t)(uintptr_t)address * UINT64_C(0x9e3779b97f4a7c15);
    return (unsigned)(mixed >> 32) % places;
}

/* Whoever is to take what was dropped last, or has taken what was lent, is on the calling thread's processor. */
static inline bool gy_gil_taker_is_here(void)
{
    return gy_processor() == atomic_load_explicit(&gy_order.taker_on, memory_order_relaxed);
}

static inline uint64_t gy_gil_taken_at(void)
{
    return atomic_load_explicit(&gy_order.taken_at, memory_order_relaxed);
}

/* The GIL is free, and no more left to whoever dropped it. Also without the mutex: it may be taken a moment later. */
static inline bool gy_gil_grace_is_over(uint64_t now)
{
    uint64_t free_since = atomic_load_explicit(&gy_order.free_since, memory_order_acquire);
    return free_since != 0 && now >= free_since + atomic_load_explicit(&gy_order.grace_ns, memory_order_relaxed);
}

/* A processor's place in gy_order.took_at. */
static inline uint64_t *gy_gil_took_at(int processor)
{
    return &gy_order.took_at[(unsigned)processor % GY_PROCESSORS];
}

/*
 * Takes one of the GIL's mutexes, without sleeping for it for GY_SPIN_NS: who has it is done in less, and would have
 * to wake the calling thread.
 */
void gy_gil_lock(gy_mutex *mutex);

/* Likewise until `until`: who changed what was spun for has it for some ns more. */
void gy_gil_lock_soon(gy_mutex *mutex, uint64_t until);

/* When the GUI thread counts as blocked: it dropped the GIL outside of its loop's wait. UINT64_MAX: it did not. */
uint64_t gy_gil_gui_blocked_at(void);

/* It is, at `now`. */
bool gy_gil_gui_blocked(uint64_t now);

/* What the GUI thread waits for is a lock of this one's. NULL: nobody's. */
bool gy_gil_holds_up_gui(const gy_account *account);

/* The calling thread has asked whoever has the GIL to drop it. */
static inline bool gy_gil_has_asked(void)
{
    return gy_own.asked_at != 0 && gy_own.asked_epoch == atomic_load_explicit(&gy_order.epoch, memory_order_relaxed);
}

/* What one that comes to wait owes at most. */
static inline uint64_t gy_gil_most_debt(const gy_account *account)
{
    return account->asked ? GY_ASKED_DEBT_NS : GY_MOST_DEBT_NS;
}

/* How long a turn is at `now`. */
uint64_t gy_gil_turn(uint64_t now);

/* A turn may end earlier by this: who is awake to end it does not sleep again for so short a time. */
uint64_t gy_gil_turn_tolerance(uint64_t now);

/* When the turn of the background thread that has the GIL is over. */
uint64_t gy_gil_turn_end(uint64_t now);

/* Somebody begins to wait: the holder's time counts from now on, if nobody wanted the GIL before. */
void gy_gil_wanted(uint64_t now);

/* How long the calling thread stays away when it drops the GIL by itself: it wants the GIL at `now`. */
void gy_gil_returned(uint64_t now);

/* gilorder.c. The GIL is for the first in line. Returns whether CPython's own variable is to be signalled. */
bool gy_gilorder_pass_on(uint64_t now, uint64_t grace_ns);

#endif
