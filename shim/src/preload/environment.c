/* SPDX-License-Identifier: MIT */
#include "preload/environment.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An entry's file is called that, or that and more: versions and Qt's number follow. */
static const char *const OUR_NAMES[] = {"libgilyield.so", "libgilyield-qt"};

typedef struct entry {
    const char *text;
    size_t length;
} entry;

static bool is_library(entry candidate, const char *unused)
{
    (void)unused;
    size_t base = candidate.length;
    while (base > 0 && candidate.text[base - 1] != '/') {
        base--;
    }
    for (size_t i = 0; i < sizeof OUR_NAMES / sizeof *OUR_NAMES; i++) {
        size_t size = strlen(OUR_NAMES[i]);
        if (candidate.length - base >= size && strncmp(candidate.text + base, OUR_NAMES[i], size) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_directory(entry candidate, const char *directory)
{
    return candidate.length == strlen(directory) && strncmp(candidate.text, directory, candidate.length) == 0;
}

/* A variable that is a list of names. */
typedef struct list {
    const char *variable, *separators; /* any of them stands between two entries, a colon in what is written */
    bool has_empty;                    /* an entry without a name means something */
    bool (*is_ours)(entry candidate, const char *directory);
} list;

static const list PRELOAD = {"LD_PRELOAD", " :", false, is_library}; /* ld.so(8) */
static const list PYTHON_PATH = {"PYTHONPATH", ":", true, is_directory};

/* A variable without an entry of ours is not touched. */
static bool remove_ours(const list *from, const char *directory)
{
    const char *value = getenv(from->variable);
    char *rest = value ? malloc(strlen(value) + 1) : NULL;
    if (!rest) {
        return false;
    }
    size_t used = 0, kept = 0;
    bool found = false;
    for (;;) {
        entry next = {value, strcspn(value, from->separators)};
        if (from->is_ours(next, directory)) {
            found = true;
        } else if (next.length > 0 || from->has_empty) {
            if (kept++ > 0) {
                rest[used++] = ':';
            }
            memcpy(rest + used, value, next.length);
            used += next.length;
        }
        value += next.length;
        if (!*value) {
            break;
        }
        value++;
    }
    rest[used] = '\0';
    if (found && kept > 0) {
        setenv(from->variable, rest, 1);
    } else if (found) {
        unsetenv(from->variable);
    }
    free(rest);
    return found;
}

bool gy_environment_remove_preload(void)
{
    const char *children = getenv("GILYIELD_CHILDREN");
    return (!children || strcmp(children, "1") != 0) && remove_ours(&PRELOAD, NULL);
}

bool gy_environment_add_python_path(const char *directory)
{
    const char *value = getenv(PYTHON_PATH.variable);
    if (!value || !*value) {
        return setenv(PYTHON_PATH.variable, directory, 1) == 0;
    }
    size_t size = strlen(value) + 1 + strlen(directory) + 1;
    char *longer = malloc(size);
    if (!longer) {
        return false;
    }
    snprintf(longer, size, "%s:%s", value, directory);
    bool done = setenv(PYTHON_PATH.variable, longer, 1) == 0;
    free(longer);
    return done;
}

bool gy_environment_remove_python_path(const char *directory)
{
    return remove_ours(&PYTHON_PATH, directory);
}
