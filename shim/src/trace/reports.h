/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_REPORTS_H
#define GILYIELD_REPORTS_H

#include "gilyield/gilyield.h"

#include <stddef.h>
#include <stdint.h>

/* Gives reports out: to a file or fd 2, to who wants to be called, and to the timeline. With the bell's lock. */

/* 0, or GILYIELD_E_FILE: then all stays as it was. */
int gy_reports_set(const gilyield_watch_options *options);

/* Nobody is called any more. */
void gy_reports_call_nobody(void);

/* The lock is let go of meanwhile. Who is called, and the timeline, are told of a stall only when it is over. */
void gy_reports_give(const gilyield_stall *stall);

/* See gy_watch_headline(). */
void gy_reports_headline(uint32_t number, char *text, size_t size);

#endif
