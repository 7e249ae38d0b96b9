#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds gilyield and shows what it does: the demo application without it and with it, as a table and three pictures.
# With a display the demo then stays open. --headless: never open a window on it.
set -eu
cd "$(dirname "$0")/.."
. cmake/apt.sh

headless=
case "${1-}" in
"") ;;
--headless) headless=1 ;;
*)
    echo "usage: sh cmake/quickstart.sh [--headless]" >&2
    exit 2
    ;;
esac
[ -n "${DISPLAY-}${WAYLAND_DISPLAY-}" ] || headless=1

apt_install g++ cmake ninja-build qtbase5-dev python3-dev xvfb xauth fonts-dejavu-core -- qt6-base-dev

# Not whichever python3 comes first in PATH: the one that python3-dev belongs to.
python=/usr/bin/python3
[ -x "$python" ] || python=$(command -v python3)
build=build/release
log=$build/quickstart.log
mkdir -p "$build"

echo "Building in $build (messages in $log)"
# A build directory keeps whether it has the tests, which need more packages.
new=
[ -f "$build/CMakeCache.txt" ] || new=-DGILYIELD_BUILD_TESTS=OFF
build_it()
{
    # The preset `release`, for a CMake before 3.21 too. Unquoted on purpose: a word, or none.
    cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo $new -DPython3_EXECUTABLE="$python" || return
    cmake --build "$build" --target shim/all python/all gilyield-demo-qt5
}
if ! build_it >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "The build failed; all of it is in $log" >&2
    exit 1
fi

# demo SECONDS_LIMIT arguments...: with hard limits, as a hang must not hang this script.
demo()
{
    limit=$1
    shift
    if [ -n "$headless" ]; then
        # The limit is inside: so that xvfb-run ends its server in any case.
        QT_QPA_PLATFORM=xcb timeout -k 5 $((limit + 15)) \
            xvfb-run -a -s "-screen 0 1280x1024x24" timeout -k 5 "$limit" env ${preload+"$preload"} "$@"
    else
        timeout -k 5 "$limit" env ${preload+"$preload"} "$@"
    fi
}

program=$build/bin/gilyield-demo-qt5
export PYTHONPATH="$PWD/$build/python${PYTHONPATH:+:$PYTHONPATH}"
unset GILYIELD
if [ -z "${XDG_RUNTIME_DIR-}" ]; then
    # Qt complains without one.
    mkdir -p -m 700 "$build/runtime"
    export XDG_RUNTIME_DIR="$PWD/$build/runtime"
fi

echo "Running the demo without gilyield: 5 seconds"
demo 60 "$program" --auto --seconds 5 --screenshot "$build/demo-without.png" --note "Started without gilyield" \
    >"$build/demo-without.json"

echo "Running the demo with gilyield"
# Relative: LD_PRELOAD takes no path with a space.
preload="LD_PRELOAD=$build/lib/libgilyield.so"
export GILYIELD=1
demo 60 "$program" --auto --seconds 20 --screenshot "$build/demo-with.png" --note "Started with LD_PRELOAD and GILYIELD=1" \
    --type "import gilyield; gilyield.status()" >"$build/demo-with.json"

echo "Running the demo with gilyield, and its second button: the same work written with gilyield.jobs"
demo 60 "$program" --auto --jobs --seconds 20 --screenshot "$build/demo-jobs.png" --screenshot-at 60 \
    --note "Started with LD_PRELOAD and GILYIELD=1" >"$build/demo-jobs.json"

echo
"$python" tests/host/demo_table.py "$build/demo-without.json" "$build/demo-with.json" "$build/demo-jobs.json" && passed=0 || passed=1
echo
echo "Pictures: $build/demo-without.png"
echo "          $build/demo-with.png"
echo "          $build/demo-jobs.png"

if [ -z "$headless" ]; then
    echo
    echo "The demo stays open, with gilyield. Press testButton; type gilyield.disable() into its console and press it again:"
    echo "the bar stops. Move the mouse over the image, and it creeps on. gilyield.enable() lets it run."
    env "$preload" "$program" --note "Started with LD_PRELOAD and GILYIELD=1" --type "import gilyield; gilyield.status()" || true
fi
exit $passed
