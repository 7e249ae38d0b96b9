/* SPDX-License-Identifier: MIT */
/*
 * Who is taken for the one that holds up the GUI thread, while that waits for a lock of CPython whose owner may sleep for another lock:
 * shim/src/gil/guilock_linux.c and lockowners.c. Thread 1 has the outer lock, for which the GUI thread waits, and takes the inner one now
 * and then; so does thread 2. Every look at and every change of what is remembered is a step of its own. Checked: where nobody goes on, the
 * owner that is known is the last of the chain.
 */
#ifndef ROUNDS
#define ROUNDS 2
#endif
#define NOBODY 0

bool inner_free = true;
byte inner_owner = NOBODY; /* as remembered: the last to take it */
bool sleeps[3];            /* as remembered: for the inner lock */
bool has_inner[3];
bool wanted;               /* the GUI thread waits for the outer lock */
byte gui_owner = NOBODY;
byte lookers;

inline find(found)
{
    found = 1;
    if
    :: sleeps[1] ->
        if
        :: atomic { inner_owner == 2 -> found = 2 }
        :: inner_owner != 2
        fi
    :: !sleeps[1]
    fi
}

inline follow(found, again)
{
    if
    :: wanted ->
        lookers++;
        do
        :: find(found);
            gui_owner = found;
#ifdef MUTATE_FOUND_ONCE
            break
#else
            find(again);
            if
            :: again == found -> break
            :: else
            fi
#endif
        od;
        lookers--
    :: !wanted
    fi
}

proctype Thread(byte me)
{
    byte round, found, again;

again_round:
    if
    :: round < ROUNDS -> round++
    :: true -> goto ended
    fi;
    if
    :: atomic { inner_free -> inner_free = false; has_inner[me] = true; inner_owner = me } /* the moment between is not looked at */
    :: !inner_free ->
        sleeps[me] = true;
#ifndef MUTATE_SLEEPER_LOOKS_NOT
        follow(found, again);
#endif
end_asleep: /* the other keeps it */
        atomic { inner_free -> inner_free = false; has_inner[me] = true };
        sleeps[me] = false;
        inner_owner = me;
        follow(found, again);
        goto have
    fi;
have:
    if
    :: atomic { true -> has_inner[me] = false; inner_free = true }
    :: true -> goto ended /* keeps it */
    fi;
    goto again_round;
ended:
    skip
}

proctype Gui()
{
    byte found, again;

    find(found);
    wanted = true;
    gui_owner = found;
#ifndef MUTATE_GUI_LOOKS_ONCE
    follow(found, again)
#endif
}

init
{
    atomic { run Gui(); run Thread(1); run Thread(2) }
    /* Nobody goes on. */
    timeout -> assert(!wanted || gui_owner == (sleeps[1] && has_inner[2] -> 2 : 1))
}
