/* SPDX-License-Identifier: MIT */
/*
 * The thin layer between Python and the C API of <gilyield/gilyield.h>. It knows the API's types and CPython, nothing else:
 * options arrive here as text, figures leave as dicts; wording and convenience are the business of the Python modules around it.
 *
 * Every function here is called with the GIL held; only the search for the shim gives it up. The module does not declare support
 * for interpreters with a GIL of their own: one GIL protects the statics below.
 */
#define Py_LIMITED_API 0x03080000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "find_shim.h"
#include "frames.h"
#include "os/compiler.h"
#include "post.h"
#include "see.h"
#include "settings/options.h"

#include <stdlib.h>
#include <string.h>

/* The shim in use: set once, by commit(); shim_attached says whether. Protected by the GIL. */
static shim the_shim;
static int shim_attached;

/* Pauses that were opened before there was a shim; commit() hands them over. Protected by the GIL. */
static int early_pauses;

typedef struct module_state {
    PyObject *error; /* gilyield.Error */
} module_state;

static PyObject *error_type(PyObject *module)
{
    return ((module_state *)PyModule_GetState(module))->error;
}

static void commit(const shim *found)
{
    if (shim_attached) {
        return; /* another thread was faster while this one searched */
    }
    the_shim = *found;
    shim_attached = 1;
    gilyield_py_post_attach(found->post_or_drop, found->gui_thread, found->loop_level);
    gilyield_py_see_attach(found);
    for (; early_pauses > 0; early_pauses--) {
        the_shim.pause();
    }
}

static int search_and_commit(PyObject *module, shim_search *s)
{
    if (shim_attached) {
        return 1;
    }
    PyThreadState *state = PyEval_SaveThread();
    int result = gilyield_py_find_shim(s);
    PyEval_RestoreThread(state);
    if (result > 0) {
        commit(&s->found);
    } else if (result < 0) {
        PyObject *text = PyUnicode_DecodeFSDefault(s->problem);
        if (text != NULL) {
            PyErr_SetObject(error_type(module), text);
            Py_DECREF(text);
        }
    }
    return result;
}

/* Path of the attached shim, or None while there is none. */
static PyObject *shim_path(void)
{
    if (!shim_attached) {
        Py_RETURN_NONE;
    }
    return PyUnicode_DecodeFSDefault(the_shim.path);
}

static int require_shim(PyObject *module)
{
    if (!shim_attached) {
        PyErr_SetString(error_type(module), "no gilyield library is attached: call attach() first");
    }
    return shim_attached;
}

PyDoc_STRVAR(find_doc,
             "find($module, /)\n--\n\n"
             "Attach to a shim that is in the process already; load nothing. Return its path, or None if there is none.");

static PyObject *py_find(PyObject *module, PyObject *unused)
{
    shim_search s = {0};
    (void)unused;
    return search_and_commit(module, &s) < 0 ? NULL : shim_path();
}

PyDoc_STRVAR(attach_doc,
             "attach($module, dirs, only_if_sure=False, /)\n--\n\n"
             "Attach to the shim in the process, else load the one that fits the Qt in the process from the first of the\n"
             "directories that has it, else from where the system looks. Return its path. Raise Error. With only_if_sure\n"
             "return None where there is no Qt or more than one.");

static PyObject *py_attach(PyObject *module, PyObject *args)
{
    PyObject *result = NULL, *dirs;
    int only_if_sure = 0;
    Py_ssize_t count = PyArg_ParseTuple(args, "O|p:attach", &dirs, &only_if_sure) ? PySequence_Size(dirs) : -1;
    if (count < 0) {
        return NULL;
    }
    PyObject **encoded = calloc((size_t)count + 1, sizeof(PyObject *));
    const char **paths = calloc((size_t)count + 1, sizeof *paths);
    if (encoded == NULL || paths == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = PySequence_GetItem(dirs, i);
        int ok = item != NULL && PyUnicode_FSConverter(item, &encoded[i]) != 0;
        Py_XDECREF(item);
        if (!ok) {
            goto done;
        }
        paths[i] = PyBytes_AsString(encoded[i]);
    }
    shim_search s = {.dirs = paths, .dir_count = (size_t)count, .only_if_sure = only_if_sure};
    if (search_and_commit(module, &s) >= 0) {
        result = shim_path();
    }
done:
    for (Py_ssize_t i = 0; encoded != NULL && i < count; i++) {
        Py_XDECREF(encoded[i]);
    }
    free(encoded);
    free(paths);
    return result;
}

/* Sets one option from a Python str, which the shim understands. Returns 0, or -1 with an exception set. */
static int set_option(gilyield_options *options, PyObject *name, PyObject *value)
{
    char text[512];
    const char *value_text = NULL;
    PyObject *encoded_name = PyUnicode_AsUTF8String(name);
    PyObject *encoded_value = encoded_name != NULL ? PyUnicode_AsUTF8String(value) : NULL;
    int result = -1;
    /* A NUL in it is a ValueError. */
    if (encoded_value != NULL && PyBytes_AsStringAndSize(encoded_value, (char **)&value_text, NULL) == 0) {
        result = 0;
        if (the_shim.set_option(options, PyBytes_AsString(encoded_name), value_text, text, sizeof text) != 0) {
            PyObject *sentence = PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
            if (sentence != NULL) {
                PyErr_SetObject(PyExc_ValueError, sentence);
                Py_DECREF(sentence);
            }
            result = -1;
        }
    }
    Py_XDECREF(encoded_value);
    Py_XDECREF(encoded_name);
    return result;
}

/* Options from keyword arguments that are str. Returns 0, or -1 with an exception set. */
static int parse_options(PyObject *module, PyObject *args, PyObject *kwargs, gilyield_options *options)
{
    PyObject *name, *value;
    Py_ssize_t position = 0;
    *options = (gilyield_options){.size = sizeof *options};
    if (!PyArg_ParseTuple(args, "") || !require_shim(module)) {
        return -1;
    }
    while (kwargs != NULL && PyDict_Next(kwargs, &position, &name, &value)) {
        if (!PyUnicode_Check(value)) {
            PyErr_Format(PyExc_TypeError, "%U must be a str, not %R", name, value);
            return -1;
        }
        if (set_option(options, name, value) != 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *raise_error(PyObject *module, int error)
{
    PyErr_SetString(error_type(module), the_shim.strerror(error));
    return NULL;
}

PyDoc_STRVAR(check_option_doc, "check_option($module, name, value, /)\n--\n\n"
                               "Return \"\" if the environment takes that value for the variable of this name (\"slice_ms\",\n"
                               "\"watch_ms\"), else a sentence that says what is accepted. No shim is needed.");

static PyObject *py_check_option(PyObject *module, PyObject *args)
{
    const char *name, *value;
    char text[512] = "";
    (void)module;
    if (!PyArg_ParseTuple(args, "ss:check_option", &name, &value)) {
        return NULL;
    }
    gy_options_accept(name, value, text, sizeof text);
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

PyDoc_STRVAR(start_doc,
             "start($module, /, **options)\n--\n\n"
             "Enable gilyield. Options are str, as the environment has them; what is not given is as the environment says,\n"
             "else the default. Raise ValueError for a bad option, else Error.");

static PyObject *py_start(PyObject *module, PyObject *args, PyObject *kwargs)
{
    gilyield_options options;
    if (parse_options(module, args, kwargs, &options) != 0) {
        return NULL;
    }
    int error = the_shim.start(&options);
    if (error != 0) {
        return raise_error(module, error);
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(configure_doc, "configure($module, /, **options)\n--\n\n"
                            "Change the options given, as start() takes them. Raise ValueError for a bad option, else Error.");

static PyObject *py_configure(PyObject *module, PyObject *args, PyObject *kwargs)
{
    gilyield_options options;
    if (parse_options(module, args, kwargs, &options) != 0) {
        return NULL;
    }
    int error = the_shim.configure(&options);
    if (error != 0) {
        return raise_error(module, error);
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(stop_doc, "stop($module, /)\n--\n\nDisable gilyield. Harmless while it is off.");

static PyObject *py_stop(PyObject *module, PyObject *unused)
{
    (void)unused;
    if (!require_shim(module)) {
        return NULL;
    }
    int error = the_shim.stop();
    if (error != 0) {
        return raise_error(module, error);
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(is_enabled_doc,
             "is_enabled($module, /)\n--\n\nReturn whether gilyield is enabled; False while no shim is attached.");

static PyObject *py_is_enabled(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyBool_FromLong(shim_attached && the_shim.is_enabled());
}

PyDoc_STRVAR(pause_doc,
             "pause($module, /)\n--\n\n"
             "Open a pause and return how many are open. Works without a shim: it gets the open ones when it is attached.");

static PyObject *py_pause(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyLong_FromLong(shim_attached ? the_shim.pause() : ++early_pauses);
}

PyDoc_STRVAR(resume_doc, "resume($module, /)\n--\n\nClose a pause and return how many are open. One too many is ignored.");

static PyObject *py_resume(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    if (shim_attached) {
        return PyLong_FromLong(the_shim.resume());
    }
    if (early_pauses > 0) {
        early_pauses--;
    }
    return PyLong_FromLong(early_pauses);
}

/* A string of the shim's; it may be missing in a struct of an older shim. */
static PyObject *text_or_empty(const char *text)
{
    return text != NULL ? PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace") : PyUnicode_FromString("");
}

/* The word for an enum's value; its number if the shim has none. */
static PyObject *word(const char *member, int value)
{
    const char *text = the_shim.word(member, value);
    return text != NULL ? PyUnicode_FromString(text) : PyUnicode_FromFormat("%d", value);
}

/* Puts `value` into the dict and lets go of it, in any case. Returns 0, or -1 with an exception set. */
static int put(PyObject *dict, const char *name, PyObject *value)
{
    int result = value != NULL ? PyDict_SetItemString(dict, name, value) : -1;
    Py_XDECREF(value);
    return result;
}

PyDoc_STRVAR(status_doc, "status($module, /)\n--\n\nReturn a dict with what is in force; see gilyield_status in gilyield.h.");

static PyObject *py_status(PyObject *module, PyObject *unused)
{
    gilyield_status st = {.size = sizeof st};
    (void)unused;
    if (!require_shim(module)) {
        return NULL;
    }
    int error = the_shim.get_status(&st);
    if (error != 0) {
        return raise_error(module, error);
    }
    PyObject *dict = PyDict_New();
    if (dict == NULL || put(dict, "state", word("state", st.state)) || put(dict, "host", word("host", st.host)) ||
        put(dict, "mode", word("mode", st.mode)) || put(dict, "interval_ms", PyLong_FromLong(st.interval_ms)) ||
        put(dict, "slice_ms", PyLong_FromLong(st.slice_ms)) || put(dict, "priority", word("priority", st.priority)) ||
        put(dict, "switch_us", PyLong_FromLong(st.switch_us)) || put(dict, "log_level", word("log_level", st.log_level)) ||
        put(dict, "paused", PyLong_FromLong(st.paused)) || put(dict, "on_gui_thread", PyBool_FromLong(st.on_gui_thread)) ||
        put(dict, "since_unix_ms", PyLong_FromLongLong(st.since_unix_ms)) || put(dict, "wait", text_or_empty(st.wait)) ||
        put(dict, "wait_reason", text_or_empty(st.wait_reason)) ||
        put(dict, "priority_active", text_or_empty(st.priority_active)) ||
        put(dict, "priority_reason", text_or_empty(st.priority_reason)) ||
        put(dict, "qt_version", text_or_empty(st.qt_version)) || put(dict, "dispatcher", text_or_empty(st.dispatcher)) ||
        put(dict, "python_version", text_or_empty(st.python_version)) || put(dict, "watch_ms", PyLong_FromLong(st.watch_ms)) ||
        put(dict, "limit", text_or_empty(st.limit)) || put(dict, "library", shim_path()) ||
        put(dict, "version", text_or_empty(the_shim.version()))) {
        Py_CLEAR(dict);
    }
    return dict;
}

PyDoc_STRVAR(stats_doc, "stats($module, /)\n--\n\nReturn a dict with the figures; see gilyield_stats in gilyield.h.");

static PyObject *py_stats(PyObject *module, PyObject *unused)
{
    gilyield_stats stats = {.size = sizeof stats};
    (void)unused;
    if (!require_shim(module)) {
        return NULL;
    }
    int error = the_shim.get_stats(&stats);
    if (error != 0) {
        return raise_error(module, error);
    }
    PyObject *dict = PyDict_New();
#define X(name, kind, text)                                                                                                      \
    if (dict != NULL && put(dict, #name, PyLong_FromUnsignedLongLong(stats.name)))                                               \
        Py_CLEAR(dict);
    GILYIELD_STATS_MAP(X)
#undef X
    return dict;
}

PyDoc_STRVAR(reset_stats_doc, "reset_stats($module, /)\n--\n\nSet all figures to 0.");

static PyObject *py_reset_stats(PyObject *module, PyObject *unused)
{
    (void)unused;
    if (!require_shim(module)) {
        return NULL;
    }
    the_shim.reset_stats();
    Py_RETURN_NONE;
}

PyDoc_STRVAR(strerror_doc, "strerror($module, error, /)\n--\n\nReturn the sentence for an error code of the C API.");

static PyObject *py_strerror(PyObject *module, PyObject *args)
{
    int error;
    if (!PyArg_ParseTuple(args, "i:strerror", &error) || !require_shim(module)) {
        return NULL;
    }
    return PyUnicode_FromString(the_shim.strerror(error));
}

#define WITH_KEYWORDS(function) (PyCFunction)(void (*)(void)) function, METH_VARARGS | METH_KEYWORDS

static PyMethodDef methods[] = {{"find", py_find, METH_NOARGS, find_doc},
                                {"attach", py_attach, METH_VARARGS, attach_doc},
                                {"check_option", py_check_option, METH_VARARGS, check_option_doc},
                                {"start", WITH_KEYWORDS(py_start), start_doc},
                                {"configure", WITH_KEYWORDS(py_configure), configure_doc},
                                {"stop", py_stop, METH_NOARGS, stop_doc},
                                {"is_enabled", py_is_enabled, METH_NOARGS, is_enabled_doc},
                                {"pause", py_pause, METH_NOARGS, pause_doc},
                                {"resume", py_resume, METH_NOARGS, resume_doc},
                                {"status", py_status, METH_NOARGS, status_doc},
                                {"stats", py_stats, METH_NOARGS, stats_doc},
                                {"reset_stats", py_reset_stats, METH_NOARGS, reset_stats_doc},
                                {"strerror", py_strerror, METH_VARARGS, strerror_doc},
                                GILYIELD_PY_FRAMES_METHODS,
                                GILYIELD_PY_POST_METHODS,
                                GILYIELD_PY_SEE_METHODS,
                                {NULL, NULL, 0, NULL}};

/* E_<NAME>: the errors of the C API; STATS: its figures, {name: what it is}. Returns 0, or -1 with an exception set. */
static int add_constants(PyObject *module)
{
    PyObject *stats = PyDict_New();
    int result = stats != NULL ? 0 : -1;
#define X(name, value, text) result = result != 0 ? result : PyModule_AddIntConstant(module, "E_" #name, value);
    GILYIELD_ERROR_MAP(X)
#undef X
#define X(name, kind, text) result = result != 0 ? result : put(stats, #name, PyUnicode_FromString(text));
    GILYIELD_STATS_MAP(X)
#undef X
    if (result == 0) {
        result = PyObject_SetAttrString(module, "STATS", stats);
    }
    Py_XDECREF(stats);
    return result;
}

PyDoc_STRVAR(error_doc, "gilyield cannot work in this process, or not now; the message says why.");

static int exec_module(PyObject *module)
{
    module_state *state = PyModule_GetState(module);
    state->error = PyErr_NewExceptionWithDoc("gilyield.Error", error_doc, PyExc_RuntimeError, NULL);
    if (state->error == NULL || PyObject_SetAttrString(module, "Error", state->error) != 0) {
        return -1;
    }
    if (add_constants(module) != 0) {
        return -1;
    }
    return PyModule_AddStringConstant(module, "__version__", GILYIELD_PY_VERSION);
}

static int traverse_module(PyObject *module, visitproc visit, void *arg)
{
    module_state *state = PyModule_GetState(module);
    if (state != NULL) {
        Py_VISIT(state->error);
    }
    return 0;
}

static int clear_module(PyObject *module)
{
    module_state *state = PyModule_GetState(module);
    if (state != NULL) {
        Py_CLEAR(state->error);
    }
    return 0;
}

static void free_module(void *module)
{
    clear_module(module);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, (void *)exec_module}, {0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "gilyield._gilyield",
    .m_doc = "The C API of gilyield as ints and dicts. Use the package gilyield.",
    .m_size = sizeof(module_state),
    .m_methods = methods,
    .m_slots = slots,
    .m_traverse = traverse_module,
    .m_clear = clear_module,
    .m_free = free_module,
};

/* The headers of CPython 3.8 do not export it by themselves. */
GY_EXPORTED PyMODINIT_FUNC PyInit__gilyield(void)
{
    return PyModuleDef_Init(&definition);
}
