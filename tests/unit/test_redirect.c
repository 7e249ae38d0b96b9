/* SPDX-License-Identifier: MIT */
/* An object with two slots for one function (two_slots.c): both are redirected. And one that asks for a version that is not the
 * newest. */
#include "os/redirect.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HOOKED 12345

typedef pid_t (*function)(void);

static pid_t (*by_call)(void);
static function (*by_address)(void);
static void *code; /* an address in the object */

static pid_t hook(void)
{
    return HOOKED;
}

static void *look_up(void *object, const char *name)
{
    void *symbol = dlsym(object, name);
    assert_non_null(symbol);
    return symbol;
}

static int load(void **state)
{
    (void)state;
    void *object = dlopen(TEST_OBJECT, RTLD_LAZY | RTLD_LOCAL);
    assert_non_null(object);
    code = look_up(object, "by_call");
    memcpy(&by_call, &code, sizeof code);
    void *symbol = look_up(object, "by_address");
    memcpy(&by_address, &symbol, sizeof symbol);
    return 0;
}

static bool install(gy_redirect *redirect)
{
    function to = hook, original = NULL;
    if (!gy_redirect_install(redirect, code, "getppid", &to, &original)) {
        return false;
    }
    assert_true(!original || original() == getppid());
    return true;
}

static void all_slots(void **state)
{
    (void)state;
    gy_redirect redirect = {.count = 0};
    assert_true(install(&redirect));
    assert_int_equal(redirect.count, 2);
    assert_int_equal(by_call(), HOOKED);
    assert_int_equal(by_address()(), HOOKED);

    assert_true(install(&redirect)); /* changes nothing */
    assert_int_equal(redirect.count, 2);

    gy_redirect_remove(&redirect);
    assert_int_equal(redirect.count, 0);
    assert_int_equal(by_call(), getppid());
    assert_int_equal(by_address()(), getppid());
}

static void other_redirection(void **state)
{
    (void)state;
    gy_redirect redirect = {.count = 0};
    assert_true(install(&redirect));
    assert_false(redirect.slots[0].read_only); /* it is bound when it is first used */
    int theirs = 0;
    void *ours = *redirect.slots[0].at;
    *redirect.slots[0].at = &theirs;
    gy_redirect_remove(&redirect); /* one slot is not ours to give back */
    assert_int_equal(redirect.count, 1);
    assert_ptr_equal(*redirect.slots[0].at, &theirs);
    assert_int_equal(by_address()(), getppid());
    *redirect.slots[0].at = ours; /* they have gone */
    gy_redirect_remove(&redirect);
    assert_int_equal(redirect.count, 0);
    assert_int_equal(by_call(), getppid());
    assert_int_equal(by_address()(), getppid());
}

static void no_such_slot(void **state)
{
    (void)state;
    gy_redirect redirect = {.count = 0};
    function to = hook, original = NULL;
    assert_false(gy_redirect_install(&redirect, code, "getpgrp", &to, &original));
    assert_null(original);
    assert_int_equal(redirect.count, 0);
}

/* A slot that is not bound yet leads to what the object asks for, not to the default. */
static void version_asked_for(void **state)
{
    (void)state;
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__) /* which has a function of its own, without a version */
    gy_redirect redirect = {.count = 0};
    function to = hook;
    void *original = NULL, *asked_for = dlvsym(RTLD_DEFAULT, "pthread_cond_signal", "GLIBC_2.2.5");
    assert_ptr_not_equal(asked_for, dlsym(RTLD_DEFAULT, "pthread_cond_signal"));
    assert_true(gy_redirect_install(&redirect, code, "pthread_cond_signal", &to, &original));
    assert_ptr_equal(original, asked_for);
    gy_redirect_remove(&redirect);
#else
    skip(); /* no function has two versions */
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_slots),
        cmocka_unit_test(other_redirection),
        cmocka_unit_test(no_such_slot),
        cmocka_unit_test(version_asked_for),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
