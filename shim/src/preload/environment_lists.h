/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_ENVIRONMENT_LISTS_H
#define GILYIELD_ENVIRONMENT_LISTS_H

#include <stdbool.h>
#include <stddef.h>

/* The variables that start an application with gilyield. Twins: environment_lists_linux.c, environment_lists_win32.c. */

typedef struct gy_environment_entry {
    const char *text; /* not ended by a zero byte */
    size_t length;
} gy_environment_entry;

/* A variable that is a list of names. */
typedef struct gy_environment_list {
    const char *variable;   /* NULL: end of the table */
    const char *separators; /* any of them stands between two entries */
    char joint;             /* the one that is written */
    bool has_empty;         /* an entry without a name means something */
    bool (*is_ours)(gy_environment_entry candidate, const char *directory);
} gy_environment_list;

extern const gy_environment_list gy_environment_starters[];
extern const gy_environment_list gy_environment_python_path; /* ours is the `directory` */

#endif
