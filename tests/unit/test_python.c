/* SPDX-License-Identifier: MIT */
/* "Do I hold the GIL?" and the rest of the CPython boundary, asked of a real one. Each test is run in a process of its own. */
#include "python_life.h"

#include "gil/gilorder.h"
#include "gil/gilqueue.h"
#include "os/clock.h"
#include "python/python.h"
#include "python/threadstate.h"
#include "settings/options.h"
#include "unit.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static const gy_python *const python = &gy_python_process;

static int exits;
static gy_gil gil_in_callback;

static void on_exit_of_python(void)
{
    exits++;
    gil_in_callback = python->gil();
}

static int begin(void **state)
{
    (void)state;
    gy_python_set_exit_callback(on_exit_of_python);
    return 0;
}

static void run(const char *code)
{
    if (PyRun_SimpleString(code) != 0) {
        fail_msg("Python code failed");
    }
}

static void test_states(void **state)
{
    (void)state;
    assert_int_equal(python->gil(), GY_GIL_NO_PYTHON);
    assert_string_equal(gy_python_version(), "");
    assert_int_equal(start_python(), 0);
    assert_int_equal(python->gil(), GY_GIL_HELD);
    assert_string_equal(gy_python_version(), PY_VERSION);
    assert_false(gy_python_free_threaded());
    Dl_info info;
    assert_int_not_equal(dladdr(gy_python_code_address(), &info), 0);
    assert_ptr_equal(gy_python_symbol("PyEval_SaveThread"), dlsym(RTLD_DEFAULT, "PyEval_SaveThread"));
    assert_null(gy_python_symbol("Py_ThereIsNoSuchThing"));

    PyThreadState *saved = PyEval_SaveThread();
    assert_int_equal(python->gil(), GY_GIL_NOT_HELD);
    PyEval_RestoreThread(saved);
    assert_int_equal(python->gil(), GY_GIL_HELD);
    void *thread_state = python->release();
    assert_int_equal(python->gil(), GY_GIL_NOT_HELD);
    python->reacquire(thread_state);
    assert_int_equal(python->gil(), GY_GIL_HELD);
    run("x = 1"); /* it works still */

    assert_int_equal(Py_FinalizeEx(), 0);
    assert_int_equal(python->gil(), GY_GIL_NO_PYTHON);
    assert_int_equal(exits, 1);
    assert_int_equal(gil_in_callback, GY_GIL_NO_PYTHON);
    assert_string_equal(gy_python_version(), PY_VERSION); /* what was seen */
}

static void test_reinitialised(void **state)
{
    (void)state;
    for (int life = 1; life <= 4; life++) {
        assert_int_equal(start_python(), 0);
        for (int i = 0; i < 100; i++) {
            assert_int_equal(python->gil(), GY_GIL_HELD);
            python->reacquire(python->release());
        }
        assert_int_equal(exits, life - 1);
        assert_int_equal(Py_FinalizeEx(), 0);
        assert_int_equal(exits, life);
        assert_int_equal(python->gil(), GY_GIL_NO_PYTHON);
    }
}

static atomic_int phase;

static void await(int wanted)
{
    while (atomic_load(&phase) != wanted) {
        usleep(100);
    }
}

/* What hold_the_gil() saw. */
static bool gone_before, gone_meanwhile, gone_after;

static void *hold_the_gil(void *unused)
{
    (void)unused;
    gone_before = gy_threadstate_is_gone();
    PyGILState_STATE gil = PyGILState_Ensure();
    gone_meanwhile = gy_threadstate_is_gone();
    atomic_store(&phase, 1);
    await(2);
    PyGILState_Release(gil);
    gone_after = gy_threadstate_is_gone();
    atomic_store(&phase, 3);
    return NULL;
}

/* A new CPython, in a sub-interpreter. Returns the state there; *main_state is that of the main interpreter. */
static PyThreadState *start_in_sub_interpreter(PyThreadState **main_state)
{
    assert_int_equal(start_python(), 0);
    *main_state = PyThreadState_Get();
    PyThreadState *sub = Py_NewInterpreter();
    assert_non_null(sub);
    /* PyGILState does not know this thread's state there up to 3.11. */
    assert_int_equal(python->gil(), GY_GIL_HELD);
    return sub;
}

/* From the first sub-interpreter on PyGILState_Check() says yes for ever (up to 3.11): here it must go on being right. */
static void test_sub_interpreter(void **state)
{
    (void)state;
    PyThreadState *mine, *sub = start_in_sub_interpreter(&mine);
    /* While nobody has it; while another thread has it. */
    void *thread_state = python->release();
    assert_int_equal(python->gil(), GY_GIL_NOT_HELD);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, hold_the_gil, NULL), 0);
    await(1);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(python->gil(), GY_GIL_NOT_HELD);
    }
    atomic_store(&phase, 2);
    pthread_join(thread, NULL);
    assert_int_equal(python->gil(), GY_GIL_NOT_HELD);
    python->reacquire(thread_state);
    assert_int_equal(python->gil(), GY_GIL_HELD);
    PyThreadState_Swap(mine);
    assert_int_equal(python->gil(), GY_GIL_HELD);
    assert_false(python->alone()); /* the other interpreter may have threads */
    PyThreadState_Swap(sub);
    Py_EndInterpreter(sub);
    PyThreadState_Swap(mine);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(python->gil(), GY_GIL_HELD);
        PyThreadState *saved = PyEval_SaveThread();
        assert_int_equal(python->gil(), GY_GIL_NOT_HELD);
        PyEval_RestoreThread(saved);
    }
    assert_true(python->alone());
    assert_int_equal(Py_FinalizeEx(), 0);
    assert_int_equal(exits, 1);
}

/* As _xxsubinterpreters.run_string(): the state was made on the main thread, and says so up to 3.11. */
static void *run_in_sub_interpreter(void *sub)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    PyThreadState *mine = PyThreadState_Swap(sub);
    atomic_store(&phase, 1);
    await(2);
    PyThreadState_Swap(mine);
    PyGILState_Release(gil);
    return NULL;
}

/* Of python/subinterpreter.h, whose names for CPython's types are not Python.h's. */
void gy_subinterpreter_set_witness(bool (*gui_has_gil)(void));

static bool yes(void)
{
    return true;
}

static bool no(void)
{
    return false;
}

static void test_another_runs_what_this_one_made(void **state)
{
    (void)state;
    for (int witnessed = 0; witnessed < 2; witnessed++) {
        assert_int_equal(start_python(), 0);
        PyThreadState *mine = PyThreadState_Get();
        assert_int_equal(python->gil(), GY_GIL_HELD);
        PyThreadState *sub = Py_NewInterpreter();
        assert_non_null(sub);
        assert_int_equal(python->gil(), GY_GIL_HELD);
        PyThreadState_Swap(mine);
        gy_subinterpreter_set_witness(witnessed ? no : NULL);
        PyThreadState *saved = PyEval_SaveThread();
        assert_int_equal(python->gil(), GY_GIL_NOT_HELD);
        atomic_store(&phase, 0);
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, run_in_sub_interpreter, sub), 0);
        await(1);
        assert_int_equal(python->gil(), GY_GIL_NOT_HELD);
        atomic_store(&phase, 2);
        pthread_join(thread, NULL);
        PyEval_RestoreThread(saved);
        PyThreadState_Swap(sub);
        gy_subinterpreter_set_witness(yes);
        assert_int_equal(python->gil(), GY_GIL_HELD); /* also in a host that has let go of the GIL */
        gy_subinterpreter_set_witness(NULL);
        Py_EndInterpreter(sub);
        PyThreadState_Swap(mine);
        assert_int_equal(Py_FinalizeEx(), 0);
    }
}

static void learn_nothing(void)
{
}

/*
 * The order is told who has the GIL when it begins, and does not remember what it saw before. From CPython 3.12 on it is not
 * asked: a thread's state is known in each interpreter.
 */
static void test_order_begins_in_sub_interpreter(void **state)
{
    (void)state;
    PyThreadState *mine, *sub = start_in_sub_interpreter(&mine);
    for (int has = 1; has >= 0; has--) {
        assert_true(gy_gilorder_begin(20 * GY_NS_PER_MS, 5 * GY_NS_PER_MS));
        gy_gilorder_go_on(learn_nothing, has);
        assert_int_equal(python->gil(), has || PY_VERSION_HEX >= 0x030C0000 ? GY_GIL_HELD : GY_GIL_NOT_HELD);
        gy_gilorder_end();
    }
    Py_EndInterpreter(sub);
    PyThreadState_Swap(mine);
    assert_int_equal(Py_FinalizeEx(), 0);
}

/* A thread state of the given interpreter, on a thread of its own: there the answer is "yes" on every version. */
static void *look_in_sub_interpreter(void *interpreter)
{
    PyThreadState *state = PyThreadState_New(interpreter);
    PyEval_RestoreThread(state);
    bool held = python->gil() == GY_GIL_HELD;
    PyThreadState_Clear(state);
    PyThreadState_DeleteCurrent();
    return held ? interpreter : NULL;
}

/* Our atexit function belongs to the main interpreter, even if a sub-interpreter is what is seen first. */
static void test_in_sub_interpreter_first(void **state)
{
    (void)state;
    assert_int_equal(start_python(), 0);
    PyThreadState *mine = PyThreadState_Get();
    PyThreadState *sub = Py_NewInterpreter();
    assert_non_null(sub);
    PyInterpreterState *interpreter = PyThreadState_GetInterpreter(sub);
    PyEval_SaveThread();
    pthread_t thread;
    void *held;
    assert_int_equal(pthread_create(&thread, NULL, look_in_sub_interpreter, interpreter), 0);
    pthread_join(thread, &held);
    assert_non_null(held);
    PyEval_RestoreThread(sub);
    Py_EndInterpreter(sub);
    assert_int_equal(exits, 0);
    PyThreadState_Swap(mine);
    assert_int_equal(python->gil(), GY_GIL_HELD);
    assert_int_equal(Py_FinalizeEx(), 0);
    assert_int_equal(exits, 1);
}

/* ---- Other threads. ---- */

static void test_other_thread(void **state)
{
    (void)state;
    assert_int_equal(start_python(), 0);
    assert_int_equal(python->gil(), GY_GIL_HELD);
    PyThreadState *saved = PyEval_SaveThread();
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, hold_the_gil, NULL), 0);
    await(1);
    assert_int_equal(python->gil(), GY_GIL_NOT_HELD); /* somebody holds it, and it is not this thread */
    atomic_store(&phase, 2);
    await(3);
    pthread_join(thread, NULL);
    assert_true(gone_before && !gone_meanwhile && gone_after);
    assert_false(gy_threadstate_is_gone());           /* also where it has dropped the GIL */
    assert_int_equal(python->gil(), GY_GIL_NOT_HELD); /* nobody does */
    PyEval_RestoreThread(saved);
    assert_int_equal(python->gil(), GY_GIL_HELD);

    /* Threads take and drop it all the time, and come and go. */
    run("import _thread, time\n"
        "stop = False\n"
        "left = 4\n"
        "def work():\n"
        "    global left\n"
        "    while not stop:\n"
        "        sum(range(200))\n"
        "        lock = _thread.allocate_lock(); lock.acquire()\n"
        "        _thread.start_new_thread(lock.release, ())\n"
        "        lock.acquire()\n"
        "    left -= 1\n"
        "for _ in range(4):\n"
        "    _thread.start_new_thread(work, ())\n");
    for (int i = 0; i < 50; i++) {
        assert_int_equal(python->gil(), GY_GIL_HELD);
        void *thread_state = python->release();
        for (int k = 0; k < 200; k++) {
            assert_int_equal(python->gil(), GY_GIL_NOT_HELD);
        }
        usleep(500);
        python->reacquire(thread_state);
    }
    run("stop = True\n"
        "while left: time.sleep(0.001)\n"
        "time.sleep(0.05)\n");
    assert_int_equal(Py_FinalizeEx(), 0);
}

static void *finalise(void *unused)
{
    PyGILState_Ensure();
    atomic_store(&phase, 1);
    Py_FinalizeEx();
    atomic_store(&phase, 3);
    return unused;
}

/* CPython ends threads that come for the GIL while another one finalises: the GUI thread has it back before that begins. */
static void test_finalised_elsewhere(void **state)
{
    (void)state;
    assert_int_equal(start_python(), 0);
    assert_int_equal(python->gil(), GY_GIL_HELD);
    void *thread_state = python->release();
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, finalise, NULL), 0);
    await(1);
    usleep(200000);
    assert_int_not_equal(atomic_load(&phase), 3);
    python->reacquire(thread_state);
    assert_int_equal(exits, 1);
    PyEval_SaveThread(); /* the host's own code lets go */
    await(3);
    pthread_join(thread, NULL);
    assert_int_equal(python->gil(), GY_GIL_NO_PYTHON);
}

static void test_alone(void **state)
{
    (void)state;
    assert_int_equal(start_python(), 0);
    assert_int_equal(python->gil(), GY_GIL_HELD);
    assert_true(python->alone());
    run("import _thread, time\n"
        "lock = _thread.allocate_lock(); lock.acquire()\n"
        "def work():\n"
        "    with lock: pass\n"
        "_thread.start_new_thread(work, ())\n");
    assert_false(python->alone()); /* it counts from the moment it was started */
    run("time.sleep(0.02)");
    assert_false(python->alone()); /* and while it waits for something else */
    run("lock.release()");
    bool alone = false;
    for (int i = 0; i < 2000 && !alone; i++) {
        void *thread_state = python->release();
        usleep(1000);
        python->reacquire(thread_state);
        alone = python->alone();
    }
    assert_true(alone);
    assert_int_equal(Py_FinalizeEx(), 0);
}

/* ---- What it leaves alone. ---- */

static void assert_still_raised(void)
{
    assert_non_null(PyErr_Occurred());
    assert_true(PyErr_ExceptionMatches(PyExc_KeyError));
}

static void test_pending_exception(void **state)
{
    (void)state;
    assert_int_equal(start_python(), 0);
    PyErr_SetString(PyExc_KeyError, "pending");
    assert_int_equal(python->gil(), GY_GIL_HELD); /* the first: it registers with atexit */
    assert_still_raised();
    double seconds = python->get_switch_interval();
    assert_still_raised();
    python->set_switch_interval(seconds);
    assert_still_raised();
    python->set_switch_interval(-1.0); /* raises inside */
    assert_still_raised();
    python->reacquire(python->release());
    assert_still_raised();
    PyErr_Clear();
    python->set_switch_interval(-1.0);
    assert_null(PyErr_Occurred());
    assert_true(python->get_switch_interval() == seconds);
    assert_int_equal(Py_FinalizeEx(), 0);
    assert_int_equal(exits, 1);
}

static void test_errno(void **state)
{
    (void)state;
    assert_int_equal(start_python(), 0);
    assert_int_equal(python->gil(), GY_GIL_HELD);
    run("import _thread, time\n"
        "stop = False\n"
        "running = True\n"
        "def work():\n"
        "    global running\n"
        "    while not stop: pass\n"
        "    running = False\n"
        "_thread.start_new_thread(work, ())\n");
    for (int i = 0; i < 20; i++) {
        errno = EDOM;
        void *thread_state = python->release();
        assert_int_equal(errno, EDOM);
        usleep(200);
        errno = ERANGE;
        python->reacquire(thread_state); /* waits for the other one */
        assert_int_equal(errno, ERANGE);
    }
    run("stop = True\n"
        "while running: time.sleep(0.001)\n"
        "time.sleep(0.05)\n"); /* a thread that finalisation ends is a leak of CPython's */
    assert_int_equal(Py_FinalizeEx(), 0);
}

/* ---- The end. ---- */

static gy_gil gil_before, gil_after;

static PyObject *look_before(PyObject *self, PyObject *args)
{
    (void)self, (void)args;
    gil_before = python->gil();
    Py_RETURN_NONE;
}

static PyObject *look_after(PyObject *self, PyObject *args)
{
    (void)self, (void)args;
    gil_after = python->gil();
    Py_RETURN_NONE;
}

static void register_at_exit(PyMethodDef *definition)
{
    PyObject *module = PyImport_ImportModule("atexit"), *function = PyCFunction_New(definition, NULL);
    assert_non_null(module);
    assert_non_null(function);
    PyObject *result = PyObject_CallMethod(module, "register", "O", function);
    assert_non_null(result);
    Py_DECREF(result);
    Py_DECREF(function);
    Py_DECREF(module);
}

/* atexit runs backwards: what the program registered after us comes before us and still finds all as it was; then nothing does.
 */
static void test_atexit_order(void **state)
{
    (void)state;
    static PyMethodDef before = {"before", look_before, METH_NOARGS, NULL}, after = {"after", look_after, METH_NOARGS, NULL};
    assert_int_equal(start_python(), 0);
    register_at_exit(&after);
    assert_int_equal(python->gil(), GY_GIL_HELD);
    register_at_exit(&before);
    gil_after = GY_GIL_HELD;
    assert_int_equal(Py_FinalizeEx(), 0);
    assert_int_equal(gil_before, GY_GIL_HELD);
    assert_int_equal(gil_in_callback, GY_GIL_NO_PYTHON);
    assert_int_equal(gil_after, GY_GIL_NO_PYTHON);
    assert_int_equal(exits, 1);
}

/* A program without atexit: it works, and the end is seen by itself. The next life is a normal one. */
static void test_broken_atexit(void **state)
{
    (void)state;
    assert_int_equal(start_python(), 0);
    run("import sys; sys.modules['atexit'] = None");
    assert_int_equal(python->gil(), GY_GIL_HELD);
    assert_null(PyErr_Occurred());
    python->reacquire(python->release());
    assert_int_equal(Py_FinalizeEx(), 0);
    assert_int_equal(python->gil(), GY_GIL_NO_PYTHON);
    assert_int_equal(exits, 0);
    assert_int_equal(start_python(), 0);
    assert_int_equal(python->gil(), GY_GIL_HELD);
    assert_int_equal(Py_FinalizeEx(), 0);
    assert_int_equal(python->gil(), GY_GIL_NO_PYTHON);
    assert_int_equal(exits, 1);
}

/* ---- The GUI thread first in the queue. ---- */

/* How many wait is not known before CPython's own calls have come to the hooks once. */
static void test_who_waits(void **state)
{
    (void)state;
    assert_int_equal(start_python(), 0);
    assert_int_equal(python->gil(), GY_GIL_HELD);
    const gilyield_options options = gy_options_default();
    assert_null(gy_gilqueue_gui.install(python, &options, 0));
    assert_int_equal(gy_gilqueue_gui.waiting(), -1);
    gy_gilqueue_gui.before_release();
    void *thread_state = python->release();
    gy_gilqueue_gui.after_release(0);
    python->reacquire(thread_state);
    gy_gilqueue_gui.after_reacquire(0);
    assert_int_equal(gy_gilqueue_gui.waiting(), 0);
    gy_gilqueue_gui.remove();
    assert_int_equal(Py_FinalizeEx(), 0);
}

/* ---- The switch interval. ---- */

static void test_switch_interval(void **state)
{
    (void)state;
    assert_int_equal(start_python(), 0);
    assert_int_equal(python->gil(), GY_GIL_HELD);
    run("import sys; sys.setswitchinterval(0.005)");
    assert_true(python->get_switch_interval() == 0.005);
    python->set_switch_interval(0.25);
    run("assert sys.getswitchinterval() == 0.25");

    /* The queue on the real thing, with the default of 100 us, many times over. */
    run("sys.setswitchinterval(0.005)");
    const gilyield_options options = gy_options_default();
    assert_null(gy_gilqueue_switch_interval.install(python, &options, 0));
    for (int i = 0; i < 100; i++) {
        gy_gilqueue_switch_interval.before_release();
        assert_true(python->get_switch_interval() < 0.00011);
        gy_gilqueue_switch_interval.after_reacquire(0);
        run("assert sys.getswitchinterval() == 0.005, sys.getswitchinterval()");
    }

    run("del sys.getswitchinterval, sys.setswitchinterval");
    assert_true(python->get_switch_interval() < 0.0);
    python->set_switch_interval(0.1);
    assert_null(PyErr_Occurred());
    assert_int_equal(Py_FinalizeEx(), 0);
}

static Py_ssize_t allocated_blocks(void)
{
    PyObject *result = PyObject_CallNoArgs(PySys_GetObject("getallocatedblocks"));
    assert_non_null(result);
    Py_ssize_t blocks = PyLong_AsSsize_t(result);
    Py_DECREF(result);
    return blocks;
}

static void test_references(void **state)
{
    (void)state;
    assert_int_equal(start_python(), 0);
    assert_int_equal(python->gil(), GY_GIL_HELD);
    Py_ssize_t none = Py_REFCNT(Py_None), before = 0;
    for (int i = 0; i < 20000; i++) {
        if (i == 10000) {
            before = allocated_blocks(); /* free lists are filled by now */
        }
        (void)python->gil();
        (void)python->alone();
        python->set_switch_interval(python->get_switch_interval());
        python->set_switch_interval(-1.0);
        python->reacquire(python->release());
    }
    assert_in_range(allocated_blocks() - before + 10, 0, 20);
    assert_in_range(Py_REFCNT(Py_None) - none + 10, 0, 20);
    assert_int_equal(Py_FinalizeEx(), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(test_states, begin),
    cmocka_unit_test_setup(test_reinitialised, begin),
    cmocka_unit_test_setup(test_sub_interpreter, begin),
    cmocka_unit_test_setup(test_another_runs_what_this_one_made, begin),
    cmocka_unit_test_setup(test_order_begins_in_sub_interpreter, begin),
    cmocka_unit_test_setup(test_in_sub_interpreter_first, begin),
    cmocka_unit_test_setup(test_other_thread, begin),
    cmocka_unit_test_setup(test_finalised_elsewhere, begin),
    cmocka_unit_test_setup(test_alone, begin),
    cmocka_unit_test_setup(test_pending_exception, begin),
    cmocka_unit_test_setup(test_errno, begin),
    cmocka_unit_test_setup(test_atexit_order, begin),
    cmocka_unit_test_setup(test_broken_atexit, begin),
    cmocka_unit_test_setup(test_who_waits, begin),
    cmocka_unit_test_setup(test_switch_interval, begin),
    cmocka_unit_test_setup(test_references, begin),
};

UNIT_MAIN(tests)
