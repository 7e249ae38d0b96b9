/* SPDX-License-Identifier: MIT */
/*
 * From the headers of 3.8.18, 3.9.18, 3.10.13, 3.11.7, 3.12.1, 3.13.0, 3.14.10 and 3.15.2. tests/unit/test_pylayout.c compares
 * the row of the CPython that it is built with.
 */
#include "trace/pylayout.h"

#include <stddef.h>

static const gy_pylayout LAYOUTS[] = {
    /* minor, lines; interpreter; thread: next, id, frame, indirect; frame: back, code, at, owner; code: file, name, first, lines,
     * code; text; locals, keys; GIL; interpreters: next, head; current
     */
    {8, GY_PYLINES_LNOTAB, 8, 8, 176, 24, -1, 24, 32, 104, 0, 104, 112, 40, 120, 0, 48, 72, 360, 872, 1160, 0, 32, 1368},
    {9, GY_PYLINES_LNOTAB, 8, 8, 176, 24, -1, 24, 32, 104, 0, 104, 112, 40, 120, 0, 48, 72, 360, 864, 360, 0, 32, 568},
    {10, GY_PYLINES_RANGES, 8, 8, 176, 24, -1, 24, 32, 96, 0, 104, 112, 40, 120, 0, 48, 72, 352, 872, 360, 0, 32, 568},
    {11, GY_PYLINES_LOCATIONS, 16, 8, 152, 56, 8, 48, 32, 56, 69, 112, 120, 72, 136, 184, 48, 72, 72, 872, 368, 0, 40, 576},
    {12, GY_PYLINES_LOCATIONS, 72, 8, 136, 56, 0, 8, 0, 56, 70, 112, 120, 68, 136, 192, 40, 56, 72, 880, 384, 0, 40, 0},
    {13, GY_PYLINES_LOCATIONS, 7344, 8, 152, 72, -1, 8, 0, 56, 70, 112, 120, 68, 136, 200, 40, 56, 72, 880, 16, 7264, 632, 0},
    {14, GY_PYLINES_LOCATIONS, 7344, 8, 152, 72, -1, 8, 0, 56, 74, 112, 120, 68, 136, 208, 40, 56, 80, 880, 16, 7272, 808, 0},
    {15, GY_PYLINES_LOCATIONS, 7336, 8, 176, 72, -1, 8, 0, 56, 74, 112, 120, 68, 136, 208, 40, 56, 80, 888, 16, 7264, 936, 0},
};

const gy_pylayout *gy_pylayout_of(int minor)
{
    for (size_t i = 0; i < sizeof LAYOUTS / sizeof *LAYOUTS; i++) {
        if (LAYOUTS[i].minor == minor && sizeof(void *) == 8) {
            return &LAYOUTS[i];
        }
    }
    return NULL;
}
