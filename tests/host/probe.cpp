/* SPDX-License-Identifier: MIT */
#include "python_call.h"

#include "probe.h"

#include <QAbstractNativeEventFilter>
#include <QApplication>
#include <QEvent>
#include <QPainter>
#include <QSocketNotifier>
#include <QTimer>
#include <QWidget>

#include <atomic>
#include <chrono>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

bool threadHoldsGil()
{
    if (!Py_IsInitialized()) {
        return false;
    }
#if PY_VERSION_HEX >= 0x030D0000
    PyThreadState *holder = PyThreadState_GetUnchecked();
#else
    PyThreadState *holder = _PyThreadState_UncheckedGet();
#endif
    /* Compared, never dereferenced: up to 3.11 it is the state of whichever thread holds the GIL. */
    return holder && holder == PyGILState_GetThisThreadState();
}

const char *const Probe::kindNames[KindCount] = {"timer", "zero_timer", "notifier", "posted", "native", "window", "paint"};

namespace
{

using Counts = std::array<Probe::Count, Probe::KindCount>;

/* What all parts share. GUI thread only. */
struct Counter {
    Counts counts;

    void note(Probe::Kind kind)
    {
        Probe::Count &count = counts[kind];
        ++(threadHoldsGil() ? count.safe : count.unsafe);
    }
};

class PostedReceiver : public QObject
{
  public:
    explicit PostedReceiver(Counter *shared) : counter(shared)
    {
    }

  protected:
    bool event(QEvent *event) override
    {
        if (event->type() != QEvent::User) {
            return QObject::event(event);
        }
        counter->note(Probe::Posted);
        return true;
    }

  private:
    Counter *counter;
};

class PipeNotifier : public QSocketNotifier
{
  public:
    PipeNotifier(int descriptor, Counter *shared) : QSocketNotifier(descriptor, Read), fd(descriptor), counter(shared)
    {
    }

  protected:
    /* Overridden, as the signal's signature is not the same in Qt 5 and Qt 6. */
    bool event(QEvent *event) override
    {
        if (event->type() != QEvent::SockAct) {
            return QSocketNotifier::event(event);
        }
        char bytes[64];
        counter->note(Probe::Notifier);
        return read(fd, bytes, sizeof bytes) >= 0;
    }

  private:
    const int fd;
    Counter *counter;
};

class NativeFilter : public QAbstractNativeEventFilter
{
  public:
    explicit NativeFilter(Counter *shared) : counter(shared)
    {
    }
#if QT_VERSION >= QT_VERSION_CHECK(6, 0, 0)
    bool nativeEventFilter(const QByteArray &, void *, qintptr *) override
#else
    bool nativeEventFilter(const QByteArray &, void *, long *) override
#endif
    {
        counter->note(Probe::Native);
        return false;
    }

  private:
    Counter *counter;
};

class WindowFilter : public QObject
{
  public:
    explicit WindowFilter(Counter *shared) : counter(shared)
    {
    }

  protected:
    bool eventFilter(QObject *receiver, QEvent *) override
    {
        if (receiver->isWidgetType() || receiver->isWindowType()) {
            counter->note(Probe::Window);
        }
        return false;
    }

  private:
    Counter *counter;
};

class PaintedWidget : public QWidget
{
  public:
    explicit PaintedWidget(Counter *shared) : counter(shared)
    {
        setWindowTitle("probe");
        resize(80, 60);
    }

  protected:
    void paintEvent(QPaintEvent *) override
    {
        counter->note(Probe::Paint);
        QPainter(this).fillRect(rect(), (turn = !turn) ? Qt::darkBlue : Qt::darkGreen);
    }

  private:
    Counter *counter;
    bool turn = false;
};

void sleepMs(int ms)
{
    std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

constexpr int burst = 20;

} // namespace

struct Probe::Parts {
    Counter counter;
    PostedReceiver receiver{&counter};
    NativeFilter nativeFilter{&counter};
    WindowFilter windowFilter{&counter};
    QTimer timer;
    QTimer zeroTimer;
    QTimer burstTimer;
    QTimer frameTimer;
    int zeroLeft = 0;
    int pipe[2] = {-1, -1};
    std::unique_ptr<PipeNotifier> notifier;
    std::unique_ptr<PaintedWidget> widget;
    std::atomic<bool> stopping{false};
    std::thread writer;
    std::thread poster;

    void startTimers();
    void startThreads();
    void startWidget();
};

void Probe::Parts::startTimers()
{
    timer.setTimerType(Qt::PreciseTimer);
    QObject::connect(&timer, &QTimer::timeout, &receiver, [this] { counter.note(Timer); });
    timer.start(1);
    QObject::connect(&zeroTimer, &QTimer::timeout, &receiver, [this] {
        counter.note(ZeroTimer);
        if (--zeroLeft <= 0) {
            zeroTimer.stop();
        }
    });
    QObject::connect(&burstTimer, &QTimer::timeout, &receiver, [this] {
        zeroLeft = burst;
        zeroTimer.start(0);
    });
    burstTimer.start(50);
}

void Probe::Parts::startThreads()
{
    if (pipe2(pipe, O_NONBLOCK | O_CLOEXEC) == 0) {
        notifier = std::make_unique<PipeNotifier>(pipe[0], &counter);
        writer = std::thread([this] {
            while (!stopping) {
                /* A full pipe is no loss: the notifier is late then, and wakes all the same. */
                const ssize_t written = write(pipe[1], "x", 1);
                (void)written;
                sleepMs(2);
            }
        });
    }
    poster = std::thread([this] {
        while (!stopping) {
            QCoreApplication::postEvent(&receiver, new QEvent(QEvent::User));
            sleepMs(3);
        }
    });
}

void Probe::Parts::startWidget()
{
    QCoreApplication::instance()->installNativeEventFilter(&nativeFilter);
    QCoreApplication::instance()->installEventFilter(&windowFilter);
    if (!qobject_cast<QApplication *>(QCoreApplication::instance())) {
        return;
    }
    widget = std::make_unique<PaintedWidget>(&counter);
    widget->show();
    frameTimer.setTimerType(Qt::PreciseTimer);
    QObject::connect(&frameTimer, &QTimer::timeout, widget.get(), [this] { widget->update(); });
    frameTimer.start(1000 / 60);
}

Probe::Probe() : parts(new Parts)
{
    parts->startTimers();
    parts->startThreads();
    parts->startWidget();
}

Probe::~Probe()
{
    parts->stopping = true;
    if (parts->writer.joinable()) {
        parts->writer.join();
    }
    parts->poster.join();
    QCoreApplication::instance()->removeNativeEventFilter(&parts->nativeFilter);
    QCoreApplication::instance()->removeEventFilter(&parts->windowFilter);
    parts->notifier.reset();
    for (const int fd : parts->pipe) {
        if (fd >= 0) {
            close(fd);
        }
    }
}

const std::array<Probe::Count, Probe::KindCount> &Probe::counts() const
{
    return parts->counter.counts;
}
