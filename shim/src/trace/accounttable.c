/* SPDX-License-Identifier: MIT */
#include "trace/accounttable.h"

#include <stddef.h>
#include <string.h>

gy_account_row gy_account_table[GY_WHO_MAX];
atomic_int gy_account_detail_now;
atomic_uint_least64_t gy_account_all_until;
_Thread_local gy_account_row *gy_account_own_row GY_INITIAL_EXEC;

/* How `gilyield top` finds the table in the memory of another process. */
static volatile const struct {
    char magic[24];
    unsigned size, count;
    const gy_account_row *table;
    atomic_int *detail;
    atomic_uint_least64_t *all_until;
} directory = {"gilyield accounts", sizeof(gy_account_row), GY_WHO_MAX,
               gy_account_table,    &gy_account_detail_now, &gy_account_all_until};

gy_account_row *gy_account_enter_row(void)
{
    static gy_account_row nobodys;
    gy_who who;
    uint16_t number = gy_who_am_i();
    (void)directory.size; /* which nobody else here uses */
    if (!gy_who_get(number, &who)) {
        return &nobodys;
    }
    gy_account_row *row = &gy_account_table[number];
    atomic_uint_least64_t *const figures[] = {&row->held_ns, &row->waited_ns, &row->longest_hold_ns, &row->longest_wait_ns,
                                              &row->takes,   &row->waits,     &row->holds_since,     &row->waits_since};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        gy_account_write(figures[i], 0);
    }
    memset(row->name, 0, sizeof row->name);
    atomic_store_explicit(&row->id, who.id, memory_order_release);
    gy_account_own_row = row;
    return row;
}
