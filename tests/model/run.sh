#!/bin/sh
# SPDX-License-Identifier: MIT
# Searches the model of the GIL's queue exhaustively, in every scenario below, and checks that each mutation of it is caught.
# Exit code 0: as it should be; 1: not; 77: spin or a C compiler is missing.
# usage: run.sh [-a]    -a: the largest scenarios too (some minutes and 4 GB)
set -u
model=$(cd "$(dirname "$0")" && pwd)/gilqueue.pml
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
    "$compiler" "$3" -w -DCOLLAPSE -DMEMLIM=6000 "$2" -o pan pan.c >>report 2>&1 && ./pan -m$depth $1 >report 2>&1
    grep -q '^State-vector.*errors: ' report
}

figures()
{
    sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1 states/p; s/^State-vector.*depth reached \([0-9]*\),.*/depth \1/p' report | tr '\n' ' '
}

# holds NAME SWITCHES CLAIM
holds()
{
    if search "$2" "$3" -O2 && grep -q '^State-vector.*errors: 0' report &&
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

# What needs no time-out: whoever waits is woken by a signal.
holds "signals alone" "-DNO_TIMEOUTS" -
holds "signals alone, 3.13" "-DNO_TIMEOUTS -DPER_THREAD_REQUEST" -
holds "signals alone, 3 others" "-DNO_TIMEOUTS -DBACKGROUND=3" -
holds "signals alone, install and remove" "-DNO_TIMEOUTS -DINSTALL" -
# The whole of it.
holds "requests and time-outs" "-DCPU_BOUND" -
holds "requests and time-outs, 3.13" "-DCPU_BOUND -DPER_THREAD_REQUEST" -
holds "requests that CPython overlooks" "-DCPU_BOUND -DGLITCH" -
holds "install and remove" "-DCPU_BOUND -DINSTALL" -
holds "finalisation" "-DCPU_BOUND -DFINALIZE" -
holds "finalisation, 3.13" "-DCPU_BOUND -DFINALIZE -DPER_THREAD_REQUEST" -
# Nobody waits for ever.
for claim in gui_served others_served; do
    holds "a GUI that always wants it" "-DCPU_BOUND -DLIVENESS -DGUI_BUSY" $claim
    holds "a GUI that always wants it, 3.13, overlooked requests" "-DCPU_BOUND -DLIVENESS -DGUI_BUSY -DGLITCH -DPER_THREAD_REQUEST" $claim
    holds "install and remove" "-DCPU_BOUND -DLIVENESS -DINSTALL" $claim
    holds "finalisation" "-DCPU_BOUND -DLIVENESS -DFINALIZE" $claim
done
holds "one other thread" "-DCPU_BOUND -DLIVENESS -DBACKGROUND=1 -DGLITCH" others_served
if [ "${1-}" = -a ]; then
    depth=20000000
    holds "requests and time-outs, 3 others" "-DCPU_BOUND -DBACKGROUND=3" -
    holds "requests and time-outs, 3 others, 3.13" "-DCPU_BOUND -DBACKGROUND=3 -DPER_THREAD_REQUEST" -
    for claim in gui_served others_served; do
        holds "3 others" "-DCPU_BOUND -DLIVENESS -DBACKGROUND=3" $claim
    done
    depth=2000000
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
caught PROMISE_KEPT "-DCPU_BOUND -DLIVENESS -DGUI_BUSY" others_served
caught OWED_IGNORED "-DCPU_BOUND" -
caught HOLD_IGNORED "-DCPU_BOUND" -
caught OTHERS_ASK_EARLY "-DCPU_BOUND" -
caught OTHERS_WAIT "-DCPU_BOUND" -
caught ASKED_KEPT "-DCPU_BOUND" -
caught NO_RETRY "-DCPU_BOUND -DGLITCH" -
caught ACCOUNT_STALE "-DCPU_BOUND -DINSTALL" -
caught HOLD_FOREVER "-DCPU_BOUND -DLIVENESS -DGUI_BUSY" others_served

[ $failures -eq 0 ] || echo "$failures failed"
[ $failures -eq 0 ]
