/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_TESTHOST_HOST_H
#define GILYIELD_TESTHOST_HOST_H

#include "python_call.h"

#include <QHash>
#include <QObject>
#include <QTimer>

#include <functional>
#include <vector>

/*
 * What lives as long as one application object: timers, the receiver of posted calls, and what the loads and the probe own.
 * All of it belongs to the GUI thread, except post().
 */
class Host : public QObject
{
  public:
    explicit Host(bool releasesGil);
    ~Host() override;

    /* The one that lives now, or null. GUI thread only. */
    static Host *instance();

    /* Runs the call once on the GUI thread, from its event loop. Any thread. False: there is no application. */
    static bool post(std::function<void()> call);

    /* True on the thread of the application; without one nobody is on it. Any thread. */
    static bool onGuiThread();

    int startTimer(int ms, const Callback &callback);
    bool stopTimer(int id);
    void singleShot(int ms, const Callback &callback);

    /* Deleted with the host, that is before the application object, in reverse order. */
    void atEnd(std::function<void()> cleanup);

    /* True for hosts that give the GIL up around their event loops, as PyQt does. */
    const bool releasesGil;

  protected:
    bool event(QEvent *event) override;

  private:
    QHash<int, QTimer *> timers;
    int lastTimer = 0;
    std::vector<std::function<void()>> cleanups;
};

/* Around every event loop of the host: gives the GIL up in hosts of the releasing kind, else does nothing. */
class LoopScope
{
  public:
    explicit LoopScope(bool release) : saved(release && Py_IsInitialized() ? PyEval_SaveThread() : nullptr)
    {
    }
    ~LoopScope()
    {
        if (saved) {
            PyEval_RestoreThread(saved);
        }
    }
    LoopScope(const LoopScope &) = delete;
    LoopScope &operator=(const LoopScope &) = delete;

  private:
    PyThreadState *saved;
};

#endif
