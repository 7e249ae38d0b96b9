#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Configures and builds for Windows: build.py SOURCE BUILD."""

import subprocess
import sys

import prepare

source, build = sys.argv[1:]
missing = prepare.obstacle()
if missing:
    print(f"skipped: {missing}")
    sys.exit(0)
subprocess.run(
    ["cmake", "-S", source, "-B", build, "-G", "Ninja", f"-DCMAKE_TOOLCHAIN_FILE={source}/cmake/mingw-toolchain.cmake",
     "-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DGILYIELD_BUILD_TESTS=ON"],
    check=True,
)
subprocess.run(["cmake", "--build", build], check=True)
