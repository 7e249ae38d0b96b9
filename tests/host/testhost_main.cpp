/* SPDX-License-Identifier: MIT */
/*
 * A small scriptable host, made the way 3D Slicer is made: the application object first, then Python, then a script, then
 * exec() with the GIL held all through. Options turn each of these round. It does not know gilyield: it stands for an
 * unmodified application.
 */
#include "host_module.h"

#include "host.h"
#include "python_runtime.h"
#include "testhost_options.h"

#include <QApplication>

#include <cstdio>

namespace
{

int exitCode = 0;
PyThreadState *subInterpreter = nullptr;

/* Creates a sub-interpreter and comes back: from then on PyGILState_Check() says 1 for ever. */
void createSubInterpreter()
{
    PyThreadState *mainState = PyThreadState_Get();
    subInterpreter = Py_NewInterpreter();
    PyThreadState_Swap(mainState);
}

bool beginPython(const TestHostOptions &options, int argc, char **argv)
{
    const int first = options.scriptIndex ? options.scriptIndex : argc - 1;
    if (!startPython(argc - first, argv + first, "host", initHostModule)) {
        return false;
    }
    if (options.subInterpreter) {
        createSubInterpreter();
    }
    return true;
}

void endPython(const TestHostOptions &options)
{
    clearOnExec();
    if (options.noFinalize) {
        return;
    }
    if (subInterpreter) {
        PyThreadState *mainState = PyThreadState_Swap(subInterpreter);
        Py_EndInterpreter(subInterpreter);
        PyThreadState_Swap(mainState);
    }
    if (Py_FinalizeEx() != 0) {
        exitCode = 120;
    }
}

int execOnce(const TestHostOptions &options, int round)
{
    if (!options.noPython) {
        if (!setHostRound(round)) {
            reportPythonError(nullptr);
        }
        scheduleOnExec();
    }
    if (options.quitAfterMs >= 0) {
        QTimer::singleShot(options.quitAfterMs, Host::instance(), [] { QCoreApplication::quit(); });
    }
    const LoopScope scope(options.releaseGil);
    return QCoreApplication::exec();
}

/* From the script to the end of exec(), with an application object and with the GIL, if there is Python. */
void runApplication(const TestHostOptions &options, char **argv, int round)
{
    const Host host(options.releaseGil);
    if (!options.noPython) {
        if (!setHostRound(round)) {
            reportPythonError(nullptr);
        }
        if (!runScript(argv[options.scriptIndex])) {
            return;
        }
    }
    exitCode = execOnce(options, round);
    if (options.execTwice) {
        exitCode = execOnce(options, round + 1);
    }
}

} // namespace

int main(int argc, char **argv)
{
    TestHostOptions options;
    if (!parseTestHostOptions(argc, argv, &options)) {
        return 2;
    }
    bool pythonRuns = false;
    /* Whichever began later ends first, unless the application object comes more than once. */
    const bool pythonEndsLast = options.pythonFirst || options.rounds != 1;
    if (options.pythonFirst && !options.noPython && !(pythonRuns = beginPython(options, argc, argv))) {
        return 1;
    }
    for (int round = 0; round < options.rounds && pythonErrors == 0; ++round) {
        /* The script's arguments are none of Qt's business. */
        int qtArgc = 1;
        std::unique_ptr<QCoreApplication> application(options.core ? new QCoreApplication(qtArgc, argv)
                                                                   : new QApplication(qtArgc, argv));
        if (!options.core) {
            QApplication::setQuitOnLastWindowClosed(false);
        }
        if (!options.noPython && !pythonRuns && !(pythonRuns = beginPython(options, argc, argv))) {
            return 1;
        }
        runApplication(options, argv, round);
        if (pythonRuns && !pythonEndsLast) {
            endPython(options);
        }
    }
    if (pythonRuns && pythonEndsLast) {
        endPython(options);
    }
    return pythonErrors ? 1 : exitCode;
}
