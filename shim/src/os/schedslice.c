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

static atomic_int shortened; /* the thread; 0: none */
static atomic_int flagged;   /* the thread that has RESET_ON_FORK from us; 0: none */

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

/* A runtime of 0 asks for the default slice. */
static void set_default(pid_t thread)
{
    attributes attr;
    if (get(thread, &attr) && attr.policy == SCHED_OTHER && attr.runtime == SHORT_NS) {
        /* Without the right to clear the flag, it stays, and has no effect. */
        uint64_t flags = attr.flags;
        attr.flags = thread == flagged ? 0 : flags;
        if (set(thread, &attr, 0)) {
            flagged = thread == flagged ? 0 : flagged;
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
    /* Before 6.12 the kernel says 0; flags, where there are any, are somebody's own settings. */
    if (shortened == 0 && get(self, &attr) && attr.policy == SCHED_OTHER && attr.runtime > SHORT_NS &&
        attr.flags == (self == flagged ? RESET_ON_FORK : 0)) {
        uint64_t before = attr.runtime;
        if (set(self, &attr, 0) && get(self, &attr) && attr.runtime != before) {
            set(self, &attr, before); /* somebody has asked for a slice of another length */
            errno = saved_errno;
            return;
        }
        attr.flags = attr.nice >= 0 ? RESET_ON_FORK : attr.flags;
        if (set(self, &attr, SHORT_NS)) {
            flagged = attr.flags ? self : 0;
            shortened = self;
            gy_log(GILYIELD_LOG_DEBUG, "the GUI thread has a short time slice");
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
        gy_log(GILYIELD_LOG_DEBUG, "the GUI thread has the default time slice");
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
