/* SPDX-License-Identifier: MIT */
#ifndef TEST_SMALL_CMOCKA_H
#define TEST_SMALL_CMOCKA_H

/*
 * The part of cmocka that the unit tests use, for systems whose packages have none: MinGW's. A failed assertion ends its test, by
 * longjmp() on the thread that runs the tests and by the end of the process on others.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void (*CMUnitTestFunction)(void **state);
typedef int (*CMFixtureFunction)(void **state);

struct CMUnitTest {
    const char *name;
    CMUnitTestFunction test_func;
    CMFixtureFunction setup_func, teardown_func;
};

#define cmocka_unit_test(f)                                                                                                      \
    {                                                                                                                            \
#f, f, NULL, NULL                                                                                                        \
    }
#define cmocka_unit_test_setup(f, setup)                                                                                         \
    {                                                                                                                            \
#f, f, setup, NULL                                                                                                       \
    }
#define cmocka_unit_test_setup_teardown(f, setup, teardown)                                                                      \
    {                                                                                                                            \
#f, f, setup, teardown                                                                                                   \
    }
#define cmocka_run_group_tests(tests, group_setup, group_end) small_run(tests, sizeof(tests) / sizeof *(tests))

static const char *small_filter;
static jmp_buf small_failure;
static _Thread_local int small_may_jump;

static inline void cmocka_set_test_filter(const char *name)
{
    small_filter = name;
}

_Noreturn static inline void small_fail(const char *file, int line, const char *text)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, text);
    if (small_may_jump) {
        longjmp(small_failure, 1);
    }
    exit(99);
}

static inline int small_run_one(const struct CMUnitTest *test)
{
    void *state = NULL;
    if (test->setup_func && test->setup_func(&state) != 0) {
        return 1;
    }
    volatile int failed = 0;
    small_may_jump = 1;
    if (setjmp(small_failure) == 0) {
        test->test_func(&state);
    } else {
        failed = 1;
    }
    small_may_jump = 0;
    return (test->teardown_func && test->teardown_func(&state) != 0) || failed;
}

static inline int small_run(const struct CMUnitTest *tests, size_t count)
{
    int ran = 0, failed = 0;
    for (size_t i = 0; i < count; i++) {
        if (!small_filter || strcmp(small_filter, tests[i].name) == 0) {
            int result = small_run_one(&tests[i]);
            printf("%s %s\n", result ? "FAILED" : "OK", tests[i].name);
            failed += result;
            ran++;
        }
    }
    printf("%d ran, %d failed\n", ran, failed);
    return ran == 0 || failed > 0;
}

#define small_assert(condition, text) ((condition) ? (void)0 : small_fail(__FILE__, __LINE__, text))

#define assert_true(value)     small_assert(value, #value " is false")
#define assert_false(value)    small_assert(!(value), #value " is true")
#define assert_null(value)     small_assert((value) == NULL, #value " is not NULL")
#define assert_non_null(value) small_assert((value) != NULL, #value " is NULL")
#define assert_ptr_equal(a, b) small_assert((const void *)(a) == (const void *)(b), #a " is not " #b)
#define assert_int_equal(a, b)                                                                                                   \
    small_int_equal((unsigned long long)(a), (unsigned long long)(b), __FILE__, __LINE__, #a " is not " #b)
#define assert_string_equal(a, b)       small_string_equal(a, b, __FILE__, __LINE__)
#define assert_memory_equal(a, b, size) small_assert(memcmp(a, b, size) == 0, #a " has other bytes than " #b)
#define assert_in_range(value, low, high)                                                                                        \
    small_assert((unsigned long long)(value) >= (unsigned long long)(low) &&                                                     \
                     (unsigned long long)(value) <= (unsigned long long)(high),                                                  \
                 #value " is not from " #low " to " #high)
#define fail_msg(...) (fprintf(stderr, __VA_ARGS__), small_fail(__FILE__, __LINE__, ""))

static inline void small_int_equal(unsigned long long a, unsigned long long b, const char *file, int line, const char *text)
{
    if (a != b) {
        fprintf(stderr, "%lld != %lld: ", (long long)a, (long long)b);
        small_fail(file, line, text);
    }
}

static inline void small_string_equal(const char *a, const char *b, const char *file, int line)
{
    if (strcmp(a, b) != 0) {
        fprintf(stderr, "'%s' != '%s': ", a, b);
        small_fail(file, line, "the texts differ");
    }
}

#endif
