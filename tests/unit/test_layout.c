/* SPDX-License-Identifier: MIT */
/* A struct that has grown twice, and callers that were built with each of its headers. */
#include "api/layout.h"

#include "gilyield/gilyield.h"
#include "unit.h"

#include <string.h>

typedef struct today {
    size_t size;
    int first;
    uint64_t second; /* the last of the first version */
    int third;       /* of the second version */
    uint64_t fourth;
} today;

enum { FIRST = offsetof(today, third), SECOND = offsetof(today, fourth) };

static void test_every_size(void **state)
{
    (void)state;
    const today full = {sizeof full, 11, 22, 33, 44};
    for (size_t size = 0; size <= sizeof full + 16; size++) {
        unsigned char room[sizeof full + 16], before[sizeof room];
        memset(room, 0xa5, sizeof room);
        memcpy(room, &size, sizeof size);
        memcpy(before, room, sizeof room);
        int error = gy_layout_fill(room, &full, FIRST, sizeof full);
        size_t known = size == 0 ? FIRST : size;
        if (known < FIRST) {
            assert_int_equal(error, GILYIELD_E_SIZE);
            assert_memory_equal(room, before, sizeof room);
            continue;
        }
        assert_int_equal(error, 0);
        size_t filled = known < sizeof full ? known : sizeof full;
        assert_memory_equal(room, before, sizeof size); /* the caller's own */
        assert_memory_equal(room + sizeof size, (const char *)&full + sizeof size, filled - sizeof size);
        assert_memory_equal(room + filled, before + filled, sizeof room - filled);
    }
}

/* What a caller sees that was built with the second version's header. */
static void test_older_caller(void **state)
{
    (void)state;
    const today full = {sizeof full, 11, 22, 33, 44};
    today old = {.size = SECOND, .fourth = 99};
    assert_int_equal(gy_layout_fill(&old, &full, FIRST, sizeof full), 0);
    assert_int_equal(old.third, 33);
    assert_int_equal(old.fourth, 99);
    old = (today){.third = 88, .fourth = 99};
    assert_int_equal(gy_layout_fill(&old, &full, FIRST, sizeof full), 0);
    assert_int_equal(old.second, 22);
    assert_int_equal(old.third, 88);
}

/* An array of structs of any size: as far apart as the caller says, with a size that says how much is filled. */
static void test_arrays(void **state)
{
    (void)state;
    const today items[] = {{sizeof(today), 11, 22, 33, 44}, {sizeof(today), 55, 66, 77, 88}};
    gy_layout_array array;
    assert_int_equal(gy_layout_begin(&array, NULL, sizeof(today), FIRST, sizeof(today)), GILYIELD_E_NULL_ARGUMENT);
    for (size_t size = 0; size <= sizeof(today) + 16; size++) {
        unsigned char room[2 * (sizeof(today) + 16) + 1];
        memset(room, 0xa5, sizeof room);
        int error = gy_layout_begin(&array, room, size, FIRST, sizeof(today));
        size_t step = size == 0 ? FIRST : size;
        if (step < FIRST) {
            assert_int_equal(error, GILYIELD_E_SIZE);
            continue;
        }
        assert_int_equal(error, 0);
        size_t filled = step < sizeof(today) ? step : sizeof(today);
        for (int i = 0; i < 2; i++) {
            size_t said;
            const unsigned char *item = room + (size_t)i * step;
            gy_layout_put(&array, i, &items[i]);
            memcpy(&said, item, sizeof said);
            assert_int_equal(said, filled);
            assert_memory_equal(item + sizeof said, (const char *)&items[i] + sizeof said, filled - sizeof said);
            assert_int_equal(item[filled], 0xa5);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_older_caller),
        cmocka_unit_test(test_arrays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
