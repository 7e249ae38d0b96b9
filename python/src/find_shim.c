/* SPDX-License-Identifier: MIT */
#include "find_shim.h"

#include "os/objects.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Fills `found` from a handle. Returns 1, or 0 if this is no shim, or -1 if it lacks a function: then `problem` says which. */
static int resolve(shim_search *s, void *handle)
{
    void *symbol = dlsym(handle, "gilyield_version");
    Dl_info info;
    if (symbol == NULL) {
        return 0;
    }
    s->found.path = dladdr(symbol, &info) != 0 && info.dli_fname != NULL ? info.dli_fname : "";
#define X(result, name, parameters)                                                                                              \
    symbol = dlsym(handle, "gilyield_" #name);                                                                                   \
    if (symbol == NULL) {                                                                                                        \
        snprintf(s->problem, sizeof s->problem,                                                                                  \
                 "%s has no function gilyield_" #name ": it does not fit this Python module (version " GILYIELD_PY_VERSION ")",  \
                 s->found.path);                                                                                                 \
        return -1;                                                                                                               \
    }                                                                                                                            \
    memcpy(&s->found.name, &symbol, sizeof symbol);
    GILYIELD_PY_API_MAP(X)
#undef X
    return 1;
}

static int resolve_loaded(shim_search *s, const gy_objects *objects)
{
    int result = resolve(s, RTLD_DEFAULT);
    for (size_t i = 0; result == 0 && i < objects->count; i++) {
        const char *slash = strrchr(objects->names[i], '/');
        if (strstr(slash != NULL ? slash + 1 : objects->names[i], "libgilyield-qt") == NULL) {
            continue;
        }
        void *handle = gy_objects_open(objects->names[i]);
        if (handle != NULL) {
            result = resolve(s, handle);
        }
    }
    return result;
}

typedef struct qt_copy {
    const char *version; /* static in Qt */
    void *symbol;        /* qVersion: its address tells one copy of Qt from another */
    const char *path;    /* belongs to the loader */
    int has_application;
} qt_copy;

/* Looks at the Qt that `handle` leads to, itself or through its dependencies. Returns 1 if there is one. */
static int look_at_qt(void *handle, qt_copy *qt)
{
    const char *(*version)(void);
    Dl_info info;
    qt->symbol = dlsym(handle, "qVersion");
    if (qt->symbol == NULL) {
        return 0;
    }
    memcpy(&version, &qt->symbol, sizeof version);
    qt->version = version();
    if (qt->version == NULL || qt->version[0] < '1' || qt->version[0] > '9') {
        return 0;
    }
    qt->path = dladdr(qt->symbol, &info) != 0 && info.dli_fname != NULL ? info.dli_fname : "";
    void **self = dlsym(handle, "_ZN16QCoreApplication4selfE");
    qt->has_application = self != NULL && *self != NULL;
    return 1;
}

/* Finds the Qt of this process; of several copies the one that has an application object, else the first. Returns how many. */
static int find_qt(const gy_objects *objects, qt_copy *chosen)
{
    int found = 0;
    void *last = NULL;
    for (size_t i = 0; i < objects->count; i++) {
        qt_copy qt;
        void *handle = gy_objects_open(objects->names[i]);
        if (handle == NULL) {
            continue;
        }
        if (look_at_qt(handle, &qt)) { /* through each object that depends on it: many times */
            if (found == 0 || (qt.has_application && !chosen->has_application)) {
                *chosen = qt;
            }
            found += qt.symbol != last;
            last = qt.symbol;
        }
        dlclose(handle);
    }
    return found;
}

/* The shim needs libQt5Core.so.5 by that name. If this Qt is not known by it, the loader would bring in a second Qt. */
static int known_by_soname(const qt_copy *qt, long major)
{
    char soname[64];
    snprintf(soname, sizeof soname, "libQt%ldCore.so.%ld", major, major);
    void *handle = gy_objects_open(soname);
    int same = handle != NULL && dlsym(handle, "qVersion") == qt->symbol;
    if (handle != NULL) {
        dlclose(handle);
    }
    return same;
}

/* Loads the shim for `major`: from the directories, else by its soname from where the loader looks. */
static void *load(shim_search *s, const qt_copy *qt, long major)
{
    char path[4096], failure[512] = "";
    void *handle = NULL;
    for (size_t i = 0; handle == NULL && i < 2 * (s->dir_count + 1); i++) {
        size_t dir = i / 2;
        const char *suffix = i % 2 == 0 ? ".so.0" : ".so";
        int length = dir < s->dir_count ? snprintf(path, sizeof path, "%s/libgilyield-qt%ld%s", s->dirs[dir], major, suffix)
                                        : snprintf(path, sizeof path, "libgilyield-qt%ld%s", major, suffix);
        if (length < 0 || (size_t)length >= sizeof path || (dir < s->dir_count && access(path, F_OK) != 0)) {
            continue;
        }
        handle = dlopen(path, RTLD_NOW | RTLD_LOCAL); /* global would make Qt and all that it needs global, too */
        /* The first failure is the one to tell: a file that is there says more than a soname that is not. */
        const char *text = handle == NULL && failure[0] == '\0' ? dlerror() : NULL;
        if (text != NULL) {
            snprintf(failure, sizeof failure, "%s", text);
        }
    }
    if (handle == NULL) {
        snprintf(s->problem, sizeof s->problem,
                 "Qt %s is in this process, but libgilyield-qt%ld.so.0 could not be loaded: %s (looked in %s%s, then where the "
                 "system looks)",
                 qt->version, major, failure, s->dir_count > 0 ? s->dirs[0] : "no directory", s->dir_count > 1 ? ", ..." : "");
    }
    return handle;
}

static int load_for_qt(shim_search *s, const gy_objects *objects)
{
    qt_copy qt;
    int copies = find_qt(objects, &qt);
    if (s->only_if_sure && copies != 1) {
        return 0;
    }
    if (copies == 0) {
        snprintf(s->problem, sizeof s->problem,
                 "there is no Qt in this process: gilyield works in Qt applications that embed Python, and in Python programs "
                 "that have imported PyQt or PySide");
        return -1;
    }
    long major = strtol(qt.version, NULL, 10);
    if (!known_by_soname(&qt, major)) {
        snprintf(
            s->problem, sizeof s->problem,
            "the Qt %s in this process (%s) is not known to the loader as libQt%ldCore.so.%ld, and loading libgilyield-qt%ld "
            "would bring in a second Qt: preload or link a gilyield that was built with this Qt",
            qt.version, qt.path, major, major, major);
        return -1;
    }
    void *handle = load(s, &qt, major);
    if (handle == NULL) {
        return -1;
    }
    int result = resolve(s, handle);
    if (result == 0) {
        snprintf(s->problem, sizeof s->problem, "the libgilyield-qt%ld that was loaded has no function gilyield_version", major);
    }
    return result == 1 ? 1 : -1;
}

int gilyield_py_find_shim(shim_search *s)
{
    gy_objects objects;
    int result = -1;
    if (!gy_objects_list(&objects)) {
        snprintf(s->problem, sizeof s->problem, "out of memory");
    } else {
        result = resolve_loaded(s, &objects);
    }
    if (result == 0 && s->dirs != NULL) {
        result = load_for_qt(s, &objects);
    }
    gy_objects_free(&objects);
    return result;
}
