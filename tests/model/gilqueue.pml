/* SPDX-License-Identifier: MIT */
/*
 * CPython's GIL queue (take_gil and drop_gil, 3.8 to 3.13) with the condition-variable calls redirected as in
 * shim/src/gil/gilqueue_elf.c, by the rules of gilorder.c. One GUI thread and BACKGROUND others. run.sh says what is checked, with
 * which of the switches below.
 *
 * What is kept: forced switching; the drop request, global (to 3.12) or the holder's own (PER_THREAD_REQUEST: 3.13); finalisation;
 * that the hooks go away and come back at any moment, who is in line then, and who wakes whom; that whoever was asked for the GIL
 * waits in line to be relieved, and then may go off to something else.
 * Being woken is a step of its own and so is getting the mutex after it: threads barge wherever real ones can. A signal of the GIL's
 * variable wakes any of its waiters, not the first, and of those in line any may be the one whose turn it is: ranks, and what
 * fairclock.c says of lag, saved time and debt, are not modelled (unit.fairclock, unit.gilorder). A wait may time out at any moment after it began; a thread that has timed out stays in line until it has the mutex. Who finds the GIL on
 * offer to the GUI thread, when his time runs out or when he comes, waits.
 *
 * What is abstracted. Time: the account of gy_share is two facts, "the GUI thread has used up its hold" (spent) and "the others have had
 * their slice" (paid), which become true at any moment at which time could make them so. Mutexes: what CPython does under the GIL's
 * mutex is one step here, and so is what it does under the mutex of "taken". That hides nothing: the only things that change without
 * the mutex are the request that a thread drops (a step of its own here), and `in_force`, which only the GUI thread changes, and
 * not while it waits; a hook that saw the old value then finds `gui_waiting` false and signals or waits as it would have with the new.
 * Spinning of the GUI thread, and of a thread that is to be relieved: what either looks at while it spins is looked at again under the
 * mutex before it sleeps, so each is one wait here that a hand-over, or a taking, ends.
 */

#ifndef BACKGROUND
#define BACKGROUND 2
#endif
#define THREADS (BACKGROUND + 1)
#define GUI 0
#define NOBODY 255

/* ---- Scenarios ---- */
/* NO_LOCK_HOOK: CPython's calls of pthread_mutex_lock() could not be redirected, so that who comes takes what is on offer. */
/* NO_TIMEOUTS: no wait ever runs out, so that whoever is woken is woken by a signal. */
#ifdef CPU_BOUND /* a thread may keep the GIL until it is asked for it */
#define MAY_COMPUTE true
#else
#define MAY_COMPUTE false
#endif
#ifdef GUI_BUSY /* the GUI thread comes back for the GIL for ever */
#define MAY_IDLE(i) (i != GUI)
#else
#define MAY_IDLE(i) true
#endif

/* ---- CPython ---- */
bool locked; /* the GIL */
byte last_holder = NOBODY;
bool switched[THREADS]; /* switch_number has changed since this thread read it */
byte finalizing = NOBODY;
#ifdef PER_THREAD_REQUEST
bool request[THREADS];
#define REQUEST(holder) request[holder]
#else
bool request;
#define REQUEST(holder) request
#endif
#define MUST_EXIT (finalizing != NOBODY && finalizing != me)

/* ---- Condition variables: on which each thread waits. ---- */
mtype = { nothing, gil_cond, switch_cond, gui_cond, own_cond };
mtype waits[THREADS] = nothing;

/* ---- gilqueue_elf.c and gilorder.c ---- */
bool in_force;        /* the hooks */
bool known, learnt;   /* the GIL's variable, since the hooks came; ever */
bool held;            /* gy_order.held: the GIL, as far as is known */
bool gui_waiting, gui_asked, others_asked;
byte background;
bool in_line[THREADS];   /* waits on a variable of its own, or has the mutex not yet since */
byte promised = NOBODY;  /* woken for the GIL, and not yet there */
bool on_offer;           /* to the GUI thread */
bool spinning;           /* a background thread, while the GUI thread has the GIL */
byte calm_of = NOBODY;   /* gy_order.calm: this thread was the last to take the GIL, and nobody has come for it since */
bool holding, spent, paid; /* gy_share */
#define OWED (spent && !paid)
#define HOLD_OVER (!holding || spent)

/* ---- Watching: no part of the mechanism. ---- */
bool wants[THREADS];
byte holder = NOBODY;
bool passed[THREADS]; /* waited when the GIL was dropped while the GUI thread waited and owed nothing, and not for it since */
bool account_exact;   /* `holding` is the truth: after an install not before the GUI thread's next taking or dropping */
bool gone_off;        /* one that the GUI thread waits for, as it owes a slice, may not take it: NO_TIMEOUTS leaves it its wait's end */
bool request_lost;    /* CPython itself has overlooked a request: GLITCH */

/* Who waits in line to be relieved is one of them, though it may not want the GIL then. */
#define AWAKE_AND_FREE(i) ((wants[i] || in_line[i]) && waits[i] == nothing && !locked)

#define WAITS_FOR_GIL(i) (wants[i] && (waits[i] == gil_cond || waits[i] == own_cond))

#if BACKGROUND == 1
#define SET_ALL(flags, value) flags[0] = value; flags[1] = value
#elif BACKGROUND == 2
#define SET_ALL(flags, value) flags[0] = value; flags[1] = value; flags[2] = value
#else
#define SET_ALL(flags, value) flags[0] = value; flags[1] = value; flags[2] = value; flags[3] = value
#endif

/* All inlines are part of atomic steps. */

inline signal(cond)
{
    if
    :: waits[0] == cond -> waits[0] = nothing
    :: waits[1] == cond -> waits[1] = nothing
#if BACKGROUND > 1
    :: waits[2] == cond -> waits[2] = nothing
#endif
#if BACKGROUND > 2
    :: waits[3] == cond -> waits[3] = nothing
#endif
    :: else
    fi
}

inline wake_in_line(i)
{
    promised = i;
    if
    :: waits[i] == own_cond -> waits[i] = nothing
    :: else /* its time has run out just now: it looks all the same */
    fi
}

inline wake(i)
{
    if
    :: waits[i] == own_cond -> waits[i] = nothing
    :: else /* on its way already */
    fi
}

/* gy_line_wake_first(): whichever of them it is. */
inline wake_first()
{
    if
    :: in_line[1] -> wake(1)
#if BACKGROUND > 1
    :: in_line[2] -> wake(2)
#endif
#if BACKGROUND > 2
    :: in_line[3] -> wake(3)
#endif
    :: else
    fi
}

/* Who leaves the line when all has ended wakes the next. */
inline wake_next()
{
#ifndef MUTATE_LEAVES_THE_NEXT
    if
    :: !in_force -> wake_first()
    :: else
    fi;
#endif
    skip
}

/* Whose turn it is; else whoever waits on the GIL's own variable. */
inline signal_next()
{
    if
    :: in_line[1] -> wake_in_line(1)
#if BACKGROUND > 1
    :: in_line[2] -> wake_in_line(2)
#endif
#if BACKGROUND > 2
    :: in_line[3] -> wake_in_line(3)
#endif
    :: else -> promised = NOBODY; signal(gil_cond)
    fi
}

/* Whom the GUI thread is to come before: all who wait at this moment. */
inline note_passed()
{
    passed[1] = WAITS_FOR_GIL(1);
#if BACKGROUND > 1
    passed[2] = WAITS_FOR_GIL(2);
#endif
#if BACKGROUND > 2
    passed[3] = WAITS_FOR_GIL(3);
#endif
}

/* pthread_cond_broadcast() of the GIL's own variable: who waits there is to wait anew, in line. */
inline wake_from_before()
{
#ifndef MUTATE_NO_BROADCAST
    if
    :: waits[0] == gil_cond -> waits[0] = nothing
    :: else
    fi;
    if
    :: waits[1] == gil_cond -> waits[1] = nothing
    :: else
    fi;
#if BACKGROUND > 1
    if
    :: waits[2] == gil_cond -> waits[2] = nothing
    :: else
    fi;
#endif
#if BACKGROUND > 2
    if
    :: waits[3] == gil_cond -> waits[3] = nothing
    :: else
    fi;
#endif
#endif
    skip
}

/* learn(): the GUI thread's account begins, as not holding, which its next taking or dropping puts right. */
inline learn()
{
    if
    :: !known ->
        known = true; learnt = true;
        wake_from_before();
#ifndef MUTATE_CALM_UNSEEN
        calm_of = NOBODY;
#endif
        gui_asked = false; others_asked = false; promised = NOBODY; on_offer = false;
        held = true;
        holding = false; spent = false; paid = false
    :: else
    fi
}

/* gy_gilorder_go_on(): the hooks have come back. The GUI thread, which runs this, knows whether it has the GIL. */
inline go_on()
{
    if
    :: learnt ->
#ifndef MUTATE_NOT_LEARNT_AGAIN
        learn();
#ifdef MUTATE_HELD_STALE
        held = true;
#else
        held = (holder == GUI);
#endif
        holding = (holder == GUI);
        account_exact = true;
#endif
#ifndef MUTATE_NOBODY_LOOKS
        wake_first();
#endif
        skip
    :: else
    fi
}

/*
 * hook_signal() on the variable for "taken". Who is calm signals nothing: nobody waits there, or would go on by this signal. Nor is
 * anything of the GUI thread's account changed by it.
 */
inline signal_taken()
{
    assert(!(in_force && known && calm_of == me) || (waits[0] != switch_cond && waits[1] != switch_cond && waits[BACKGROUND] != switch_cond));
    if
    :: in_force && known && !gui_waiting && background == 0 -> calm_of = me
    :: in_force && known && (gui_waiting || background > 0) -> calm_of = NOBODY
    :: else
    fi;
    if
    :: in_force && known ->
        on_offer = false; held = true;
#ifndef MUTATE_PROMISE_KEPT
        promised = NOBODY
#endif
    :: else
    fi;
    if
    :: in_force && known && me == GUI ->
        if
        :: !holding && paid -> spent = false; paid = false
        :: else
        fi;
        holding = true;
        gui_asked = false;
        others_asked = false;
        account_exact = true
    :: else
    fi;
    signal(switch_cond)
}

/* Is the GIL handed to the GUI thread? */
#ifdef MUTATE_NOT_REDIRECTED
#define TO_GUI false
#elif defined(MUTATE_OTHERS_NOT_COUNTED)
#define TO_GUI (gui_waiting && !OWED)
#else
#define TO_GUI (gui_waiting && !(background > 0 && OWED))
#endif

/* hook_signal() on the GIL's variable. */
inline signal_dropped()
{
    /* Once the variable is known nobody stands outside of the line, so who is calm need not signal. */
    assert(!(in_force && known) || (waits[1] != gil_cond && waits[BACKGROUND] != gil_cond));
    assert(!(in_force && known && calm_of == me) || (!gui_waiting && background == 0));
    if
    :: waits[GUI] == gui_cond && !OWED -> note_passed()
    :: else
    fi;
    if
    :: in_force && known -> held = false
    :: else
    fi;
    if
    :: in_force && known && me == GUI ->
        holding = false;
        account_exact = true;
        if
        :: true
        :: OWED -> spent = false /* the kernel had put it aside meanwhile, which is not charged */
        fi;
#ifdef MUTATE_NOT_REDIRECTED_BACK
        signal(gui_cond)
#else
        if
        :: spinning
        :: else -> signal_next()
        fi
#endif
    :: in_force && known && me != GUI && TO_GUI ->
#ifndef MUTATE_PROMISE_KEPT
        promised = NOBODY;
#endif
        on_offer = true;
        signal(gui_cond)
    :: in_force && known && me != GUI && !TO_GUI -> signal_next()
    :: else -> signal(gil_cond)
    fi
}

/* gui_wait(): how it begins. `timed_out` with nothing waited for when CPython is to ask at once. */
inline gui_wait()
{
    learn();
    calm_of = NOBODY;
    held = true;
    owing = OWED;
    if
#ifdef MUTATE_OWED_IGNORED
    :: !gui_asked ->
#else
    :: !owing && !gui_asked ->
#endif
        gui_asked = true;
        timed_out = true
    :: else ->
        /* It waits with its request made, but for the wait that is the others' slice. */
        assert(owing || REQUEST(last_holder) || request_lost || finalizing != NOBODY);
        gui_waiting = true;
        waits[GUI] = gui_cond
    fi
}

/* ... and how it ends. */
inline gui_wait_end()
{
#ifndef MUTATE_WAITING_NOT_CLEARED
    gui_waiting = false;
#endif
#ifdef MUTATE_ASKED_KEPT
    if
    :: !timed_out -> gui_asked = false
    :: else
    fi;
#else
    gui_asked = false;
#endif
    owing = false
}

/* When the GUI thread's wait may run out: the wait for the end of a slice only then, the other at any moment. */
#ifdef MUTATE_NO_RETRY
#define GUI_WAIT_OVER (owing && !OWED)
#else
#define GUI_WAIT_OVER (!owing || !OWED)
#endif

/* may_take(): what is on its way to the GUI thread, as long as that waits for it, or to another, nobody takes. */
#define OFFERED (on_offer && gui_waiting)
#define PROMISED_AWAY (on_offer || (promised != NOBODY && promised != me))
#if defined(MUTATE_ARRIVALS_TAKE_IT) || defined(NO_LOCK_HOOK)
#define KEPT_OUT false
#else
#define KEPT_OUT (in_force && known && !held && OFFERED && me != GUI) /* gy_gilorder_arrived() */
#endif
/* wait_in_line(): does one that was woken go on? It has not run out: nobody's turn or hold is over. */
#ifdef MUTATE_WOKEN_TAKES_IT
#define WOKEN_GOES_ON (in_force && held)
#else
#define WOKEN_GOES_ON (in_force && (held || PROMISED_AWAY))
#endif
/* And one whose time has run out: that of its turn or of the hold, or GY_RETRY_NS, after which it takes what another should have taken. */
#ifdef MUTATE_TIMED_OUT_TAKES_IT
#define KEPT_FROM_IT false
#else
#define KEPT_FROM_IT OFFERED
#endif
#if defined(MUTATE_HOLD_FOREVER)
#define LATE_GOES_ON (in_force && (held -> holding : KEPT_FROM_IT))
#elif defined(MUTATE_HOLD_IGNORED)
#define LATE_GOES_ON (in_force && (held -> false : KEPT_FROM_IT))
#else
#define LATE_GOES_ON (in_force && (held -> !HOLD_OVER : KEPT_FROM_IT))
#endif
#define WAITS_ON (timed_out -> LATE_GOES_ON : WOKEN_GOES_ON)

#ifdef NO_TIMEOUTS
#define RUNS_OUT false
#else
#define RUNS_OUT true
#endif

proctype Thread(byte me)
{
    bool timed_out, requested, owing; /* `owing`: waits for the end of a slice */
    bool hooked;                      /* the wait began in the hook */
    bool from_before;                 /* it waited on CPython's own variable, since before the hooks */
    bool relieved;                    /* in line since it dropped the GIL as asked, not to take it */
    bool last_time;                   /* took the GIL only to find that it must end */

outside: /* In the event loop, in a lock, in I/O; for ever or not. */
end_outside:
    if
    :: true -> goto take
    :: MAY_IDLE(me) -> goto done
#ifdef INSTALL
    :: me == GUI -> goto reinstall
#endif
    fi;

#ifdef INSTALL
reinstall: /* With or without the GIL; the others may be anywhere. */
    if
    :: atomic { in_force -> in_force = false }
#ifndef MUTATE_LINE_LEFT
        atomic { true; wake_first() }
#endif
    :: else ->
        atomic { known = false; account_exact = false; in_force = true }
        atomic { true; go_on() }
    fi;
    if
    :: holder == me -> goto hold
    :: else -> goto outside
    fi;
#endif

take: /* take_gil() */
    wants[me] = true;
    atomic {
        if
        :: MUST_EXIT -> goto gone
        :: !MUST_EXIT && KEPT_OUT ->
            hooked = true; background++; in_line[me] = true; waits[me] = own_cond; calm_of = NOBODY;
            goto waiting
        :: else
        fi;
look:
        if
        :: !locked -> goto ready
        :: else -> switched[me] = false
        fi;
        if /* hook_timedwait() */
        :: !in_force -> waits[me] = gil_cond
        :: in_force && me == GUI ->
            hooked = true;
            gui_wait();
            if
            :: timed_out -> goto ended
            :: else
            fi
        :: in_force && me != GUI ->
            hooked = true;
            learn();
#ifndef MUTATE_CALM_GOES_ON
            calm_of = NOBODY;
#endif
            held = true;
            if
#ifndef MUTATE_OTHERS_WAIT
#ifdef MUTATE_OTHERS_ASK_EARLY
            :: holding && !others_asked ->
#else
            :: holding && spent && !others_asked ->
#endif
                others_asked = true;
                timed_out = true;
                goto ended
#endif
            :: else ->
                /* It waits with the GUI thread asked, if that has had its hold. */
                assert(!(holding && spent) || REQUEST(GUI) || request_lost || finalizing != NOBODY);
                background++;
                if
                :: holding && !spinning -> spinning = true; goto spin
                :: in_line[me] = true; waits[me] = own_cond
                fi
            fi
        fi;
        goto waiting
    }

spin:
    true; /* until the GUI thread has dropped it, or some microseconds are over */
    atomic {
        true;
#ifndef MUTATE_SPIN_LEAKS
        spinning = false;
#endif
        if
#ifndef MUTATE_SPIN_BLIND
        :: !in_force || (!held && !PROMISED_AWAY) -> background--; wake_next(); goto ended
#endif
        :: else -> in_line[me] = true; waits[me] = own_cond; goto waiting
        fi
    }

waiting:
    if
    :: waits[me] == nothing
    :: atomic { waits[me] != nothing && (RUNS_OUT || (owing && gone_off)) && (me != GUI || GUI_WAIT_OVER) ->
            waits[me] = nothing; timed_out = true }
    fi;
    atomic { /* has the mutex again, some time later */
        true;
        if
        :: hooked && me != GUI && WAITS_ON -> timed_out = false; waits[me] = own_cond; goto waiting
        :: hooked && me != GUI && !WAITS_ON ->
            in_line[me] = false;
#ifndef MUTATE_PROMISE_KEPT
            if
            :: promised == me -> promised = NOBODY
            :: else
            fi;
#endif
#ifndef MUTATE_COUNT_LEAKS
            background--;
#endif
            wake_next()
        :: hooked && me == GUI -> gui_wait_end()
        :: else
        fi;
ended:
        if
        :: relieved ->
            relieved = false; timed_out = false; hooked = false;
#ifndef MUTATE_RELIEVED_KEEPS_IT
            /* It may be off to something else, so whoever comes after it in line looks within GY_RETRY_NS. */
            if
            :: !held -> wake_first()
            :: else
            fi;
            gone_off = gui_waiting;
#endif
            goto dropped
        :: else
        fi;
        if
        :: timed_out && locked && !switched[me] && MUST_EXIT ->
            if
            :: requested -> REQUEST(last_holder) = false
            :: else
            fi;
            wants[me] = false;
            goto gone
        :: timed_out && locked && !switched[me] && !MUST_EXIT ->
            /* Nobody asks the GUI thread within its hold, and the GUI thread asks nobody within a slice. */
            assert(!(hooked && me != GUI && holder == GUI && in_force && account_exact && !spent));
            assert(!(hooked && me == GUI && account_exact && OWED));
            REQUEST(last_holder) = true;
            requested = true
        :: else
        fi;
        from_before = !hooked && !(in_force && me == GUI);
        timed_out = false; hooked = false; switched[me] = false;
        goto look;
ready:
        assert(holder == NOBODY);           /* mutual exclusion */
        assert(!passed[me] || !wants[GUI]); /* no waiter that was passed over comes before the GUI thread */
#ifndef NO_LOCK_HOOK
        assert(!(in_force && known && OFFERED) || me == GUI || from_before);
#endif
        requested = false; switched[me] = false; from_before = false; gone_off = false;
        locked = true; holder = me; wants[me] = false;
        if
        :: me == GUI -> SET_ALL(passed, false)
        :: else
        fi;
        if
        :: last_holder != me -> last_holder = me; SET_ALL(switched, true)
        :: else
        fi;
        signal_taken();
        if
        :: MUST_EXIT -> last_time = true; goto drop
        :: else -> REQUEST(me) = false; request_lost = false
        fi
    }

hold:
    if
    :: true -> goto drop /* for I/O, or to wait for events */
    :: MAY_COMPUTE -> goto compute
#ifdef INSTALL
    :: me == GUI -> goto reinstall
#endif
#ifdef FINALIZE
    :: finalizing == NOBODY -> finalizing = me; goto hold
#endif
    fi;
compute:
end_compute: /* no request will come where nobody else is left */
    if
    :: REQUEST(me)
#ifdef GLITCH
    /* CPython to 3.12 recomputes its "look here" flag without the mutex and may overlook a request that is made just then. */
    :: atomic { REQUEST(me) && !request_lost -> REQUEST(me) = false; request_lost = true; goto compute }
#endif
    fi;

drop: /* drop_gil() */
    atomic {
        locked = false; holder = NOBODY;
        signal_dropped()
    }
    if
    :: REQUEST(me) ->
        atomic {
            if
            :: last_holder == me ->
                REQUEST(me) = false;
                if
                :: in_force && known && me != GUI -> relieved = true
                :: else -> waits[me] = switch_cond
                fi
            :: else
            fi
        }
        if
        :: relieved -> /* gy_line_wait_relieved(): it waits in line, where it comes once it has the GIL's mutex */
            atomic {
                true;
                hooked = true; background++; in_line[me] = true; calm_of = NOBODY;
                if
                :: WOKEN_GOES_ON -> waits[me] = own_cond
                :: else /* looked, and the GIL is to be had, or all has ended */
                fi;
                goto waiting
            }
        :: else
        fi;
        if /* no time-out: somebody has to take the GIL */
        :: !last_time -> waits[me] == nothing
        :: last_time -> /* CPython lets a thread that is at its end wait here for ever if nobody comes any more */
end_relieved:
            waits[me] == nothing
        fi
    :: else
    fi;
dropped:
    if
    :: last_time -> goto gone
    :: !last_time -> goto take /* the eval loop, or a short call */
    :: !last_time && MAY_IDLE(me) -> goto outside
    fi;

gone:
    wants[me] = false;
done:
    timed_out = false; requested = false; hooked = false; owing = false; from_before = false; last_time = false
}

/* Time, as the account sees it. */
active proctype Clock()
{
end:
    do
    :: atomic { holding && !spent -> spent = true }
    :: atomic { !holding && !paid -> paid = true }
    od
}

init
{
    atomic {
#ifndef INSTALL
        in_force = true;
#endif
        run Thread(0);
        run Thread(1);
#if BACKGROUND > 1
        run Thread(2);
#endif
#if BACKGROUND > 2
        run Thread(3);
#endif
    }
}

/*
 * Nobody waits for ever: again and again a thread that wants the GIL is awake at a moment when it is free. That it is then also
 * quick enough is up to the kernel and the mutex, as with every lock that may be barged for. Which of several background threads it is
 * depends on whom the C library's signals wake: that is theirs, with or without the hooks, as is the whole of it without them.
 */
#ifdef LIVENESS
ltl gui_served { [] <> (!wants[GUI] || AWAKE_AND_FREE(GUI) || !in_force) }
#if BACKGROUND == 1
ltl others_served { [] <> (!wants[1] || AWAKE_AND_FREE(1) || !in_force) }
#elif BACKGROUND == 2
ltl others_served { [] <> (!(wants[1] || wants[2]) || AWAKE_AND_FREE(1) || AWAKE_AND_FREE(2) || !in_force) }
#else
ltl others_served { [] <> (!(wants[1] || wants[2] || wants[3]) || AWAKE_AND_FREE(1) || AWAKE_AND_FREE(2) || AWAKE_AND_FREE(3) || !in_force) }
#endif
#endif
