/* SPDX-License-Identifier: MIT */
#include "qt/qt_core_win32.h"

#include "os/log.h"
#include "os/module_win32.h"
#include "os/sync.h"

#include "gilyield/gilyield.h"

#include <stdatomic.h>
#include <string.h>

/* QtPrivate::QSlotObjectBase::Operation and Qt::ConnectionType. */
enum { SLOT_CALL = 1, SLOT_COMPARE = 2, DIRECT_CONNECTION = 1 };

static gy_qt_core core;
static _Atomic(const gy_qt_core *) found; /* &core once that is complete */

typedef struct search {
    void *module; /* that has a Qt Core, with an application object where several have */
    bool has_application;
} search;

static bool visit(void *module, void *data)
{
    search *result = data;
    void *const *self = gy_module_symbol(module, "?self@QCoreApplication@@0PEAV1@EA");
    if (self && (!result->module || *self)) {
        result->module = module;
        result->has_application = *self != NULL;
    }
    return result->has_application;
}

static bool fill(void *module)
{
    static const struct {
        size_t offset;
        const char *name;
    } rows[] = {
#define X(member, result, parameters, name) {offsetof(gy_qt_core, member), name},
        GY_QT_FUNCTIONS(X)
#undef X
#define X(member, name) {offsetof(gy_qt_core, member), name},
            GY_QT_ADDRESSES(X)
#undef X
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        void *symbol = gy_module_symbol(module, rows[i].name);
        if (!symbol) {
            gy_log(GILYIELD_LOG_WARN, "the Qt Core in this process has no %s; staying idle", rows[i].name);
            return false;
        }
        memcpy((char *)&core + rows[i].offset, &symbol, sizeof symbol);
    }
    return true;
}

const gy_qt_core *gy_qt_core_find(void)
{
    static gy_static_mutex lock; /* protects the rest */
    static unsigned changes_seen;
    static bool searched;
    const gy_qt_core *known = atomic_load_explicit(&found, memory_order_acquire);
    if (known) {
        return known;
    }
    gy_mutex_lock(gy_mutex_of(&lock));
    unsigned changes = gy_module_changes();
    known = atomic_load(&found);
    if (!known && (!searched || changes != changes_seen)) {
        search result = {0};
        searched = true;
        changes_seen = changes;
        gy_module_visit(visit, &result);
        if (result.module && fill(result.module)) {
            void *version;
            memcpy(&version, &core.version, sizeof version);
            gy_module_pin(version);
            known = &core;
            atomic_store_explicit(&found, known, memory_order_release);
        }
    }
    gy_mutex_unlock(gy_mutex_of(&lock));
    return known;
}

gy_qt_object *gy_qt_core_application(const gy_qt_core *qt)
{
    return *(gy_qt_object **)qt->self;
}

const char *gy_qt_core_class(const gy_qt_core *qt, const gy_qt_object *object)
{
    /* QObject's first virtual function is metaObject(). */
    typedef const void *(*meta_function)(const gy_qt_object *);
    const meta_function *const *table = (const void *)object;
    return qt->class_name((*table)[0](object));
}

static void run_slot(int operation, gy_qt_slot *self, gy_qt_object *receiver, void **arguments, bool *result)
{
    (void)receiver;
    (void)arguments;
    if (operation == SLOT_CALL) {
        self->function();
    } else if (operation == SLOT_COMPARE) {
        *result = false;
    }
}

gy_qt_connection gy_qt_core_connect(const gy_qt_core *qt, const gy_qt_object *sender, void *signal, const void *meta,
                                    gy_qt_slot *slot, void (*function)(void))
{
    /* Qt destroys a slot object whose last reference goes: ours is static, and one reference stays. */
    *slot = (gy_qt_slot){.references = 2, .impl = run_slot, .function = function};
    gy_qt_connection connection = {NULL};
    qt->connect(&connection, sender, &signal, sender, NULL, slot, DIRECT_CONNECTION, NULL, meta);
    return connection;
}

void gy_qt_core_disconnect(const gy_qt_core *qt, gy_qt_connection *connection)
{
    if (connection->d) {
        qt->disconnect(connection);
        qt->destroy_connection(connection);
        connection->d = NULL;
    }
}
