/* SPDX-License-Identifier: MIT */
#include "trace/look.h"

#include "os/clock.h"
#include "trace/account.h"
#include "trace/figures.h"
#include "trace/native.h"
#include "trace/pystack.h"

#include <stdio.h>

enum { SAMPLES = 10, MARKS = 10 };

/* How long a thread that computes is sampled for a look. */
#define SAMPLE_NS (UINT64_C(5) * GY_NS_PER_MS)

/* The watcher alone uses these. */
static gy_pystack gui_stack, holder_stack;
static uint64_t held_since; /* since when a holder that is not counted is known to have the GIL; 0: not known */
static gy_pyholder held_by;
static gy_pymark base; /* where the GUI thread's Python has called its event loop */

static bool same_mark(gy_pymark one, gy_pymark other)
{
    return one.frame == other.frame && one.instruction == other.instruction;
}

/* Only what the GUI thread has called since its event loop woke. A function that has gone on is in no loop any more. */
static void cut_at_base(gy_pystack *stack)
{
    for (int i = 0; i < stack->count; i++) {
        if (same_mark(stack->frames[i].mark, base)) {
            stack->count = i;
        }
    }
}

/* Does the thread go from one Python instruction to the next? It may spend nearly all of its time in one of them. */
static bool moves(uintptr_t self, gy_pymark first)
{
    for (int i = 0; i < MARKS; i++) {
        if (!same_mark(gy_pystack_mark(self), first)) {
            return true;
        }
    }
    return false;
}

/* Sees for some milliseconds where the thread is that computes, and whether it runs Python. */
static void sample(int id, uintptr_t self, gy_look *seen)
{
    bool sampled = gy_native_sample_begin(id), reads = gy_turns_can_read(), evaluates;
    gy_pymark first = {0, 0};
    if (reads) {
        first = gy_pystack_mark(self);
    }
    for (int i = 0; i < SAMPLES; i++) {
        gy_clock_monotonic.sleep(SAMPLE_NS / SAMPLES);
        seen->moves = seen->moves || (reads && moves(self, first));
    }
    seen->where = gy_native_sample_end("_PyEval_EvalFrameDefault", &evaluates);
    seen->moves = seen->moves || evaluates;
    seen->nowhere = sampled && seen->where == 0 && !seen->moves;
}

/* Who has the GIL that the GUI thread has waited for since `waited_ns`. Returns its number in the kernel, 0 if it is not known.
 */
static int look_at_holder(uint64_t now, uint64_t waited_ns, gy_look *seen, uintptr_t *self)
{
    gy_figures holder = {0};
    bool reads = gy_turns_can_read();
    gy_pyholder has = reads ? gy_pystack_holder() : (gy_pyholder){0, 0};
    if (held_since == 0 || has.thread != held_by.thread || has.changes != held_by.changes) {
        held_by = has;
        held_since = now;
    }
    if (gy_figures_get(gy_account_holder(), now, &holder) && (has.thread == 0 || holder.self == has.thread)) {
        /* When it took the GIL nobody else wanted it, and it has not let go of it since: so long at least. */
        holder.now_ns = holder.holds ? holder.now_ns : waited_ns;
    } else {
        /* It took the GIL before the queue was ours, and may have got it a moment ago from another that had. */
        holder = (gy_figures){.self = has.thread, .now_ns = has.thread != 0 ? now - held_since : 0};
        if (holder.self == 0 || !gy_pystack_thread_name(holder.self, holder.name, sizeof holder.name)) {
            snprintf(holder.name, sizeof holder.name, "%s", holder.self != 0 ? "?" : "");
        }
    }
    if (reads && holder.self != 0) {
        gy_pystack_read(holder.self, &holder_stack);
    }
    *self = holder.self;
    seen->held_ns = holder.now_ns;
    snprintf(seen->holder, sizeof seen->holder, "%s", holder.name);
    return holder.id;
}

static void note_lock(gy_look *seen)
{
    if (!seen->waits_for_gil && atomic_load_explicit(&gy_account_gui_in_lock, memory_order_relaxed)) {
        seen->doing = GY_DOING_LOCK;
        seen->where = 0;
    }
}

bool gy_look_at(gy_turn turn, gy_look *seen)
{
    uint64_t now = gy_trace_now();
    gy_figures figures;
    *seen = (gy_look){.gui = &gui_stack, .holds = &holder_stack};
    gui_stack.count = holder_stack.count = 0;
    const gy_gui_thread gui = gy_turns_gui_thread();
    int id = gui.id;
    uintptr_t self = gui.self;
    seen->waits_for_gil = gy_figures_get(gui.index, now, &figures) && figures.waits;
    if (seen->waits_for_gil) {
        id = look_at_holder(now, figures.now_ns, seen, &self);
    }
    if (id != 0) {
        seen->doing = gy_native_look(id, &seen->where);
        note_lock(seen);
    }
    if (gy_turns_can_read()) {
        gy_pystack_read(gui.self, &gui_stack);
        cut_at_base(&gui_stack);
    }
    bool in_time = gy_turn_goes_on(turn);
    if (seen->doing == GY_DOING_COMPUTES && in_time) {
        sample(id, self, seen);
        uintptr_t where = 0;
        /* Nothing was seen of what it computes: it may have been on its way into a wait, or wakes in one now and then. */
        gy_doing doing = !seen->moves && seen->where == 0 ? gy_native_look(id, &where) : seen->doing;
        bool still = gy_turn_goes_on(turn); /* else that is the wait of the event loop */
        if (still && doing != seen->doing) {
            seen->doing = doing;
            seen->where = where;
        }
        note_lock(seen);
        seen->nowhere = seen->doing == GY_DOING_COMPUTES && (seen->nowhere || !still);
    }
    seen->in_python = gy_native_same_object(seen->where, gy_turns_python_code());
    return in_time;
}

void gy_look_begin(void)
{
    held_since = 0;
}

void gy_look_note_base(gy_turn wait)
{
    gy_pymark top = gy_turns_can_read() ? gy_pystack_mark(gy_turns_gui_thread().self) : (gy_pymark){0, 0};
    if (gy_turn_goes_on(wait)) {
        base = top;
    }
}

void gy_look_forget_base(void)
{
    base = (gy_pymark){0, 0};
}
