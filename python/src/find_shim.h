/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_PYTHON_FIND_SHIM_H
#define GILYIELD_PYTHON_FIND_SHIM_H

#include <gilyield/gilyield.h>
#include <stddef.h>

#define GILYIELD_PY_STRING(x) #x
#define GILYIELD_PY_DOTTED(major, minor, patch)                                                                                  \
    GILYIELD_PY_STRING(major) "." GILYIELD_PY_STRING(minor) "." GILYIELD_PY_STRING(patch)
/* Of this Python module; the shim's own may be another. */
#define GILYIELD_PY_VERSION GILYIELD_PY_DOTTED(GILYIELD_VERSION_MAJOR, GILYIELD_VERSION_MINOR, GILYIELD_VERSION_PATCH)

/* The functions of the C API that the Python module uses: result, gilyield_<name>, parameters. */
#define GILYIELD_PY_API_MAP(X)                                                                                                   \
    X(int, start, (const gilyield_options *))                                                                                    \
    X(int, stop, (void))                                                                                                         \
    X(int, is_enabled, (void))                                                                                                   \
    X(int, configure, (const gilyield_options *))                                                                                \
    X(int, pause, (void))                                                                                                        \
    X(int, resume, (void))                                                                                                       \
    X(int, get_status, (gilyield_status *))                                                                                      \
    X(int, get_stats, (gilyield_stats *))                                                                                        \
    X(void, reset_stats, (void))                                                                                                 \
    X(int, set_option, (gilyield_options *, const char *, const char *, char *, size_t))                                         \
    X(const char *, word, (const char *, int))                                                                                   \
    X(const char *, strerror, (int))                                                                                             \
    X(const char *, version, (void))                                                                                             \
    X(int, post_or_drop, (void (*)(void *), void (*)(void *), void *))                                                           \
    X(uintptr_t, gui_thread, (void))                                                                                             \
    X(int, loop_level, (void))                                                                                                   \
    X(int, watch, (const gilyield_watch_options *))                                                                              \
    X(void, unwatch, (void))                                                                                                     \
    X(int, get_stalls, (gilyield_stall *, size_t, int))                                                                          \
    X(int, get_threads, (gilyield_thread *, size_t, int))                                                                        \
    X(int, trace_start, (void))                                                                                                  \
    X(int, trace_stop, (const char *))

#define X(result, name, parameters)                                                                                              \
    _Static_assert(_Generic(&gilyield_##name, result(*) parameters : 1, default : 0), "gilyield_" #name " is declared "          \
                                                                                      "otherwise");
GILYIELD_PY_API_MAP(X)
#undef X

typedef struct shim {
#define X(result, name, parameters) result(*name) parameters;
    GILYIELD_PY_API_MAP(X)
#undef X
    const char *path; /* belongs to the loader, and the shim is never unloaded */
} shim;

/*
 * The extension is not linked with the shim. There is one shim for each major version of Qt, often it is in the process before
 * Python is, and `import gilyield` has to work where there is no Qt at all. So it is found at run time, in this order:
 *
 *   1. the global scope: a preloaded shim, or a host that is linked with it;
 *   2. a loaded object whose file name contains "libgilyield-qt": a shim that was loaded RTLD_LOCAL;
 *   3. the shim that fits the Qt in the process, loaded now. Qt is recognised by the symbol qVersion, not by a file name.
 *
 * No Python object is touched. To be called without the GIL, as the dynamic loader runs constructors of others.
 */
typedef struct shim_search {
    const char *const *dirs; /* NULL: load nothing */
    size_t dir_count;
    int only_if_sure; /* load nothing unless there is one Qt in the process, and no other */
    shim found;
    char problem[1024]; /* a sentence, "" as long as all is well */
} shim_search;

/* Returns 1 and fills `found`; 0 if no shim is in the process and none was to be loaded; -1 and `problem`. */
int gilyield_py_find_shim(shim_search *search);

#endif
