/* SPDX-License-Identifier: MIT */
/* What is done around fork() is done in the order of the places before, in the reverse order after, in parent and child. */
#include "os/fork.h"

#include "unit.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char done[64];

static void note(const char *what)
{
    strncat(done, what, sizeof done - strlen(done) - 1);
}

#define HANDLERS(letter)                                                                                                         \
    static void before_##letter(void)                                                                                            \
    {                                                                                                                            \
        note("b" #letter " ");                                                                                                   \
    }                                                                                                                            \
    static void parent_##letter(void)                                                                                            \
    {                                                                                                                            \
        note("p" #letter " ");                                                                                                   \
    }                                                                                                                            \
    static void child_##letter(void)                                                                                             \
    {                                                                                                                            \
        note("c" #letter " ");                                                                                                   \
    }                                                                                                                            \
    static const gy_fork_handlers handlers_##letter = {before_##letter, parent_##letter, child_##letter};

HANDLERS(1)
HANDLERS(2)
HANDLERS(3)

static const gy_fork_handlers only_child = {.child = child_3};

/* Forks; returns what the child and the parent have done. */
static const char *fork_and_tell(char *child_done, size_t size)
{
    int ends[2];
    memset(done, 0, sizeof done);
    memset(child_done, 0, size);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(write(ends[1], done, strlen(done)) < 0);
    }
    close(ends[1]);
    assert_true(read(ends[0], child_done, size - 1) >= 0);
    close(ends[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return done;
}

static void test_order(void **state)
{
    (void)state;
    char child_done[64];
    /* Whatever the order in which they come, and however often. */
    assert_true(gy_fork_watch(GY_FORK_GIL, &handlers_3));
    assert_true(gy_fork_watch(GY_FORK_PROCESS, &handlers_1));
    assert_true(gy_fork_watch(GY_FORK_QT, &handlers_2));
    assert_true(gy_fork_watch(GY_FORK_QT, &handlers_2));
    assert_string_equal(fork_and_tell(child_done, sizeof child_done), "b1 b2 b3 p3 p2 p1 ");
    assert_string_equal(child_done, "b1 b2 b3 c3 c2 c1 ");

    assert_true(gy_fork_watch(GY_FORK_GIL, &only_child));
    assert_string_equal(fork_and_tell(child_done, sizeof child_done), "b1 b2 p2 p1 ");
    assert_string_equal(child_done, "b1 b2 c3 c2 c1 ");
}

/* Another thread may bring its handlers while this one forks: what was not done before is not undone after. */
static void bring_the_last(void)
{
    note("b1 ");
    assert_true(gy_fork_watch(GY_FORK_PROCESS, &handlers_2));
}

static void test_a_latecomer(void **state)
{
    (void)state;
    char child_done[64];
    static const gy_fork_handlers bringing = {bring_the_last, parent_1, child_1};
    assert_true(gy_fork_watch(GY_FORK_QT, NULL));
    assert_true(gy_fork_watch(GY_FORK_GIL, NULL));
    assert_true(gy_fork_watch(GY_FORK_PROCESS, &bringing));
    assert_string_equal(fork_and_tell(child_done, sizeof child_done), "b1 p1 ");
    assert_string_equal(child_done, "b1 c1 ");
    assert_string_equal(fork_and_tell(child_done, sizeof child_done), "b2 p2 ");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_a_latecomer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
