/* SPDX-License-Identifier: MIT */
/*
 * The GUI thread first in CPython's GIL queue: gilorder.c has the rules, and says why no wake-up is lost; gilfront_*_win32.c
 * bring CPython's calls there, by CPython's import address table. No struct of CPython is read or written, but for the request to
 * drop the GIL (droprequest.c).
 */
#include "gil/gilqueue.h"

#include "gil/gilfront_win32.h"
#include "gil/gilorder.h"
#include "os/clock.h"
#include "os/window_win32.h"

#include <stddef.h>
#include <windows.h>

static const gy_gilfront *front; /* installed; NULL: none. GUI thread only */

bool gy_gilfront_redirect(gy_redirect *redirect, const char *symbol, const void *hook, void *original)
{
    return gy_redirect_install(redirect, gy_python_code_address(), symbol, hook, original);
}

void gy_gilfront_demand(void)
{
    if (!gy_gilorder_is_gui()) {
        gy_window_post(GY_MESSAGE_DEMAND);
    }
}

/* From `address` to the end of the section of the PE file that has it; 0: it is in none. */
static uintptr_t section_end(const void *address)
{
    HMODULE module;
    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                            (LPCWSTR)address, &module)) {
        return 0;
    }
    uintptr_t base = (uintptr_t)module;
    const IMAGE_DOS_HEADER *dos = (const void *)base;
    const IMAGE_NT_HEADERS *headers = (const void *)(base + (uintptr_t)dos->e_lfanew);
    const IMAGE_SECTION_HEADER *section = IMAGE_FIRST_SECTION(headers);
    for (unsigned i = 0; i < headers->FileHeader.NumberOfSections; i++) {
        uintptr_t start = base + section[i].VirtualAddress, stop = start + section[i].Misc.VirtualSize;
        if ((uintptr_t)address >= start && (uintptr_t)address < stop) {
            return stop;
        }
    }
    return 0;
}

static void remove_front(void)
{
    if (front) {
        front->remove();
        gy_gilorder_end();
        front->settle();
        front = NULL;
    }
}

static const char *install(const gy_python *python, const gilyield_options *options, uint64_t now)
{
    static const gy_gilfront *const fronts[] = {&gy_gilfront_srwlock, &gy_gilfront_semaphore};
    (void)now;
    const void *runtime = gy_python_symbol("_PyRuntime");
    uintptr_t end = runtime ? section_end(runtime) : 0;
    if (end == 0) {
        return "this CPython does not export _PyRuntime";
    }
    for (size_t i = 0; i < sizeof fronts / sizeof *fronts; i++) {
        if (!gy_gilorder_begin((uint64_t)options->interval_ms * GY_NS_PER_MS, (uint64_t)options->slice_ms * GY_NS_PER_MS)) {
            return "there is no memory for it";
        }
        front = fronts[i];
        if (front->install((uintptr_t)runtime, end)) {
            front->go_on(python->gil() == GY_GIL_HELD);
            return NULL;
        }
        remove_front();
    }
    return "CPython's calls on its GIL cannot be redirected";
}

/* CPython's own calls have told gilorder.c when the GIL changed hands. */
static void nothing_at(uint64_t now)
{
    (void)now;
}

/* A thread that began to wait before we came is not counted: it shows itself within a switch interval. */
static uint64_t owed(uint64_t now)
{
    return front && front->learnt() ? gy_gilorder_owed(now) : 0;
}

/* Until the GIL's lock is known nobody can be counted. */
static int waiting(void)
{
    return front && front->learnt() ? gy_gilorder_waiting() : -1;
}

static void before_release(void)
{
    gy_gilorder_gui_polls(true);
}

static void after_reacquire(uint64_t now)
{
    (void)now;
    gy_gilorder_gui_polls(false);
}

const gy_gilqueue gy_gilqueue_gui = {
    .name = "gui",
    .install = install,
    .remove = remove_front,
    .before_release = before_release,
    .after_release = nothing_at,
    .after_reacquire = after_reacquire,
    .polls = gy_gilorder_gui_polls,
    .waiting = waiting,
    .takes = gy_gilorder_takes,
    .owed = owed,
    .declined = nothing_at, /* who waits is known: nobody declines */
};
