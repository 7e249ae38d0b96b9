/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_QT_H
#define GILYIELD_QT_H

#include <stdbool.h>
#include <stdint.h>

/* clang-format off */
/*
 * Qt Core behind a C interface; it knows no Python and no policy. "The GUI thread" is the thread in which the QCoreApplication
 * lives.
 *
 * What Qt's versions and builds force on us:
 *
 *   all         aboutToBlock and awake enclose what GLib's dispatcher dispatches, and the UNIX one's timers and socket
 *               notifiers: no safe point between them. See loop/wait.h.
 *   all         QCoreApplication::instance() is not safe on other threads, and QThread::currentThread() makes a QThread for a
 *               thread that has none: the GUI thread is known by its OS thread.
 *   all         moveToThread() and connect() call virtual functions of the application object; where that is Python's (PyQt,
 *               PySide), they want the GIL: no lock of ours is held.
 *   all         Applications look at every object by dynamic_cast in event filters (KLayout): RTTI stays on.
 *   no GLib     QT_NO_GLIB=1, or Qt built without it: the dispatcher is QEventDispatcherUNIX, as in threads.
 *   no ppoll()  Qt built where there is none waits in poll().
 *   5.15        A library built with it asks for the symbol qt_version_tag, which an older Qt 5 has not: QT_NO_VERSION_TAGGING.
 *   from 6.8    QCoreApplication::exit() emits aboutToQuit at once, while event loops still run; before, after they have ended.
 */
/* clang-format on */

#ifdef __cplusplus
extern "C" {
#endif

/* What Qt calls back, all on the GUI thread but where said. */
typedef struct gy_qt_callbacks {
    /* An application object was constructed, or was already there when this library was loaded (then on any thread). */
    void (*application)(void);
    /* It is being destroyed. What was started below is gone after this returns. */
    void (*application_gone)(void);
    /* aboutToQuit: exec() has returned, or, from Qt 6.8 on, is going to. */
    bool (*about_to_quit)(void); /* false: this is no end, see gy_python_at_prompt() */
    /* The timer. */
    void (*tick)(void);
    /* The event loop is about to wait, or looks for events without waiting. Not a safe point: see loop/wait.h. */
    void (*turn)(void);
    /* What gy_qt_wake() asked for. */
    void (*wake)(void);
} gy_qt_callbacks;

/* Once, when the library is loaded. `callbacks` is static, and may be called before this returns. */
void gy_qt_init(const gy_qt_callbacks *callbacks);

/* Any thread. */
bool gy_qt_has_application(void);
bool gy_qt_on_gui_thread(void);
/* callbacks->wake() will be called by the GUI thread's event loop. False if there is no application. Any thread. */
bool gy_qt_wake(void);
/* pthread_self() of the GUI thread; 0 while it is not known. On the GUI thread it always is. Any thread. */
uintptr_t gy_qt_gui_thread(void);
/*
 * function(data) will be called by the GUI thread's event loop; dropped(data), unless NULL, if the application goes away before,
 * or is about to quit and the call does not survive that. 0 or a gilyield_error, then neither is called. Any thread.
 */
int gy_qt_post(void (*function)(void *), void (*dropped)(void *), void *data, bool survives_quit);
/* "5.15.8", of the Qt in the process. Static. Any thread. */
const char *gy_qt_version(void);

/* An address inside the Qt Core of this process. Any thread. */
const void *gy_qt_core_address(void);

/* The rest: GUI thread only, with an application. */

/* (Re)starts the one timer. A coarse timer may be late by a twentieth of its interval and wakes the processor less. */
void gy_qt_start_timer(int ms, bool coarse);
void gy_qt_stop_timer(void);
/* Whether callbacks->turn() is called. */
void gy_qt_watch_loop(bool turns);
/* Class name of the event dispatcher. Static or living as long as the library. */
const char *gy_qt_dispatcher(void);
/* Whether the event dispatcher is of that class or derived from it. */
bool gy_qt_dispatcher_inherits(const char *class_name);
/* How many event loops run in this thread, nested ones counted: 0 outside exec(). */
int gy_qt_loop_level(void);
/* Destroys what all of the above created; the receiver of posted calls once they have been delivered. */
void gy_qt_release(void);

#ifdef __cplusplus
}
#endif

#endif
