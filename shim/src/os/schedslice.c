/* SPDX-License-Identifier: MIT */
#include "os/schedslice.h"

#include "os/clock.h"
#include "os/log.h"

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
 * SCHED_FLAG_RESET_ON_FORK: new threads and processes get the kernel's turns, those too that never come past us. It takes a
 * negative nice value from them as well, and only a privileged thread gets rid of it again.
 */
#define NOT_FOR_CHILDREN UINT64_C(1)

/* The kernel's struct sched_attr, first version; the C library has none up to glibc 2.40. */
typedef struct attributes {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
} attributes;

static atomic_int shortened; /* the thread; 0: none */
static atomic_int marked;    /* the thread that has NOT_FOR_CHILDREN from us; 0: none */

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

/* 0 as the length means the kernel's own. */
static void set_default(pid_t thread)
{
    attributes attr;
    if (get(thread, &attr) && attr.policy == SCHED_OTHER && attr.runtime == SHORT_NS) {
        /* Without the right to take the mark away, it stays, and has no effect. */
        uint64_t flags = attr.flags;
        attr.flags = thread == marked ? 0 : flags;
        if (set(thread, &attr, 0)) {
            marked = thread == marked ? 0 : marked;
        } else {
            attr.flags = flags;
            set(thread, &attr, 0);
        }
    }
}

void gy_schedslice_shorten(void)
{
    attributes attr;
    pid_t self = this_thread();
    int saved_errno = errno;
    /* A kernel that says 0 knows no turns; flags, where there are any, are somebody's own settings. */
    if (shortened == 0 && get(self, &attr) && attr.policy == SCHED_OTHER && attr.runtime > SHORT_NS &&
        attr.flags == (self == marked ? NOT_FOR_CHILDREN : 0)) {
        uint64_t before = attr.runtime;
        if (set(self, &attr, 0) && get(self, &attr) && attr.runtime != before) {
            set(self, &attr, before); /* somebody has asked for turns of another length */
            errno = saved_errno;
            return;
        }
        attr.flags = attr.nice >= 0 ? NOT_FOR_CHILDREN : attr.flags;
        if (set(self, &attr, SHORT_NS)) {
            marked = attr.flags ? self : 0;
            shortened = self;
            gy_log(GILYIELD_LOG_DEBUG, "the GUI thread has short turns at the processor");
        }
    }
    errno = saved_errno;
}

void gy_schedslice_restore(void)
{
    if (shortened != 0) {
        int saved_errno = errno;
        set_default(shortened);
        shortened = 0;
        errno = saved_errno;
        gy_log(GILYIELD_LOG_DEBUG, "the GUI thread has the kernel's turns at the processor");
    }
}

void gy_schedslice_disinherit(void)
{
    pid_t self = this_thread();
    if (self != shortened) {
        int saved_errno = errno;
        set_default(self);
        errno = saved_errno;
    }
}

void gy_schedslice_after_fork(void)
{
    gy_schedslice_disinherit();
    shortened = 0;
}
