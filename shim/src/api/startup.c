/* SPDX-License-Identifier: MIT */
/*
 * What happens by itself: when the library is loaded, when the process has an application object, when it is forked. Here the
 * parts are put together: Qt calls back through the one table below.
 */
#include "api/startup.h"

#include "api/seeing.h"
#include "api/summary.h"
#include "loop/loop.h"
#include "loop/stats.h"
#include "os/fork.h"
#include "preload/environment.h"
#include "python/environ.h"
#include "python/import.h"
#include "qt/qt.h"
#include "settings/wanted.h"

#include <stdbool.h>
#include <stddef.h>

static bool started; /* the library's start is over: what is constructed now is this process's own */

/* On any thread if the library is loaded into a process that has an application object, else on the GUI thread. */
static void on_application(void)
{
    if (!started && gy_fork_parent_has(gy_qt_core_address())) {
        gy_wanted_note_child(); /* the object is a copy of the parent's, and so is its event loop */
        return;
    }
    gy_environment_remove_preload(gy_environ_copy);
    bool news, enabled = gy_wanted_enable_by_environment(&news);
    gy_summary_arrange();
    gy_seeing_arrange();
    if (news) {
        gy_stats_reset(&gy_loop_stats);
    }
    if (enabled) {
        gy_import_prepare();
        gy_loop_tell();
    }
}

static void on_child(void)
{
    if (gy_qt_has_application()) {
        gy_wanted_note_child();
    }
}

void gy_startup(void)
{
    static const gy_fork_handlers fork_handlers = {.child = on_child};
    static const gy_qt_callbacks qt_callbacks = {
        .application = on_application,
        .application_gone = gy_loop_on_application_gone,
        .about_to_quit = gy_loop_on_about_to_quit,
        .tick = gy_loop_on_tick,
        .turn = gy_loop_on_turn,
        .wake = gy_loop_on_wake,
    };
    gy_fork_watch(GY_FORK_PROCESS, &fork_handlers);
    gy_wanted_init();
    gy_qt_init(&qt_callbacks);
    started = true;
}
