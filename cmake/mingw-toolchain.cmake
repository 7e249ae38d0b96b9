# SPDX-License-Identifier: MIT
# Builds for 64-bit Windows on Debian: cmake -DCMAKE_TOOLCHAIN_FILE=cmake/mingw-toolchain.cmake (gcc-mingw-w64-x86-64-posix).
# MinGW and not zig, which compiles the same sources: it is a package of every distribution, installed in seconds. zig is 440 MB, and
# builds a C runtime for a minute before the first program. Its thread-local storage and its newer C runtime are not needed here:
# what the shim asks of a C runtime that a program has too (environment, standard error) it asks of Windows.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR AMD64)
find_program(CMAKE_C_COMPILER NAMES x86_64-w64-mingw32-gcc-posix x86_64-w64-mingw32-gcc REQUIRED)
set(CMAKE_FIND_ROOT_PATH /usr/x86_64-w64-mingw32)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
