#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the wheels that are published, on a Debian 12 or 13 of x86_64: sh python/build_wheels.sh [DIRECTORY [MACHINE...]]
# They come into DIRECTORY (build/wheels) for each MACHINE (x86_64 aarch64): any glibc from 2.17, CPython from 3.8, Qt 5 and Qt 6.
# zig compiles, as its compiler has the headers and symbols of each glibc with it; of Qt it gets this machine's headers.
set -eu
cd "$(dirname "$0")/.."
. cmake/apt.sh

GLIBC=2.17
POLICY=manylinux_2_17

wheels=${1-build/wheels}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- x86_64 aarch64

apt_install cmake ninja-build qtbase5-dev qt6-base-dev python3-dev python3-venv

work=$PWD/build/wheels-work
venv=$work/venv
if ! cmp -s python/wheels-requirements.txt "$venv/installed.txt"; then
    rm -rf "$venv"
    /usr/bin/python3 -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check -r python/wheels-requirements.txt
    cp python/wheels-requirements.txt "$venv/installed.txt"
fi
PATH=$venv/bin:$PATH
export PATH
GILYIELD_ZIG=$(python -c 'import os, ziglang; print(os.path.join(os.path.dirname(ziglang.__file__), "zig"))')
# What zig makes of glibc and libc++ by itself is in the first, what it makes of our files in the second.
: "${ZIG_GLOBAL_CACHE_DIR:=$work/zig}"
ZIG_LOCAL_CACHE_DIR=$work/zig-local
# The time in the archive: of the last change, where that is known, so that the same sources give the same bytes.
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || echo 1767225600)}"
export GILYIELD_ZIG ZIG_GLOBAL_CACHE_DIR ZIG_LOCAL_CACHE_DIR SOURCE_DATE_EPOCH
unset CFLAGS CXXFLAGS CPPFLAGS LDFLAGS CC CXX || true

multiarch=$(python -c 'import sysconfig; print(sysconfig.get_config_var("MULTIARCH"))')

for machine in "$@"; do
    dir=$work/$machine
    rm -rf "$dir"
    mkdir -p "$dir/include"
    GILYIELD_TARGET=$machine-linux-gnu.$GLIBC
    export GILYIELD_TARGET
    python cmake/qt_sdk.py "$dir/qt" "$GILYIELD_ZIG" cc -target "$GILYIELD_TARGET"
    # Debian's Python.h asks for <machine>-linux-gnu/…/pyconfig.h. All of it that the stable ABI reads is the same on all that are LP64.
    ln -s "/usr/include/$multiarch" "$dir/include/$machine-linux-gnu"
    _PYTHON_HOST_PLATFORM=linux-$machine python -m build --wheel --no-isolation --outdir "$dir" python \
        -Cbuild-dir="$dir/build" \
        -Cinstall.strip=false \
        -Cinstall.components="gilyield_python;gilyield_runtime;gilyield_plugins" \
        -Ccmake.define.CMAKE_TOOLCHAIN_FILE="$PWD/cmake/zig-toolchain.cmake" \
        -Ccmake.define.CMAKE_C_STANDARD_INCLUDE_DIRECTORIES="$dir/include" \
        -Ccmake.define.CMAKE_BUILD_WITH_INSTALL_RPATH=ON \
        -Ccmake.define.GILYIELD_QT_SDK="$dir/qt"
    (
        cd "$dir"
        wheel tags --remove --platform-tag "${POLICY}_$machine.manylinux2014_$machine" ./*.whl
        # Qt is the only library that is not the wheel's and not glibc's: a shim is opened where its Qt is in the process, and has to name
        # it. auditwheel knows no such libraries, calls the whole linux_* for them, and is asked about the symbols. --ldpaths: not this
        # machine's Qt.
        auditwheel show --json --ldpaths "$dir" ./*.whl | tee auditwheel.json | python -c '
import json, sys
report = json.load(sys.stdin)
others = [name for name in report["external_libs"] if not name.startswith("libQt")]
print(report["wheel"] + ": symbols of " + report["sym_tag"] + ", needs " + ", ".join(report["external_libs"]))
sys.exit(report["sym_tag"] != sys.argv[1] or bool(others))' "${POLICY}_$machine" || {
            echo "auditwheel does not agree that this is a wheel for ${POLICY}_$machine: $dir/auditwheel.json" >&2
            exit 1
        }
    )
    mkdir -p "$wheels"
    rm -f "$wheels"/gilyield-*_"$machine".whl
    mv "$dir"/*.whl "$wheels/"
done
ls -l "$wheels"
