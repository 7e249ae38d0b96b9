/* SPDX-License-Identifier: MIT */
/* Stacks of the CPython that this is linked with, read from outside, and its layout. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "trace/pylines.h"
#include "trace/pystack.h"
#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static const char SCRIPT[] = "import threading, time\n"
                             "stop = False\n"
                             "def inner():\n"
                             "    global begun\n"
                             "    begun = True\n"
                             "    while not stop:\n"
                             "        time.sleep(0.001)\n"
                             "def gr\xc3\xbc\xc3\x9f"
                             "e():\n"
                             "    inner()\n"
                             "def recursive(n):\n"
                             "    return recursive(n - 1) if n else inner()\n"
                             "def churn():\n"
                             "    while not stop:\n"
                             "        sum(map(lambda x: x + 1, range(50)))\n"
                             "        eval('1 + 1')\n"
                             "def calls():\n"
                             "    for _ in iter(lambda: stop, True): pass\n";

static pthread_t worker;
static atomic_bool started;

static void *run(void *function)
{
    atomic_store(&started, true);
    PyGILState_STATE state = PyGILState_Ensure();
    PyObject *result = PyRun_String(function, Py_eval_input, PyModule_GetDict(PyImport_AddModule("__main__")),
                                    PyModule_GetDict(PyImport_AddModule("__main__")));
    if (!result) {
        PyErr_Print();
        abort();
    }
    Py_DECREF(result);
    PyGILState_Release(state);
    return NULL;
}

static void start(const char *call)
{
    Py_Initialize();
    PyObject *main_dict = PyModule_GetDict(PyImport_AddModule("__main__"));
    PyObject *code = Py_CompileString(SCRIPT, "/somewhere/script.py", Py_file_input);
    assert_non_null(code);
    PyObject *result = PyEval_EvalCode(code, main_dict, main_dict);
    assert_non_null(result);
    Py_DECREF(result);
    Py_DECREF(code);
    assert_int_equal(gy_python_process.gil(), GY_GIL_HELD);
    assert_null(gy_pystack_open());
    assert_int_equal(pthread_create(&worker, NULL, run, (void *)(uintptr_t)call), 0);
    Py_BEGIN_ALLOW_THREADS;
    usleep(50000);
    Py_END_ALLOW_THREADS;
}

static void finish(void)
{
    PyRun_SimpleString("stop = True");
    Py_BEGIN_ALLOW_THREADS;
    pthread_join(worker, NULL);
    Py_END_ALLOW_THREADS;
    Py_FinalizeEx();
}

static void test_names_file_line_function(void **state)
{
    (void)state;
    start("gr\xc3\xbc\xc3\x9f"
          "e()");
    static gy_pystack stack;
    bool seen = false;
    Py_BEGIN_ALLOW_THREADS;
    for (int i = 0; i < 200 && !seen; i++) {
        gy_pystack_read((uintptr_t)worker, &stack);
        seen = stack.count == 3 && stack.frames[0].line == 7;
        usleep(1000);
    }
    Py_END_ALLOW_THREADS;
    assert_true(seen);
    assert_string_equal(stack.frames[0].function, "inner");
    assert_string_equal(stack.frames[0].file, "/somewhere/script.py");
    assert_string_equal(stack.frames[1].function, "gr\xc3\xbc\xc3\x9f"
                                                  "e");
    assert_int_equal(stack.frames[1].line, 9);
    assert_string_equal(stack.frames[2].file, "<string>");
    assert_true(stack.frames[0].mark.frame != stack.frames[1].mark.frame);
    const void *own = PyThreadState_Get();
    assert_int_equal(gy_pystack_state((uintptr_t)pthread_self()), (uintptr_t)own);
    assert_int_equal(gy_pystack_mark((uintptr_t)pthread_self()).frame, 0);
    assert_int_equal(gy_pystack_holder().thread, (uintptr_t)pthread_self());
    finish();
}

static void test_deep(void **state)
{
    (void)state;
    start("recursive(200)");
    static gy_pystack stack;
    gy_pystack_read((uintptr_t)worker, &stack);
    assert_int_equal(stack.count, GY_PYSTACK_MAX);
    assert_string_equal(stack.frames[1].function, "recursive");
    assert_int_equal(stack.frames[1].line, 11);
    finish();
}

/* The thread goes on meanwhile, its frames and code objects come and go: what is read is a stack of that thread or nothing. */
static void test_while_it_runs(void **state)
{
    (void)state;
    start("churn()");
    static gy_pystack stack;
    int with_churn = 0;
    Py_BEGIN_ALLOW_THREADS;
    for (int i = 0; i < 2000; i++) {
        gy_pystack_read((uintptr_t)worker, &stack);
        for (int f = 0; f < stack.count; f++) {
            with_churn += strcmp(stack.frames[f].function, "churn") == 0;
        }
    }
    Py_END_ALLOW_THREADS;
    assert_true(with_churn > 100);
    gy_pystack_read((uintptr_t)&stack, &stack);
    assert_int_equal(stack.count, 0);
    finish();
}

/* C calls a Python function again and again: that the frame has gone while it was read does not make it no Python. */
static void test_is_read_again(void **state)
{
    (void)state;
    start("calls()");
    static gy_pystack stack;
    int whole = 0;
    enum { READS = 20000 };
    Py_BEGIN_ALLOW_THREADS;
    for (int i = 0; i < READS; i++) {
        gy_pystack_read((uintptr_t)worker, &stack);
        whole += stack.count >= 2 && strcmp(stack.frames[stack.count - 2].function, "calls") == 0;
    }
    Py_END_ALLOW_THREADS;
    print_message("%d of %d\n", whole, READS);
    assert_true(whole > READS - READS / 1000);
    finish();
}

/* The name that threading has, also where somebody has asked for the thread's __dict__, and of a subclass. */
static void test_names_the_thread(void **state)
{
    (void)state;
    start("inner()");
    PyRun_SimpleString("class Mine(threading.Thread):\n"
                       "    def __init__(self, **more):\n"
                       "        self.label = 'not this'\n"
                       "        super().__init__(**more)\n"
                       "threads = [threading.Thread(target=inner, name='hog'), Mine(target=inner, name='m\xc3\xbch'),\n"
                       "           threading.Thread(target=inner, name='asked')]\n"
                       "vars(threads[2])['more'] = 'too'\n"
                       "for thread in threads: thread.start()\n"
                       "threads[0].name = 'renamed'\n"
                       "time.sleep(0.05)\n");
    static const char *const names[] = {"renamed", "m\xc3\xbch", "asked"};
    PyObject *threads = PyDict_GetItemString(PyModule_GetDict(PyImport_AddModule("__main__")), "threads");
    char name[64];
    for (Py_ssize_t i = 0; i < 3; i++) {
        PyObject *ident = PyObject_GetAttrString(PyList_GetItem(threads, i), "ident");
        assert_true(gy_pystack_thread_name((uintptr_t)PyLong_AsUnsignedLong(ident), name, sizeof name));
        assert_string_equal(name, names[i]);
        Py_DECREF(ident);
    }
    assert_false(gy_pystack_thread_name((uintptr_t)worker, name, sizeof name));
    PyRun_SimpleString("stop = True\nfor thread in threads: thread.join()");
    finish();
}

static void *run_in_sub_interpreter(void *unused)
{
    (void)unused;
    PyGILState_STATE gil = PyGILState_Ensure();
    PyThreadState *own = PyThreadState_Get(), *sub = Py_NewInterpreter();
    if (!sub || PyRun_SimpleString("import time\n"
                                   "def in_sub():\n"
                                   "    for i in range(100): time.sleep(0.003)\n"
                                   "in_sub()\n") != 0) {
        abort();
    }
    Py_EndInterpreter(sub);
    PyThreadState_Swap(own);
    PyGILState_Release(gil);
    return NULL;
}

/* A thread has a state in each interpreter: the one that counts is where it runs Python. */
static void test_sub_interpreters(void **state)
{
    (void)state;
    start("inner()");
    PyThreadState *own = PyThreadState_Get(), *sub = Py_NewInterpreter();
    assert_non_null(sub);
    uintptr_t self = (uintptr_t)pthread_self();
    assert_int_equal(gy_pystack_state(self), (uintptr_t)sub);
    assert_int_equal(gy_pystack_holder().thread, self);
    PyThreadState_Swap(own);
    assert_int_equal(gy_pystack_state(self), (uintptr_t)own);
    assert_int_equal(gy_pystack_holder().thread, self);
    pthread_t other;
    assert_int_equal(pthread_create(&other, NULL, run_in_sub_interpreter, NULL), 0);
    static gy_pystack stack;
    bool seen = false;
    Py_BEGIN_ALLOW_THREADS;
    for (int i = 0; i < 2000 && !seen; i++) {
        gy_pystack_read((uintptr_t)other, &stack);
        seen = stack.count == 2 && strcmp(stack.frames[0].function, "in_sub") == 0;
        usleep(1000);
    }
    pthread_join(other, NULL);
    gy_pystack_read((uintptr_t)worker, &stack);
    Py_END_ALLOW_THREADS;
    assert_true(seen);
    assert_string_equal(stack.frames[0].function, "inner");
    PyThreadState_Swap(sub);
    Py_EndInterpreter(sub);
    PyThreadState_Swap(own);
    finish();
}

static void test_any_bytes_are_a_table(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252;
    unsigned char table[64];
    for (int i = 0; i < 20000; i++) {
        size_t size = (size_t)unit_below(&seed, sizeof table + 1);
        for (size_t j = 0; j < size; j++) {
            table[j] = (unsigned char)unit_random(&seed);
        }
        for (gy_pylines format = GY_PYLINES_LNOTAB; format <= GY_PYLINES_LOCATIONS; format++) {
            gy_pylines_find(format, table, size, 10, (long)unit_below(&seed, 300) - 2);
        }
    }
    /* 4 bytes of line 10, 2 of line 12, 2 of line 11. */
    static const unsigned char lnotab[] = {4, 2, 2, 255};
    assert_int_equal(gy_pylines_find(GY_PYLINES_LNOTAB, lnotab, sizeof lnotab, 10, 3), 10);
    assert_int_equal(gy_pylines_find(GY_PYLINES_LNOTAB, lnotab, sizeof lnotab, 10, 4), 12);
    assert_int_equal(gy_pylines_find(GY_PYLINES_LNOTAB, lnotab, sizeof lnotab, 10, 6), 11);
    static const unsigned char ranges[] = {4, 0, 2, 2, 2, 128, 2, 255};
    assert_int_equal(gy_pylines_find(GY_PYLINES_RANGES, ranges, sizeof ranges, 10, 2), 10);
    assert_int_equal(gy_pylines_find(GY_PYLINES_RANGES, ranges, sizeof ranges, 10, 4), 12);
    assert_int_equal(gy_pylines_find(GY_PYLINES_RANGES, ranges, sizeof ranges, 10, 8), 11);
    assert_int_equal(gy_pylines_find(GY_PYLINES_RANGES, ranges, sizeof ranges, 10, 99), 10);
}

/* All lines of a code object, as CPython itself says them. */
static void test_agrees_with_cpython(void **state)
{
    (void)state;
    start("inner()");
    PyRun_SimpleString("import ast, inspect, textwrap\n"
                       "with open(inspect.__file__) as file: code = compile(file.read(), 'x', 'exec')\n"
                       "codes = [code]\n"
                       "for c in codes: codes.extend(k for k in c.co_consts if hasattr(k, 'co_code'))\n");
    PyObject *codes = PyDict_GetItemString(PyModule_GetDict(PyImport_AddModule("__main__")), "codes");
    long looked = 0;
    for (Py_ssize_t i = 0; i < PyList_Size(codes); i++) {
        PyCodeObject *code = (PyCodeObject *)PyList_GetItem(codes, i);
#if PY_VERSION_HEX >= 0x030a0000
        PyObject *table = PyObject_GetAttrString((PyObject *)code, "co_linetable");
        gy_pylines format = PY_VERSION_HEX >= 0x030b0000 ? GY_PYLINES_LOCATIONS : GY_PYLINES_RANGES;
#else
        PyObject *table = PyObject_GetAttrString((PyObject *)code, "co_lnotab");
        gy_pylines format = GY_PYLINES_LNOTAB;
#endif
        PyObject *bytes = PyObject_GetAttrString((PyObject *)code, "co_code");
        for (long at = 0; at < PyBytes_Size(bytes); at += 2) {
            int line = PyCode_Addr2Line(code, (int)at);
            if (line > 0) {
                assert_int_equal(gy_pylines_find(format, (unsigned char *)PyBytes_AsString(table), (size_t)PyBytes_Size(table),
                                                 code->co_firstlineno, at),
                                 line);
                looked++;
            }
        }
        Py_DECREF(bytes);
        Py_DECREF(table);
    }
    assert_true(looked > 5000);
    finish();
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_names_file_line_function),
    cmocka_unit_test(test_deep),
    cmocka_unit_test(test_names_the_thread),
    cmocka_unit_test(test_while_it_runs),
    cmocka_unit_test(test_is_read_again),
    cmocka_unit_test(test_sub_interpreters),
    cmocka_unit_test(test_any_bytes_are_a_table),
    cmocka_unit_test(test_agrees_with_cpython),
};

UNIT_MAIN(tests)
