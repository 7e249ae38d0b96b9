/* SPDX-License-Identifier: MIT */
/* What C++ code of an application does, in calls that keep the GIL, as those of PythonQt and KLayout do. The scripts call it by
 * ctypes.PyDLL. */
#include <QtCore/QEventLoop>
#include <QtCore/QTimer>
#include <QtNetwork/QLocalSocket>
#include <QtNetwork/QTcpSocket>

#include <chrono>
#include <mutex>
#include <thread>

namespace
{

std::mutex mutex;

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
    std::lock_guard<std::mutex> guard(mutex);
    QEventLoop loop;
    QTimer timer;
    QObject::connect(&timer, &QTimer::timeout, &loop, &QEventLoop::quit);
    timer.start(ms);
    loop.exec();
}

int touch_mutex(int ms)
{
    /* Not a timed_mutex: ThreadSanitizer does not know how that is taken. */
    for (; ms >= 0; ms--) {
        if (mutex.try_lock()) {
            mutex.unlock();
            return 1;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return 0;
}
