/* SPDX-License-Identifier: MIT */
#include "python/python_find.h"

#include "os/module_win32.h"

#include <stddef.h>
#include <string.h>

/* Present in every CPython since 1.5, and safe to call at any time. */
static const char PROBE[] = "Py_IsInitialized";

/* GUI thread only. */
static bool searched;
static unsigned changes_seen;
static void *found;
static const void *found_probe;
static bool several; /* more than one module holds a CPython: which one is used shows only when it is initialised */

static bool is_initialized(const void *address)
{
    int (*probe)(void);
    memcpy(&probe, &address, sizeof probe);
    return probe() != 0;
}

/* python3.dll hands its names on to pythonXY.dll, so what counts is the address. */
static bool visit(void *module, void *data)
{
    const void **best = data;
    const void *probe = gy_module_symbol(module, PROBE);
    if (probe && *best && probe != *best) {
        several = true;
    }
    if (probe && (!*best || (!is_initialized(*best) && is_initialized(probe)))) {
        *best = probe;
    }
    return false;
}

void *gy_python_find(bool *initialized)
{
    unsigned changes = gy_module_changes();
    if (!searched || changes != changes_seen || (several && found && !is_initialized(found_probe))) {
        searched = true;
        changes_seen = changes;
        several = false;
        found_probe = NULL;
        gy_module_visit(visit, &found_probe);
        /* Never unloaded again: its functions are kept. */
        found = found_probe ? gy_module_pin(found_probe) : NULL;
    }
    if (!found) {
        return NULL;
    }
    *initialized = is_initialized(found_probe);
    return found;
}

bool gy_python_is_only(void)
{
    return found && !several;
}
