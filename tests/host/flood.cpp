/* SPDX-License-Identifier: MIT */
#include "flood.h"

#include "clock.h"

#include <QCoreApplication>
#include <QEvent>

Flood::Flood(int workUs, const Callback &function) : workNs(int64_t(workUs) * 1000), callback(function)
{
    post();
}

void Flood::post()
{
    QCoreApplication::postEvent(this, new QEvent(QEvent::User));
}

bool Flood::event(QEvent *event)
{
    if (event->type() != QEvent::User) {
        return QObject::event(event);
    }
    ++events;
    post();
    spinCpu(workNs);
    const Callback kept = callback;
    if (kept) {
        kept->call();
    }
    return true;
}
