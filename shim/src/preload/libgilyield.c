/* SPDX-License-Identifier: MIT */
/*
 * libgilyield.so: what LD_PRELOAD names. It may stand before any program, shells, launchers and other architectures' C libraries
 * included, so it needs no library, and is nothing but the function below until a Qt application comes up. Then it opens the shim
 * for that Qt, libgilyield-qt5 or -qt6, which lies beside it.
 *
 * How it notices. Each version of Qt, from 5 on, calls setlocale() while it constructs the first QCoreApplication, before the
 * startup functions run which the shim registers. A preloaded library comes first wherever the loader looks for that name, also
 * for a Qt that is loaded later and for its own use only (`import PyQt5`). So Qt itself says when it is there, and the call's
 * return address says which Qt Core it is, however many there are and wherever they came from. Nothing else is watched:
 * dlopen() could not be replaced without taking its callers' library paths away. Of all that Qt calls then, setlocale() is what
 * other programs call once or never, and never in a signal handler or in the child of a fork.
 *
 * Why the shim gets the same Qt: it needs libQt5Core.so.5, and to the loader that is an object in memory that bears this name. If
 * the name leads to another copy than the one that called, or nowhere, nothing is opened, as a second Qt would come in.
 *
 * Built without the C library: references to it are weak and bear no version, so that neither an old nor another one refuses
 * them.
 */
#include "preload/symbols.h"

#include <dlfcn.h>
#include <link.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#pragma weak getenv
#pragma weak write

typedef struct qt_major {
    const char *core, *shim; /* DT_SONAME */
} qt_major;

static const qt_major MAJORS[] = {
    {"libQt5Core.so.5", "libgilyield-qt5.so.0"},
    {"libQt6Core.so.6", "libgilyield-qt6.so.0"},
};

/* Whether a Qt was met. Set once, by any thread. */
static int met;

static int equal(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static size_t append(char *line, size_t used, size_t size, const char *text)
{
    while (*text && used < size) {
        line[used++] = *text++;
    }
    return used;
}

/* As the shim: a line, and only where somebody wants gilyield and has not turned warnings off. */
static void complain(const qt_major *major, const char *problem)
{
    const char *wanted = getenv ? getenv("GILYIELD") : NULL;
    const char *level = wanted ? getenv("GILYIELD_LOG_LEVEL") : NULL;
    if (!wanted || !*wanted || equal(wanted, "0") || (level && equal(level, "error")) || !write) {
        return;
    }
    static const char *const parts[] = {"gilyield: off: ", " cannot be loaded for this application: "};
    char line[1024];
    size_t used = append(line, 0, sizeof line - 1, parts[0]);
    used = append(line, used, sizeof line - 1, major->shim);
    used = append(line, used, sizeof line - 1, parts[1]);
    used = append(line, used, sizeof line - 1, problem);
    line[used++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, used);
    (void)written;
}

/* The C library's own function, up to glibc 2.33 in libdl: another library's would ask in the name of that library. */
static void *of_libc(const char *name)
{
    void *function = gy_function_elsewhere(name, "libc.so.");
    return function ? function : gy_function_elsewhere(name, "libdl.so.");
}

static void open_shim(const gy_object *qt, const qt_major *major)
{
    void *(*open)(const char *, int) = (void *(*)(const char *, int))of_libc("dlopen");
    char *(*error)(void) = (char *(*)(void))of_libc("dlerror");
    if (!open || !error) {
        return;
    }
    const struct link_map *known = open(major->core, RTLD_LAZY | RTLD_NOLOAD);
    if (!known || known->l_addr != qt->base) {
        complain(major, "another Qt in this process goes by the name of its Qt Core");
        return;
    }
    /* Found by this library's RPATH, which is its own directory. Not global: that would make Qt and all that it needs global,
     * too. */
    if (!open(major->shim, RTLD_NOW | RTLD_LOCAL)) {
        const char *problem = error();
        complain(major, problem ? problem : "no reason given");
    }
}

static void look_at_caller(const void *address)
{
    gy_object caller;
    if (__atomic_load_n(&met, __ATOMIC_RELAXED) || !gy_object_of(address, &caller)) {
        return;
    }
    const char *name = gy_object_soname(&caller);
    for (size_t i = 0; i < sizeof MAJORS / sizeof *MAJORS; i++) {
        if (equal(name, MAJORS[i].core) && !__atomic_exchange_n(&met, 1, __ATOMIC_RELAXED)) {
            open_shim(&caller, &MAJORS[i]);
        }
    }
}

char *setlocale(int category, const char *locale);

/* Thread-safe as far as the C library's own is. */
__attribute__((visibility("default"))) char *setlocale(int category, const char *locale)
{
    static char *(*next)(int, const char *);
    look_at_caller(__builtin_return_address(0));
    char *(*function)(int, const char *) = __atomic_load_n(&next, __ATOMIC_RELAXED);
    if (!function) {
        function = (char *(*)(int, const char *))gy_function_elsewhere("setlocale", NULL);
        __atomic_store_n(&next, function, __ATOMIC_RELAXED);
    }
    return function ? function(category, locale) : NULL;
}
