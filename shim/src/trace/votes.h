/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_VOTES_H
#define GILYIELD_VOTES_H

#include "gilyield/gilyield.h"

#include <stdbool.h>
#include <stdint.h>

/* What the looks at one stall add up to: each place that was seen has the time that was spent there. The watcher only. */

/* Another stall begins. */
void gy_votes_clear(void);

bool gy_votes_none(void);

/* The place that was seen counts for so long. `sure`: it is known whether it was Python that it computed. */
void gy_votes_add(const gilyield_stall *seen, uint64_t ns, bool sure);

/* That which was added last counts for so much longer. */
void gy_votes_add_to_last(uint64_t ns);

/* What took longest; there is one. */
void gy_votes_elect(gilyield_stall *stall);

/* Adds to what `stall`, which was elected, says what else took a good part of `ns`, the whole time. */
void gy_votes_say_others(gilyield_stall *stall, uint64_t ns);

#endif
