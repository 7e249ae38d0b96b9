/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_PRELOAD_H
#define GILYIELD_PRELOAD_H

#include <stdbool.h>

/*
 * Takes gilyield's libraries out of LD_PRELOAD, so that child processes start without them; other entries stay. Called when the
 * application object exists and not before: a shell script that starts the application has to hand the variable on. Returns
 * whether there was one.
 */
bool gy_preload_clean_environment(void);

#endif
