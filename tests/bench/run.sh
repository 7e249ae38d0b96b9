# SPDX-License-Identifier: MIT
# Measures gilyield; see README.md beside this file.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$root/cmake/apt.sh"

usage="usage: sh tests/bench/run.sh [--build DIR] [--out DIR] [--old DIR] [--venv DIR] [--quick] [--only LOAD] [--again | --only-report]"
build=$root/build/release
out=$root/build/bench
only='' old='' venv='' rest=''
while [ $# -gt 0 ]; do
    case "$1" in
    --build | --out)
        [ $# -gt 1 ] || { echo "$usage" >&2 && exit 2; }
        [ "$1" = --build ] && build=$2 || out=$2
        shift
        ;;
    --only) # a word, or two
        [ $# -gt 1 ] || { echo "$usage" >&2 && exit 2; }
        only=$2
        shift
        ;;
    --old | --venv)
        [ $# -gt 1 ] || { echo "$usage" >&2 && exit 2; }
        [ "$1" = --old ] && old=$2 || venv=$2
        shift
        ;;
    --quick | --again | --only-report) rest="$rest $1" ;;
    *)
        echo "$usage" >&2
        exit 2
        ;;
    esac
    shift
done

apt_install g++ cmake ninja-build qtbase5-dev python3-dev python3-matplotlib python3-numpy python3-pyqt5 fonts-dejavu-core >&2

# Not whichever python3 comes first in PATH: the one that these packages belong to.
python=/usr/bin/python3
[ -x "$python" ] || python=$(command -v python3)
# ccbench. Without it all else is measured.
apt_install -- "$("$python" -c 'import sys; print("python%d.%d-examples" % sys.version_info[:2])')" >&2

mkdir -p "$build"
log=$build/bench-build.log
new=
[ -f "$build/CMakeCache.txt" ] || new="-G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DGILYIELD_BUILD_TESTS=OFF"
# Unquoted on purpose: words, or none.
if ! { cmake -S "$root" -B "$build" $new -DPython3_EXECUTABLE="$python" &&
    cmake --build "$build" --target gilyield-qt5 gilyield-preload gilyield-testhost-qt5 gilyield-python gilyield-python-package; } >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "The build failed; all of it is in $log" >&2
    exit 1
fi

if [ -z "${XDG_RUNTIME_DIR-}" ]; then
    # Qt complains without one.
    mkdir -p -m 700 "$build/runtime"
    export XDG_RUNTIME_DIR="$build/runtime"
fi
PYTHONDONTWRITEBYTECODE=1 exec "$python" "$here/bench.py" --build "$build" --out "$out" --only "$only" ${old:+--old "$old"} ${venv:+--venv "$venv"} $rest
