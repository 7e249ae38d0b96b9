// SPDX-License-Identifier: MIT
// Holds the GIL through exec() for a second, and prints how often a Python thread that sleeps 20 ms came round meanwhile.
#include <Python.h>

#include <QCoreApplication>
#include <QTimer>

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    Py_Initialize();
    int bad = PyRun_SimpleString("import threading, time\n"
                                 "count = 0\n"
                                 "def work():\n"
                                 "    global count\n"
                                 "    while True:\n"
                                 "        time.sleep(0.02)\n"
                                 "        count += 1\n"
                                 "threading.Thread(target=work, daemon=True).start()\n"
                                 "before = count\n");
    QTimer::singleShot(1000, &application, [] { QCoreApplication::quit(); });
    QCoreApplication::exec();
    bad |= PyRun_SimpleString("print('progress', count - before)");
    return (Py_FinalizeEx() || bad) ? 1 : 0;
}
