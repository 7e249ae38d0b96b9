/* SPDX-License-Identifier: MIT */
/*
 * A thread state of another interpreter has its OS thread's identifier in the same place as our own state. A state of another
 * thread may vanish while we look, so it is read by os/peek.h, and what is found is trusted only if it is found twice and the
 * state is the current one after each look.
 */
#include "python/subinterpreter.h"

#include "os/peek.h"
#include "os/sync.h"

#include <stdatomic.h>
#include <stddef.h>

static bool (*_Atomic witness)(void);
static bool released_by_host; /* GUI thread only */

void gy_subinterpreter_set_witness(bool (*gui_has_gil)(void))
{
    atomic_store(&witness, gui_has_gil);
}

void gy_subinterpreter_note_released(bool by_host)
{
    released_by_host = by_host;
}

/* Without a witness, in a host that lets go of the GIL by itself, the state may as well be another thread's. */
static bool may_be_mine(void)
{
    bool (*gui_has_gil)(void) = atomic_load(&witness);
    return gui_has_gil ? gui_has_gil() : !released_by_host;
}

/* Where a PyThreadState has its OS thread's identifier: the one word of our own state that is ours. 0: not known. GUI thread. */
static size_t thread_id_place(const PyThreadState *own)
{
    enum { BYTES = 320, WORDS = BYTES / sizeof(unsigned long) };
    static size_t place;
    unsigned long words[WORDS], me = (unsigned long)gy_thread_self();
    if (place == 0 && gy_peek(own, words, BYTES)) {
        for (size_t i = 0; i < WORDS; i++) {
            if (words[i] == me) {
                if (place != 0) {
                    place = 0;
                    break;
                }
                place = i;
            }
        }
    }
    return place;
}

bool gy_subinterpreter_is_mine(const PyThreadState *current)
{
    PyThreadState *own = gy_py.of_this_thread();
    size_t place = own && gy_py.next_interpreter(gy_py.first_interpreter()) ? thread_id_place(own) : 0;
    if (place == 0 || !may_be_mine()) {
        return false;
    }
    for (int look = 0; look < 2; look++) {
        unsigned long word;
        if (!gy_peek((const char *)current + place * sizeof word, &word, sizeof word) ||
            word != (unsigned long)gy_thread_self() || gy_py.current() != current) {
            return false;
        }
    }
    return true;
}
