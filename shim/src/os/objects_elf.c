/* SPDX-License-Identifier: MIT */
#include "os/objects.h"

#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct list {
    gy_objects *objects;
    size_t capacity;
    bool no_memory;
} list;

static int collect_name(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size;
    list *to = data;
    gy_objects *objects = to->objects;
    to->no_memory = true;
    if (objects->count == to->capacity) {
        size_t capacity = to->capacity ? 2 * to->capacity : 64;
        char **names = realloc(objects->names, capacity * sizeof *names);
        if (!names) {
            return 1;
        }
        objects->names = names;
        to->capacity = capacity;
    }
    char *name = strdup(info->dlpi_name ? info->dlpi_name : "");
    if (!name) {
        return 1;
    }
    objects->names[objects->count++] = name;
    to->no_memory = false;
    return 0;
}

bool gy_objects_list(gy_objects *objects)
{
    *objects = (gy_objects){0};
    list to = {.objects = objects};
    /* Only names are taken: the callback runs under the loader's lock. */
    dl_iterate_phdr(collect_name, &to);
    return !to.no_memory;
}

void gy_objects_free(gy_objects *objects)
{
    for (size_t i = 0; i < objects->count; i++) {
        free(objects->names[i]);
    }
    free(objects->names);
    *objects = (gy_objects){0};
}

void *gy_objects_open(const char *name)
{
    return dlopen(*name ? name : NULL, RTLD_LAZY | RTLD_NOLOAD);
}

bool gy_objects_own_path(char *path, size_t size)
{
    Dl_info info;
    if (!dladdr((const void *)(uintptr_t)gy_objects_own_path, &info) || !info.dli_fname) {
        return false;
    }
    int length = snprintf(path, size, "%s", info.dli_fname);
    return length > 0 && (size_t)length < size;
}
