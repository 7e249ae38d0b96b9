/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_OS_ENVIRONMENT_H
#define GILYIELD_OS_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The environment of this process as "NAME=value" strings in UTF-8, ended by NULL, as it is at this moment. Never freed, so it is
 * asked for where it is wanted once. NULL if there is no memory. Not while another thread changes the environment.
 */
char *const *gy_environment_all(void);

/* Copies the value of one variable, of a long one its beginning. False if it is not set: then *value is "". `size` is not 0. */
bool gy_environment_get(const char *name, char *value, size_t size);

/* All of the value of one variable, in UTF-8, to be freed. NULL: it is not set, or there is no memory. */
char *gy_environment_copy(const char *name);

/* Sets a variable, or takes it out if `value` is NULL. False: it cannot be done. Not while other threads use the environment. */
bool gy_environment_set(const char *name, const char *value);

#endif
