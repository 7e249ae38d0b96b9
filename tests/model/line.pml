/* SPDX-License-Identifier: MIT */
/*
 * How background threads wait for the GIL: shim/src/gil/linewait.c and gilorder.c, in force and with all that is known learnt. BACKGROUND
 * threads, and one GUI thread unless NO_GUI. gilqueue.pml has the rest: installing, removing, finalisation, and the GUI thread's account
 * as it is; here it is two facts, `hold_over` and `owed`. run.sh says what is checked, with which of the switches below.
 *
 * What is kept: CPython's take_gil and drop_gil, its request (one for all, or REQUEST_OF_HOLDER: 3.13, or TWO_INTERPRETERS: one for each
 * interpreter, the waiter sets that of its own, 3.9 to 3.12; the last thread is of the second interpreter), and how a holder of another
 * interpreter is TOLD (unheard.c); that being woken and having the mutex again are two steps, so that threads which find the GIL free
 * barge; who is in line, who is first, what is promised, on offer, left free for a grace; who spins, who is signalled.
 *
 * What is abstracted. Ranks: within a class a thread has any place in line, which it keeps, also when it leaves for a moment to have CPython
 * ask; a newborn thread may lose it then, which costs the next one the wait for its timer. Any that came back by itself may be of class 2.
 * Time: a turn, a hold, a grace, what is owed and the budget are over at any moment. Each sleeper has a timer as in the code, but one that is
 * far away (FAR: it is not the first, or waits for what is another's) never fires, unless FAR_TIMERS says so; so whatever holds does not need
 * it. What CPython does under the GIL's mutex is one step, as in gilqueue.pml. CPython's locks (guilock_linux.c) are not here.
 */
#ifndef BACKGROUND
#define BACKGROUND 2
#endif
#define THREADS (BACKGROUND + 1)
#define GUI 0
#define NOBODY 255
#define FIRST (count > 0 -> line[0] : NOBODY)

#ifdef CPU_BOUND /* a thread may keep the GIL until it sees a request, and timers fire */
#define MAY_COMPUTE true
#else
#define MAY_COMPUTE false
#endif
#ifdef ALWAYS /* all come back for the GIL for ever */
#define MAY_IDLE false
#else
#define MAY_IDLE true
#endif

/* ---- CPython ---- */
bool locked;
byte holder = NOBODY, last_holder = NOBODY;
bool switched[THREADS];
bool request[THREADS]; /* which of them is used: */
#ifdef REQUEST_OF_HOLDER
#define ASKED_BY(i) request[last_holder]
#define SEEN_BY(i) request[i]
#elif defined(TWO_INTERPRETERS)
#define ASKED_BY(i) request[(i == BACKGROUND -> 1 : 0)]
#define SEEN_BY(i) request[(i == BACKGROUND -> 1 : 0)]
#else
#define ASKED_BY(i) request[0]
#define SEEN_BY(i) request[0]
#endif
/* TOLD: who has asked in vain tells the holder by a signal, which may be handled at any later moment (unheard.c). */
byte told = NOBODY;   /* the thread whose signal is on its way */
bool told_now;        /* and it has been in the same hold since */
bool same_hold[THREADS]; /* as when this one told the holder */
bool overlooked; /* CPython itself has overlooked a request: GLITCH, once in a hold */

mtype = { nothing, own_cond, gui_cond, switch_cond };
mtype waits[THREADS] = nothing;

/* ---- gy_order ---- */
byte line[BACKGROUND] = NOBODY;
byte count;
byte promised = NOBODY, spinner = NOBODY;
bool asked_since_taken, on_offer, grace;
bool gui_waiting, gui_asked, others_asked, lends, lent;
bool turn_over, hold_over, owed, budget; /* time */

/* ---- gy_waiter and gy_account ---- */
bool little[THREADS], preempted[THREADS], go[THREADS], signalled[THREADS], asked[THREADS], due[THREADS];
mtype = { off, soon, at_grace_end, far };
mtype timer[THREADS] = off;

/* ---- Watching ---- */
bool wants[THREADS];
byte over_for = NOBODY; /* whose turn it is that is over */
#define AWAKE_AND_FREE(i) (wants[i] && waits[i] == nothing && !locked)

hidden byte p, q;

#ifdef NO_GUI
#define IS_GUI(i) false
#else
#define IS_GUI(i) (i == GUI)
#endif

#if BACKGROUND == 1
#define ALL(flags, value) flags[0] = value; flags[1] = value
#elif BACKGROUND == 2
#define ALL(flags, value) flags[0] = value; flags[1] = value; flags[2] = value
#else
#define ALL(flags, value) flags[0] = value; flags[1] = value; flags[2] = value; flags[3] = value
#endif

#if BACKGROUND == 1
#define ALL_THAT_WANT(flags) flags[0] = wants[0]; flags[1] = wants[1]
#elif BACKGROUND == 2
#define ALL_THAT_WANT(flags) flags[0] = wants[0]; flags[1] = wants[1]; flags[2] = wants[2]
#else
#define ALL_THAT_WANT(flags) flags[0] = wants[0]; flags[1] = wants[1]; flags[2] = wants[2]; flags[3] = wants[3]
#endif

/* All inlines are part of atomic steps. */

inline enter()
{
#ifdef MUTATE_NO_CLASSES
#define GOES_PAST(i) false
#define MAY_GO_PAST(i) true
#else
#define GOES_PAST(i) (little[i] && !little[me])
#define MAY_GO_PAST(i) (little[i] == little[me])
#endif
    p = 0;
    do
    :: p < count && GOES_PAST(line[p]) -> p++
    :: p < count && MAY_GO_PAST(line[p]) -> p++
    :: p >= count -> break
    :: p < count && !GOES_PAST(line[p]) -> break
    od;
    q = count;
    do
    :: q > p -> line[q] = line[q - 1]; q--
    :: else -> break
    od;
    line[p] = me;
    count++;
    p = 0; q = 0
}

inline leave()
{
    p = 0;
    do
    :: line[p] != me -> p++
    :: else -> break
    od;
    do
    :: p + 1 < count -> line[p] = line[p + 1]; p++
    :: else -> break
    od;
    count--;
    line[count] = NOBODY;
    p = 0;
    if
    :: promised == me -> promised = NOBODY
    :: else
    fi
}

inline signal_first()
{
    if
    :: !signalled[line[0]] ->
        signalled[line[0]] = true;
        if
        :: waits[line[0]] == own_cond -> waits[line[0]] = nothing
        :: else /* its time has run out just now, or it spun: it looks all the same */
        fi
    :: else
    fi
}

inline pass_on(with_grace)
{
#ifdef MUTATE_GRACE_BEFORE_CLASS_2
    grace = count > 0 && with_grace;
#else
    grace = count > 0 && with_grace && !little[FIRST];
#endif
#ifndef MUTATE_NO_PROMISE
    promised = (grace -> NOBODY : FIRST);
#endif
    if
    :: count == 0
    :: count > 0 && FIRST == spinner ->
        if
        :: !grace -> go[FIRST] = true; spinner = NOBODY
        :: else
        fi
#ifdef MUTATE_SPINNER_IS_ENOUGH
    :: count > 0 && FIRST != spinner && spinner == NOBODY -> signal_first()
#else
    :: count > 0 && FIRST != spinner && (!grace || spinner == NOBODY) -> signal_first()
#endif
    :: else
    fi;
    /* Who needs little is next, and on its way. */
    assert(count == 0 || !little[FIRST] || (promised == FIRST && waits[FIRST] == nothing))
}

inline offer_to_gui()
{
    promised = NOBODY; grace = false;
    on_offer = true;
    assert(waits[GUI] == gui_cond || waits[GUI] == nothing);
    waits[GUI] = nothing
}

inline taken()
{
    assert(holder == NOBODY);
    locked = true; holder = me; wants[me] = false; switched[me] = false;
    ALL(asked, false);
    ALL(same_hold, false); told_now = false;
    asked_since_taken = false;
    on_offer = false; promised = NOBODY; grace = false;
    if
    :: IS_GUI(me) -> gui_asked = false; others_asked = false; hold_over = false; budget = false
#ifdef MUTATE_TURN_OF_ANOTHER
    :: !IS_GUI(me) && count > 0 -> turn_over = false; over_for = NOBODY /* who takes it while nobody waits goes on with the turn before */
#endif
    :: else
    fi;
#ifndef MUTATE_FIRST_SLEEPS_ON
    if
    :: count > 0 && timer[FIRST] == far -> signal_first()
    :: else
    fi;
#endif
    if
    :: last_holder != me -> last_holder = me; ALL_THAT_WANT(switched)
    :: else
    fi;
#ifndef NO_GUI
    if
    :: waits[GUI] == switch_cond -> waits[GUI] = nothing
    :: else
    fi;
#endif
    SEEN_BY(me) = false; overlooked = false
}

/* ask(), and what CPython makes of it. */
inline ask()
{
    assert(holder != NOBODY);
    /* Nobody interrupts the GUI thread's hold but who needs little, for what is lent; nobody of class 3 a turn. */
    assert(!IS_GUI(holder) || hold_over || (little[me] && budget));
    assert(IS_GUI(holder) || (turn_over && over_for == holder) || little[me]);
#ifdef MUTATE_NOT_ASKED_AGAIN_AT_ONCE
    if
    :: !switched[me] -> ASKED_BY(me) = true
    :: else
    fi;
#else
    ASKED_BY(me) = true; /* at once, or, where somebody has taken the GIL since this wait began, when CPython comes back */
#endif
    asked[me] = true; asked_since_taken = true;
    if
    :: IS_GUI(holder) && hold_over -> others_asked = true
    :: IS_GUI(holder) && !hold_over -> lends = true
    :: else
    fi;
    assert(ASKED_BY(me) || overlooked)
}

#ifdef TOLD
#ifdef MUTATE_TOLD_ONCE
#define UNHEARD (asked[me] && !IS_GUI(holder) && !has_told)
#else
#define UNHEARD (asked[me] && !IS_GUI(holder) && !same_hold[me])
#endif
#else
#define UNHEARD false
#endif

inline tell()
{
    told = holder; told_now = true; same_hold[me] = true; has_told = true;
    asked_since_taken = true
}

/* Is the time over after which the holder is asked? */
#define TIME_TO_ASK (IS_GUI(holder) -> (hold_over || (little[me] && budget)) : (turn_over || little[me]))
/* Is there a request already which may still be answered? */
#define ASKED_ALREADY (asked[me] || (IS_GUI(holder) && hold_over && others_asked))
#if defined(MUTATE_OVERLOOKED_FOR_EVER)
#define ASK_NOW (TIME_TO_ASK && (!ASKED_ALREADY || (due[me] && !(IS_GUI(holder) && hold_over && others_asked))))
#elif defined(MUTATE_ASKS_ONCE)
#define ASK_NOW (TIME_TO_ASK && !ASKED_ALREADY)
#elif defined(MUTATE_HOLD_IGNORED)
#define ASK_NOW (!ASKED_ALREADY || due[me])
#else
#define ASK_NOW (TIME_TO_ASK && (!ASKED_ALREADY || due[me]))
#endif

#if defined(MUTATE_TAKES_WHAT_IS_OFFERED)
#define ANOTHERS (promised != NOBODY && promised != me)
#elif defined(MUTATE_TAKES_WHAT_IS_PROMISED)
#define ANOTHERS on_offer
#else
#define ANOTHERS (on_offer || (promised != NOBODY && promised != me))
#endif

#ifdef MUTATE_LATER_OFFER_IS_OWN /* a spinner that was told, and found another quicker, believes it still when the GIL is free again */
#define OWN (go[me] || promised == me)
#else
#define OWN (promised == me)
#endif

#ifdef SPIN
#define BEFORE_SPINNER (spinner == NOBODY || (spinner != me && line[0] == me) || (count > 2 && line[2] == spinner && line[1] == me))
#else
#define BEFORE_SPINNER false
#endif

#ifdef CPU_BOUND
#define FIRES(i) (timer[i] == soon || (timer[i] == at_grace_end && !grace) || (timer[i] == far && FAR_FIRES))
#else
#define FIRES(i) (timer[i] == at_grace_end && !grace)
#endif
#ifdef FAR_TIMERS
#define FAR_FIRES true
#else
#define FAR_FIRES false
#endif
/* Who is not first asks when nobody has taken the GIL for as long as those before it may have it. */
#ifdef MUTATE_ONLY_FIRST_ASKS
#define UNANSWERED false
#else
#define UNANSWERED (timer[me] == far && due[me] && (IS_GUI(holder) -> hold_over : turn_over))
#endif

proctype Background(byte me)
{
    bool relieved, has_told;

outside:
end_outside:
    if
    :: true -> goto take
    :: MAY_IDLE -> goto done
    fi;

take:
    atomic {
        wants[me] = true;
look:
        if
        :: !locked -> goto ready
        :: else -> switched[me] = false
        fi;
stand:
        go[me] = false;
        if
        :: !preempted[me] -> little[me] = true
        :: little[me] = false
        fi;
        enter();
again:
        if
        :: !locked && ANOTHERS -> timer[me] = far
        :: !locked && !ANOTHERS && (OWN || !grace) -> goto mine
        :: !locked && !ANOTHERS && !OWN && grace -> timer[me] = at_grace_end
        :: locked ->
            if
            :: ((FIRST == me && ASK_NOW) || (FIRST != me && UNANSWERED)) && UNHEARD -> tell(); goto telling
            :: ((FIRST == me && ASK_NOW) || (FIRST != me && UNANSWERED)) && !UNHEARD ->
                relieved = false;
                ask();
                switched[me] = false; due[me] = false;
                timer[me] = (FIRST == me -> soon : far)
            :: else -> timer[me] = (FIRST == me -> soon : far)
            fi
        fi;
        due[me] = false;
        if
        :: BEFORE_SPINNER -> spinner = me; go[me] = false; timer[me] = off; goto spin
        :: goto sleep
        fi
    }

spin:
    true; /* until the GIL is its own, another spins, the grace or some microseconds are over */
    atomic {
        true;
        if
        :: spinner == me -> spinner = NOBODY
        :: else
        fi;
        due[me] = true;
#ifdef MUTATE_SPINS_AND_SLEEPS
        due[me] = false; timer[me] = (locked && FIRST == me -> soon : far); goto sleep
#else
        goto again
#endif
    }

    atomic { /* still with the mutex */
        false;
sleep:
        waits[me] = own_cond;
#ifndef MUTATE_SIGNALLED_KEPT
        signalled[me] = false;
#endif
        goto asleep
    }

telling:
    true; /* without the mutex */
    atomic { true; goto again }

asleep:
    if
    :: waits[me] == nothing
    :: atomic { waits[me] == own_cond && FIRES(me) -> waits[me] = nothing; due[me] = true }
    fi;
    atomic { true; goto again }

    atomic { /* still with the mutex */
        false;
mine:
        /* What is the GUI thread's or another's stays so; nobody of class 3 comes before class 2. */
        assert(!on_offer && !grace && (promised == NOBODY || promised == me));
        assert(little[me] || count == 0 || !little[FIRST]);
        leave();
        timer[me] = off; go[me] = false; due[me] = false; signalled[me] = false; little[me] = false;
        if
        :: relieved -> relieved = false; goto back
        :: else -> goto ready
        fi
    }
back:
    goto take;

    atomic { /* still with the mutex */
        false;
ready:
        taken()
    }
    if
    :: true -> goto drop
    :: MAY_COMPUTE -> goto compute
    fi;
compute:
end_compute:
    if
    :: SEEN_BY(me)
#ifdef GLITCH
    :: atomic { SEEN_BY(me) && !overlooked -> SEEN_BY(me) = false; overlooked = true; goto compute }
#endif
    fi;

drop:
    atomic {
        locked = false; holder = NOBODY;
        preempted[me] = asked_since_taken && (count > 0 || gui_waiting);
#ifndef MUTATE_TURN_OF_ANOTHER
        turn_over = false; over_for = NOBODY; /* what it has used of its turn is its own: nobody else's turn is shorter for it */
#endif
        if
        :: count == 0 && !gui_waiting
        :: gui_waiting && !(count > 0 && owed) -> offer_to_gui()
        :: count > 0 && !(gui_waiting && !owed) ->
            if
            :: pass_on(false)
            :: !asked_since_taken -> pass_on(true)
            fi
        fi
    }
    if
    :: SEEN_BY(me) ->
        if
        :: atomic { last_holder == me -> SEEN_BY(me) = false; wants[me] = true; relieved = true }
            atomic { true; switched[me] = false; goto stand }
        :: last_holder != me
        fi
    :: else
    fi;
    if
    :: goto take
    :: MAY_IDLE -> goto outside
    fi;
done:
    preempted[me] = false
}

mtype = { until_paid, until_lent, retry };

proctype Gui()
{
    mtype kind = retry;
    byte me = GUI;
    bool ran_out, polls, has_told;

outside:
end_outside:
    if
    :: true -> goto take
    :: MAY_IDLE -> goto done
    fi;

take:
    atomic {
        wants[me] = true;
look:
        if
        :: !locked -> goto ready
        :: else -> switched[me] = false
        fi;
        if
        :: !owed && !gui_asked && !lent && UNHEARD -> tell(); gui_waiting = true; goto telling
        :: !owed && !gui_asked && !lent && !UNHEARD -> gui_asked = true; asked[me] = true; asked_since_taken = true; ASKED_BY(me) = true
        :: else
        fi;
        kind = (owed -> until_paid : (lent -> until_lent : retry));
        lent = false;
        gui_waiting = true;
        waits[me] = gui_cond
    }
    goto waiting;

telling:
    true; /* without the mutex */
    atomic { true; gui_waiting = false; goto look }

waiting:
    if
    :: waits[me] == nothing
    :: atomic { waits[me] != nothing && kind == until_paid && !owed -> waits[me] = nothing; ran_out = true }
    :: atomic { waits[me] != nothing && kind == until_lent && !owed -> waits[me] = nothing }
#ifdef CPU_BOUND
    :: atomic { waits[me] != nothing && kind == retry -> waits[me] = nothing; ran_out = true }
#endif
    fi;
    atomic {
        true;
        gui_waiting = false; gui_asked = false;
        if
        :: ran_out && locked && !switched[me] -> ASKED_BY(me) = true
        :: else
        fi;
        ran_out = false; kind = retry; polls = false;
        goto look;
ready:
        taken()
    }
    if
    :: true -> goto drop
    :: MAY_COMPUTE -> goto compute
    fi;
compute:
end_compute:
    if
    :: SEEN_BY(me)
#ifdef GLITCH
    :: atomic { SEEN_BY(me) && !overlooked -> SEEN_BY(me) = false; overlooked = true; goto compute }
#endif
    fi;

drop:
    atomic {
        locked = false; holder = NOBODY;
        owed = hold_over; hold_over = false;
        lent = lends && count > 0; lends = false;
        if
        :: polls = true
        :: polls = false
        fi;
        if
        :: count == 0
        :: count > 0 -> pass_on(false)
        :: count > 0 && !polls && !asked_since_taken && !owed -> pass_on(true)
        fi
    }
    if
    :: SEEN_BY(me) ->
        atomic {
            if
            :: last_holder == me -> SEEN_BY(me) = false; waits[me] = switch_cond
            :: else
            fi
        }
        waits[me] == nothing
    :: else
    fi;
    if
    :: goto take
    :: MAY_IDLE && polls -> goto outside
    :: !polls -> /* it comes to its loop's wait: end_grace() */
        atomic {
#ifndef MUTATE_GRACE_KEPT
            if
            :: !locked && promised == NOBODY && !on_offer && count > 0 -> pass_on(false)
            :: else
            fi;
#endif
            goto outside
        }
    fi;
done:
    skip
}

#ifdef TOLD
/* The signal handler of the thread that was told. */
active proctype Signal()
{
end:
    do
#ifdef MUTATE_TOLD_TOO_LATE
    :: atomic { told != NOBODY && holder == told ->
#else
    :: atomic { told != NOBODY && holder == told && told_now ->
#endif
        /* Who drops the GIL as asked waits until somebody has taken it. */
        assert(count > 0 || gui_waiting);
        SEEN_BY(told) = true; told = NOBODY }
    :: atomic { told != NOBODY && !(holder == told && told_now) -> told = NOBODY }
    od
}
#endif

active proctype Clock()
{
end:
    do
    :: atomic { locked && holder != GUI && count > 0 && !turn_over -> turn_over = true; over_for = holder }
    :: atomic { grace -> grace = false }
#ifndef NO_GUI
    :: atomic { holder == GUI && count > 0 && !hold_over -> hold_over = true; budget = true }
    :: atomic { holder == GUI && count > 0 && !budget -> budget = true }
#endif
    od
}

#ifndef NO_GUI
/* A process of its own, so that it is fair: what is owed is over some time. */
active proctype Debt()
{
end:
    do
    :: atomic { owed && holder != GUI -> owed = false }
    od
}
#endif

init
{
    atomic {
#ifndef NO_GUI
        run Gui();
#endif
        run Background(1);
#if BACKGROUND > 1
        run Background(2);
#endif
#if BACKGROUND > 2
        run Background(3);
#endif
    }
}

#ifdef LIVENESS
ltl gui_served { [] <> (!wants[GUI] || AWAKE_AND_FREE(GUI)) }
#if BACKGROUND == 1
ltl others_served { [] <> (!wants[1] || AWAKE_AND_FREE(1)) }
#elif BACKGROUND == 2
ltl others_served { [] <> (!(wants[1] || wants[2]) || AWAKE_AND_FREE(1) || AWAKE_AND_FREE(2)) }
#else
ltl others_served { [] <> (!(wants[1] || wants[2] || wants[3]) || AWAKE_AND_FREE(1) || AWAKE_AND_FREE(2) || AWAKE_AND_FREE(3)) }
#endif
/* The last thread, of the second interpreter, cannot be asked by the others while it computes; what holds all the same. */
#if BACKGROUND == 3
ltl heard_served { [] <> (!(wants[1] || wants[2]) || AWAKE_AND_FREE(1) || AWAKE_AND_FREE(2) || AWAKE_AND_FREE(3) || holder == BACKGROUND) }
#endif
#endif
