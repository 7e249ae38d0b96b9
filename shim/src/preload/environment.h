/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_PRELOAD_ENVIRONMENT_H
#define GILYIELD_PRELOAD_ENVIRONMENT_H

#include <stdbool.h>

/*
 * What starts the application with gilyield is in its environment, and is taken out once it has done its work: child processes
 * start without. All on the GUI thread. Each returns whether it has changed the variable.
 */

/*
 * Takes gilyield out of the variables that load it (LD_PRELOAD, on Windows Qt's), unless GILYIELD_CHILDREN=1 wants child
 * processes to have it, too, and calls changed(variable) for each that it was in, unless that is NULL. Called when the
 * application object exists and not before: a shell script that starts the application has to hand the variables on.
 */
bool gy_environment_remove_preload(void (*changed)(const char *variable));

/* Puts a directory at the end of PYTHONPATH: a Python that starts later then has it on sys.path. */
bool gy_environment_add_python_path(const char *directory);

bool gy_environment_remove_python_path(const char *directory);

#endif
