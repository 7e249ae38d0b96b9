/* SPDX-License-Identifier: MIT */
/* What C++ code of an application does, in calls that keep the GIL, as those of PythonQt and KLayout do. The scripts call it by
 * ctypes.PyDLL. */
#include <QtCore/QEventLoop>
#include <QtCore/QTimer>
#include <QtNetwork/QLocalSocket>
#include <QtNetwork/QTcpSocket>

#include <chrono>
#include <mutex>

namespace
{

std::timed_mutex mutex;

template <typename Socket> bool wait_for_ready_read(int descriptor, int ms)
{
    Socket socket;
    return socket.setSocketDescriptor(descriptor) && socket.waitForReadyRead(ms);
}

} // namespace

extern "C" {

/* Both take the descriptor, and close it. 1: there was something to read before `ms` milliseconds were over. */
int wait_for_tcp(int descriptor, int ms);
int wait_for_local(int descriptor, int ms);

/* Runs a nested event loop for `ms` milliseconds with the mutex held. */
void loop_with_mutex(int ms);

/* 1: got the mutex within `ms` milliseconds, and let go of it. */
int touch_mutex(int ms);
}

int wait_for_tcp(int descriptor, int ms)
{
    return wait_for_ready_read<QTcpSocket>(descriptor, ms);
}

int wait_for_local(int descriptor, int ms)
{
    return wait_for_ready_read<QLocalSocket>(descriptor, ms);
}

void loop_with_mutex(int ms)
{
    std::lock_guard<std::timed_mutex> guard(mutex);
    QEventLoop loop;
    QTimer timer;
    QObject::connect(&timer, &QTimer::timeout, &loop, &QEventLoop::quit);
    timer.start(ms);
    loop.exec();
}

int touch_mutex(int ms)
{
    std::unique_lock<std::timed_mutex> lock(mutex, std::chrono::milliseconds(ms));
    return lock.owns_lock();
}
