/* SPDX-License-Identifier: MIT */
#include "python/droprequest.h"

#include "gilyield/gilyield.h"
#include "os/log.h"
#include "os/module.h"
#include "python/functions.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Offsets in PyInterpreterState, in bytes, where a pointer has 64 bits. Both are ints that are 0 or 1. */
typedef struct place {
    int minor;        /* of 3.minor */
    uint16_t breaker; /* ceval.eval_breaker: the interpreter is to look at what is wanted */
    uint16_t request; /* ceval.gil_drop_request */
    /* An interpreter's states are freed before the current one is unset (3.12, gh-104341): see is_interpreter(). */
    bool dangles;
} place;

enum { FIRST_MINOR = 9, LAST_MINOR = 12 };

typedef PyInterpreterState *(*get_interpreter_function)(PyThreadState *);

/* Written by the GUI thread before `apart`; read by any. */
static const place *at; /* NULL: not known */
static get_interpreter_function get_interpreter;
static PyInterpreterState *main_interpreter;

static atomic_bool apart;    /* this version has a request for each interpreter */
static atomic_bool verified; /* it was seen where it should be */
static atomic_bool refuted;  /* something else was */
static bool was_clear;       /* before it was set; under the GIL's mutex */

static const place *find_place(long minor)
{
    static const place rows[] = {
        {9, 72, 76, true},
        {10, 68, 72, true},
        {11, 100, 104, true},
        {12, 368, 372, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].minor == minor && sizeof(void *) == 8) {
            return &rows[i];
        }
    }
    return NULL;
}

void gy_droprequest_meet(void)
{
    long minor = gy_functions_minor();
    atomic_store(&apart, false);
    atomic_store(&verified, false);
    atomic_store(&refuted, false);
    if (minor < FIRST_MINOR || minor > LAST_MINOR) {
        return;
    }
    void *symbol = gy_module_symbol(gy_functions_handle(), "PyThreadState_GetInterpreter");
    memcpy(&get_interpreter, &symbol, sizeof symbol);
    main_interpreter = gy_py.main_interpreter();
    at = symbol && main_interpreter ? find_place(minor) : NULL;
    atomic_store(&apart, true);
}

/* New interpreters are put in front. */
bool gy_droprequest_apart(void)
{
    return atomic_load_explicit(&apart, memory_order_acquire) && gy_py.first_interpreter() != main_interpreter;
}

bool gy_droprequest_can_be_set(void)
{
    return at && !atomic_load_explicit(&refuted, memory_order_relaxed);
}

/* CPython's own are atomic ints, too, or volatile ones. */
static _Atomic(int) *word(PyInterpreterState *interpreter, size_t offset)
{
    return (_Atomic(int) *)(void *)((char *)interpreter + offset);
}

static int get(PyInterpreterState *interpreter, size_t offset)
{
    return atomic_load_explicit(word(interpreter, offset), memory_order_relaxed);
}

static bool is_flag(int value)
{
    return value == 0 || value == 1;
}

void gy_droprequest_observe(bool asked)
{
    if (atomic_load_explicit(&verified, memory_order_relaxed) || !atomic_load_explicit(&apart, memory_order_acquire) ||
        !gy_droprequest_can_be_set()) {
        return;
    }
    int breaker = get(main_interpreter, at->breaker), request = get(main_interpreter, at->request);
    if (!is_flag(breaker) || !is_flag(request)) {
        atomic_store_explicit(&refuted, true, memory_order_relaxed);
        gy_log(GILYIELD_LOG_WARN, "CPython %s keeps its request to drop the GIL elsewhere than it should", gy_py.version());
        return;
    }
    if (asked && was_clear && breaker == 1 && request == 1) {
        atomic_store_explicit(&verified, true, memory_order_release);
    }
    was_clear = !asked && breaker == 0 && request == 0;
}

/*
 * Up to 3.11 PyInterpreterState_Delete() frees the current thread state before it unsets it, so for some instructions that may be
 * anything. An interpreter in CPython's list lives: with the one GIL that all share nobody else frees one. Since 3.12 others do,
 * which have a GIL of their own, but the current state is unset first.
 */
static bool is_interpreter(const PyInterpreterState *candidate)
{
    if (!at->dangles) {
        return true;
    }
    PyInterpreterState *each = gy_py.first_interpreter();
    while (each && each != candidate) {
        each = gy_py.next_interpreter(each);
    }
    return each != NULL;
}

gy_droprequest_place gy_droprequest_set_here(void)
{
    if (!atomic_load_explicit(&verified, memory_order_acquire)) {
        return GY_DROPREQUEST_NOWHERE;
    }
    PyThreadState *current = gy_py.current();
    PyInterpreterState *interpreter = current ? get_interpreter(current) : NULL;
    if (!interpreter || !is_interpreter(interpreter) || !is_flag(get(interpreter, at->breaker)) ||
        !is_flag(get(interpreter, at->request))) {
        return GY_DROPREQUEST_NOWHERE;
    }
    /* In CPython's order. */
    atomic_store_explicit(word(interpreter, at->request), 1, memory_order_relaxed);
    atomic_store_explicit(word(interpreter, at->breaker), 1, memory_order_relaxed);
    return interpreter == main_interpreter ? GY_DROPREQUEST_MAIN : GY_DROPREQUEST_OTHER;
}
