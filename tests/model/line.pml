/* SPDX-License-Identifier: MIT */
/*
 * How background threads wait for the GIL: shim/src/gil/line*.c and gilorder.c, in force and with all that is known learnt. BACKGROUND
 * threads, and one GUI thread unless NO_GUI. gilqueue.pml has the rest: installing, removing, finalisation, and the GUI thread's account
 * as it is; here it is two facts, `hold_over` and `owed`. run.sh says what is checked, with which of the switches below.
 *
 * What is kept: CPython's take_gil and drop_gil, its request (one for all, or REQUEST_OF_HOLDER: 3.13, or TWO_INTERPRETERS: one for each
 * interpreter, the waiter sets that of its own, 3.9 to 3.12; the last thread is of the second interpreter), and how a holder of another
 * interpreter is TOLD (unheard.c); that being woken and having the mutex again are two steps, so that threads which find the GIL free
 * barge; who is in line, who is first, what is promised, on offer, left free for a grace; who spins, who is signalled. Who makes way does
 * so between these two steps. To the others a GUI thread that is blocked elsewhere is as one in a lock whose owner is not known.
 *
 * LOCKS: the GUI thread waits for a lock of CPython's, that of thread 1, which it knows or not (guilock.pml has how it waits and who gives).
 * COMES_BEFORE: the last thread computes, and is behind the others by a turn at some time while it waits.
 *
 * What is abstracted. Ranks: within a class a thread has any place in line, but for those two rules; who leaves the line to have CPython
 * ask is back in the same step, at that place or any behind it, or one of its new class; with TWO_INTERPRETERS where it was. Any that
 * came back by itself may be of class 2. So it holds whatever fairclock.c says of lag, saved time and debt, also of a thread that finds
 * the GIL free after a long sleep; that this is fair the model does not say (unit.fairclock, unit.gilorder, unit.turns, stress.shares).
 * Time: a turn, a hold, a grace, what is owed and the budget are over at any moment. Each sleeper has a timer as in the code, but one that is
 * far away (FAR: it is not the first, or waits for what is another's) never fires, unless FAR_TIMERS says so; so whatever holds does not need
 * it. What CPython does under the GIL's mutex is one step, as in gilqueue.pml.
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
#define LEAVES_IT(value) skip
#else
#define MAY_COMPUTE false
bool left; /* signals alone, but for one that was relieved and left what was its own to take: the first looks soon, as in gy_line_look_by() */
#define LEAVES_IT(value) left = value
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

/* ---- The GUI thread in a lock; only thread 1 ever has the one that it waits for ---- */
#ifdef LOCKS
bool in_lock;            /* gy_account_gui_in_lock: it waits for it, the GIL dropped */
byte lock_of = NOBODY;   /* whose it is, until it is posted */
byte gui_owner = NOBODY; /* gy_order.gui_owner */
bool interval_over;      /* time: an owner that has the GIL has had it for an interval */
bool ended;              /* thread 1 */
#define BLOCKED in_lock
#define HOLDS_UP(i) (gui_owner == i)
#define HOLDER_HOLDS_UP (locked && gui_owner == holder)
#else
#define BLOCKED false
#define HOLDS_UP(i) false
#define HOLDER_HOLDS_UP false
#endif

#ifdef COMES_BEFORE
bool behind;    /* the last thread waits, is of class 3, and has had so much less than the others */
bool turn_used; /* of those that drop the GIL by themselves one after the other */
bool barged;    /* who had not waited took what was promised to another */
#define IS_BEHIND(i) (behind && i == BACKGROUND)
#define TURN_USED turn_used
#ifdef MUTATE_KEEPER_GIVES_NO_WAY
#define KEEPS_ITS_TURN true
#else
#define KEEPS_ITS_TURN (!turn_used || !behind)
#endif
#else
#define IS_BEHIND(i) false
#define TURN_USED false
#define KEEPS_ITS_TURN true
#endif
#ifdef COMES_BEFORE
#define MAY_GIVE (!KEEPS_ITS_TURN)
#elif defined(LOCKS)
#define MAY_GIVE false /* that has nothing to do with locks, and doubles the search */
#else
#define MAY_GIVE true
#endif
#ifdef MUTATE_NOBODY_COMES_BEFORE
#define ANOTHER_COMES_BEFORE false
#else
#define ANOTHER_COMES_BEFORE (IS_BEHIND(BACKGROUND) && me != BACKGROUND)
#endif

mtype = { nothing, own_cond, gui_cond, switch_cond };
mtype waits[THREADS] = nothing;

/* ---- gy_order ---- */
byte line[BACKGROUND] = NOBODY;
byte count;
byte promised = NOBODY, spinner = NOBODY;
bool asked_since_taken, on_offer, grace;
bool gui_waiting, gui_asked, others_asked, lends, lent, on_loan, gui_spins; /* gui_spins: for what it has lent */
#ifdef MUTATE_LOAN_GRACE_UNSEEN
bool gui_sleeps_on;
#else
#define gui_sleeps_on false
#endif
bool equal;  /* gy_order.little: the holder needs little, too */
bool turn_over, hold_over, owed, budget, enough; /* time; `enough` of one that needs little */

/* ---- gy_waiter and gy_account ---- */
bool little[THREADS], preempted[THREADS], go[THREADS], signalled[THREADS], asked[THREADS], due[THREADS];
mtype = { off, soon, at_grace_end, far };
mtype timer[THREADS] = off;

/* ---- Watching ---- */
bool wants[THREADS];
byte over_for = NOBODY; /* whose turn it is that is over */
byte grace_of = NOBODY; /* who dropped what is left free */
#define AWAKE_AND_FREE(i) (wants[i] && waits[i] == nothing && !locked)

hidden byte p, q, from;

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

/* Nothing else, and is never of class 2. */
#ifdef COMES_BEFORE
#define COMPUTES(i) (i == BACKGROUND)
#define HANDS_OVER(i) (i != BACKGROUND)
#elif defined(ONE_OWNER)
#define COMPUTES(i) (i > 1)
#else
#define COMPUTES(i) false
#endif
#ifndef HANDS_OVER
#define HANDS_OVER(i) false
#endif

#if BACKGROUND == 1
#define IN_LINE(i) (line[0] == i)
#elif BACKGROUND == 2
#define IN_LINE(i) (line[0] == i || line[1] == i)
#else
#define IN_LINE(i) (line[0] == i || line[1] == i || line[2] == i)
#endif

#if BACKGROUND == 1
#define ALL_THAT_WANT(flags) flags[0] = wants[0]; flags[1] = wants[1]
#elif BACKGROUND == 2
#define ALL_THAT_WANT(flags) flags[0] = wants[0]; flags[1] = wants[1]; flags[2] = wants[2]
#else
#define ALL_THAT_WANT(flags) flags[0] = wants[0]; flags[1] = wants[1]; flags[2] = wants[2]; flags[3] = wants[3]
#endif

/* All inlines are part of atomic steps. */

#ifdef MUTATE_OWNER_IN_ORDER
#define FIRST_OF_ALL(i) false
#else
#define FIRST_OF_ALL(i) HOLDS_UP(i)
#endif

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

#ifdef LOCKS
#define SERVED(i) (waits[i] == own_cond && !signalled[i] && !preempted[i] && !little[i])

/* One of those in line that came back by themselves and had their part; which of them is the newest is not known here. */
inline signal_served()
{
    if
    :: SERVED(1) -> signalled[1] = true; waits[1] = nothing
#if BACKGROUND > 1
    :: SERVED(2) -> signalled[2] = true; waits[2] = nothing
#endif
#if BACKGROUND > 2
    :: SERVED(3) -> signalled[3] = true; waits[3] = nothing
#endif
    :: else
    fi
}
#endif

/* What is free is somebody else's already: who comes too late for it goes past nobody. */
#ifdef MUTATE_LATE_GOES_PAST
#define IN_TIME true
#else
#define IN_TIME (locked || on_offer)
#endif
#define MAY_BE_LITTLE(i) (!preempted[i] && IN_TIME && !COMPUTES(i) && (!ANOTHER_COMES_BEFORE || BLOCKED))

/* Class and place. Who has waited loses neither to time, but a place to others, `from` where it was: ranks only grow. */
inline enter()
{
#ifdef MUTATE_NO_CLASSES
#define GOES_PAST(i) false
#define MAY_GO_PAST(i) true
#else
#define GOES_PAST(i) (HOLDS_UP(i) || (little[i] && !little[me]) || (IS_BEHIND(i) && little[i] == little[me]))
#define MAY_GO_PAST(i) (little[i] == little[me] && !IS_BEHIND(me))
#endif
#ifdef COMES_BEFORE
/* It stands further back than it would by its rank: who comes does not get before it for that. */
#define BEHIND_LATER (behind && me != BACKGROUND && little[BACKGROUND] == little[me] && \
    ((p < 2 && line[p + 1] == BACKGROUND) || (p < 1 && line[p + 2] == BACKGROUND)))
#else
#define BEHIND_LATER false
#endif
    if
    :: FIRST_OF_ALL(me) || (MAY_BE_LITTLE(me) && little[me]) -> from = 0; little[me] = true
    :: !FIRST_OF_ALL(me) && MAY_BE_LITTLE(me) && !little[me] -> from = 0; little[me] = true
    :: !FIRST_OF_ALL(me) && (!MAY_BE_LITTLE(me) || (!BLOCKED && !little[me])) -> little[me] = false
    fi;
    p = 0;
    do
    :: p < count && p < from -> p++
    :: p < count && !FIRST_OF_ALL(me) && GOES_PAST(line[p]) -> p++
    :: p < count && !FIRST_OF_ALL(me) && MAY_GO_PAST(line[p]) -> p++
    :: p >= count -> break
    :: p < count && p >= from && (FIRST_OF_ALL(me) || !GOES_PAST(line[p])) && !BEHIND_LATER -> break
    od;
    q = count;
    do
    :: q > p -> line[q] = line[q - 1]; q--
    :: else -> break
    od;
    line[p] = me;
    count++;
    p = 0; q = 0; from = 0;
#ifndef MUTATE_LEFT_FIRST_SLEEPS
    /* It may have been the first before, and left to ask or to change its class. */
    if
    :: locked && FIRST != me && timer[FIRST] == far -> signal_first()
    :: else
    fi;
#endif
    skip
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

/*
 * Who looks soon all the same need not be woken for each short call of the GUI thread; some timers are not as near as that. With LIVENESS it
 * is woken: a row of such calls ends with the GUI thread's hold, but in the model it may go on for ever.
 */
#ifdef LIVENESS
#define LOOKS_SOON false
#elif defined(CPU_BOUND)
#define LOOKS_SOON (IS_GUI(me) && (timer[FIRST] == soon || timer[FIRST] == at_grace_end))
#else
#define LOOKS_SOON (IS_GUI(me) && timer[FIRST] == at_grace_end)
#endif

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
#ifdef MUTATE_SPINNER_KEPT
        :: !grace -> go[FIRST] = true
#else
        :: !grace -> go[FIRST] = true; spinner = NOBODY
#endif
        :: else
        fi
#ifdef MUTATE_SPINNER_IS_ENOUGH
    :: count > 0 && FIRST != spinner && spinner == NOBODY -> signal_first()
#elif defined(MUTATE_NOBODY_WATCHES)
    :: count > 0 && FIRST != spinner && !grace -> signal_first()
#else
    :: count > 0 && FIRST != spinner && (!grace || spinner == NOBODY) -> signal_first()
    :: count > 0 && FIRST != spinner && grace && LOOKS_SOON
#endif
    :: else
    fi;
    grace_of = (grace -> me : NOBODY);
    /* Who needs little is next, and on its way; so is the owner of what the GUI thread waits for. Another may spin for what comes then. */
    assert(count == 0 || !little[FIRST] || (promised == FIRST && waits[FIRST] == nothing));
#ifdef LOCKS
    assert(gui_owner == NOBODY || !IN_LINE(gui_owner) || promised == gui_owner);
#endif
    assert(spinner == NOBODY || !go[spinner])
}

/* What the GUI thread has left to itself for a moment is for the others. */
inline end_grace()
{
    on_loan = false; lent = false;
#ifndef MUTATE_GRACE_KEPT
    if
    :: !locked && promised == NOBODY && !on_offer && count > 0 -> pass_on(false)
    :: else
    fi;
#endif
    assert(!grace || grace_of != GUI)
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
    assert(!on_offer || IS_GUI(me)); /* what is on offer to the GUI thread nobody else takes, wherever he comes from */
    locked = true; holder = me; wants[me] = false; switched[me] = false;
    ALL(asked, false);
    ALL(same_hold, false); told_now = false;
    asked_since_taken = false;
    LEAVES_IT(false);
#ifdef COMES_BEFORE
    barged = (promised != NOBODY && promised != me);
#endif
    on_offer = false; promised = NOBODY; grace = false; grace_of = NOBODY;
    enough = false;
#ifndef TWO_INTERPRETERS
    if
    :: !IS_GUI(me) && !preempted[me] && !COMPUTES(me) -> equal = true
    :: equal = false
    fi;
#endif
#ifdef LOCKS
    interval_over = false;
#ifndef MUTATE_SERVED_SLEEP_ON
    if
    :: in_lock -> signal_served()
    :: else
    fi;
#endif
#endif
#ifdef COMES_BEFORE
    if
    :: me == BACKGROUND -> behind = false
    :: else
    fi;
#endif
    if
    :: IS_GUI(me) -> gui_asked = false; others_asked = false; hold_over = false; budget = false; on_loan = false
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
    assert(IS_GUI(holder) || HOLDER_HOLDS_UP || (turn_over && over_for == holder) || TURN_USED || (little[me] && (!equal || enough || BLOCKED)));
#ifdef LOCKS
    /* Nobody at all interrupts the owner of what the GUI thread waits for within an interval, and it has one only. */
    assert(!HOLDER_HOLDS_UP || interval_over);
#ifndef MUTATE_OWNER_FOR_EVER
    if
    :: HOLDER_HOLDS_UP -> gui_owner = NOBODY
    :: else
    fi;
#endif
    assert(!HOLDER_HOLDS_UP);
#endif
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
#ifdef MUTATE_EQUALS_INTERRUPT
#define ASKS_AT_ONCE little[me]
#else
#define ASKS_AT_ONCE (little[me] && (!equal || enough || BLOCKED))
#endif
#if defined(LOCKS) && !defined(MUTATE_OWNER_AS_OTHERS)
#define TURN_OVER_FOR_ME (HOLDER_HOLDS_UP -> interval_over : (turn_over || TURN_USED || ASKS_AT_ONCE))
#else
#define TURN_OVER_FOR_ME (turn_over || TURN_USED || ASKS_AT_ONCE)
#endif
#if defined(MUTATE_LENDS_WITHOUT_BUDGET)
#define MAY_BORROW little[me]
#elif defined(MUTATE_LENDS_TO_ALL)
#define MAY_BORROW budget
#else
#define MAY_BORROW (little[me] && budget)
#endif
#define TIME_TO_ASK (IS_GUI(holder) -> (hold_over || MAY_BORROW) : TURN_OVER_FOR_ME)
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
#define FIRES(i) ((timer[i] == at_grace_end && !grace) || (timer[i] == soon && left && !locked))
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

#ifdef LOCKS
#define HAS_LOCK (lock_of == me)
#else
#define HAS_LOCK false
#endif

/* The GUI thread is to have it next. Of thread 1 it is known that it needs little; another may be new, or need more than it seems. */
#define GUI_IS_NEXT (gui_waiting && !(count > 0 && owed))
#define USUALLY_NEEDS_LITTLE(i) (i == 1)

proctype Background(byte me)
{
    bool relieved, has_told, late, gives; /* gives: its turn to the first in line */

outside:
end_outside:
    if
    :: true -> goto take
    :: MAY_IDLE && !HAS_LOCK -> goto done
    fi;

take:
    atomic {
        wants[me] = true;
        if
#ifndef MUTATE_ARRIVALS_TAKE_IT
        :: !locked && on_offer && gui_waiting -> goto stand /* gy_gilorder_arrived() */
#endif
#ifndef MUTATE_GIVEN_TURN_KEPT
        :: !locked && gives && promised != NOBODY -> gives = false; goto stand /* to that one, as its turn is over */
#endif
        :: else
        fi;
look:
        if
        :: !locked ->
            assert(!gives || promised == NOBODY); /* who has given its turn to another does not take what that is on its way to */
            gives = false;
            goto ready
        :: else -> switched[me] = false; gives = false
        fi;
stand:
        go[me] = false;
        enter();
again:
#if defined(LOCKS) && !defined(MUTATE_CLASS_KEPT)
        if
        :: locked && in_lock && !preempted[me] && !little[me] -> leave(); enter()
        :: else
        fi;
#endif
        if
        :: !locked && ANOTHERS -> timer[me] = far
        :: !locked && !ANOTHERS && (OWN || !grace) -> goto mine
        :: !locked && !ANOTHERS && !OWN && grace -> timer[me] = at_grace_end
        :: locked ->
            if
            :: ((FIRST == me && ASK_NOW) || (FIRST != me && UNANSWERED)) && UNHEARD -> tell(); goto telling
            :: ((FIRST == me && ASK_NOW) || (FIRST != me && UNANSWERED)) && !UNHEARD && relieved ->
                /* It comes to wait once more, as all do, and asks then. */
                leave();
                relieved = false; timer[me] = off; go[me] = false; due[me] = false; signalled[me] = false; little[me] = false;
                goto back
            :: ((FIRST == me && ASK_NOW) || (FIRST != me && UNANSWERED)) && !UNHEARD && !relieved ->
                ask();
                switched[me] = false; due[me] = false;
#ifndef TWO_INTERPRETERS
                from = (FIRST == me -> 0 : (line[1] == me -> 1 : 2));
                leave();
                timer[me] = off;
                enter();
#endif
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
        assert(little[me] || count == 0 || !little[FIRST] || BLOCKED);
        leave();
        timer[me] = off; go[me] = false; due[me] = false; signalled[me] = false; little[me] = false;
#ifdef COMES_BEFORE
        turn_used = turn_used && preempted[me];
#endif
        if
        :: relieved ->
            relieved = false;
            LEAVES_IT(true);
#ifndef MUTATE_RELIEVED_KEEPS_IT
            /* It may be off to something else, so whoever comes after it in line looks soon. */
            if
            :: count > 0 && timer[FIRST] == far -> signal_first()
            :: else
            fi;
#endif
            goto on_its_way
        :: else -> goto ready
        fi
    }
back: /* If it were off to something else, the next in line would ask when its far timer fires. */
    goto take;
on_its_way:
    if
    :: goto take
    :: MAY_IDLE && !HAS_LOCK -> goto outside
    fi;

    atomic { /* still with the mutex */
        false;
ready:
        taken()
    }
hold:
    if
    :: !HAS_LOCK && !COMPUTES(me) -> goto drop
    :: MAY_COMPUTE && !HANDS_OVER(me) -> goto compute
#ifdef LOCKS
    :: HAS_LOCK -> goto post
#endif
    fi;
#ifdef LOCKS
post:
    atomic { lock_of = NOBODY; gui_owner = NOBODY; late = false; goto hold }
#endif
compute:
end_compute:
    if
    :: SEEN_BY(me) && !(HAS_LOCK && late) -> late = HAS_LOCK
#ifdef LOCKS
    :: HAS_LOCK -> goto post /* interrupted once at most, else it may not come to this */
#endif
#ifdef GLITCH
    :: atomic { SEEN_BY(me) && !overlooked -> SEEN_BY(me) = false; overlooked = true; goto compute }
#endif
    fi;

drop:
    atomic {
        locked = false; holder = NOBODY; equal = false;
#ifdef LOCKS
        interval_over = false;
#endif
        if
#ifndef MUTATE_BORROWER_IS_INTERRUPTED
        :: preempted[me] = asked_since_taken && (count > 0 || gui_waiting) && !GUI_IS_NEXT
        :: GUI_IS_NEXT && !USUALLY_NEEDS_LITTLE(me) -> preempted[me] = asked_since_taken
#else
        :: preempted[me] = asked_since_taken && (count > 0 || gui_waiting)
#endif
        fi;
        /* Who usually needs little, and is not done because of the GUI thread, needs little all the same. */
        assert(!(preempted[me] && GUI_IS_NEXT && USUALLY_NEEDS_LITTLE(me)));
#ifndef MUTATE_TURN_OF_ANOTHER
        turn_over = false; enough = false; over_for = NOBODY; /* what it has used of its turn is its own: nobody else's turn is shorter for it */
#endif
        if
        :: count == 0 && !gui_waiting
        :: GUI_IS_NEXT -> offer_to_gui()
#ifdef MUTATE_LOAN_GRACE_UNSEEN
        :: GUI_IS_NEXT && gui_spins && !asked_since_taken && count == 0 -> grace = true; gui_spins = false; gui_sleeps_on = true
#else
        :: GUI_IS_NEXT && gui_spins && !asked_since_taken && count == 0 -> grace = true /* a short gap within what is lent */
#endif
        :: count > 0 && !(gui_waiting && !owed) ->
            if
            :: if
                :: gives = !asked_since_taken && MAY_GIVE
#ifndef COMES_BEFORE
                :: gives = false /* it would keep it, but the first in line needs little */
#endif
                fi;
                pass_on(false);
#ifdef COMES_BEFORE
                turn_used = false
#endif
            :: !asked_since_taken && KEEPS_ITS_TURN -> pass_on(true)
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
#ifdef LOCKS
    atomic {
        if
        :: HAS_LOCK -> goto take
        :: else -> preempted[me] = false; ended = (ended || me == 1)
        fi
    }
#else
    preempted[me] = false
#endif
}

mtype = { until_paid, until_lent, until_given, retry };

#ifdef MUTATE_LOAN_ASKED_BACK
#define KEEPS_LOAN false
#else
#define KEEPS_LOAN lent
#endif

/* Who has given it what it waited for, and was not known to have it, is not asked at once if nobody else is in line; once. */
#define LEAVES_ALONE (KEEPS_LOAN || (given && count == 0))

/* What it drops by itself is left free for a moment, but not in its loop's wait nor while it owes something. */
#if defined(MUTATE_GRACE_IN_WAIT)
#define GUI_COMES_BACK (!asked_since_taken && !owed)
#elif defined(MUTATE_GRACE_FOR_DEBTOR)
#define GUI_COMES_BACK (!polls && !asked_since_taken)
#elif defined(MUTATE_GRACE_IF_ASKED)
#define GUI_COMES_BACK (!polls && !owed)
#else
#define GUI_COMES_BACK (!polls && !asked_since_taken && !owed)
#endif

proctype Gui()
{
    mtype kind = retry;
    byte me = GUI;
    bool ran_out, polls, has_told, given;

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
        :: !owed && !gui_asked && !LEAVES_ALONE && UNHEARD -> tell(); gui_waiting = true; goto telling
        :: !owed && !gui_asked && !LEAVES_ALONE && !UNHEARD -> assert(!lent); gui_asked = true; asked[me] = true; asked_since_taken = true; ASKED_BY(me) = true
        :: else
        fi;
        kind = (owed -> until_paid : (lent -> until_lent : (given && count == 0 -> until_given : retry)));
        lent = false;
#ifndef MUTATE_ALONE_FOR_EVER
        given = false;
#endif
        gui_waiting = true; gui_spins = (kind == until_lent);
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
    :: atomic { waits[me] != nothing && kind == until_lent && !owed && !gui_sleeps_on -> waits[me] = nothing }
    :: atomic { waits[me] != nothing && kind == until_given && !owed -> waits[me] = nothing }
#ifdef CPU_BOUND
    :: atomic { waits[me] != nothing && kind == retry -> waits[me] = nothing; ran_out = true }
#endif
    fi;
    atomic {
        true;
        gui_waiting = false; gui_asked = false; gui_spins = false;
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
        if
        :: owed = hold_over
        :: hold_over && asked_since_taken -> owed = false /* the kernel had put it aside for a part of its hold */
        fi;
        hold_over = false;
        lent = lends && count > 0; on_loan = lent; lends = false;
        if
        :: polls = true
        :: polls = false
        fi;
        if
        :: count == 0
        :: count > 0 -> pass_on(false)
        :: count > 0 && GUI_COMES_BACK -> pass_on(true)
        fi;
        assert(!grace || (!polls && !asked_since_taken && !owed))
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
    :: !polls -> goto outside /* a call that takes long, in C and without the GIL */
    :: !polls -> /* it comes to its loop's wait */
        atomic {
            end_grace();
            goto outside
        }
#ifdef LOCKS
    :: atomic { !polls && !ended -> /* or to a lock: gy_gilorder_gui_in_lock() */
            in_lock = true; lock_of = 1;
            if
            :: gui_owner = 1
            :: true /* not known */
            fi;
            if
            :: gui_owner == 1 && IN_LINE(1) ->
#ifndef MUTATE_OWNER_IN_ORDER
                p = 0;
                do
                :: line[p] != 1 -> p++
                :: else -> break
                od;
                do
                :: p > 0 -> line[p] = line[p - 1]; p--
                :: else -> break
                od;
                line[0] = 1;
                little[1] = true
#endif
            :: else ->
#ifndef MUTATE_SERVED_SLEEP_ON
                signal_served()
#endif
            fi;
#ifndef MUTATE_OWNER_SLEEPS_ON
            if
            :: count > 0 -> signal_first()
            :: else
            fi;
#endif
            end_grace()
        }
        lock_of == NOBODY;
        atomic {
            in_lock = false;
            given = gui_owner == NOBODY;
            gui_owner = NOBODY;
            goto take
        }
#endif
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
#ifndef NO_TURNS
    :: atomic { locked && holder != GUI && count > 0 && !turn_over -> turn_over = true; over_for = holder }
#ifdef LOCKS
    :: atomic { HOLDER_HOLDS_UP && !interval_over -> interval_over = true }
#endif
#endif
    :: atomic { grace -> grace = false }
    :: atomic { locked && equal && count > 0 && !enough -> enough = true }
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

#ifdef COMES_BEFORE
/* Time does both: a process for each, so that it is fair. */
active proctype Virtual()
{
end:
    do
    :: atomic { !behind && IN_LINE(BACKGROUND) && !little[BACKGROUND] -> behind = true }
    od
}

active proctype Turns()
{
end:
    do
    :: atomic { !turn_used -> turn_used = true }
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
#ifdef COMES_BEFORE /* nobody barges for ever */
ltl computing_served { [] <> (!wants[BACKGROUND] || AWAKE_AND_FREE(BACKGROUND) || barged) }
#endif
/* One that came back by itself, or is known, does not wait until a turn is over. */
#ifdef LOCKS
ltl owner_served { [] <> (lock_of != 1 || !wants[1] || AWAKE_AND_FREE(1) || (gui_owner != 1 && preempted[1])) }
#endif
/* The last thread, of the second interpreter, cannot be asked by the others while it computes; what holds all the same. */
#if BACKGROUND == 3
ltl heard_served { [] <> (!(wants[1] || wants[2]) || AWAKE_AND_FREE(1) || AWAKE_AND_FREE(2) || AWAKE_AND_FREE(3) || holder == BACKGROUND) }
#endif
#endif
