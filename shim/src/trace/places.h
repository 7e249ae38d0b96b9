/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_PLACES_H
#define GILYIELD_PLACES_H

#include "gilyield/gilyield.h"

/* The places where the GUI thread was late longest. With the bell's lock. */

/* The entry of this place; a new one, with count and times 0, takes that of the least, if there is no room. */
gilyield_stall *gy_places_of(const gilyield_stall *stall);

/* See gy_watch_places(). */
int gy_places_worst(int most, void (*take)(const gilyield_stall *place, int number, void *data), void *data);

void gy_places_clear(void);

#endif
