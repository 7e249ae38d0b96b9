/* SPDX-License-Identifier: MIT */
#include "preload/environment_lists.h"

#include <string.h>

/* An entry's file is called that, or that and more: versions and Qt's number follow. */
static const char *const OUR_NAMES[] = {"libgilyield.so", "libgilyield-qt"};

static bool is_library(gy_environment_entry candidate, const char *unused)
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

static bool is_directory(gy_environment_entry candidate, const char *directory)
{
    return candidate.length == strlen(directory) && strncmp(candidate.text, directory, candidate.length) == 0;
}

const gy_environment_list gy_environment_starters[] = {
    {"LD_PRELOAD", " :", ':', false, is_library}, /* ld.so(8) */
    {NULL, NULL, 0, false, NULL},
};

const gy_environment_list gy_environment_python_path = {"PYTHONPATH", ":", ':', true, is_directory};
