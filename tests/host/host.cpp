/* SPDX-License-Identifier: MIT */
#include "host.h"

#include <QCoreApplication>
#include <QEvent>
#include <QThread>

#include <mutex>

namespace
{

class CallEvent : public QEvent
{
  public:
    explicit CallEvent(std::function<void()> function) : QEvent(type()), call(std::move(function))
    {
    }
    static Type type()
    {
        static const int number = registerEventType();
        return Type(number);
    }
    const std::function<void()> call;
};

/* Protects `current`, which other threads read in post(). */
std::mutex currentMutex;
Host *current = nullptr;

} // namespace

Host::Host(bool releases) : releasesGil(releases)
{
    const std::lock_guard<std::mutex> lock(currentMutex);
    current = this;
}

Host::~Host()
{
    {
        const std::lock_guard<std::mutex> lock(currentMutex);
        current = nullptr;
    }
    while (!cleanups.empty()) {
        const std::function<void()> cleanup = std::move(cleanups.back());
        cleanups.pop_back();
        cleanup();
    }
}

Host *Host::instance()
{
    return current;
}

bool Host::post(std::function<void()> call)
{
    const std::lock_guard<std::mutex> lock(currentMutex);
    if (!current) {
        return false;
    }
    QCoreApplication::postEvent(current, new CallEvent(std::move(call)));
    return true;
}

bool Host::onGuiThread()
{
    const std::lock_guard<std::mutex> lock(currentMutex);
    return current && current->thread() == QThread::currentThread();
}

int Host::startTimer(int ms, const Callback &callback)
{
    QTimer *timer = new QTimer(this);
    timer->setTimerType(Qt::PreciseTimer);
    /* A copy: a callable that stops its own timer must outlive the call. */
    connect(timer, &QTimer::timeout, this, [callback] {
        const Callback kept = callback;
        kept->call();
    });
    timer->start(ms);
    timers.insert(++lastTimer, timer);
    return lastTimer;
}

bool Host::stopTimer(int id)
{
    QTimer *timer = timers.take(id);
    if (!timer) {
        return false;
    }
    timer->stop();
    timer->deleteLater();
    return true;
}

void Host::singleShot(int ms, const Callback &callback)
{
    QTimer::singleShot(ms, Qt::PreciseTimer, this, [callback] { callback->call(); });
}

void Host::atEnd(std::function<void()> cleanup)
{
    cleanups.push_back(std::move(cleanup));
}

bool Host::event(QEvent *event)
{
    if (event->type() != CallEvent::type()) {
        return QObject::event(event);
    }
    static_cast<CallEvent *>(event)->call();
    return true;
}
