/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_SHARE_H
#define GILYIELD_SHARE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Who had the GIL for how long: the rule behind `interval` and `slice`, in one place.
 *
 * Time runs in periods. Once the GUI thread has held the GIL for an interval within one period, it owes the others slice /
 * interval of what it has held, less what they had meanwhile. A period ends, and the next begins, when they have had that, and a
 * slice at least. So under any load of the GUI the others get slice / (interval + slice) of the time, also when handlers run over
 * the end of the interval, and a GUI thread that waits often and briefly is charged for what it holds, not praised for how often
 * it lets go. A deficit of more than four slices is cut: the GUI shall not stand still for long because one handler did.
 *
 * Plain data, no lock: the caller's lock or thread protects it. Times are nanoseconds.
 */
typedef struct gy_share {
    uint64_t interval_ns, slice_ns;
    uint64_t held_ns, given_ns; /* in this period, up to `since` */
    uint64_t since;
    bool holding; /* the GUI thread holds the GIL since `since`; else the others have it */
} gy_share;

void gy_share_init(gy_share *share, uint64_t interval_ns, uint64_t slice_ns, bool holding, uint64_t now);

/* The GUI thread has taken the GIL. Calling it again while it holds the GIL changes nothing. */
void gy_share_took(gy_share *share, uint64_t now);

/*
 * Of its hold so far the kernel had put the GUI thread aside for `ns`. That is not charged to it: it had nothing of that time,
 * nor had the others, and it would owe them for what it did not do.
 */
void gy_share_put_aside(gy_share *share, uint64_t ns, uint64_t now);

/* The GUI thread has given the GIL away; likewise. */
void gy_share_released(gy_share *share, uint64_t now);

/* What the others are owed at `now`, nanoseconds. At most four slices. */
uint64_t gy_share_owed(const gy_share *share, uint64_t now);

/* The others were offered what they are owed and did not want it: a new period begins. */
void gy_share_clear_deficit(gy_share *share, uint64_t now);

/* When the GUI thread, if it goes on holding the GIL, begins to owe. UINT64_MAX while it does not hold it. */
uint64_t gy_share_hold_end(const gy_share *share);

#endif
