/* SPDX-License-Identifier: MIT */
#include "preload/environment.h"

#include "os/environment.h"
#include "preload/environment_lists.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A variable without an entry of ours is not touched. */
static bool remove_ours(const gy_environment_list *from, const char *directory)
{
    char *all = gy_environment_copy(from->variable);
    char *rest = all ? malloc(strlen(all) + 1) : NULL;
    if (!rest) {
        free(all);
        return false;
    }
    const char *value = all;
    size_t used = 0, kept = 0;
    bool found = false;
    for (;;) {
        gy_environment_entry next = {value, strcspn(value, from->separators)};
        if (from->is_ours(next, directory)) {
            found = true;
        } else if (next.length > 0 || from->has_empty) {
            if (kept++ > 0) {
                rest[used++] = from->joint;
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
    bool done = found && gy_environment_set(from->variable, kept > 0 ? rest : NULL);
    free(rest);
    free(all);
    return done;
}

bool gy_environment_remove_preload(void (*changed)(const char *variable))
{
    char children[3]; /* of a longer value enough to see that it is not "1" */
    if (gy_environment_get("GILYIELD_CHILDREN", children, sizeof children) && strcmp(children, "1") == 0) {
        return false;
    }
    bool done = false;
    for (const gy_environment_list *each = gy_environment_starters; each->variable; each++) {
        if (remove_ours(each, NULL)) {
            done = true;
            if (changed) {
                changed(each->variable);
            }
        }
    }
    return done;
}

bool gy_environment_add_python_path(const char *directory)
{
    const char *name = gy_environment_python_path.variable;
    char *value = gy_environment_copy(name);
    if (!value || !*value) {
        free(value);
        return gy_environment_set(name, directory);
    }
    size_t size = strlen(value) + 1 + strlen(directory) + 1;
    char *longer = malloc(size);
    bool done = false;
    if (longer) {
        snprintf(longer, size, "%s%c%s", value, gy_environment_python_path.joint, directory);
        done = gy_environment_set(name, longer);
    }
    free(longer);
    free(value);
    return done;
}

bool gy_environment_remove_python_path(const char *directory)
{
    return remove_ours(&gy_environment_python_path, directory);
}
