/* SPDX-License-Identifier: MIT */
/*
 * Qt's GLib dispatcher, the default on Linux, waits in the poll function of GLib's default main context, which is public and can
 * be replaced at run time: g_main_context_set_poll_func(). GLib calls it with the context unlocked, after all sources have said
 * what they wait for and before any is dispatched; nested loops and modal dialogs come through it too. Worker threads' contexts
 * are others. GLib is looked up in the process, not linked: a Qt may be built without it.
 */
#include "loop/wait.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

/* GPollFD and GPollFunc of glib/gpoll.h. */
typedef struct GPollFD GPollFD;
typedef struct GMainContext GMainContext;
typedef int (*poll_function)(GPollFD *fds, unsigned count, int timeout_ms);

static struct {
    GMainContext *(*get_default)(void);
    poll_function (*get_poll_func)(GMainContext *);
    void (*set_poll_func)(GMainContext *, poll_function);
} glib;

/* Written on the GUI thread before the hook is installed. */
static gy_wait_handler handler; /* NULL: a plain pass */
static poll_function previous;
static pthread_t gui_thread;
static bool *reached; /* by in_chain() */

typedef struct glib_poll {
    gy_poll base;
    GPollFD *fds;
    unsigned count;
    int timeout_ms;
} glib_poll;

static int look(gy_poll *base)
{
    glib_poll *poll = (glib_poll *)base;
    return previous(poll->fds, poll->count, 0);
}

static int block(gy_poll *base)
{
    glib_poll *poll = (glib_poll *)base;
    return previous(poll->fds, poll->count, poll->timeout_ms);
}

static int hook(GPollFD *fds, unsigned count, int timeout_ms)
{
    bool on_gui_thread = pthread_equal(gui_thread, pthread_self());
    if (on_gui_thread && reached) {
        *reached = true;
        return 0;
    }
    if (!on_gui_thread || !handler) {
        return previous(fds, count, timeout_ms);
    }
    glib_poll poll = {{look, block, timeout_ms != 0, false}, fds, count, timeout_ms};
    return handler(&poll.base);
}

static bool find_function(void *library, const char *name, void *function)
{
    void *symbol = dlsym(library, name);
    memcpy(function, &symbol, sizeof symbol);
    return symbol != NULL;
}

static bool find_glib(void)
{
    void *library = dlopen("libglib-2.0.so.0", RTLD_LAZY | RTLD_NOLOAD);
    void *where = library ? library : RTLD_DEFAULT;
    return find_function(where, "g_main_context_default", &glib.get_default) &&
           find_function(where, "g_main_context_get_poll_func", &glib.get_poll_func) &&
           find_function(where, "g_main_context_set_poll_func", &glib.set_poll_func);
}

/* Does `outermost` come to our hook? Whoever hooked in before or after us may have cut it out of the chain when it went. */
static bool in_chain(poll_function outermost)
{
    bool found = false;
    reached = &found;
    outermost(NULL, 0, 0);
    reached = NULL;
    return found;
}

static const char *install(gy_wait_handler wanted)
{
    if (!glib.set_poll_func && !find_glib()) {
        return "there is no GLib in the process";
    }
    GMainContext *context = glib.get_default();
    gui_thread = pthread_self();
    poll_function current = glib.get_poll_func(context);
    /* After a remove() that found another hook on top of ours, ours may still be in the chain, and `previous` is still right. */
    if (!previous || !in_chain(current)) {
        previous = current;
        handler = wanted;
        glib.set_poll_func(context, hook);
    }
    handler = wanted;
    return NULL;
}

static void remove_hook(void)
{
    GMainContext *context = glib.get_default();
    handler = NULL;
    if (glib.get_poll_func(context) == hook) {
        glib.set_poll_func(context, previous);
        previous = NULL;
    }
}

const gy_wait gy_wait_glib = {
    .name = "glib",
    .dispatcher = "QEventDispatcherGlib",
    .reason = "the event dispatcher is GLib's",
    .install = install,
    .remove = remove_hook,
};
