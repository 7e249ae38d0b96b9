/* SPDX-License-Identifier: MIT */
/*
 * The Python module `application`: what demo.py needs of the window. Called with the GIL held. Functions that a Python thread
 * may call from anywhere hand their work to the GUI thread; touching a widget from another thread is illegal in Qt.
 */
#include "demo_module.h"

#include "console_view.h"
#include "demo_window.h"
#include "host.h"
#include "slice_view.h"

#include <QCoreApplication>
#include <QElapsedTimer>

#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include <unistd.h>

/* A slot of the application that takes too long. It has a name that others see: stall reports are to tell it. */
void slowSlot(int ms);

void slowSlot(int ms)
{
    QElapsedTimer timer;
    timer.start();
    for (volatile unsigned work = 0; timer.elapsed() < ms;) {
        for (int i = 0; i < 100000; i++) {
            work = work * 31 + 7;
        }
    }
}

namespace
{

/* All of these are used on the GUI thread only. */
DemoWindow *window = nullptr;
std::map<QString, Callback> buttonCallbacks; /* By the name of the button. */
Callback mouseCallback;
Callback lineCallback;
QString line;

bool echo = true; /* Set before there is a second thread. */

/* Written and not yet shown, as {text, isError}: what several threads write is shown in the order in which they wrote it. */
std::mutex outputMutex; /* Protects `output`. */
std::vector<std::pair<QString, bool>> output;

PyObject *none()
{
    Py_RETURN_NONE;
}

PyObject *connectTo(PyObject *function, Callback *callback)
{
    return toCallback(function, callback) ? none() : nullptr;
}

/* At once on the GUI thread, else from its event loop. */
void onGuiThread(const std::function<void(DemoWindow *)> &call)
{
    if (Host::onGuiThread()) {
        if (window) {
            call(window);
        }
        return;
    }
    Host::post([call] {
        if (window) {
            call(window);
        }
    });
}

/* Sets ValueError for a name that no button has. The window does not change its buttons: any thread. */
bool isButton(const char *name)
{
    if (DemoWindow::isButton(name)) {
        return true;
    }
    PyErr_Format(PyExc_ValueError, "there is no button %s", name);
    return false;
}

PyObject *onButton(PyObject *, PyObject *args)
{
    const char *name;
    PyObject *function;
    if (!PyArg_ParseTuple(args, "sO:on_button", &name, &function) || !isButton(name)) {
        return nullptr;
    }
    return connectTo(function, &buttonCallbacks[name]);
}

void showOutput(DemoWindow *demo)
{
    std::vector<std::pair<QString, bool>> written;
    {
        const std::lock_guard<std::mutex> lock(outputMutex);
        written.swap(output);
    }
    for (const auto &[text, isError] : written) {
        demo->writeOutput(text, isError);
    }
}

PyObject *onMouseMove(PyObject *, PyObject *function)
{
    return connectTo(function, &mouseCallback);
}

PyObject *onLine(PyObject *, PyObject *function)
{
    return connectTo(function, &lineCallback);
}

PyObject *setButtonEnabled(PyObject *, PyObject *args)
{
    const char *name;
    int enabled;
    if (!PyArg_ParseTuple(args, "sp:set_button_enabled", &name, &enabled) || !isButton(name)) {
        return nullptr;
    }
    const QString button = name;
    /* The forum thread's code calls this from its thread: queued, so that the widget is touched by the GUI thread alone. */
    onGuiThread([button, enabled](DemoWindow *demo) { demo->setButtonEnabled(button, enabled != 0); });
    return none();
}

PyObject *setButtonUnavailable(PyObject *, PyObject *args)
{
    const char *name;
    const char *reason;
    if (!PyArg_ParseTuple(args, "ss:set_button_unavailable", &name, &reason) || !isButton(name)) {
        return nullptr;
    }
    if (window) {
        window->setButtonUnavailable(name, QString::fromUtf8(reason));
    }
    return none();
}

PyObject *setProgress(PyObject *, PyObject *args)
{
    double percent;
    const char *text;
    if (!PyArg_ParseTuple(args, "ds:set_progress", &percent, &text)) {
        return nullptr;
    }
    if (window) {
        window->setProgress(percent, QString::fromUtf8(text));
    }
    return none();
}

PyObject *write(PyObject *, PyObject *args)
{
    const char *text;
    Py_ssize_t size;
    int isError = 0;
    if (!PyArg_ParseTuple(args, "s#|p:write", &text, &size, &isError)) {
        return nullptr;
    }
    if (echo) {
        const ssize_t written = ::write(isError ? STDERR_FILENO : STDOUT_FILENO, text, size_t(size));
        (void)written;
    }
    {
        const std::lock_guard<std::mutex> lock(outputMutex);
        output.emplace_back(QString::fromUtf8(text, int(size)), isError != 0);
    }
    onGuiThread(showOutput);
    return none();
}

PyObject *takeLine(PyObject *, PyObject *)
{
    return PyUnicode_FromString(line.toUtf8().constData());
}

PyObject *setPrompt(PyObject *, PyObject *text)
{
    const char *utf8 = PyUnicode_AsUTF8(text);
    if (!utf8) {
        return nullptr;
    }
    if (window) {
        window->console->setPrompt(QString::fromUtf8(utf8));
    }
    return none();
}

PyObject *position(PyObject *, PyObject *)
{
    const SliceView::Position where = window ? window->image->position() : SliceView::Position{0, 0, 0, 0};
    return Py_BuildValue("iiii", where.x, where.y, where.slice, where.value);
}

PyObject *setCaption(PyObject *, PyObject *text)
{
    const char *utf8 = PyUnicode_AsUTF8(text);
    if (!utf8) {
        return nullptr;
    }
    if (window) {
        window->image->setCaption(QString::fromUtf8(utf8));
    }
    return none();
}

PyObject *setStalls(PyObject *, PyObject *texts)
{
    QStringList list;
    for (Py_ssize_t i = 0; i < PySequence_Size(texts); i++) {
        PyObject *item = PySequence_GetItem(texts, i);
        const char *utf8 = item ? PyUnicode_AsUTF8(item) : nullptr;
        list.append(QString::fromUtf8(utf8));
        Py_XDECREF(item);
    }
    if (PyErr_Occurred()) {
        return nullptr;
    }
    if (window) {
        window->setStalls(list);
    }
    return none();
}

PyObject *chosenStall(PyObject *, PyObject *)
{
    return PyLong_FromLong(window ? window->chosenStall() : 0);
}

PyObject *postSlowSlot(PyObject *, PyObject *args)
{
    int ms;
    if (!PyArg_ParseTuple(args, "i:post_slow_slot", &ms)) {
        return nullptr;
    }
    Host::post([ms] { slowSlot(ms); });
    return none();
}

PyObject *quit(PyObject *, PyObject *)
{
    Host::post([] { QCoreApplication::quit(); });
    return none();
}

PyMethodDef methods[] = {
    {"on_button", onButton, METH_VARARGS, "on_button(name, f): f() is called when that button is pressed."},
    {"on_mouse_move", onMouseMove, METH_O, "on_mouse_move(f): f() is called when the mouse moves over the image."},
    {"on_line", onLine, METH_O, "on_line(f): f() is called when a line was entered in the console."},
    {"set_button_enabled", setButtonEnabled, METH_VARARGS, "set_button_enabled(name, flag). Any thread."},
    {"set_button_unavailable", setButtonUnavailable, METH_VARARGS,
     "set_button_unavailable(name, reason): disabled for good; the tool tip says why"},
    {"set_progress", setProgress, METH_VARARGS, "set_progress(percent, text): the bar"},
    {"write", write, METH_VARARGS, "write(text, is_error=False): text for the console. Any thread."},
    {"take_line", takeLine, METH_NOARGS, "take_line() -> the line entered last"},
    {"set_prompt", setPrompt, METH_O, "set_prompt(text)"},
    {"position", position, METH_NOARGS, "position() -> (x, y, slice, value) under the mouse"},
    {"set_caption", setCaption, METH_O, "set_caption(text): the line at the foot of the image"},
    {"set_stalls", setStalls, METH_O, "set_stalls(texts): what watchButton may do"},
    {"chosen_stall", chosenStall, METH_NOARGS, "chosen_stall() -> the number of what is chosen there"},
    {"post_slow_slot", postSlowSlot, METH_VARARGS,
     "post_slow_slot(ms): a slot in C++ works for so long, called by the event loop"},
    {"quit", quit, METH_NOARGS, "quit(). Any thread."},
    {nullptr, nullptr, 0, nullptr}};

PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "application", "The demo's window.", -1, methods, nullptr, nullptr, nullptr, nullptr};

} // namespace

PyObject *initApplicationModule()
{
    PyObject *module = PyModule_Create(&definition);
    if (module && PyModule_AddStringConstant(module, "qt_version", qVersion()) != 0) {
        Py_CLEAR(module);
    }
    return module;
}

void setApplicationWindow(DemoWindow *newWindow)
{
    window = newWindow;
    if (!window) {
        buttonCallbacks.clear();
        mouseCallback.reset();
        lineCallback.reset();
        return;
    }
    const auto callIfSet = [](const Callback &callback) {
        if (callback) {
            callback->call();
        }
    };
    window->onButton = [callIfSet](const QString &name) { callIfSet(buttonCallbacks[name]); };
    window->image->onMouseMove = [callIfSet] { callIfSet(mouseCallback); };
    window->console->onLine = [callIfSet](const QString &entered) {
        line = entered;
        callIfSet(lineCallback);
    };
}

void setApplicationEcho(bool on)
{
    echo = on;
}
