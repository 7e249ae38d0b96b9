/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_QT_CORE_WIN32_H
#define GILYIELD_QT_CORE_WIN32_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The functions of the Qt Core in this process, by their exported names: nothing is linked with Qt, so one library serves Qt 5
 * and 6. As Visual C++ exports them; a Qt that was built by MinGW has other names and is not found. All that is relied upon is
 * in the code of every program that was compiled against Qt, and Qt keeps it for a major version.
 *
 * On 64-bit Windows a member function is called like a function with `this` as its first argument.
 */

typedef struct gy_qt_object gy_qt_object; /* QObject */
typedef struct gy_qt_thread gy_qt_thread; /* QThread */

/* QMetaObject::Connection */
typedef struct gy_qt_connection {
    void *d; /* NULL: there is none */
} gy_qt_connection;

/* QtPrivate::QSlotObjectBase, which counts references to itself. */
typedef struct gy_qt_slot {
    int32_t references;
    void (*impl)(int operation, struct gy_qt_slot *self, gy_qt_object *receiver, void **arguments, bool *result);
    void (*function)(void); /* ours */
} gy_qt_slot;

/* (member, return type, parameters, exported name) */
#define GY_QT_FUNCTIONS(X)                                                                                                       \
    X(version, const char *, (void), "qVersion")                                                                                 \
    X(add_pre_routine, void, (void (*)(void)), "?qAddPreRoutine@@YAXP6AXXZ@Z")                                                   \
    X(add_post_routine, void, (void (*)(void)), "?qAddPostRoutine@@YAXP6AXXZ@Z")                                                 \
    X(thread_of, gy_qt_thread *, (const gy_qt_object *), "?thread@QObject@@QEBAPEAVQThread@@XZ")                                 \
    X(current_thread, gy_qt_thread *, (void), "?currentThread@QThread@@SAPEAV1@XZ")                                              \
    X(loop_level, int, (const gy_qt_thread *), "?loopLevel@QThread@@QEBAHXZ")                                                    \
    X(dispatcher_of, gy_qt_object *, (gy_qt_thread *), "?instance@QAbstractEventDispatcher@@SAPEAV1@PEAVQThread@@@Z")            \
    X(inherits, bool, (const gy_qt_object *, const char *), "?inherits@QObject@@QEBA_NPEBD@Z")                                   \
    X(class_name, const char *, (const void *), "?className@QMetaObject@@QEBAPEBDXZ")                                            \
    X(connect, gy_qt_connection *,                                                                                               \
      (gy_qt_connection *, const gy_qt_object *, void **, const gy_qt_object *, void **, gy_qt_slot *, int, const int *,         \
       const void *),                                                                                                            \
      "?connectImpl@QObject@@CA?AVConnection@QMetaObject@@PEBV1@PEAPEAX01PEAVQSlotObjectBase@QtPrivate@@W4ConnectionType@Qt@@"   \
      "PEBHPEBU3@@Z")                                                                                                            \
    X(disconnect, bool, (const gy_qt_connection *), "?disconnect@QObject@@SA_NAEBVConnection@QMetaObject@@@Z")                   \
    X(destroy_connection, void, (gy_qt_connection *), "??1Connection@QMetaObject@@QEAA@XZ")

/* (member, exported name): data, and functions whose address names a signal. */
#define GY_QT_ADDRESSES(X)                                                                                                       \
    X(self, "?self@QCoreApplication@@0PEAV1@EA")                                                                                 \
    X(about_to_quit, "?aboutToQuit@QCoreApplication@@QEAAXUQPrivateSignal@1@@Z")                                                 \
    X(application_meta, "?staticMetaObject@QCoreApplication@@2UQMetaObject@@B")                                                  \
    X(about_to_block, "?aboutToBlock@QAbstractEventDispatcher@@QEAAXXZ")                                                         \
    X(awake, "?awake@QAbstractEventDispatcher@@QEAAXXZ")                                                                         \
    X(dispatcher_meta, "?staticMetaObject@QAbstractEventDispatcher@@2UQMetaObject@@B")

typedef struct gy_qt_core {
#define X(member, result, parameters, name) result(*member) parameters;
    GY_QT_FUNCTIONS(X)
#undef X
#define X(member, name) void *member;
    GY_QT_ADDRESSES(X)
#undef X
} gy_qt_core;

/* NULL as long as there is none; once found it is the same for ever. Any thread, with or without the GIL, not in DllMain(). */
const gy_qt_core *gy_qt_core_find(void);

/* QCoreApplication::instance() */
gy_qt_object *gy_qt_core_application(const gy_qt_core *core);

/* The class name of the object. Static. */
const char *gy_qt_core_class(const gy_qt_core *core, const gy_qt_object *object);

/*
 * Direct connection of a signal to function(): `signal` and `meta` are of gy_qt_core, `slot` is static and serves one connection
 * at a time. The connection lasts until gy_qt_core_disconnect().
 */
gy_qt_connection gy_qt_core_connect(const gy_qt_core *core, const gy_qt_object *sender, void *signal, const void *meta,
                                    gy_qt_slot *slot, void (*function)(void));

/* Harmless when there is none, or when the sender is gone. */
void gy_qt_core_disconnect(const gy_qt_core *core, gy_qt_connection *connection);

#endif
