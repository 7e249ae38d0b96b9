/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_PYTHON_H
#define GILYIELD_PYTHON_H

#include <stdbool.h>

/* What this OS thread is to the GIL at this moment. */
typedef enum gy_gil {
    GY_GIL_NO_PYTHON, /* no CPython in the process, or not initialised, or being finalised */
    GY_GIL_NOT_HELD,  /* another thread holds it or nobody does */
    GY_GIL_HELD
} gy_gil;

/*
 * The CPython boundary as a table, so that the policy can be tested with a fake one.
 * All are called on the GUI thread, which is the only one that gives the GIL away.
 */
typedef struct gy_python {
    /* About 10 ns. Asked before every yield, never remembered. With or without the GIL. */
    gy_gil (*gil)(void);
    /* True when no thread state but the caller's exists (2 to 5 ns). Needs the GIL. */
    bool (*alone)(void);
    /* PyEval_SaveThread: needs the GIL; returns what reacquire() wants. A pending exception and errno are kept. */
    void *(*release)(void);
    /* PyEval_RestoreThread. */
    void (*reacquire)(void *thread_state);
    /* CPython's switch interval in seconds, as sys.getswitchinterval() says it; negative when it cannot be had. Needs the GIL. */
    double (*get_switch_interval)(void);
    void (*set_switch_interval)(double seconds);
} gy_python;

/* The CPython in this process, found when it appears. */
extern const gy_python gy_python_process;

/*
 * Is there a CPython to come first in? Either an initialised one, or the only one that is loaded, and *initialized is false. From
 * then on the three below tell of it. No Python is run. GUI thread, with or without the GIL.
 */
bool gy_python_expect(bool *initialized);

/* "3.11.2", "" while no initialised CPython was seen. Static. Any thread. */
const char *gy_python_version(void);

/* An address inside the object that holds CPython (libpython or the executable), NULL while none was seen or expected. GUI
 * thread. */
const void *gy_python_code_address(void);

/* Address of an exported symbol of that CPython, NULL if there is none. GUI thread. */
void *gy_python_symbol(const char *name);

/* True on builds without a GIL (PEP 703). GUI thread. */
bool gy_python_free_threaded(void);

/*
 * Called once, from Python's atexit, which is the last hook at which CPython can be used. From then on gil() says
 * GY_GIL_NO_PYTHON, until another interpreter is initialised. Set before the first gil().
 */
void gy_python_set_exit_callback(void (*callback)(void));

#endif
