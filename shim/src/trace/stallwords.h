/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_STALLWORDS_H
#define GILYIELD_STALLWORDS_H

#include "gilyield/gilyield.h"

#include <stddef.h>
#include <stdint.h>

/* How a stall is said. Pure. */

/* Says in words what the GUI thread did, in at most `size` bytes. */
void gy_words_say_cause(const gilyield_stall *stall, char *text, size_t size);

/* Says in words what the rest of *stall says. */
void gy_words_say(gilyield_stall *stall);

/* Adds to what was said what else took some of the time, and how long. */
void gy_words_say_other(gilyield_stall *stall, const gilyield_stall *other, uint64_t ns);

#endif
