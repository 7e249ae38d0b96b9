/* SPDX-License-Identifier: MIT */
#include "preload/preload.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char VARIABLE[] = "LD_PRELOAD";
static const char SEPARATORS[] = " :"; /* ld.so(8) */
static const char OUR_NAME[] = "libgilyield-qt";

static bool is_called(const char *entry, size_t length, const char *name)
{
    size_t base = length;
    while (base > 0 && entry[base - 1] != '/') {
        base--;
    }
    return length - base >= strlen(name) && strncmp(entry + base, name, strlen(name)) == 0;
}

/* Where the application brings its own Qt, `gilyield run` names that right before us. */
static bool is_qt_core(const char *entry, size_t length)
{
    return is_called(entry, length, "libQt5Core.so") || is_called(entry, length, "libQt6Core.so");
}

bool gy_preload_clean_environment(void)
{
    const char *value = getenv(VARIABLE);
    if (!value || !strstr(value, OUR_NAME)) {
        return false;
    }
    char *rest = calloc(1, strlen(value) + 1);
    if (!rest) {
        return false;
    }
    size_t used = 0, before_qt = 0;
    bool after_qt = false;
    while (*value) {
        size_t length = strcspn(value, SEPARATORS);
        if (is_called(value, length, OUR_NAME)) {
            used = after_qt ? before_qt : used;
            after_qt = false;
        } else if (length > 0) {
            before_qt = used;
            after_qt = is_qt_core(value, length);
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
    if (used > 0) {
        setenv(VARIABLE, rest, 1);
    } else {
        unsetenv(VARIABLE);
    }
    free(rest);
    return true;
}
