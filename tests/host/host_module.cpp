/* SPDX-License-Identifier: MIT */
/*
 * The Python module `host`: what a script can do in the test host. Each function parses, checks its thread, and calls C++.
 * All functions are called with the GIL held. Those that take or run GUI things want the GUI thread; host.post(), host.quit()
 * and the figures that need no Qt object may be called from every Python thread.
 */
#include "host_module.h"

#include "animation.h"
#include "clock.h"
#include "flood.h"
#include "host.h"
#include "latency.h"
#include "loops.h"
#include "probe.h"
#include "slot_load.h"

#include <QAbstractEventDispatcher>
#include <QApplication>

namespace
{

Callback onExec;

std::unique_ptr<Probe> probe;
std::unique_ptr<Latency> latency;
std::unique_ptr<SlotLoad> slotLoad;
std::unique_ptr<Animation> animation;
std::unique_ptr<Flood> flood;

PyObject *none()
{
    Py_RETURN_NONE;
}

bool wantGui()
{
    if (Host::onGuiThread()) {
        return true;
    }
    PyErr_SetString(PyExc_RuntimeError, "only on the thread of the application, while it lives");
    return false;
}

bool wantWidgets()
{
    if (!wantGui()) {
        return false;
    }
    if (qobject_cast<QApplication *>(QCoreApplication::instance())) {
        return true;
    }
    PyErr_SetString(PyExc_RuntimeError, "wants a QApplication, and this host was started with --core");
    return false;
}

bool wantCallable(PyObject *object, Callback *callback)
{
    if (!toCallback(object, callback)) {
        return false;
    }
    if (!*callback) {
        PyErr_SetString(PyExc_TypeError, "a callable is wanted, not None");
        return false;
    }
    return true;
}

/* For the loads: at most one of each kind; it dies before the application does. */
template <class Load> bool wantStopped(const std::unique_ptr<Load> &load)
{
    if (load) {
        PyErr_SetString(PyExc_RuntimeError, "has been started already");
        return false;
    }
    return true;
}

template <class Load> bool wantStarted(const std::unique_ptr<Load> &load)
{
    if (!wantGui()) {
        return false;
    }
    if (!load) {
        PyErr_SetString(PyExc_RuntimeError, "has not been started");
        return false;
    }
    return true;
}

template <class Load> void keep(std::unique_ptr<Load> &slot, Load *load)
{
    slot.reset(load);
    Host::instance()->atEnd([&slot] { slot.reset(); });
}

PyObject *toList(const std::vector<double> &values)
{
    PyObject *list = PyList_New(Py_ssize_t(values.size()));
    for (size_t i = 0; list && i < values.size(); ++i) {
        PyList_SET_ITEM(list, Py_ssize_t(i), PyFloat_FromDouble(values[i]));
    }
    return list;
}

PyObject *quit(PyObject *, PyObject *args)
{
    int code = 0;
    if (!PyArg_ParseTuple(args, "|i:quit", &code)) {
        return nullptr;
    }
    /* Posted: so it counts from other threads, and before exec() has begun. */
    if (!Host::post([code] { QCoreApplication::exit(code); })) {
        PyErr_SetString(PyExc_RuntimeError, "there is no application");
        return nullptr;
    }
    return none();
}

PyObject *post(PyObject *, PyObject *function)
{
    Callback callback;
    if (!wantCallable(function, &callback)) {
        return nullptr;
    }
    if (!Host::post([callback] { callback->call(); })) {
        PyErr_SetString(PyExc_RuntimeError, "there is no application");
        return nullptr;
    }
    return none();
}

PyObject *singleShot(PyObject *, PyObject *args)
{
    int ms;
    PyObject *function;
    Callback callback;
    if (!PyArg_ParseTuple(args, "iO:single_shot", &ms, &function) || !wantGui() || !wantCallable(function, &callback)) {
        return nullptr;
    }
    Host::instance()->singleShot(ms, callback);
    return none();
}

PyObject *every(PyObject *, PyObject *args)
{
    int ms;
    PyObject *function;
    Callback callback;
    if (!PyArg_ParseTuple(args, "iO:every", &ms, &function) || !wantGui() || !wantCallable(function, &callback)) {
        return nullptr;
    }
    return PyLong_FromLong(Host::instance()->startTimer(ms, callback));
}

PyObject *stop(PyObject *, PyObject *args)
{
    int id;
    if (!PyArg_ParseTuple(args, "i:stop", &id) || !wantGui()) {
        return nullptr;
    }
    return PyBool_FromLong(Host::instance()->stopTimer(id));
}

PyObject *onExecSet(PyObject *, PyObject *function)
{
    return toCallback(function, &onExec) ? none() : nullptr;
}

/* The loops: a releasing host gives the GIL up in them, a holding host does not. */
PyObject *runLoop(PyObject *args, bool (*allowed)(), void (*loop)(int))
{
    int ms;
    if (!PyArg_ParseTuple(args, "i", &ms) || !allowed()) {
        return nullptr;
    }
    {
        const LoopScope scope(Host::instance()->releasesGil);
        loop(ms);
    }
    return none();
}

PyObject *nestedLoop(PyObject *, PyObject *args)
{
    return runLoop(args, wantGui, loops::nested);
}

PyObject *processEvents(PyObject *, PyObject *args)
{
    return runLoop(args, wantGui, loops::processEvents);
}

PyObject *modalDialog(PyObject *, PyObject *args)
{
    return runLoop(args, wantWidgets, loops::modalDialog);
}

PyObject *menu(PyObject *, PyObject *args)
{
    return runLoop(args, wantWidgets, loops::menu);
}

PyObject *workerQThread(PyObject *, PyObject *args)
{
    int ms;
    if (!PyArg_ParseTuple(args, "i:worker_qthread", &ms) || !wantGui()) {
        return nullptr;
    }
    int count;
    {
        const LoopScope scope(Host::instance()->releasesGil);
        count = loops::workerThread(ms);
    }
    return PyLong_FromLong(count);
}

PyObject *turns(PyObject *, PyObject *args)
{
    int n;
    if (!PyArg_ParseTuple(args, "i:turns", &n) || !wantGui()) {
        return nullptr;
    }
    if (n < 1) {
        PyErr_SetString(PyExc_ValueError, "n must be at least 1");
        return nullptr;
    }
    double ns;
    {
        const LoopScope scope(Host::instance()->releasesGil);
        ns = loops::turns(n);
    }
    return PyFloat_FromDouble(ns);
}

bool toStrings(PyObject *sequence, QStringList *strings)
{
    PyObject *items = PySequence_Fast(sequence, "a sequence of strings is wanted");
    bool ok = items != nullptr;
    for (Py_ssize_t i = 0; ok && i < PySequence_Fast_GET_SIZE(items); ++i) {
        const char *text = PyUnicode_AsUTF8(PySequence_Fast_GET_ITEM(items, i));
        ok = text != nullptr;
        strings->append(QString::fromUtf8(text));
    }
    Py_XDECREF(items);
    return ok;
}

/* Holds the GIL while it waits, on purpose: many hosts do. */
PyObject *qprocessWait(PyObject *, PyObject *args)
{
    PyObject *command;
    int timeoutMs;
    QStringList strings;
    if (!PyArg_ParseTuple(args, "Oi:qprocess_wait", &command, &timeoutMs) || !wantGui() || !toStrings(command, &strings)) {
        return nullptr;
    }
    QString error;
    const int code = loops::waitForProcess(strings, timeoutMs, &error);
    if (code < 0) {
        PyErr_SetString(PyExc_RuntimeError, error.toUtf8().constData());
        return nullptr;
    }
    return PyLong_FromLong(code);
}

PyObject *busy(PyObject *, PyObject *args)
{
    double ms;
    if (!PyArg_ParseTuple(args, "d:busy", &ms)) {
        return nullptr;
    }
    spinCpu(int64_t(ms * 1e6));
    return none();
}

PyObject *postBusy(PyObject *, PyObject *args)
{
    double ms;
    if (!PyArg_ParseTuple(args, "d:post_busy", &ms)) {
        return nullptr;
    }
    Host::post([ms] { spinCpu(int64_t(ms * 1e6)); });
    return none();
}

PyObject *dispatcher(PyObject *, PyObject *)
{
    if (!wantGui()) {
        return nullptr;
    }
    return PyUnicode_FromString(QAbstractEventDispatcher::instance()->metaObject()->className());
}

PyObject *probeStart(PyObject *, PyObject *)
{
    if (!wantGui() || !wantStopped(probe)) {
        return nullptr;
    }
    keep(probe, new Probe);
    return none();
}

PyObject *probeCounts(PyObject *, PyObject *)
{
    if (!wantStarted(probe)) {
        return nullptr;
    }
    PyObject *dict = PyDict_New();
    for (int kind = 0; dict && kind < Probe::KindCount; ++kind) {
        const Probe::Count &count = probe->counts()[size_t(kind)];
        PyObject *pair = Py_BuildValue("KK", (unsigned long long)count.safe, (unsigned long long)count.unsafe);
        if (!pair || PyDict_SetItemString(dict, Probe::kindNames[kind], pair) != 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(pair);
    }
    return dict;
}

PyObject *probeStop(PyObject *self, PyObject *)
{
    PyObject *counts = probeCounts(self, nullptr);
    if (counts) {
        probe.reset();
    }
    return counts;
}

PyObject *latencyStart(PyObject *, PyObject *args, PyObject *keywords)
{
    static const char *names[] = {"min_ms", "max_ms", "f", "seed", "backlog", nullptr};
    Latency::Options options = {0, 0, 1, false};
    PyObject *function;
    int backlog = 0;
    Callback callback;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "ddO|Ip:latency_start", const_cast<char **>(names), &options.minMs,
                                     &options.maxMs, &function, &options.seed, &backlog) ||
        !wantGui() || !wantStopped(latency) || !wantCallable(function, &callback)) {
        return nullptr;
    }
    if (options.minMs < 0 || options.maxMs < options.minMs) {
        PyErr_SetString(PyExc_ValueError, "0 <= min_ms <= max_ms is wanted");
        return nullptr;
    }
    options.backlog = backlog != 0;
    keep(latency, new Latency(options, callback));
    return none();
}

PyObject *latencyStop(PyObject *, PyObject *)
{
    if (!wantStarted(latency)) {
        return nullptr;
    }
    PyObject *result = Py_BuildValue("{sNsN}", "start_ms", toList(latency->startMs()), "end_ms", toList(latency->endMs()));
    latency.reset();
    return result;
}

PyObject *slotStart(PyObject *, PyObject *args)
{
    int periodMs;
    PyObject *function;
    Callback callback;
    if (!PyArg_ParseTuple(args, "iO:slot_start", &periodMs, &function) || !wantGui() || !wantStopped(slotLoad) ||
        !wantCallable(function, &callback)) {
        return nullptr;
    }
    keep(slotLoad, new SlotLoad(periodMs, callback));
    return none();
}

PyObject *slotStop(PyObject *, PyObject *)
{
    if (!wantStarted(slotLoad)) {
        return nullptr;
    }
    PyObject *result = Py_BuildValue("{sNsN}", "duration_ms", toList(slotLoad->durationMs), "late_ms", toList(slotLoad->lateMs));
    slotLoad.reset();
    return result;
}

PyObject *animateStart(PyObject *, PyObject *args)
{
    double fps;
    PyObject *function = nullptr;
    Callback callback;
    if (!PyArg_ParseTuple(args, "d|O:animate_start", &fps, &function) || !wantWidgets() || !wantStopped(animation) ||
        !toCallback(function, &callback)) {
        return nullptr;
    }
    if (fps <= 0) {
        PyErr_SetString(PyExc_ValueError, "fps must be positive");
        return nullptr;
    }
    keep(animation, new Animation(fps, callback));
    animation->show();
    return none();
}

PyObject *animateStop(PyObject *, PyObject *)
{
    if (!wantStarted(animation)) {
        return nullptr;
    }
    PyObject *result = Py_BuildValue("{sisN}", "frames", animation->frames, "interval_ms", toList(animation->intervalMs));
    animation.reset();
    return result;
}

PyObject *floodStart(PyObject *, PyObject *args)
{
    int workUs;
    PyObject *function = nullptr;
    Callback callback;
    if (!PyArg_ParseTuple(args, "i|O:flood_start", &workUs, &function) || !wantGui() || !wantStopped(flood) ||
        !toCallback(function, &callback)) {
        return nullptr;
    }
    keep(flood, new Flood(workUs, callback));
    return none();
}

PyObject *floodStop(PyObject *, PyObject *)
{
    if (!wantStarted(flood)) {
        return nullptr;
    }
    PyObject *events = PyLong_FromUnsignedLongLong(flood->events);
    flood.reset();
    return events;
}

template <class Function> PyCFunction cast(Function function)
{
    return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

PyMethodDef methods[] = {
    {"quit", quit, METH_VARARGS, "quit(code=0): ends exec(). Any thread."},
    {"post", post, METH_O, "post(f): calls f() on the GUI thread, from its event loop. Any thread."},
    {"single_shot", singleShot, METH_VARARGS, "single_shot(ms, f)"},
    {"every", every, METH_VARARGS, "every(ms, f) -> id: calls f() again and again until stop(id)."},
    {"stop", stop, METH_VARARGS, "stop(id) -> whether there was such a timer"},
    {"on_exec", onExecSet, METH_O, "on_exec(f): f() is called from the event loop when an exec() has begun; None: no more."},
    {"nested_loop", nestedLoop, METH_VARARGS, "nested_loop(ms): QEventLoop.exec()"},
    {"process_events", processEvents, METH_VARARGS,
     "process_events(ms): QCoreApplication.processEvents() again and again, once at least"},
    {"modal_dialog", modalDialog, METH_VARARGS, "modal_dialog(ms): QDialog.exec()"},
    {"menu", menu, METH_VARARGS, "menu(ms): QMenu.exec()"},
    {"worker_qthread", workerQThread, METH_VARARGS, "worker_qthread(ms) -> events: a QThread with its own event loop"},
    {"turns", turns, METH_VARARGS, "turns(n) -> nanoseconds per turn of the event loop"},
    {"qprocess_wait", qprocessWait, METH_VARARGS, "qprocess_wait(command, timeout_ms) -> exit code. Keeps the GIL."},
    {"busy", busy, METH_VARARGS, "busy(ms): works in C++ for that much processor time and keeps the GIL."},
    {"post_busy", postBusy, METH_VARARGS, "post_busy(ms): has the event loop do the same, called by no Python."},
    {"dispatcher", dispatcher, METH_NOARGS, "dispatcher() -> class name of the GUI thread's event dispatcher"},
    {"probe_start", probeStart, METH_NOARGS, "probe_start(): starts the exactness probe."},
    {"probe_counts", probeCounts, METH_NOARGS, "probe_counts() -> {kind: (safe, unsafe)}"},
    {"probe_stop", probeStop, METH_NOARGS, "probe_stop() -> the last counts"},
    {"latency_start", cast(latencyStart), METH_VARARGS | METH_KEYWORDS,
     "latency_start(min_ms, max_ms, f, seed=1, backlog=False)"},
    {"latency_stop", latencyStop, METH_NOARGS, "latency_stop() -> {'start_ms': [...], 'end_ms': [...]}"},
    {"slot_start", slotStart, METH_VARARGS, "slot_start(period_ms, f)"},
    {"slot_stop", slotStop, METH_NOARGS, "slot_stop() -> {'duration_ms': [...], 'late_ms': [...]}"},
    {"animate_start", animateStart, METH_VARARGS, "animate_start(fps, f=None)"},
    {"animate_stop", animateStop, METH_NOARGS, "animate_stop() -> {'frames': n, 'interval_ms': [...]}"},
    {"flood_start", floodStart, METH_VARARGS, "flood_start(work_us, f=None)"},
    {"flood_stop", floodStop, METH_NOARGS, "flood_stop() -> events"},
    {nullptr, nullptr, 0, nullptr}};

PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "host", "What a script can do in the test host.", -1, methods, nullptr, nullptr, nullptr, nullptr};

} // namespace

PyObject *initHostModule()
{
    PyObject *module = PyModule_Create(&definition);
    if (module &&
        (PyModule_AddStringConstant(module, "qt_version", qVersion()) != 0 || PyModule_AddIntConstant(module, "round", 0) != 0)) {
        Py_CLEAR(module);
    }
    return module;
}

bool setHostRound(int round)
{
    PyObject *module = PyImport_ImportModule("host");
    const bool ok = module && PyModule_AddIntConstant(module, "round", round) == 0;
    Py_XDECREF(module);
    return ok;
}

void scheduleOnExec()
{
    const Callback callback = onExec;
    if (callback) {
        QTimer::singleShot(0, Host::instance(), [callback] { callback->call(); });
    }
}

void clearOnExec()
{
    onExec.reset();
}
