/* SPDX-License-Identifier: MIT */
#include "python/python_find.h"

#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

/* Present in every CPython since 1.5, and safe to call at any time. */
static const char PROBE[] = "Py_IsInitialized";

typedef struct name_list {
    char **names; /* "" is the executable */
    size_t count, capacity;
    bool no_memory;
} name_list;

/* GUI thread only. */
static unsigned long long loads_seen, unloads_seen;
static void *found;
static bool several; /* more than one object holds a CPython: which one is used shows only when it is initialised */

static int collect_name(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size;
    name_list *list = data;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 64;
        char **names = realloc(list->names, capacity * sizeof *names);
        if (!names) {
            list->no_memory = true;
            return 1;
        }
        list->names = names;
        list->capacity = capacity;
    }
    char *copy = strdup(info->dlpi_name ? info->dlpi_name : "");
    if (!copy) {
        list->no_memory = true;
        return 1;
    }
    list->names[list->count++] = copy;
    return 0;
}

static int read_counters(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size;
    unsigned long long *counters = data;
    counters[0] = info->dlpi_adds;
    counters[1] = info->dlpi_subs;
    return 1;
}

static bool is_initialized(const void *address)
{
    int (*probe)(void);
    memcpy(&probe, &address, sizeof probe);
    return probe() != 0;
}

/* The handle of the object at `address`, so that later look-ups go to this CPython and no other. */
static void *open_owner(const void *address)
{
    Dl_info info;
    struct link_map *map = NULL;
    if (!dladdr1(address, &info, (void **)&map, RTLD_DL_LINKMAP) || !map) {
        return NULL;
    }
    return dlopen(*map->l_name ? map->l_name : NULL, RTLD_LAZY | RTLD_NOLOAD);
}

/* The probe of the best CPython among all loaded objects, NULL if there is none. */
static const void *search_objects(void)
{
    name_list list = {0};
    /* Only names are taken inside: the callback runs under the loader's lock. */
    dl_iterate_phdr(collect_name, &list);
    const void *best = NULL;
    several = false;
    for (size_t i = 0; i < list.count; i++) {
        void *handle = dlopen(*list.names[i] ? list.names[i] : NULL, RTLD_LAZY | RTLD_NOLOAD);
        /* May belong to one of the object's dependencies; open_owner() looks after that. */
        const void *probe = handle ? dlsym(handle, PROBE) : NULL;
        if (probe && best && probe != best) {
            several = true;
        }
        if (probe && (!best || (!is_initialized(best) && is_initialized(probe)))) {
            best = probe;
        }
        if (handle) {
            dlclose(handle);
        }
        free(list.names[i]);
    }
    free(list.names);
    if (list.no_memory) {
        loads_seen = 0; /* look again next time */
    }
    return best;
}

void *gy_python_find(bool *initialized)
{
    unsigned long long counters[2] = {0, 0};
    dl_iterate_phdr(read_counters, counters);
    bool changed = counters[0] != loads_seen || counters[1] != unloads_seen;
    if (changed || (several && found && !is_initialized(dlsym(found, PROBE)))) {
        loads_seen = counters[0];
        unloads_seen = counters[1];
        const void *probe = search_objects();
        found = probe ? open_owner(probe) : NULL;
    }
    if (!found) {
        return NULL;
    }
    *initialized = is_initialized(dlsym(found, PROBE));
    return found;
}
