/* SPDX-License-Identifier: MIT */
#include "preload/environment.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static void test_rows(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after; /* NULL: not in the environment */
    } rows[] = {
        /* Nothing of ours: not touched at all. */
        {NULL, NULL},
        {"", ""},
        {"libother.so", "libother.so"},
        {"libother.so  :libmore.so", "libother.so  :libmore.so"},
        {"libgilyield.a", "libgilyield.a"},
        /* Only ours: the variable goes. */
        {"libgilyield.so", NULL},
        {"/opt/lib/libgilyield.so.0", NULL},
        {"libgilyield-qt5.so", NULL},
        {"libgilyield-qt6.so", NULL},
        {"/opt/lib/libgilyield-qt5.so", NULL},
        {"./libgilyield-qt5.so.0", NULL},
        {"/a b", "/a b"},
        {"/usr/lib/libgilyield-qt5.so.0.1.0", NULL},
        {"libgilyield-qt5.so:libgilyield-qt6.so", NULL},
        {" libgilyield-qt5.so:", NULL},
        /* Among others, with both separators. */
        {"a.so:/x/libgilyield-qt5.so:b.so", "a.so:b.so"},
        {"a.so /x/libgilyield-qt5.so b.so", "a.so:b.so"},
        {"libgilyield-qt5.so a.so", "a.so"},
        {"a.so:libgilyield-qt5.so", "a.so"},
        {"a.so:libgilyield.so b.so:libgilyield-qt6.so c.so", "a.so:b.so:c.so"},
        {"::a.so: :libgilyield-qt5.so::", "a.so"},
        /* The name is the file's, not the directory's, and not the end of another name. */
        {"/opt/libgilyield-qt5/liba.so", "/opt/libgilyield-qt5/liba.so"},
        {"/opt/libgilyield-qt5.so/liba.so:/x/libgilyield-qt5.so", "/opt/libgilyield-qt5.so/liba.so"},
        {"/opt/libgilyield-qt5.so/:/x/libgilyield-qt5.so", "/opt/libgilyield-qt5.so/"},
        {"mylibgilyield-qt5.so", "mylibgilyield-qt5.so"},
        {"xlibgilyield-qt5.so:libgilyield-qt5.so", "xlibgilyield-qt5.so"},
        {"libgilyield-q", "libgilyield-q"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].before) {
            assert_int_equal(setenv("LD_PRELOAD", rows[i].before, 1), 0);
        } else {
            unsetenv("LD_PRELOAD");
        }
        gy_environment_remove_preload(NULL);
        const char *now = getenv("LD_PRELOAD");
        if (!rows[i].after) {
            assert_null(now);
        } else {
            assert_non_null(now);
            assert_string_equal(now, rows[i].after);
        }
        /* Once more changes nothing. */
        gy_environment_remove_preload(NULL);
        assert_int_equal(getenv("LD_PRELOAD") != NULL, rows[i].after != NULL);
    }
}

static void check_python_path(const char *expected)
{
    const char *now = getenv("PYTHONPATH");
    if (expected) {
        assert_non_null(now);
        assert_string_equal(now, expected);
    } else {
        assert_null(now);
    }
}

/* An empty entry of PYTHONPATH is the current directory, and a blank belongs to a name. */
static void test_python_path(void **state)
{
    (void)state;
    static const struct {
        const char *before, *added, *removed; /* NULL: not in the environment */
    } rows[] = {
        {NULL, "/our dir", NULL},
        {"", "/our dir", NULL},
        {"/a", "/a:/our dir", "/a"},
        {"/a b::/c:", "/a b::/c::/our dir", "/a b::/c:"},
        {"/our dir2:/x/our dir", "/our dir2:/x/our dir:/our dir", "/our dir2:/x/our dir"},
        {"/our dir:/a", "/our dir:/a:/our dir", "/a"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].before) {
            setenv("PYTHONPATH", rows[i].before, 1);
        } else {
            unsetenv("PYTHONPATH");
        }
        assert_true(gy_environment_add_python_path("/our dir"));
        check_python_path(rows[i].added);
        assert_true(gy_environment_remove_python_path("/our dir"));
        check_python_path(rows[i].removed);
        assert_false(gy_environment_remove_python_path("/our dir"));
        check_python_path(rows[i].removed);
    }
}

static void test_very_long(void **state)
{
    (void)state;
    enum { ENTRIES = 5000 };
    static char before[ENTRIES * 40], after[ENTRIES * 40];
    char *b = before, *a = after;
    for (int i = 0; i < ENTRIES; i++) {
        if (i % 3 == 0) {
            b += sprintf(b, "/x/libgilyield-qt5.so.%d ", i);
        } else {
            b += sprintf(b, "/y/lib%d.so:", i);
            a += sprintf(a, "%s/y/lib%d.so", a == after ? "" : ":", i);
        }
    }
    assert_int_equal(setenv("LD_PRELOAD", before, 1), 0);
    gy_environment_remove_preload(NULL);
    assert_string_equal(getenv("LD_PRELOAD"), after);
}

static void test_children_that_want_it(void **state)
{
    (void)state;
    static const struct {
        const char *wish;
        bool stays;
    } rows[] = {{"1", true}, {"0", false}, {"", false}, {"11", false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        setenv("LD_PRELOAD", "a.so:libgilyield.so", 1);
        setenv("GILYIELD_CHILDREN", rows[i].wish, 1);
        assert_int_equal(gy_environment_remove_preload(NULL), !rows[i].stays);
        assert_string_equal(getenv("LD_PRELOAD"), rows[i].stays ? "a.so:libgilyield.so" : "a.so");
    }
    unsetenv("GILYIELD_CHILDREN");
}

static void test_other_variables_stay(void **state)
{
    (void)state;
    setenv("LD_PRELOAD", "libgilyield-qt5.so", 1);
    setenv("MY_LD_PRELOAD", "libgilyield-qt5.so", 1);
    setenv("GILYIELD", "1", 1);
    gy_environment_remove_preload(NULL);
    assert_null(getenv("LD_PRELOAD"));
    assert_string_equal(getenv("MY_LD_PRELOAD"), "libgilyield-qt5.so");
    assert_string_equal(getenv("GILYIELD"), "1");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_python_path),
        cmocka_unit_test(test_very_long),
        cmocka_unit_test(test_children_that_want_it),
        cmocka_unit_test(test_other_variables_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
