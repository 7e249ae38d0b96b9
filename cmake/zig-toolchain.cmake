# SPDX-License-Identifier: MIT
# The toolchain of the wheels: the C and C++ compiler in PyPI's `ziglang` builds for a glibc older than this machine's, and for
# another processor. From the environment: GILYIELD_ZIG, the path of zig; GILYIELD_TARGET, such as x86_64-linux-gnu.2.17.
set(CMAKE_SYSTEM_NAME Linux)
string(REGEX MATCH "^[^-]+" CMAKE_SYSTEM_PROCESSOR "$ENV{GILYIELD_TARGET}")
set(CMAKE_C_COMPILER "$ENV{GILYIELD_ZIG}" cc -target "$ENV{GILYIELD_TARGET}")
set(CMAKE_CXX_COMPILER "$ENV{GILYIELD_ZIG}" c++ -target "$ENV{GILYIELD_TARGET}")
# zig's linker does not know --dependency-file.
set(CMAKE_C_LINK_DEPENDS_USE_LINKER OFF)
set(CMAKE_CXX_LINK_DEPENDS_USE_LINKER OFF)
# No C++ library is linked or needed: Qt Core has brought one into the process, and it has to be that one.
set(CMAKE_SHARED_LINKER_FLAGS_INIT "-nostdlib++ -s")
set(CMAKE_MODULE_LINKER_FLAGS_INIT "-nostdlib++ -s")
