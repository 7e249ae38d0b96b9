/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_OPTIONS_H
#define GILYIELD_OPTIONS_H

#include "gilyield/gilyield.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Options: from the environment and from the caller's struct to validated values. Pure: no globals, any thread.
 * `gilyield_options` with all members but `size` set is what the rest of the library works with.
 */

/* What the GILYIELD_ variables say besides options. */
typedef struct gy_environment {
    bool enabled;       /* GILYIELD=1, and not a bad value under GILYIELD_STRICT=1 */
    bool children;      /* GILYIELD_CHILDREN=1: acted on without GILYIELD=1 too, in preload/environment.c */
    bool stats_at_exit; /* GILYIELD_STATS=1 */
    bool strict;        /* GILYIELD_STRICT=1 */
    int watch_ms;       /* GILYIELD_WATCH_MS; 0: no */
    bool traces;        /* GILYIELD_TRACE names a file */
    int trace_seconds;  /* GILYIELD_TRACE_SECONDS; 0: to the end */
    bool bad;           /* at least one value was not understood */
} gy_environment;

/* Called for each bad value and each unknown GILYIELD_ variable with one sentence that names it. */
typedef void (*gy_complaint)(const char *sentence);

/*
 * Reads `variables` (a NULL-terminated array of "NAME=value"). *options gets what it sets, 0 where it says nothing. A bad value
 * counts as not set.
 */
gy_environment gy_options_from_environment(char *const *variables, gilyield_options *options, gy_complaint complain);

/* Checks the members that are set. 0, or a gilyield_error and one sentence in `text` (may be NULL when size is 0). */
int gy_options_check(const gilyield_options *options, char *text, size_t size);

/* The caller's struct in today's layout, whatever version of the header the caller was built with. Call after the check. */
gilyield_options gy_options_import(const gilyield_options *options);

/* `over` where it is set, else `under`. */
gilyield_options gy_options_merge(gilyield_options over, gilyield_options under);

gilyield_options gy_options_default(void);

/*
 * Sets the member `name` from what the environment would have as its value. 0, or a gilyield_error and one sentence in `text`
 * (may be NULL when size is 0); then nothing is set.
 */
int gy_options_set(gilyield_options *options, const char *name, const char *value, char *text, size_t size);

/*
 * Whether the environment takes `value` for the option `name` or for one of its other numbers ("watch_ms", "trace_seconds"); if
 * not, one sentence in `text` (may be NULL when size is 0).
 */
bool gy_options_accept(const char *name, const char *value, char *text, size_t size);

/* The word for a value of the member `name` ("mode", 1: "auto"), NULL if there is none. Static. */
const char *gy_options_word(const char *name, int value);

#endif
