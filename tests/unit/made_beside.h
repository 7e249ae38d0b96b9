/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_TEST_MADE_BESIDE_H
#define GILYIELD_TEST_MADE_BESIDE_H

/* One thread does something beside others that compute, in made time, until it returns. The GUI thread wants nothing. */
#include "made_time.h"

#include "made_gil.h"

static bool over;
static void (*took)(void); /* NULL, or what is done whenever a thread that computes has taken the lock */

static void compute(int self)
{
    while (!over) {
        gil_take(self);
        if (took) {
            took();
        }
        while (!atomic_load(&gil.request) && !over) {
            made_work(2 * US);
        }
        gil_drop(self);
    }
}

/* The body of every thread of made_run(); 0 is the GUI thread, and 1 the one. */
static void beside(int self, void (*one)(int self))
{
    if (self == 0) {
        over = false;
        assert_true(gil_begin(20 * MS));
    } else if (self == 1) {
        one(self);
        over = true;
        gy_gilorder_end();
    } else {
        compute(self);
    }
}

#endif
