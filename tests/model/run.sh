#!/bin/sh
# SPDX-License-Identifier: MIT
# Searches the models of the GIL's queue exhaustively, in the scenarios below, and checks that each mutation is caught.
# Exit code 0: as it should be; 1: not; 77: spin or a C compiler is missing.
# usage: run.sh [-a] [gilqueue | line | guilock | lockchain]    -a: the larger scenarios too (many minutes and 6 GB); a name: that model only
set -u
larger='' only=''
for word in "$@"; do
    case $word in
    -a) larger=1 ;;
    gilqueue | line | guilock | lockchain) only=$word ;;
    *)
        echo "run.sh: $word is neither -a nor gilqueue, line, guilock or lockchain" >&2
        exit 1
        ;;
    esac
done
models=$(cd "$(dirname "$0")" && pwd)
model=$models/gilqueue.pml
compiler=${CC:-cc}
for tool in spin "$compiler"; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "skipped: $tool is not installed (Debian: spin, gcc)"
        exit 77
    fi
done
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
trap 'exit 1' HUP INT TERM
cd "$directory" || exit 1
failures=0
depth=2000000
packed=''     # -DCOLLAPSE: a third less memory, and half as much time again
optimise=-O1 # more takes the compiler longer than it saves the search

# search SWITCHES CLAIM OPTIMISE: leaves pan's report in the file `report`. CLAIM is the name of an ltl formula, or - for safety: assertions,
# mutual exclusion, and no state in which threads wait and nobody goes on.
search()
{
    rm -f pan* ./*.trail
    if ! spin -a $1 "$model" >report 2>&1; then
        return 1
    fi
    if [ "$2" = - ]; then
        set -- "" -DSAFETY "$3"
    else
        set -- "-a -f -N $2" -DNFAIR=8 "$3"
    fi
    "$compiler" "$3" -w $packed -DMEMLIM=6000 "$2" -o pan pan.c >>report 2>&1 && ./pan -w22 -m$depth $1 >report 2>&1
    grep -q '^State-vector.*errors: ' report
}

figures()
{
    sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1 states/p; s/^State-vector.*depth reached \([0-9]*\),.*/depth \1/p' report | tr '\n' ' '
}

# holds NAME SWITCHES CLAIM
holds()
{
    if search "$2" "$3" $optimise && grep -q '^State-vector.*errors: 0' report &&
        ! grep -q -e 'max search depth too small' -e 'Search not completed' -e 'out of memory' -e 'exceeded' report; then
        echo "ok       $1 [$3] $(figures)"
    else
        echo "FAILED   $1 [$3] ($2)"
        grep -v '^$' report | head -n 15
        failures=$((failures + 1))
    fi
}

# caught MUTATION SWITCHES CLAIM
caught()
{
    if search "$2 -DMUTATE_$1" "$3" -O0 && grep -q '^State-vector.*errors: [1-9]' report; then
        echo "caught   $1: $(sed -n 's/^pan:[0-9]*: \(.*\) (at depth.*/\1/p' report | cut -c1-100)"
    else
        echo "NOT CAUGHT $1 [$3] ($2)"
        failures=$((failures + 1))
    fi
}

if [ "${only:-gilqueue}" = gilqueue ]; then
    # What needs no time-out: whoever waits is woken by a signal.
    holds "signals alone" "-DNO_TIMEOUTS" -
    holds "signals alone, install and remove" "-DNO_TIMEOUTS -DINSTALL" -
    holds "requests and time-outs, one other" "-DCPU_BOUND -DBACKGROUND=1 -DGLITCH" -
    holds "who comes takes what is on offer" "-DCPU_BOUND -DNO_LOCK_HOOK" -
    holds "install and remove, one other" "-DCPU_BOUND -DINSTALL -DBACKGROUND=1" -
    holds "finalisation, one other" "-DCPU_BOUND -DFINALIZE -DBACKGROUND=1" -
    holds "one other thread" "-DCPU_BOUND -DLIVENESS -DBACKGROUND=1 -DGLITCH" others_served
    holds "one other thread" "-DCPU_BOUND -DLIVENESS -DBACKGROUND=1 -DGUI_BUSY" gui_served
    if [ -n "$larger" ]; then
        depth=20000000 packed=-DCOLLAPSE optimise=-O2
        holds "signals alone, 3.13" "-DNO_TIMEOUTS -DPER_THREAD_REQUEST" -
        holds "signals alone, 3 others" "-DNO_TIMEOUTS -DBACKGROUND=3" -
        holds "requests and time-outs" "-DCPU_BOUND" -
        holds "requests and time-outs, 3.13" "-DCPU_BOUND -DPER_THREAD_REQUEST" -
        holds "requests that CPython overlooks" "-DCPU_BOUND -DGLITCH" -
        holds "install and remove" "-DCPU_BOUND -DINSTALL" -
        holds "finalisation" "-DCPU_BOUND -DFINALIZE" -
        holds "finalisation, 3.13" "-DCPU_BOUND -DFINALIZE -DPER_THREAD_REQUEST" -
        for claim in gui_served others_served; do
            holds "a GUI that always wants it" "-DCPU_BOUND -DLIVENESS -DGUI_BUSY" $claim
            holds "a GUI that always wants it, 3.13, overlooked requests" "-DCPU_BOUND -DLIVENESS -DGUI_BUSY -DGLITCH -DPER_THREAD_REQUEST" $claim
            holds "install and remove" "-DCPU_BOUND -DLIVENESS -DINSTALL" $claim
            holds "finalisation" "-DCPU_BOUND -DLIVENESS -DFINALIZE" $claim
        done
        holds "requests and time-outs, 3 others" "-DCPU_BOUND -DBACKGROUND=3" -
        holds "requests and time-outs, 3 others, 3.13" "-DCPU_BOUND -DBACKGROUND=3 -DPER_THREAD_REQUEST" -
        for claim in gui_served others_served; do
            holds "3 others" "-DCPU_BOUND -DLIVENESS -DBACKGROUND=3" $claim
        done
        depth=2000000 packed='' optimise=-O1
    fi

    caught NOT_REDIRECTED "-DNO_TIMEOUTS" -
    caught NOT_REDIRECTED "-DCPU_BOUND" -
    caught NOT_REDIRECTED_BACK "-DNO_TIMEOUTS" -
    caught WAITING_NOT_CLEARED "-DNO_TIMEOUTS" -
    caught OTHERS_NOT_COUNTED "-DNO_TIMEOUTS" -
    caught COUNT_LEAKS "-DNO_TIMEOUTS" -
    caught SPIN_LEAKS "-DNO_TIMEOUTS" -
    caught SPIN_BLIND "-DNO_TIMEOUTS" -
    caught LINE_LEFT "-DNO_TIMEOUTS -DINSTALL" -
    caught LEAVES_THE_NEXT "-DNO_TIMEOUTS -DINSTALL" -
    caught NOT_LEARNT_AGAIN "-DNO_TIMEOUTS -DINSTALL" -
    caught HELD_STALE "-DNO_TIMEOUTS -DINSTALL" -
    caught NOBODY_LOOKS "-DNO_TIMEOUTS -DINSTALL" -
    caught NO_BROADCAST "-DCPU_BOUND -DINSTALL" -
    caught CALM_UNSEEN "-DCPU_BOUND -DINSTALL" -
    caught CALM_GOES_ON "-DNO_TIMEOUTS" -
    caught RELIEVED_KEEPS_IT "-DNO_TIMEOUTS" -
    caught PROMISE_KEPT "-DNO_TIMEOUTS" -
    caught OWED_IGNORED "-DCPU_BOUND" -
    caught HOLD_IGNORED "-DCPU_BOUND" -
    caught OTHERS_ASK_EARLY "-DCPU_BOUND" -
    caught OTHERS_WAIT "-DCPU_BOUND" -
    caught ASKED_KEPT "-DCPU_BOUND -DNO_LOCK_HOOK" -
    caught NO_RETRY "-DCPU_BOUND -DGLITCH" -
    caught TIMED_OUT_TAKES_IT "-DCPU_BOUND" -
    caught ARRIVALS_TAKE_IT "-DCPU_BOUND" -
    caught WOKEN_TAKES_IT "-DNO_TIMEOUTS" -
    caught HOLD_FOREVER "-DCPU_BOUND -DLIVENESS -DGUI_BUSY" others_served
fi

if [ "${only:-line}" = line ]; then
    # Background threads in line.
    model=$models/line.pml
    if [ -n "$larger" ]; then
        depth=20000000 packed=-DCOLLAPSE optimise=-O2
        holds "line: signals alone" "" -
        holds "line: signals alone, 3 threads that spin" "-DNO_GUI -DBACKGROUND=3 -DSPIN" -
        holds "line: GUI thread and two others, 3.13" "-DCPU_BOUND -DREQUEST_OF_HOLDER" -
        holds "line: GUI thread and two others, overlooked requests" "-DCPU_BOUND -DGLITCH" -
        for claim in gui_served others_served; do
            holds "line: GUI thread and two others" "-DCPU_BOUND -DLIVENESS -DALWAYS -DGLITCH" $claim
        done
        depth=2000000 packed='' optimise=-O1
    fi
    holds "line: signals alone, two threads that spin" "-DNO_GUI -DSPIN" -
    holds "line: 3 threads" "-DNO_GUI -DCPU_BOUND -DBACKGROUND=3" -
    holds "line: GUI thread and two others" "-DCPU_BOUND" -
    holds "line: two threads, overlooked requests" "-DNO_GUI -DCPU_BOUND -DALWAYS -DLIVENESS -DGLITCH -DSPIN" others_served
    holds "line: two threads, 3.13" "-DNO_GUI -DCPU_BOUND -DALWAYS -DLIVENESS -DREQUEST_OF_HOLDER" others_served
    holds "line: two interpreters" "-DNO_GUI -DCPU_BOUND -DTWO_INTERPRETERS -DFAR_TIMERS -DBACKGROUND=3 -DLIVENESS -DALWAYS" heard_served
    told="-DCPU_BOUND -DALWAYS -DTWO_INTERPRETERS -DTOLD -DBACKGROUND=1"
    holds "line: the holder is of another interpreter, and told" "$told" -
    holds "line: the holder is of another interpreter, and told" "$told -DLIVENESS" gui_served
    holds "line: the GUI thread in a lock" "-DCPU_BOUND -DLOCKS" -
    holds "line: the GUI thread in a lock that one other has" "-DCPU_BOUND -DLOCKS -DALWAYS -DLIVENESS -DBACKGROUND=1" gui_served
    holds "line: the GUI thread in a lock, no turn ends" "-DCPU_BOUND -DLOCKS -DALWAYS -DNO_TURNS -DLIVENESS" owner_served
    handed="-DNO_GUI -DCPU_BOUND -DBACKGROUND=3 -DLIVENESS -DALWAYS -DCOMES_BEFORE"
    holds "line: two hand something over beside one that computes" "$handed" computing_served
    caught RELIEVED_KEEPS_IT "-DNO_GUI -DCPU_BOUND -DBACKGROUND=3" -
    caught NO_CLASSES "-DNO_GUI -DCPU_BOUND -DBACKGROUND=3" -
    caught GRACE_BEFORE_CLASS_2 "-DCPU_BOUND" -
    caught NO_PROMISE "-DNO_GUI -DCPU_BOUND -DSPIN" -
    caught SPINNER_IS_ENOUGH "-DNO_GUI -DSPIN -DBACKGROUND=3" -
    caught FIRST_SLEEPS_ON "-DNO_GUI -DCPU_BOUND -DBACKGROUND=3" -
    caught NOT_ASKED_AGAIN_AT_ONCE "-DNO_GUI -DCPU_BOUND -DBACKGROUND=3" -
    caught ASKS_ONCE "-DNO_GUI -DCPU_BOUND -DALWAYS -DLIVENESS -DGLITCH" others_served
    caught TURN_OF_ANOTHER "-DNO_GUI -DCPU_BOUND -DBACKGROUND=3" -
    caught GIVEN_TURN_KEPT "-DNO_GUI -DCPU_BOUND -DBACKGROUND=3" -
    caught HOLD_IGNORED "-DCPU_BOUND" -
    caught LENDS_WITHOUT_BUDGET "-DCPU_BOUND" -
    caught LENDS_TO_ALL "-DCPU_BOUND" -
    caught LOAN_ASKED_BACK "-DCPU_BOUND" -
    caught BORROWER_IS_INTERRUPTED "-DCPU_BOUND" -
    caught LOAN_GRACE_UNSEEN "-DCPU_BOUND" -
    caught GRACE_IN_WAIT "-DCPU_BOUND" -
    caught GRACE_FOR_DEBTOR "-DCPU_BOUND" -
    caught GRACE_IF_ASKED "-DCPU_BOUND" -
    caught NOBODY_WATCHES "-DNO_GUI" -
    caught SPINS_AND_SLEEPS "-DNO_GUI -DSPIN" -
    caught LATER_OFFER_IS_OWN "-DNO_GUI -DSPIN" -
    caught SIGNALLED_KEPT "-DNO_GUI" -
    caught TAKES_WHAT_IS_OFFERED "-DCPU_BOUND" -
    caught TAKES_WHAT_IS_PROMISED "-DNO_GUI -DCPU_BOUND -DBACKGROUND=3" -
    caught OVERLOOKED_FOR_EVER "-DCPU_BOUND -DALWAYS -DLIVENESS -DGLITCH" others_served
    caught ONLY_FIRST_ASKS "-DNO_GUI -DCPU_BOUND -DTWO_INTERPRETERS -DFAR_TIMERS -DBACKGROUND=3 -DLIVENESS -DALWAYS" heard_served
    caught TOLD_TOO_LATE "$told" -
    caught TOLD_ONCE "$told -DLIVENESS" gui_served
    caught NOBODY_COMES_BEFORE "$handed" computing_served
    caught KEEPER_GIVES_NO_WAY "$handed" computing_served
    caught EQUALS_INTERRUPT "-DCPU_BOUND" -
    caught ARRIVALS_TAKE_IT "-DCPU_BOUND" -
    caught LATE_GOES_PAST "-DCPU_BOUND" -
    caught LEFT_FIRST_SLEEPS "-DCPU_BOUND" -
    caught GRACE_KEPT "-DCPU_BOUND" -
    caught SPINNER_KEPT "-DNO_GUI -DSPIN" -
    caught ALONE_FOR_EVER "-DCPU_BOUND -DLOCKS -DALWAYS -DLIVENESS -DBACKGROUND=1" gui_served
    caught OWNER_IN_ORDER "-DCPU_BOUND -DLOCKS" -
    caught OWNER_AS_OTHERS "-DCPU_BOUND -DLOCKS" -
    caught OWNER_FOR_EVER "-DCPU_BOUND -DLOCKS" -
    owner="-DCPU_BOUND -DLOCKS -DALWAYS -DNO_TURNS -DLIVENESS -DBACKGROUND=3 -DONE_OWNER"
    caught OWNER_SLEEPS_ON "$owner" owner_served
    caught SERVED_SLEEP_ON "$owner" owner_served
    caught CLASS_KEPT "$owner" owner_served
    # A limit, no mutation: with CPython 3.9 to 3.12 a GUI thread cannot ask a thread of another interpreter where it cannot tell it, either.
    caught NOTHING "-DCPU_BOUND -DALWAYS -DTWO_INTERPRETERS -DBACKGROUND=1 -DLIVENESS" gui_served
fi

if [ "${only:-guilock}" = guilock ]; then
    # The GUI thread waits for a lock of CPython.
    model=$models/guilock.pml
    if [ -n "$larger" ]; then
        holds "guilock: 3 others" "-DOTHERS=3" -
        holds "guilock: 3 others, naps that end" "-DOTHERS=3 -DTIMEOUTS" -
    fi
    holds "guilock: no nap ends by itself" "" -
    holds "guilock: naps end" "-DTIMEOUTS" -
    holds "guilock: a semaphore" "-DVALUE=2 -DOTHERS=3 -DROUNDS=1 -DTIMEOUTS" -
    caught NO_SECOND_LOOK "" -
    caught LEAVES_LOOKERS "" -
    caught NO_SECOND_TRY "" -
    caught WAKES_NOBODY "" -
    caught GIVES_AND_POSTS "" -
    caught WITHDRAWN_BY_BOTH "-DTIMEOUTS" -
    caught KEEPS_BOTH "-DVALUE=2 -DOTHERS=3" -
fi

if [ "${only:-lockchain}" = lockchain ]; then
    # Who has to go on, where the owner of that lock may sleep for another.
    model=$models/lockchain.pml
    holds "lockchain" "" -
    holds "lockchain: 3 rounds" "-DROUNDS=3" -
    caught FOUND_ONCE "" -
    caught SLEEPER_LOOKS_NOT "" -
    caught GUI_LOOKS_ONCE "" -
fi

[ $failures -eq 0 ] || echo "$failures failed"
[ $failures -eq 0 ]
