/* SPDX-License-Identifier: MIT */
#include "gil/line.h"

#include "unit.h"

enum { MANY = 1000 };

static gy_line_node nodes[MANY];

/* Everybody is there once, in order, and the links of the tree fit together. */
static void check(const gy_line *line, unsigned length)
{
    unsigned seen = 0, step = length / 7 + 1;
    const gy_line_node *before = NULL;
    for (const gy_line_node *node = line->first; node; node = gy_line_after(node)) {
        assert_true(!before || before->rank < node->rank || (before->rank == node->rank && before->arrival < node->arrival));
        assert_true(!node->left || node->left->parent == node);
        assert_true(!node->right || node->right->parent == node);
        if (seen % step == 0) {
            assert_int_equal(gy_line_position(node), seen);
        }
        before = node;
        seen++;
    }
    assert_int_equal(seen, length);
    assert_int_equal(line->length, length);
}

static void test_order(void **state)
{
    (void)state;
    gy_line line = {.length = 0};
    check(&line, 0);
    gy_line_enter(&line, &nodes[0], 5);
    gy_line_enter(&line, &nodes[1], 3);
    gy_line_enter(&line, &nodes[2], 5);
    gy_line_enter(&line, &nodes[3], 9);
    check(&line, 4);
    assert_ptr_equal(line.first, &nodes[1]);
    gy_line_leave(&line, &nodes[1]);
    assert_ptr_equal(line.first, &nodes[0]); /* of equal ranks whoever came earlier */
    gy_line_leave(&line, &nodes[3]);
    gy_line_leave(&line, &nodes[0]);
    assert_ptr_equal(line.first, &nodes[2]);
    gy_line_leave(&line, &nodes[2]);
    assert_null(line.first);
    check(&line, 0);
}

/* Threads come and go in any order. */
static void test_churn(void **state)
{
    (void)state;
    gy_line line = {.length = 0};
    static bool in_line[MANY];
    uint64_t seed = 7;
    unsigned length = 0;
    for (int i = 0; i < 20000; i++) {
        unsigned which = (unsigned)unit_below(&seed, MANY);
        if (in_line[which]) {
            gy_line_leave(&line, &nodes[which]);
            length--;
        } else {
            gy_line_enter(&line, &nodes[which], unit_below(&seed, 300));
            length++;
        }
        in_line[which] = !in_line[which];
        if (i % 500 == 0) {
            check(&line, length);
        }
    }
    check(&line, length);
}

static unsigned depth(const gy_line_node *node)
{
    unsigned left = node ? depth(node->left) : 0, right = node ? depth(node->right) : 0;
    return node ? 1 + (left > right ? left : right) : 0;
}

/* A thousand in line, as they come when all compute: the tree is not a list. */
static void test_depth(void **state)
{
    (void)state;
    gy_line line = {.length = 0};
    for (unsigned i = 0; i < MANY; i++) {
        gy_line_enter(&line, &nodes[i], i);
    }
    assert_true(depth(line.root) < 50); /* about 2 ln 1000 are to be expected */
    for (unsigned i = 0; i < 10 * MANY; i++) {
        gy_line_node *first = line.first;
        gy_line_leave(&line, first);
        gy_line_enter(&line, first, MANY + i);
    }
    check(&line, MANY);
    assert_true(depth(line.root) < 50);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_churn),
        cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
