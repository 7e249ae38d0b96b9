/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_NAMES_H
#define GILYIELD_NAMES_H

#include "trace/accounttable.h"

#include <stdbool.h>
#include <stdint.h>

/* What threads are called, as Python's threading has it: also those that have ended. By their numbers: see who.h. */

/* The GUI thread's. */
#define GY_NAME_OF_GUI "GUI thread"

/* A name for the thread that has this number now. Any thread. */
void gy_names_set(uint16_t number, const char *name);

/* False: none is known for the thread of this number and this id. Any thread. */
bool gy_names_get(uint16_t number, int id, char name[GY_NAME_SIZE]);

/* The name of a thread that lives: Python's, else the system's. Any thread. */
void gy_names_find(uint16_t number, const gy_who *who, char name[GY_NAME_SIZE]);

/* ---- The calling thread has the GIL's mutex, and drops the GIL. No function here sets errno. ---- */

/* Looks for its name, until it is known or has been looked for often enough. Takes tens of microseconds. */
void gy_names_learn(void);

/* Looks for the name of one other thread, now and then. */
void gy_names_learn_another(uint64_t now);

#endif
