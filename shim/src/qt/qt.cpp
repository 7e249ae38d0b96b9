// SPDX-License-Identifier: MIT
//
// Qt Core, for the rest of the shim. Everything Qt-like hangs on one QObject, the agent, which lives in the GUI thread and exists
// only while somebody has asked for something: a dormant library makes one connection, to aboutToQuit, and nothing else. No moc
// is needed: virtual event() and functor connections do it.
//
// Which thread is the GUI thread is noted when the application object is constructed: QCoreApplication::instance() may not be
// asked from other threads while the application comes or goes.
#include "qt/qt.h"

#include "gilyield/gilyield.h"
#include "os/fork.h"

#include <QAbstractEventDispatcher>
#include <QCoreApplication>
#include <QEvent>
#include <QObject>
#include <QThread>
#include <QTimerEvent>

#include <atomic>
#include <new>
#include <pthread.h>

namespace
{

// Written once, by gy_qt_init().
const gy_qt_callbacks *callbacks;
QEvent::Type WakeEvent, CallEvent;
QEvent::Type QuittableCallEvent; // a CallEvent that aboutToQuit drops
QEvent::Type AgainEvent;         // arrives if a loop runs after aboutToQuit

// The OS thread of the application. Compared instead of QThread::currentThread(), which would make a QThread for each foreign
// thread.
std::atomic<bool> guiIdKnown;
pthread_t guiId; // written before guiIdKnown is set, on the GUI thread

void note_gui_thread()
{
    if (!guiIdKnown.load(std::memory_order_relaxed)) {
        guiId = pthread_self();
        guiIdKnown.store(true, std::memory_order_release);
    }
}

// Posted calls that are neither done nor dropped: their receiver has to stay.
std::atomic<int> pendingCalls;

class Call : public QEvent
{
  public:
    Call(Type type, void (*wanted)(void *), void (*otherwise)(void *), void *argument)
        : QEvent(type), function(wanted), dropped(otherwise), data(argument)
    {
        ++pendingCalls;
    }
    // Qt destroys events after delivery, with their receiver, and in removePostedEvents(); its locks are free then.
    ~Call() override
    {
        --pendingCalls;
        if (!called && dropped) {
            dropped(data);
        }
    }
    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;
    void run()
    {
        called = true;
        function(data);
    }

  private:
    void (*const function)(void *);
    void (*const dropped)(void *);
    void *const data;
    bool called = false;
};

// aboutToQuit has come, and no event loop since: nobody would run a QuittableCallEvent. Set under `lock`.
std::atomic<bool> hasQuit;

class Agent : public QObject
{
  public:
    bool event(QEvent *event) override
    {
        if (event->type() == AgainEvent) {
            hasQuit = hasQuit && !runsAgain(false);
            return true;
        }
        if (event->type() == WakeEvent) {
            note_gui_thread();
            callbacks->wake();
            return true;
        }
        if (event->type() == CallEvent || event->type() == QuittableCallEvent) {
            note_gui_thread();
            static_cast<Call *>(event)->run();
            return true;
        }
        return QObject::event(event);
    }

    void startTicks(int ms, bool coarse)
    {
        stopTicks();
        timer = startTimer(ms, coarse ? Qt::CoarseTimer : Qt::PreciseTimer);
    }

    void stopTicks()
    {
        if (timer != 0) {
            killTimer(timer);
            timer = 0;
        }
    }

    void watchTurns(bool turns)
    {
        if (turns == bool(aboutToBlock)) {
            return;
        }
        if (!turns) {
            disconnect(aboutToBlock);
            disconnect(awake);
            aboutToBlock = awake = QMetaObject::Connection();
            return;
        }
        if (QAbstractEventDispatcher *dispatcher = QAbstractEventDispatcher::instance()) {
            aboutToBlock = connect(dispatcher, &QAbstractEventDispatcher::aboutToBlock, this, [this] { turn(true); });
            awake = connect(dispatcher, &QAbstractEventDispatcher::awake, this, [this] { turn(false); });
        }
    }

    void aboutToQuit();

  protected:
    void timerEvent(QTimerEvent *event) override
    {
        if (event->timerId() == timer) {
            callbacks->tick();
        }
    }

  private:
    void turn(bool waits)
    {
        if (runsAgain(waits)) {
            callbacks->turn();
        }
    }

    // False from exit() on, until an event loop runs that was not told to end. From 6.8 on Qt says aboutToQuit in exit(), while
    // loops still run, and their handlers may process events. Those loops wait no more; one that starts later does, at no higher
    // level.
    bool runsAgain(bool waits)
    {
        if (quitLevel > 0) {
            const int level = QThread::currentThread()->loopLevel();
            if (level > 0 && !(waits && level <= quitLevel)) {
                return false;
            }
            quitLevel = 0;
            hasQuit = false;
            disconnect(quitWaits);
            disconnect(quitTurns);
            quitWaits = quitTurns = QMetaObject::Connection();
        }
        return true;
    }

    int timer = 0;
    int quitLevel = 0; // how many loops ran at aboutToQuit, while they are about to end
    QMetaObject::Connection aboutToBlock, awake, quitWaits, quitTurns;
};

// Protects `agent` and `guiThread`. Any thread may set `agent` while there is none; it is done away with on the GUI thread only,
// where it may therefore be used without the lock. No call that could take the GIL is made under it.
pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
Agent *agent;
QThread *guiThread; // null while there is no application

struct Locked {
    Locked()
    {
        pthread_mutex_lock(&lock);
    }
    ~Locked()
    {
        pthread_mutex_unlock(&lock);
    }
};

void Agent::aboutToQuit()
{
    if (!callbacks->about_to_quit()) {
        return;
    }
    quitLevel = QThread::currentThread()->loopLevel();
    QAbstractEventDispatcher *dispatcher = QAbstractEventDispatcher::instance();
    if (quitLevel > 0 && dispatcher && !quitWaits) {
        quitWaits = connect(dispatcher, &QAbstractEventDispatcher::aboutToBlock, this, [this] { runsAgain(true); });
        quitTurns = connect(dispatcher, &QAbstractEventDispatcher::awake, this, [this] { runsAgain(false); });
    }
    {
        // What was posted before is dropped below, what comes after is refused.
        Locked locked;
        hasQuit = true;
    }
    QCoreApplication::removePostedEvents(this, QuittableCallEvent);
    QCoreApplication::postEvent(this, new QEvent(AgainEvent), Qt::HighEventPriority);
}

Agent *current_agent()
{
    Locked locked;
    return agent;
}

// Makes sure that there is an agent; false without an application. Any thread, without the lock.
bool make_agent()
{
    QThread *thread;
    {
        Locked locked;
        if (agent || !guiThread) {
            return agent;
        }
        thread = guiThread;
    }
    Agent *made = new (std::nothrow) Agent;
    if (!made) {
        return false;
    }
    if (made->thread() != thread) {
        made->moveToThread(thread);
    }
    bool published = false;
    {
        Locked locked;
        if (!agent && guiThread == thread) {
            agent = made;
            published = true;
        }
    }
    if (!published) {
        delete made; // another thread was quicker, or the application is gone
    }
    return true;
}

// Whether or not anything of this library was in use: a call that comes later has to be refused, too.
void about_to_quit()
{
    if (make_agent()) {
        agent->aboutToQuit();
    }
}

void application_gone()
{
    callbacks->application_gone();
    Agent *old;
    {
        // First, so that what is dropped below finds no application to post to.
        Locked locked;
        guiThread = nullptr;
        old = agent;
        agent = nullptr;
        hasQuit = false;
    }
    delete old;
    guiIdKnown = false;
}

// Runs at the end of every QCoreApplication constructor, or at once if the library is loaded when there is one.
void application_created()
{
    QCoreApplication *application = QCoreApplication::instance();
    if (!application) {
        return;
    }
    {
        Locked locked;
        guiThread = application->thread();
    }
    if (application->thread() == QThread::currentThread()) {
        note_gui_thread();
    }
    QObject::connect(application, &QCoreApplication::aboutToQuit, application, about_to_quit);
    qAddPostRoutine(application_gone);
    callbacks->application();
}

void before_fork()
{
    pthread_mutex_lock(&lock);
}

void after_fork()
{
    pthread_mutex_unlock(&lock);
}

} // namespace

void gy_qt_init(const gy_qt_callbacks *table)
{
    static const gy_fork_handlers fork_handlers = {before_fork, after_fork, after_fork};
    callbacks = table;
    for (QEvent::Type *type : {&WakeEvent, &CallEvent, &QuittableCallEvent, &AgainEvent}) {
        *type = QEvent::Type(QEvent::registerEventType());
    }
    gy_fork_watch(GY_FORK_QT, &fork_handlers);
    qAddPreRoutine(application_created);
}

bool gy_qt_has_application(void)
{
    Locked locked;
    return guiThread != nullptr;
}

bool gy_qt_on_gui_thread(void)
{
    return gy_qt_gui_thread() == (uintptr_t)pthread_self();
}

uintptr_t gy_qt_gui_thread(void)
{
    if (!guiIdKnown.load(std::memory_order_acquire)) {
        // Loaded late by another thread, and no event since. Asking Qt makes a QThread for a foreign thread: only in this case.
        Locked locked;
        if (!guiThread || guiThread != QThread::currentThread()) {
            return 0;
        }
        note_gui_thread();
    }
    return (uintptr_t)guiId;
}

bool gy_qt_wake(void)
{
    while (make_agent()) {
        Locked locked;
        if (agent) { // else the GUI thread has just done away with it
            QCoreApplication::postEvent(agent, new QEvent(WakeEvent), Qt::HighEventPriority);
            return true;
        }
    }
    return false;
}

int gy_qt_post(void (*function)(void *), void (*dropped)(void *), void *data, bool survives_quit)
{
    for (;;) {
        const bool made = make_agent();
        Locked locked;
        if (!guiThread || (!survives_quit && hasQuit)) {
            return GILYIELD_E_NO_APPLICATION;
        }
        if (!agent && made) {
            continue; // the GUI thread has just done away with it
        }
        const QEvent::Type type = survives_quit ? CallEvent : QuittableCallEvent;
        QEvent *event = agent ? new (std::nothrow) Call(type, function, dropped, data) : nullptr;
        if (!event) {
            return GILYIELD_E_NO_MEMORY;
        }
        QCoreApplication::postEvent(agent, event);
        return 0;
    }
}

const char *gy_qt_version(void)
{
    return qVersion();
}

const void *gy_qt_core_address(void)
{
    // Its text lies in Qt Core; a function's address may be a stub in the executable.
    return qVersion();
}

void gy_qt_start_timer(int ms, bool coarse)
{
    if (make_agent()) {
        agent->startTicks(ms, coarse);
    }
}

void gy_qt_stop_timer(void)
{
    if (Agent *present = current_agent()) {
        present->stopTicks();
    }
}

void gy_qt_watch_loop(bool turns)
{
    if (make_agent()) {
        agent->watchTurns(turns);
    }
}

const char *gy_qt_dispatcher(void)
{
    QAbstractEventDispatcher *dispatcher = QAbstractEventDispatcher::instance();
    return dispatcher ? dispatcher->metaObject()->className() : "";
}

bool gy_qt_dispatcher_inherits(const char *class_name)
{
    QAbstractEventDispatcher *dispatcher = QAbstractEventDispatcher::instance();
    return dispatcher && dispatcher->inherits(class_name);
}

int gy_qt_loop_level(void)
{
    return QThread::currentThread()->loopLevel();
}

void gy_qt_release(void)
{
    Agent *old = nullptr;
    {
        Locked locked;
        if (pendingCalls == 0 && !hasQuit) { // else it has to notice that a loop runs again
            old = agent;
            agent = nullptr;
        }
    }
    delete old;
    if (Agent *needed = current_agent()) {
        needed->stopTicks();
        needed->watchTurns(false);
    }
}
