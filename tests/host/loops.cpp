/* SPDX-License-Identifier: MIT */
#include "loops.h"

#include "clock.h"

#include <QCoreApplication>
#include <QDialog>
#include <QEvent>
#include <QEventLoop>
#include <QMenu>
#include <QProcess>
#include <QThread>
#include <QTimer>

namespace loops
{

void nested(int ms)
{
    QEventLoop loop;
    QTimer::singleShot(ms, Qt::PreciseTimer, &loop, &QEventLoop::quit);
    loop.exec();
}

void processEvents(int ms)
{
    const int64_t end = monotonicNs() + int64_t(ms) * 1000000;
    do {
        QCoreApplication::processEvents();
    } while (monotonicNs() < end);
}

void modalDialog(int ms)
{
    QDialog dialog;
    QTimer::singleShot(ms, Qt::PreciseTimer, &dialog, &QDialog::accept);
    dialog.exec();
}

void menu(int ms)
{
    QMenu menu;
    menu.addAction("one");
    menu.addAction("two");
    QTimer::singleShot(ms, Qt::PreciseTimer, &menu, &QMenu::close);
    menu.exec(QPoint(10, 10));
}

int workerThread(int ms)
{
    class Worker : public QThread
    {
      public:
        int count = 0;

      protected:
        void run() override
        {
            QTimer timer;
            timer.setTimerType(Qt::PreciseTimer);
            connect(&timer, &QTimer::timeout, &timer, [this] { ++count; });
            timer.start(1);
            exec();
        }
    };
    Worker worker;
    worker.start();
    nested(ms);
    worker.quit();
    worker.wait();
    return worker.count;
}

int waitForProcess(const QStringList &command, int timeoutMs, QString *error)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedChannels);
    process.start(command.value(0), command.mid(1));
    if (process.waitForFinished(timeoutMs) && process.exitStatus() == QProcess::NormalExit) {
        return process.exitCode();
    }
    *error = process.errorString();
    if (process.state() != QProcess::NotRunning) {
        process.kill();
        process.waitForFinished(5000);
    }
    return -1;
}

double turns(int n)
{
    class Turner : public QObject
    {
      public:
        int left = 0;
        QEventLoop loop;

      protected:
        bool event(QEvent *event) override
        {
            if (event->type() != QEvent::User) {
                return QObject::event(event);
            }
            if (--left > 0) {
                QCoreApplication::postEvent(this, new QEvent(QEvent::User));
            } else {
                loop.quit();
            }
            return true;
        }
    };
    Turner turner;
    turner.left = n;
    QCoreApplication::postEvent(&turner, new QEvent(QEvent::User));
    const int64_t start = monotonicNs();
    turner.loop.exec();
    return double(monotonicNs() - start) / n;
}

} // namespace loops
