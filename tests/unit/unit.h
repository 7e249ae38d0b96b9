/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_TEST_UNIT_H
#define GILYIELD_TEST_UNIT_H

/* cmocka.h needs these four first, in this order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* Runs the tests of `tests`; with an argument only those whose name it matches, so that CTest can give each a process of its own.
 */
#define UNIT_MAIN(tests)                                                                                                         \
    int main(int argc, char **argv)                                                                                              \
    {                                                                                                                            \
        if (argc > 1) {                                                                                                          \
            cmocka_set_test_filter(argv[1]);                                                                                     \
        }                                                                                                                        \
        return cmocka_run_group_tests(tests, NULL, NULL);                                                                        \
    }

/* A small generator with a fixed seed: a failing property test fails again. */
static inline uint64_t unit_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* 0 to below - 1 */
static inline uint64_t unit_below(uint64_t *state, uint64_t below)
{
    return unit_random(state) % below;
}

#endif
