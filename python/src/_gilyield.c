/* SPDX-License-Identifier: MIT */
/*
 * The thin layer between Python and the C API of <gilyield/gilyield.h>. It knows the API's types and CPython, nothing else:
 * options arrive here as ints, figures leave as dicts; wording and convenience are the business of the Python modules around it.
 *
 * It is not linked with the shim. There is one shim for each major version of Qt, often it is in the process before Python is,
 * and `import gilyield` has to work where there is no Qt at all. So the functions are looked up at run time, in this order:
 *
 *   1. the global scope: a preloaded shim, or a host that is linked with it;
 *   2. a loaded object whose file name contains "libgilyield-qt": a shim that was loaded RTLD_LOCAL;
 *   3. the shim that fits the Qt in the process, loaded now. Qt is recognised by the symbol qVersion, not by a file name.
 *
 * Every function here is called with the GIL held. Only the search gives it up, as the dynamic loader runs constructors of
 * others. The module does not declare support for interpreters with a GIL of their own: one GIL protects the statics below.
 */
#define Py_LIMITED_API 0x03080000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "post.h"

#include <dlfcn.h>
#include <gilyield/gilyield.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STRING(x)                   #x
#define DOTTED(major, minor, patch) STRING(major) "." STRING(minor) "." STRING(patch)
#define MODULE_VERSION              DOTTED(GILYIELD_VERSION_MAJOR, GILYIELD_VERSION_MINOR, GILYIELD_VERSION_PATCH)
#define COUNT(array)                (sizeof(array) / sizeof((array)[0]))

/* The functions of the C API that are used here: gilyield_<name>. */
#define API_MAP(X)                                                                                                               \
    X(start)                                                                                                                     \
    X(stop)                                                                                                                      \
    X(is_enabled)                                                                                                                \
    X(configure)                                                                                                                 \
    X(check_options)                                                                                                             \
    X(pause)                                                                                                                     \
    X(resume)                                                                                                                    \
    X(get_status)                                                                                                                \
    X(get_stats)                                                                                                                 \
    X(reset_stats)                                                                                                               \
    X(strerror)                                                                                                                  \
    X(version)                                                                                                                   \
    X(post_or_drop)                                                                                                              \
    X(gui_thread)

typedef struct shim {
#define X(name) __typeof__(&gilyield_##name) name;
    API_MAP(X)
#undef X
    const char *path; /* belongs to the loader, and the shim is never unloaded */
} shim;

/* The shim in use: set once, by commit(); shim_attached says whether. Protected by the GIL. */
static shim the_shim;
static int shim_attached;

/* Pauses that were opened before there was a shim; commit() hands them over. Protected by the GIL. */
static int early_pauses;

/* Names of the enums' values, the only place that knows both. NULL: a value that programs cannot ask for. */
static const char *const mode_names[] = {
    [GILYIELD_MODE_AUTO] = "auto", [GILYIELD_MODE_WAIT] = "wait", [GILYIELD_MODE_TIMER] = "timer"};
static const char *const priority_names[] = {
    [GILYIELD_PRIORITY_GUI] = "gui", [GILYIELD_PRIORITY_SWITCH_INTERVAL] = "switch-interval", [GILYIELD_PRIORITY_NONE] = "none"};
static const char *const log_names[] = {
    [GILYIELD_LOG_ERROR] = "error", [GILYIELD_LOG_WARN] = "warn", [GILYIELD_LOG_INFO] = "info", [GILYIELD_LOG_DEBUG] = "debug"};
static const char *const state_names[] = {
    [GILYIELD_STATE_DORMANT] = "dormant", [GILYIELD_STATE_ARMED] = "armed", [GILYIELD_STATE_RUNNING] = "running"};
static const char *const host_names[] = {[GILYIELD_HOST_UNKNOWN] = "unknown",
                                         [GILYIELD_HOST_NO_PYTHON] = "no-python",
                                         [GILYIELD_HOST_HOLDS] = "holds",
                                         [GILYIELD_HOST_RELEASES] = "releases"};

typedef struct module_state {
    PyObject *error; /* gilyield.Error */
} module_state;

static PyObject *error_type(PyObject *module)
{
    return ((module_state *)PyModule_GetState(module))->error;
}

/* ---- The search. Runs without the GIL and touches no Python object and none of the statics. ---- */

typedef struct search {
    const char *const *dirs; /* NULL: load nothing */
    size_t dir_count;
    shim found;
    char problem[1024]; /* a sentence, "" as long as all is well */
} search;

/* The names of the loaded objects, "" for the program itself. */
typedef struct name_list {
    char **items;
    size_t count;
    int no_memory;
} name_list;

static int collect_name(struct dl_phdr_info *info, size_t size, void *data)
{
    name_list *list = data;
    char **grown = realloc(list->items, (list->count + 1) * sizeof *grown);
    (void)size;
    if (grown != NULL) {
        list->items = grown;
        grown[list->count] = strdup(info->dlpi_name != NULL ? info->dlpi_name : "");
        if (grown[list->count] != NULL) {
            list->count++;
            return 0;
        }
    }
    list->no_memory = 1;
    return 1;
}

/* The names are collected first and opened later: the loader's lock is held during the iteration. */
static name_list loaded_objects(void)
{
    name_list list = {NULL, 0, 0};
    dl_iterate_phdr(collect_name, &list);
    return list;
}

static void free_names(name_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
}

/* A handle for an object that is loaded already; never loads one. */
static void *open_loaded(const char *name)
{
    return dlopen(name[0] != '\0' ? name : NULL, RTLD_LAZY | RTLD_NOLOAD);
}

/* Fills `found` from a handle. Returns 1, or 0 if this is no shim, or -1 if it lacks a function: then `problem` says which. */
static int resolve(search *s, void *handle)
{
    void *symbol = dlsym(handle, "gilyield_version");
    Dl_info info;
    if (symbol == NULL)
        return 0;
    s->found.path = dladdr(symbol, &info) != 0 && info.dli_fname != NULL ? info.dli_fname : "";
#define X(name)                                                                                                                  \
    symbol = dlsym(handle, "gilyield_" #name);                                                                                   \
    if (symbol == NULL) {                                                                                                        \
        snprintf(s->problem, sizeof s->problem,                                                                                  \
                 "%s has no function gilyield_" #name ": it does not fit this Python module (version " MODULE_VERSION ")",       \
                 s->found.path);                                                                                                 \
        return -1;                                                                                                               \
    }                                                                                                                            \
    memcpy(&s->found.name, &symbol, sizeof symbol);
    API_MAP(X)
#undef X
    return 1;
}

static int resolve_loaded(search *s, const name_list *objects)
{
    int result = resolve(s, RTLD_DEFAULT);
    for (size_t i = 0; result == 0 && i < objects->count; i++) {
        const char *slash = strrchr(objects->items[i], '/');
        if (strstr(slash != NULL ? slash + 1 : objects->items[i], "libgilyield-qt") == NULL)
            continue;
        void *handle = open_loaded(objects->items[i]);
        if (handle != NULL)
            result = resolve(s, handle);
    }
    return result;
}

typedef struct qt_copy {
    const char *version; /* static in Qt */
    void *symbol;        /* qVersion: its address tells one copy of Qt from another */
    const char *path;    /* belongs to the loader */
    int has_application;
} qt_copy;

/* Looks at the Qt that `handle` leads to, itself or through its dependencies. Returns 1 if there is one. */
static int look_at_qt(void *handle, qt_copy *qt)
{
    const char *(*version)(void);
    Dl_info info;
    qt->symbol = dlsym(handle, "qVersion");
    if (qt->symbol == NULL)
        return 0;
    memcpy(&version, &qt->symbol, sizeof version);
    qt->version = version();
    if (qt->version == NULL || qt->version[0] < '1' || qt->version[0] > '9')
        return 0;
    qt->path = dladdr(qt->symbol, &info) != 0 && info.dli_fname != NULL ? info.dli_fname : "";
    void **self = dlsym(handle, "_ZN16QCoreApplication4selfE");
    qt->has_application = self != NULL && *self != NULL;
    return 1;
}

/* Finds the Qt of this process; of several copies the one that has an application object, else the first. */
static int find_qt(const name_list *objects, qt_copy *chosen)
{
    int found = 0;
    for (size_t i = 0; i < objects->count; i++) {
        qt_copy qt;
        void *handle = open_loaded(objects->items[i]);
        if (handle == NULL)
            continue;
        if (look_at_qt(handle, &qt) && (!found || (qt.has_application && !chosen->has_application))) {
            *chosen = qt;
            found = 1;
        }
        dlclose(handle);
    }
    return found;
}

/* The shim needs libQt5Core.so.5 by that name. If this Qt is not known by it, the loader would bring in a second Qt. */
static int known_by_soname(const qt_copy *qt, long major)
{
    char soname[64];
    snprintf(soname, sizeof soname, "libQt%ldCore.so.%ld", major, major);
    void *handle = open_loaded(soname);
    int same = handle != NULL && dlsym(handle, "qVersion") == qt->symbol;
    if (handle != NULL)
        dlclose(handle);
    return same;
}

/* Loads the shim for `major`: from the directories, else by its soname from where the loader looks. */
static void *load(search *s, const qt_copy *qt, long major)
{
    char path[4096], failure[512] = "";
    void *handle = NULL;
    for (size_t i = 0; handle == NULL && i < 2 * (s->dir_count + 1); i++) {
        size_t dir = i / 2;
        const char *suffix = i % 2 == 0 ? ".so.0" : ".so";
        int length = dir < s->dir_count ? snprintf(path, sizeof path, "%s/libgilyield-qt%ld%s", s->dirs[dir], major, suffix)
                                        : snprintf(path, sizeof path, "libgilyield-qt%ld%s", major, suffix);
        if (length < 0 || (size_t)length >= sizeof path || (dir < s->dir_count && access(path, F_OK) != 0))
            continue;
        handle = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
        /* The first failure is the one to tell: a file that is there says more than a soname that is not. */
        const char *text = handle == NULL && failure[0] == '\0' ? dlerror() : NULL;
        if (text != NULL)
            snprintf(failure, sizeof failure, "%s", text);
    }
    if (handle == NULL) {
        snprintf(s->problem, sizeof s->problem,
                 "Qt %s is in this process, but libgilyield-qt%ld.so.0 could not be loaded: %s (looked in %s%s, then where the "
                 "system looks)",
                 qt->version, major, failure, s->dir_count > 0 ? s->dirs[0] : "no directory", s->dir_count > 1 ? ", ..." : "");
    }
    return handle;
}

static int load_for_qt(search *s, const name_list *objects)
{
    qt_copy qt;
    if (!find_qt(objects, &qt)) {
        snprintf(s->problem, sizeof s->problem,
                 "there is no Qt in this process: gilyield works in Qt applications that embed Python, and in Python programs "
                 "that have imported PyQt or PySide");
        return -1;
    }
    long major = strtol(qt.version, NULL, 10);
    if (!known_by_soname(&qt, major)) {
        snprintf(
            s->problem, sizeof s->problem,
            "the Qt %s in this process (%s) is not known to the loader as libQt%ldCore.so.%ld, and loading libgilyield-qt%ld "
            "would bring in a second Qt: preload or link a gilyield that was built with this Qt",
            qt.version, qt.path, major, major, major);
        return -1;
    }
    void *handle = load(s, &qt, major);
    if (handle == NULL)
        return -1;
    int result = resolve(s, handle);
    if (result == 0)
        snprintf(s->problem, sizeof s->problem, "the libgilyield-qt%ld that was loaded has no function gilyield_version", major);
    return result == 1 ? 1 : -1;
}

/* Returns 1 and fills `found`; 0 if no shim is in the process and none was to be loaded; -1 and `problem`. */
static int run_search(search *s)
{
    name_list objects = loaded_objects();
    int result = -1;
    if (objects.no_memory)
        snprintf(s->problem, sizeof s->problem, "out of memory");
    else
        result = resolve_loaded(s, &objects);
    if (result == 0 && s->dirs != NULL)
        result = load_for_qt(s, &objects);
    free_names(&objects);
    return result;
}

/* ---- The module. GIL held from here on. ---- */

static void commit(const shim *found)
{
    if (shim_attached)
        return; /* another thread was faster while this one searched */
    the_shim = *found;
    shim_attached = 1;
    gilyield_py_post_attach(found->post_or_drop, found->gui_thread);
    for (; early_pauses > 0; early_pauses--)
        the_shim.pause();
}

static int search_and_commit(PyObject *module, search *s)
{
    int result;
    if (shim_attached)
        return 1;
    Py_BEGIN_ALLOW_THREADS result = run_search(s);
    Py_END_ALLOW_THREADS if (result < 0)
    {
        PyObject *text = PyUnicode_DecodeFSDefault(s->problem);
        if (text != NULL) {
            PyErr_SetObject(error_type(module), text);
            Py_DECREF(text);
        }
    }
    else if (result > 0)
    {
        commit(&s->found);
    }
    return result;
}

/* Path of the attached shim, or None while there is none. */
static PyObject *shim_path(void)
{
    if (!shim_attached)
        Py_RETURN_NONE;
    return PyUnicode_DecodeFSDefault(the_shim.path);
}

static int require_shim(PyObject *module)
{
    if (!shim_attached)
        PyErr_SetString(error_type(module), "no gilyield library is attached: call attach() first");
    return shim_attached;
}

PyDoc_STRVAR(find_doc,
             "find($module, /)\n--\n\n"
             "Attach to a shim that is in the process already; load nothing. Return its path, or None if there is none.");

static PyObject *py_find(PyObject *module, PyObject *unused)
{
    search s = {0};
    (void)unused;
    return search_and_commit(module, &s) < 0 ? NULL : shim_path();
}

PyDoc_STRVAR(attach_doc,
             "attach($module, dirs, /)\n--\n\n"
             "Attach to the shim in the process, else load the one that fits the Qt in the process from the first of the\n"
             "directories that has it, else from where the system looks. Return its path. Raise Error.");

static PyObject *py_attach(PyObject *module, PyObject *dirs)
{
    PyObject *result = NULL;
    Py_ssize_t count = PySequence_Size(dirs);
    if (count < 0)
        return NULL;
    PyObject **encoded = calloc((size_t)count + 1, sizeof *encoded);
    const char **paths = calloc((size_t)count + 1, sizeof *paths);
    if (encoded == NULL || paths == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = PySequence_GetItem(dirs, i);
        int ok = item != NULL && PyUnicode_FSConverter(item, &encoded[i]) != 0;
        Py_XDECREF(item);
        if (!ok)
            goto done;
        paths[i] = PyBytes_AsString(encoded[i]);
    }
    search s = {.dirs = paths, .dir_count = (size_t)count};
    if (search_and_commit(module, &s) > 0)
        result = shim_path();
done:
    for (Py_ssize_t i = 0; encoded != NULL && i < count; i++)
        Py_XDECREF(encoded[i]);
    free(encoded);
    free(paths);
    return result;
}

static int parse_options(PyObject *args, PyObject *kwargs, gilyield_options *options)
{
    static char *names[] = {"mode", "interval_ms", "slice_ms", "priority", "switch_us", "log", NULL};
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
    return PyArg_ParseTupleAndKeywords(args, kwargs, "|$iiiiii", names, &options->mode, &options->interval_ms, &options->slice_ms,
                                       &options->priority, &options->switch_us, &options->log_level);
}

/* Raises what belongs to an error code: ValueError if an option is bad, else Error. */
static PyObject *raise_error(PyObject *module, int error, const gilyield_options *options)
{
    char text[512] = "";
    switch (error) {
    case GILYIELD_E_MODE:
    case GILYIELD_E_INTERVAL:
    case GILYIELD_E_SLICE:
    case GILYIELD_E_PRIORITY:
    case GILYIELD_E_SWITCH:
    case GILYIELD_E_LOG:
        the_shim.check_options(options, text, sizeof text);
        PyErr_SetString(PyExc_ValueError, text[0] != '\0' ? text : the_shim.strerror(error));
        break;
    default:
        PyErr_SetString(error_type(module), the_shim.strerror(error));
    }
    return NULL;
}

PyDoc_STRVAR(
    start_doc,
    "start($module, /, *, mode=0, interval_ms=0, slice_ms=0, priority=0, switch_us=0, log=0)\n--\n\n"
    "Enable gilyield. 0 means: what the environment says, else the default. Raise ValueError for a bad option, else Error.");

static PyObject *py_start(PyObject *module, PyObject *args, PyObject *kwargs)
{
    gilyield_options options;
    if (!parse_options(args, kwargs, &options) || !require_shim(module))
        return NULL;
    int error = the_shim.start(&options);
    if (error != 0)
        return raise_error(module, error, &options);
    Py_RETURN_NONE;
}

PyDoc_STRVAR(configure_doc, "configure($module, /, *, mode=0, interval_ms=0, slice_ms=0, priority=0, switch_us=0, log=0)\n--\n\n"
                            "Change options. 0 means: leave as it is. Raise ValueError for a bad option, else Error.");

static PyObject *py_configure(PyObject *module, PyObject *args, PyObject *kwargs)
{
    gilyield_options options;
    if (!parse_options(args, kwargs, &options) || !require_shim(module))
        return NULL;
    int error = the_shim.configure(&options);
    if (error != 0)
        return raise_error(module, error, &options);
    Py_RETURN_NONE;
}

PyDoc_STRVAR(check_doc, "check($module, /, *, mode=0, interval_ms=0, slice_ms=0, priority=0, switch_us=0, log=0)\n--\n\n"
                        "Return (error, sentence) for these options without using them: (0, '') if nothing is wrong.");

static PyObject *py_check(PyObject *module, PyObject *args, PyObject *kwargs)
{
    gilyield_options options;
    char text[512] = "";
    if (!parse_options(args, kwargs, &options) || !require_shim(module))
        return NULL;
    int error = the_shim.check_options(&options, text, sizeof text);
    return Py_BuildValue("is", error, error != 0 ? text : "");
}

PyDoc_STRVAR(stop_doc, "stop($module, /)\n--\n\nDisable gilyield. Harmless while it is off.");

static PyObject *py_stop(PyObject *module, PyObject *unused)
{
    (void)unused;
    if (!require_shim(module))
        return NULL;
    int error = the_shim.stop();
    if (error != 0)
        return raise_error(module, error, NULL);
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
    if (shim_attached)
        return PyLong_FromLong(the_shim.resume());
    if (early_pauses > 0)
        early_pauses--;
    return PyLong_FromLong(early_pauses);
}

/* A string of the shim's; it may be missing in a struct of an older shim. */
static PyObject *text_or_empty(const char *text)
{
    return text != NULL ? PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace") : PyUnicode_FromString("");
}

/* The name of an enum's value; its number if a newer shim has more values than this module knows. */
static PyObject *enum_name(const char *const *names, size_t count, int value)
{
    if (value >= 0 && (size_t)value < count && names[value] != NULL)
        return PyUnicode_FromString(names[value]);
    return PyUnicode_FromFormat("%d", value);
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
    if (!require_shim(module))
        return NULL;
    int error = the_shim.get_status(&st);
    if (error != 0)
        return raise_error(module, error, NULL);
    PyObject *dict = PyDict_New();
    if (dict == NULL || put(dict, "state", enum_name(state_names, COUNT(state_names), st.state)) ||
        put(dict, "host", enum_name(host_names, COUNT(host_names), st.host)) ||
        put(dict, "mode", enum_name(mode_names, COUNT(mode_names), st.mode)) ||
        put(dict, "interval_ms", PyLong_FromLong(st.interval_ms)) || put(dict, "slice_ms", PyLong_FromLong(st.slice_ms)) ||
        put(dict, "priority", enum_name(priority_names, COUNT(priority_names), st.priority)) ||
        put(dict, "switch_us", PyLong_FromLong(st.switch_us)) ||
        put(dict, "log", enum_name(log_names, COUNT(log_names), st.log_level)) ||
        put(dict, "paused", PyLong_FromLong(st.paused)) || put(dict, "on_gui_thread", PyBool_FromLong(st.on_gui_thread)) ||
        put(dict, "since_unix_ms", PyLong_FromLongLong(st.since_unix_ms)) || put(dict, "wait", text_or_empty(st.wait)) ||
        put(dict, "wait_reason", text_or_empty(st.wait_reason)) ||
        put(dict, "priority_active", text_or_empty(st.priority_active)) ||
        put(dict, "priority_reason", text_or_empty(st.priority_reason)) ||
        put(dict, "qt_version", text_or_empty(st.qt_version)) || put(dict, "dispatcher", text_or_empty(st.dispatcher)) ||
        put(dict, "python_version", text_or_empty(st.python_version)) || put(dict, "library", shim_path()) ||
        put(dict, "version", text_or_empty(the_shim.version())))
        Py_CLEAR(dict);
    return dict;
}

/* The figures of gilyield_stats, by the names they have there. */
#define STATS_MAP(X)                                                                                                             \
    X(ticks)                                                                                                                     \
    X(waits)                                                                                                                     \
    X(yields)                                                                                                                    \
    X(handovers)                                                                                                                 \
    X(skipped)                                                                                                                   \
    X(alone)                                                                                                                     \
    X(released_ns)                                                                                                               \
    X(reacquire_p50_ns)                                                                                                          \
    X(reacquire_p99_ns)                                                                                                          \
    X(reacquire_max_ns)                                                                                                          \
    X(reacquire_ns)                                                                                                              \
    X(gui_wait_max_ns)                                                                                                           \
    X(gui_wait_ns)                                                                                                               \
    X(elapsed_ns)

PyDoc_STRVAR(stats_doc, "stats($module, /)\n--\n\nReturn a dict with the figures; see gilyield_stats in gilyield.h.");

static PyObject *py_stats(PyObject *module, PyObject *unused)
{
    gilyield_stats stats = {.size = sizeof stats};
    (void)unused;
    if (!require_shim(module))
        return NULL;
    int error = the_shim.get_stats(&stats);
    if (error != 0)
        return raise_error(module, error, NULL);
    PyObject *dict = PyDict_New();
#define X(name)                                                                                                                  \
    if (dict != NULL && put(dict, #name, PyLong_FromUnsignedLongLong(stats.name)))                                               \
        Py_CLEAR(dict);
    STATS_MAP(X)
#undef X
    return dict;
}

PyDoc_STRVAR(reset_stats_doc, "reset_stats($module, /)\n--\n\nSet all figures to 0.");

static PyObject *py_reset_stats(PyObject *module, PyObject *unused)
{
    (void)unused;
    if (!require_shim(module))
        return NULL;
    the_shim.reset_stats();
    Py_RETURN_NONE;
}

PyDoc_STRVAR(strerror_doc, "strerror($module, error, /)\n--\n\nReturn the sentence for an error code of the C API.");

static PyObject *py_strerror(PyObject *module, PyObject *args)
{
    int error;
    if (!PyArg_ParseTuple(args, "i:strerror", &error) || !require_shim(module))
        return NULL;
    return PyUnicode_FromString(the_shim.strerror(error));
}

PyDoc_STRVAR(version_doc,
             "version($module, /)\n--\n\nReturn the version of the attached shim; __version__ is that of this module.");

static PyObject *py_version(PyObject *module, PyObject *unused)
{
    (void)unused;
    return require_shim(module) ? PyUnicode_FromString(the_shim.version()) : NULL;
}

#define WITH_KEYWORDS(function) (PyCFunction)(void (*)(void)) function, METH_VARARGS | METH_KEYWORDS

static PyMethodDef methods[] = {{"find", py_find, METH_NOARGS, find_doc},
                                {"attach", py_attach, METH_O, attach_doc},
                                {"start", WITH_KEYWORDS(py_start), start_doc},
                                {"configure", WITH_KEYWORDS(py_configure), configure_doc},
                                {"check", WITH_KEYWORDS(py_check), check_doc},
                                {"stop", py_stop, METH_NOARGS, stop_doc},
                                {"is_enabled", py_is_enabled, METH_NOARGS, is_enabled_doc},
                                {"pause", py_pause, METH_NOARGS, pause_doc},
                                {"resume", py_resume, METH_NOARGS, resume_doc},
                                {"status", py_status, METH_NOARGS, status_doc},
                                {"stats", py_stats, METH_NOARGS, stats_doc},
                                {"reset_stats", py_reset_stats, METH_NOARGS, reset_stats_doc},
                                {"strerror", py_strerror, METH_VARARGS, strerror_doc},
                                {"version", py_version, METH_NOARGS, version_doc},
                                GILYIELD_PY_POST_METHODS,
                                {NULL, NULL, 0, NULL}};

/* Adds {name: value} for what programs may ask for. */
static int add_names(PyObject *module, const char *attribute, const char *const *names, size_t count)
{
    PyObject *dict = PyDict_New();
    for (size_t i = 0; dict != NULL && i < count; i++) {
        if (names[i] != NULL && put(dict, names[i], PyLong_FromSize_t(i)))
            Py_CLEAR(dict);
    }
    int result = dict != NULL ? PyObject_SetAttrString(module, attribute, dict) : -1;
    Py_XDECREF(dict);
    return result;
}

PyDoc_STRVAR(error_doc, "gilyield cannot work in this process, or not now; the message says why.");

static int exec_module(PyObject *module)
{
    module_state *state = PyModule_GetState(module);
    state->error = PyErr_NewExceptionWithDoc("gilyield.Error", error_doc, PyExc_RuntimeError, NULL);
    if (state->error == NULL || PyObject_SetAttrString(module, "Error", state->error) != 0)
        return -1;
    if (add_names(module, "MODES", mode_names, COUNT(mode_names)) != 0 ||
        add_names(module, "PRIORITIES", priority_names, COUNT(priority_names)) != 0 ||
        add_names(module, "LOG_LEVELS", log_names, COUNT(log_names)) != 0)
        return -1;
    return PyModule_AddStringConstant(module, "__version__", MODULE_VERSION);
}

static int traverse_module(PyObject *module, visitproc visit, void *arg)
{
    module_state *state = PyModule_GetState(module);
    if (state != NULL)
        Py_VISIT(state->error);
    return 0;
}

static int clear_module(PyObject *module)
{
    module_state *state = PyModule_GetState(module);
    if (state != NULL)
        Py_CLEAR(state->error);
    return 0;
}

static void free_module(void *module)
{
    clear_module(module);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, exec_module}, {0, NULL}};

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
__attribute__((visibility("default"))) PyMODINIT_FUNC PyInit__gilyield(void)
{
    return PyModuleDef_Init(&definition);
}
