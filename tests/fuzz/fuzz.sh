#!/bin/sh
# SPDX-License-Identifier: MIT
# The option parser under libFuzzer, with AddressSanitizer and UndefinedBehaviorSanitizer: `sh tests/fuzz/fuzz.sh [RUNS]`, 10 million by
# default. Debian 12: clang-14 libclang-rt-14-dev; another clang: CLANG=clang-16.
set -eu
cd "$(dirname "$0")/../.."
runs=${1:-10000000}
clang=${CLANG:-clang-14}
command -v "$clang" >/dev/null || { echo "skipped: needs clang with libFuzzer (Debian 12: clang-14 libclang-rt-14-dev)"; exit 77; }

build=build/fuzz
mkdir -p "$build/corpus"
compile() {
    "$clang" -std=c11 -g -O2 -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
        -Ishim/include -Ishim/src "$@"
}
compile tests/fuzz/fuzz_options.c shim/src/settings/options.c -o "$build/fuzz_options" 2>"$build/compile.log" || {
    grep -q 'libclang_rt.fuzzer\|clang_rt' "$build/compile.log" && {
        echo "skipped: this clang has no libFuzzer (Debian 12: libclang-rt-14-dev)"
        exit 77
    }
    cat "$build/compile.log" >&2
    exit 1
}
# A seed, so that it need not find out what a line is.
printf 'GILYIELD=1\nGILYIELD_MODE=wait\nGILYIELD_INTERVAL_MS=10\nGILYIELD_STRICT=1\nmode=timer\n' >"$build/corpus/seed"
exec "$build/fuzz_options" -runs="$runs" -max_len=96 -dict=tests/fuzz/options.dict -artifact_prefix="$build/" -print_final_stats=1 "$build/corpus"
