/* SPDX-License-Identifier: MIT */
#include "python/python_find.h"

#include "os/objects.h"

#include <dlfcn.h>
#include <link.h>
#include <stddef.h>
#include <string.h>

/* Present in every CPython since 1.5, and safe to call at any time. */
static const char PROBE[] = "Py_IsInitialized";

/* GUI thread only. */
static unsigned long long loads_seen, unloads_seen;
static void *found;
static bool several; /* more than one object holds a CPython: which one is used shows only when it is initialised */

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
    return gy_objects_open(map->l_name);
}

/* The probe of the best CPython among all loaded objects, NULL if there is none. */
static const void *search_objects(void)
{
    gy_objects objects;
    bool complete = gy_objects_list(&objects);
    const void *best = NULL;
    several = false;
    for (size_t i = 0; i < objects.count; i++) {
        void *handle = gy_objects_open(objects.names[i]);
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
    }
    gy_objects_free(&objects);
    if (!complete) {
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

bool gy_python_is_only(void)
{
    return found && !several;
}
