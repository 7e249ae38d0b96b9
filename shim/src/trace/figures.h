/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_FIGURES_H
#define GILYIELD_FIGURES_H

#include "trace/accounttable.h"

#include <stdbool.h>
#include <stdint.h>

/* A thread's account as others read it: with what goes on now counted in, and less what was there at the last reset. Any thread.
 */

typedef struct gy_figures {
    uint16_t index; /* its number: see who.h */
    int id;
    uintptr_t self;
    bool holds, waits; /* holds: where that was counted, see gy_account_detail */
    uint64_t now_ns;   /* for how long it has been holding, or waiting */
    uint64_t seen_ns;  /* since it was first seen, or since the last reset */
    uint64_t held_ns, waited_ns, longest_hold_ns, longest_wait_ns, takes, waits_count;
    char name[GY_NAME_SIZE]; /* as Python's threading has it, else as the system has it */
} gy_figures;

/* False: there is no such thread now. */
bool gy_figures_get(uint16_t index, uint64_t now, gy_figures *figures);

/* Index, id and name of the thread that has or last had this number; index GY_WHO_NONE if none had. */
void gy_figures_last(uint16_t index, gy_figures *figures);

void gy_figures_reset(uint64_t now);

#endif
