/* SPDX-License-Identifier: MIT */
/* Makes MinGW's headers fit for a compiler that takes itself for Visual C++: before all else of a file that windows_sources.py
 * checks. */
#include <_mingw.h>
#undef __attribute__
#undef __MINGW_ATTRIB_NORETURN
#undef __MINGW_ATTRIB_DEPRECATED
#define __MINGW_ATTRIB_NORETURN
#define __MINGW_ATTRIB_DEPRECATED

/* Of Visual C++'s <intrin.h>. */
unsigned char _BitScanReverse64(unsigned long *index, unsigned long long mask);
