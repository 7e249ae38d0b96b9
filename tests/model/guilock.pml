/* SPDX-License-Identifier: MIT */
/*
 * How the GUI thread waits for a lock of CPython: shim/src/gil/guilock_linux.c. One semaphore, the GUI thread, and OTHERS threads that take
 * and post it; each does so ROUNDS times. Every look at and every change of `wanted`, `grant` and the semaphore is a step of its own, in
 * the order of the code. Checked: one thread at a time has the lock, and it is never lost: all come to their end. Without TIMEOUTS no nap ends
 * by itself, so whatever holds needs none.
 */
#ifndef OTHERS
#define OTHERS 2
#endif
#ifndef VALUE /* more than 1: a semaphore that is no lock */
#define VALUE 1
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif

byte value = VALUE; /* of the semaphore */
bool wanted;    /* the GUI thread waits for it */
mtype = { awaited, slept_for, given };
mtype grant = awaited;
bool asleep;  /* the GUI thread, in the kernel */
byte lookers; /* threads that look again after a post */

byte inside; /* have the lock */

inline have_it()
{
    inside++;
    assert(inside <= VALUE);
    inside--
}

inline try(had)
{
    atomic {
        if
        :: value > 0 -> value--; had = true
        :: else -> had = false
        fi
    }
}

/* Compare and exchange: `done` says whether this thread did it. */
inline withdraw(done)
{
    atomic {
#ifdef MUTATE_WITHDRAWN_BY_BOTH
        done = true; wanted = false
#else
        done = wanted; wanted = false
#endif
    }
}

inline give()
{
    atomic {
        if
#ifndef MUTATE_WAKES_NOBODY
        :: grant == slept_for -> asleep = false
#endif
        :: else
        fi;
        grant = given
    }
}

proctype Other()
{
    bool had, done;
    byte round;

again:
    atomic { value > 0 -> value-- }
    have_it();
    done = false;
    if
    :: wanted -> withdraw(done)
    :: !wanted
    fi;
    if
    :: done -> give();
#ifdef MUTATE_GIVES_AND_POSTS
        value++
#endif
    :: else ->
        value++;
#ifndef MUTATE_NO_SECOND_LOOK
        if
        :: wanted ->
            lookers++;
            if
            :: wanted ->
                try(had);
                if
                :: had ->
                    withdraw(done);
                    if
                    :: done -> give()
                    :: else -> value++
                    fi
                :: else
                fi
            :: !wanted
            fi;
            lookers--
        :: !wanted
        fi
#endif
    fi;
    round++;
    if
    :: round < ROUNDS -> goto again
    :: else
    fi
}

proctype Gui()
{
    bool had, done;
    byte round;

again:
    try(had);
    if
    :: had -> goto mine
    :: else
    fi;
    grant = awaited;
    wanted = true;
#ifndef MUTATE_NO_SECOND_TRY
    try(had);
    if
    :: had ->
        withdraw(done);
        if
        :: done -> goto waited
#ifdef MUTATE_KEEPS_BOTH
        :: else
#else
        :: else -> value++
#endif
        fi
    :: else
    fi;
#endif
    /* It spins, or not for long enough, and sleeps. */
    atomic {
        if
        :: grant == awaited -> grant = slept_for
        :: else
        fi
    }
nap:
    atomic {
        if
        :: grant == slept_for -> asleep = true
        :: else
        fi
    }
    if
    :: !asleep
#ifdef TIMEOUTS
    :: atomic { asleep -> asleep = false } /* the nap is over, or a signal came */
#endif
    fi;
    if
    :: grant == given -> goto waited
    :: else
    fi;
    try(had);
#ifdef TIMEOUTS
    if
    :: !had -> goto nap /* one that is parked takes another nap */
    :: true
    fi;
#endif
    withdraw(done);
    if
    :: done && had -> goto waited
    :: done && !had -> /* CPython looks for signals, and comes back */
#ifndef MUTATE_LEAVES_LOOKERS
        lookers == 0;
#endif
        goto again
    :: !done && had -> value++
    :: else
    fi;
    grant == given;
waited:
#ifndef MUTATE_LEAVES_LOOKERS
    lookers == 0;
#endif
mine:
    have_it();
    value++; /* posts as the others do; nobody else waits in this way */
    round++;
    if
    :: round < ROUNDS -> goto again
    :: else
    fi
}

init
{
    byte i;
    atomic {
        run Gui();
        do
        :: i < OTHERS -> run Other(); i++
        :: else -> break
        od
    }
    _nr_pr == 1 -> assert(value == VALUE)
}
