/* SPDX-License-Identifier: MIT */
#include "preload/preload.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char VARIABLE[] = "LD_PRELOAD";
static const char SEPARATORS[] = " :"; /* ld.so(8) */

/* An entry's file is called that, or that and more: versions and Qt's number follow. */
static const char *const OUR_NAMES[] = {"libgilyield.so", "libgilyield-qt"};

static bool is_ours(const char *entry, size_t length)
{
    size_t base = length;
    while (base > 0 && entry[base - 1] != '/') {
        base--;
    }
    for (size_t i = 0; i < sizeof OUR_NAMES / sizeof *OUR_NAMES; i++) {
        size_t size = strlen(OUR_NAMES[i]);
        if (length - base >= size && strncmp(entry + base, OUR_NAMES[i], size) == 0) {
            return true;
        }
    }
    return false;
}

bool gy_preload_clean_environment(void)
{
    const char *value = getenv(VARIABLE);
    char *rest = value && strstr(value, "libgilyield") ? calloc(1, strlen(value) + 1) : NULL;
    if (!rest) {
        return false;
    }
    size_t used = 0;
    bool found = false;
    while (*value) {
        size_t length = strcspn(value, SEPARATORS);
        if (is_ours(value, length)) {
            found = true;
        } else if (length > 0) {
            if (used > 0) {
                rest[used++] = ':';
            }
            memcpy(rest + used, value, length);
            used += length;
        }
        value += length;
        value += strspn(value, SEPARATORS);
    }
    rest[used] = '\0';
    if (found && used > 0) {
        setenv(VARIABLE, rest, 1);
    } else if (found) {
        unsetenv(VARIABLE);
    }
    free(rest);
    return found;
}
