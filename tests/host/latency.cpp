/* SPDX-License-Identifier: MIT */
#include "latency.h"

#include "clock.h"

#include <QCoreApplication>
#include <QEvent>
#include <QObject>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

namespace
{

class StampedEvent : public QEvent
{
  public:
    StampedEvent() : QEvent(User), stamp(monotonicNs())
    {
    }
    const int64_t stamp;
};

} // namespace

struct Latency::Parts : public QObject {
    Options options;
    Callback callback;
    std::vector<double> startMs;
    std::vector<double> endMs;

    std::mutex mutex; /* Protects the two below. */
    bool stopping = false;
    bool pending = false;
    std::condition_variable changed;
    std::thread poster;

    void post();
    bool event(QEvent *event) override;
};

void Latency::Parts::post()
{
    std::mt19937 random(options.seed);
    std::uniform_real_distribution<double> delay(options.minMs, options.maxMs);
    std::unique_lock<std::mutex> lock(mutex);
    for (;;) {
        const std::chrono::duration<double, std::milli> wait(delay(random));
        if (changed.wait_for(lock, wait, [this] { return stopping; })) {
            return;
        }
        pending = true;
        QCoreApplication::postEvent(this, new StampedEvent);
        if (!options.backlog) {
            changed.wait(lock, [this] { return stopping || !pending; });
        }
    }
}

bool Latency::Parts::event(QEvent *event)
{
    if (event->type() != QEvent::User) {
        return QObject::event(event);
    }
    const int64_t stamp = static_cast<StampedEvent *>(event)->stamp;
    int64_t entered = 0;
    /* A copy: the callable may stop this measurement. */
    const Callback kept = callback;
    kept->call(&entered);
    const int64_t done = monotonicNs();
    startMs.push_back(double(entered - stamp) / 1e6);
    endMs.push_back(double(done - stamp) / 1e6);
    const std::lock_guard<std::mutex> lock(mutex);
    pending = false;
    changed.notify_one();
    return true;
}

Latency::Latency(const Options &options, const Callback &callback) : parts(new Parts)
{
    parts->options = options;
    parts->callback = callback;
    parts->poster = std::thread([this] { parts->post(); });
}

Latency::~Latency()
{
    {
        const std::lock_guard<std::mutex> lock(parts->mutex);
        parts->stopping = true;
        parts->changed.notify_one();
    }
    parts->poster.join();
}

const std::vector<double> &Latency::startMs() const
{
    return parts->startMs;
}

const std::vector<double> &Latency::endMs() const
{
    return parts->endMs;
}
