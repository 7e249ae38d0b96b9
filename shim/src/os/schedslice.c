/* SPDX-License-Identifier: MIT */
#include "os/schedslice.h"

#include "os/clock.h"
#include "os/compiler.h"
#include "os/log.h"
#include "os/threads.h"

#include "gilyield/gilyield.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The shortest that the kernel grants. */
#define SHORT_NS (UINT64_C(100) * GY_NS_PER_US)

/*
 * SCHED_FLAG_RESET_ON_FORK of include/uapi/linux/sched.h: new threads and processes have the default slice, those too that never
 * come past us. It takes a negative nice value from them as well, and only a privileged thread can clear it again.
 */
#define RESET_ON_FORK UINT64_C(1)

/* The kernel's struct sched_attr, first version; the C library has none up to glibc 2.40. */
typedef struct attributes {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
} attributes;

/* Threads with a short slice; 0: a free place. A thread that finds none keeps the default slice. */
enum { PLACES = 64 };
static atomic_int places[PLACES];

/* Of the calling thread: its place, NULL for none yet, and whether it has RESET_ON_FORK from us. */
GY_THREAD_LOCAL atomic_int *own;
GY_THREAD_LOCAL bool flagged;

/* gettid() is younger than some C libraries that applications bring along. */
static pid_t this_thread(void)
{
    return (pid_t)syscall(SYS_gettid);
}

static bool get(pid_t thread, attributes *attr)
{
    *attr = (attributes){.size = sizeof *attr};
    return syscall(SYS_sched_getattr, thread, attr, sizeof *attr, 0) == 0;
}

static bool set(pid_t thread, attributes *attr, uint64_t runtime_ns)
{
    attr->size = sizeof *attr;
    attr->runtime = runtime_ns;
    return syscall(SYS_sched_setattr, thread, attr, 0) == 0;
}

/* A runtime of 0 asks for the default slice. The flag goes where that is allowed, else it stays, and has no effect. */
static void set_default(pid_t thread, bool flag_too)
{
    attributes attr;
    if (get(thread, &attr) && attr.policy == SCHED_OTHER && attr.runtime == SHORT_NS) {
        uint64_t flags = attr.flags;
        attr.flags = flag_too ? 0 : flags;
        if (set(thread, &attr, 0)) {
            flagged = flag_too ? false : flagged;
        } else {
            attr.flags = flags;
            set(thread, &attr, 0);
        }
    }
}

static bool is_short(pid_t self)
{
    return own && atomic_load_explicit(own, memory_order_relaxed) == self;
}

static bool take_place(pid_t self)
{
    for (int i = 0; i < PLACES; i++) {
        int holder = atomic_load_explicit(&places[i], memory_order_relaxed);
        if ((holder == 0 || !gy_threads_lives(holder)) && atomic_compare_exchange_strong(&places[i], &holder, self)) {
            own = &places[i];
            return true;
        }
    }
    return false;
}

static void free_place(void)
{
    atomic_store_explicit(own, 0, memory_order_relaxed);
    own = NULL;
}

/* Somebody has asked for a slice of another length than the kernel's default. */
static bool has_its_own(pid_t self, attributes *attr)
{
    uint64_t before = attr->runtime;
    if (set(self, attr, 0) && get(self, attr) && attr->runtime != before) {
        set(self, attr, before);
        return true;
    }
    return false;
}

void gy_schedslice_shorten(void)
{
    attributes attr;
    int saved_errno = errno;
    pid_t self = this_thread();
    /* Before 6.12 the kernel says 0; flags, where there are any, are somebody's own settings. */
    if (!is_short(self) && get(self, &attr) && attr.policy == SCHED_OTHER && attr.runtime > SHORT_NS &&
        attr.flags == (flagged ? RESET_ON_FORK : 0) && !has_its_own(self, &attr) && take_place(self)) {
        attr.flags = attr.nice >= 0 ? RESET_ON_FORK : attr.flags;
        if (set(self, &attr, SHORT_NS)) {
            flagged = attr.flags != 0;
            gy_log(GILYIELD_LOG_DEBUG, "thread %d has a short time slice", (int)self);
        } else {
            free_place();
        }
    }
    errno = saved_errno;
}

void gy_schedslice_lengthen(void)
{
    int saved_errno = errno;
    pid_t self = this_thread();
    if (is_short(self)) {
        set_default(self, flagged);
        free_place();
        gy_log(GILYIELD_LOG_DEBUG, "thread %d has the default time slice", (int)self);
    }
    errno = saved_errno;
}

void gy_schedslice_restore(void)
{
    gy_schedslice_lengthen();
    int saved_errno = errno;
    for (int i = 0; i < PLACES; i++) {
        int thread = atomic_exchange(&places[i], 0);
        if (thread != 0 && gy_threads_lives(thread)) {
            set_default(thread, false);
        }
    }
    errno = saved_errno;
}

void gy_schedslice_disinherit(void)
{
    int saved_errno = errno;
    pid_t self = this_thread();
    if (!is_short(self)) {
        set_default(self, false);
    }
    errno = saved_errno;
}

void gy_schedslice_after_fork(void)
{
    own = NULL;
    gy_schedslice_disinherit();
    for (int i = 0; i < PLACES; i++) {
        atomic_store(&places[i], 0);
    }
}
