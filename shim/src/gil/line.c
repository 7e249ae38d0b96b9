/* SPDX-License-Identifier: MIT */
/* A treap: a search tree by rank that is a heap by random weights, which keeps it about as deep as the logarithm of its size. */
#include "gil/line.h"

/* xorshift: any numbers do that do not follow the order of arrival. */
static uint32_t next_weight(gy_line *line)
{
    uint32_t x = line->random ? line->random : UINT32_C(0x9e3779b9);
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    line->random = x;
    return x;
}

static bool comes_before(const gy_line_node *a, const gy_line_node *b)
{
    return a->rank < b->rank || (a->rank == b->rank && a->arrival < b->arrival);
}

/* Where the tree points to `node`. */
static gy_line_node **place_of(gy_line *line, const gy_line_node *node)
{
    if (!node->parent) {
        return &line->root;
    }
    return node->parent->left == node ? &node->parent->left : &node->parent->right;
}

static unsigned size_of(const gy_line_node *node)
{
    return node ? node->size : 0;
}

/* `child` takes the place of its parent. */
static void lift(gy_line *line, gy_line_node *child)
{
    gy_line_node *parent = child->parent;
    *place_of(line, parent) = child;
    gy_line_node *moved;
    if (parent->left == child) {
        moved = child->right;
        parent->left = moved;
        child->right = parent;
    } else {
        moved = child->left;
        parent->right = moved;
        child->left = parent;
    }
    if (moved) {
        moved->parent = parent;
    }
    child->parent = parent->parent;
    parent->parent = child;
    child->size = parent->size;
    parent->size = size_of(parent->left) + size_of(parent->right) + 1;
}

unsigned gy_line_position(const gy_line_node *node)
{
    unsigned before = size_of(node->left);
    for (; node->parent; node = node->parent) {
        if (node->parent->right == node) {
            before += size_of(node->parent->left) + 1;
        }
    }
    return before;
}

gy_line_node *gy_line_after(const gy_line_node *node)
{
    if (node->right) {
        gy_line_node *next = node->right;
        while (next->left) {
            next = next->left;
        }
        return next;
    }
    while (node->parent && node->parent->right == node) {
        node = node->parent;
    }
    return node->parent;
}

void gy_line_enter(gy_line *line, gy_line_node *node, uint64_t rank)
{
    *node = (gy_line_node){.rank = rank, .arrival = line->arrivals++, .weight = next_weight(line), .size = 1};
    gy_line_node **place = &line->root;
    bool lowest = true;
    while (*place) {
        node->parent = *place;
        node->parent->size++;
        if (comes_before(node, *place)) {
            place = &(*place)->left;
        } else {
            place = &(*place)->right;
            lowest = false;
        }
    }
    *place = node;
    while (node->parent && node->weight < node->parent->weight) {
        lift(line, node);
    }
    if (lowest) {
        line->first = node;
    }
    line->length++;
}

void gy_line_leave(gy_line *line, gy_line_node *node)
{
    if (line->first == node) {
        line->first = gy_line_after(node);
    }
    while (node->left && node->right) {
        lift(line, node->left->weight < node->right->weight ? node->left : node->right);
    }
    gy_line_node *child = node->left ? node->left : node->right;
    *place_of(line, node) = child;
    if (child) {
        child->parent = node->parent;
    }
    for (gy_line_node *above = node->parent; above; above = above->parent) {
        above->size--;
    }
    line->length--;
}
