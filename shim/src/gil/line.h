/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_LINE_H
#define GILYIELD_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Those who wait, in order of a number: a balanced tree of the waiters themselves, so that a thousand of them cost a step or two
 * more than ten, and no memory is asked for. Of equal numbers whoever came earlier is first. Plain data: the caller's lock
 * protects it.
 */
typedef struct gy_line_node {
    struct gy_line_node *parent, *left, *right;
    uint64_t rank, arrival;
    uint32_t weight;
    unsigned size; /* of the tree below, this one included */
} gy_line_node;

typedef struct gy_line {
    gy_line_node *root, *first; /* first: of the lowest rank; NULL: nobody waits */
    uint64_t arrivals;
    uint32_t random;
    unsigned length; /* the root's size, here so that to ask for it touches no waiter's memory */
} gy_line;

void gy_line_enter(gy_line *line, gy_line_node *node, uint64_t rank);

/* `node` is in the line. */
void gy_line_leave(gy_line *line, gy_line_node *node);

/* How many are before `node`, which is in the line. */
unsigned gy_line_position(const gy_line_node *node);

/* The next in order after `node`, NULL: none. */
gy_line_node *gy_line_after(const gy_line_node *node);

#endif
