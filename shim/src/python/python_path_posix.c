/* SPDX-License-Identifier: MIT */
#include "python/python_path.h"

#include "os/objects.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the package is, seen from this library: in an installation, and in the tree where it is built. */
static const char *const PACKAGES[] = {
#ifdef GILYIELD_PACKAGE_INSTALLED
    GILYIELD_PACKAGE_INSTALLED,
    GILYIELD_PACKAGE_BUILT,
#endif
    NULL,
};

const char *gy_python_path(void)
{
    static char path[PATH_MAX];
    char library[PATH_MAX], module[2 * PATH_MAX];
    char *slash = gy_objects_own_path(library, sizeof library) ? strrchr(library, '/') : NULL;
    for (size_t i = 0; slash && !*path && PACKAGES[i]; i++) {
        snprintf(module, sizeof module, "%.*s/%s/_path/importable/gilyield.py", (int)(slash - library), library, PACKAGES[i]);
        if (realpath(module, path)) {
            *strrchr(path, '/') = '\0';
        } else {
            *path = '\0';
        }
    }
    return path;
}
