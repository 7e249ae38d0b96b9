/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_OWNACCOUNT_H
#define GILYIELD_OWNACCOUNT_H

#include "gilyield/gilyield.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * For the ways that see nothing of CPython's queue: the account of the GUI thread's time from our own yields alone, and what such
 * a way answers in gilqueue.h. GUI thread only.
 */
void gy_ownaccount_begin(const gilyield_options *options, uint64_t now);
void gy_ownaccount_released(uint64_t now);
void gy_ownaccount_reacquired(uint64_t now);
uint64_t gy_ownaccount_owed(uint64_t now);
void gy_ownaccount_declined(uint64_t now);
void gy_ownaccount_polls(bool begins);
int gy_ownaccount_waiting(void);
uint64_t gy_ownaccount_takes(void);

#endif
