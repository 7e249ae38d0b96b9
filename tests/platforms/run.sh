#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the wheel in other systems and tries it there: sh tests/platforms/run.sh [SYSTEM...]. Systems: see platforms.py.
set -eu
cd "$(dirname "$0")/../.."

if [ "$(id -u)" -ne 0 ]; then
    echo "skipped: root is needed to make another system and to enter it"
    exit 77
fi
for tool in debootstrap unshare python3; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "skipped: $tool is not there (Debian: debootstrap, util-linux, python3)"
        exit 77
    fi
done
exec python3 -B tests/platforms/platforms.py "$@"
