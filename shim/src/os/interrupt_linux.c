/* SPDX-License-Identifier: MIT */
#include "os/interrupt.h"

#include "os/sync.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef void (*plain_handler)(int);
typedef void (*full_handler)(int, siginfo_t *, void *);

static gy_static_mutex lock;
static bool installed;          /* and not given back; under `lock` */
static struct sigaction before; /* what the application had then; under `lock` */
static atomic_bool unavailable; /* what was last found: somebody else has the signal */

/* Written before the handler can run that reads them. */
static _Atomic(plain_handler) earlier_plain;
static _Atomic(full_handler) earlier_full;
static void (*_Atomic work)(void);

static char mark; /* its address says that a signal is ours */

static void on_signal(int number, siginfo_t *info, void *context)
{
    int saved_errno = errno;
    if (info && info->si_code == SI_QUEUE && info->si_pid == getpid() && info->si_value.sival_ptr == &mark) {
        void (*function)(void) = atomic_load_explicit(&work, memory_order_acquire);
        if (function) {
            function();
        }
    } else {
        full_handler full = atomic_load_explicit(&earlier_full, memory_order_acquire);
        plain_handler plain = atomic_load_explicit(&earlier_plain, memory_order_acquire);
        if (full) {
            full(number, info, context);
        } else if (plain) {
            plain(number);
        }
    }
    errno = saved_errno;
}

static bool is_ours(const struct sigaction *action)
{
    return (action->sa_flags & SA_SIGINFO) != 0 && action->sa_sigaction == on_signal;
}

/* Nobody's: ignored, by default or because the application wants it so. */
static bool is_free(const struct sigaction *action)
{
    return (action->sa_flags & SA_SIGINFO) == 0 && (action->sa_handler == SIG_DFL || action->sa_handler == SIG_IGN);
}

/* With `lock`. Whether system calls start again after one of the application's signals is its own choice. */
static bool install(void)
{
    struct sigaction now, ours;
    if (sigaction(SIGURG, NULL, &now) != 0) {
        return false;
    }
    if (is_ours(&now)) {
        return true;
    }
    if (!is_free(&now) && (installed || (now.sa_flags & (int)SA_RESETHAND) != 0)) {
        return false;
    }
    memset(&ours, 0, sizeof ours);
    sigemptyset(&ours.sa_mask);
    ours.sa_flags = SA_RESTART | SA_ONSTACK;
    if (!is_free(&now)) {
        ours.sa_flags = now.sa_flags;
        ours.sa_mask = now.sa_mask;
    }
    bool full = (now.sa_flags & SA_SIGINFO) != 0;
    atomic_store(&earlier_full, full && !is_free(&now) ? now.sa_sigaction : NULL);
    atomic_store(&earlier_plain, !full && !is_free(&now) ? now.sa_handler : NULL);
    ours.sa_flags |= SA_SIGINFO;
    ours.sa_sigaction = on_signal;
    before = now;
    installed = sigaction(SIGURG, &ours, NULL) == 0;
    return installed;
}

static bool send(int thread)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = SIGURG;
    info.si_code = SI_QUEUE;
    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_ptr = &mark;
    /* A thread that is gone is no failure. */
    return syscall(SYS_rt_tgsigqueueinfo, info.si_pid, thread, SIGURG, &info) == 0 || errno == ESRCH;
}

/*
 * Or waits for a processor to run on. True also where the system does not say. The state is a letter behind the name, which
 * stands in parentheses and may have some in it.
 */
static bool is_running(int thread)
{
    char path[64], text[128];
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file >= 0 ? read(file, text, sizeof text - 1) : 0;
    if (file >= 0) {
        close(file);
    }
    text[length > 0 ? length : 0] = '\0';
    const char *end = strrchr(text, ')');
    return !end || strncmp(end, ") R", 3) == 0;
}

void gy_interrupt(int thread, void (*function)(void))
{
    int saved_errno = errno;
    if (is_running(thread)) {
        gy_mutex_lock(gy_mutex_of(&lock));
        atomic_store_explicit(&work, function, memory_order_release);
        bool sent = install() && send(thread);
        gy_mutex_unlock(gy_mutex_of(&lock));
        atomic_store_explicit(&unavailable, !sent, memory_order_relaxed);
    }
    errno = saved_errno;
}

bool gy_interrupt_works(void)
{
    return !atomic_load_explicit(&unavailable, memory_order_relaxed);
}

void gy_interrupt_end(void)
{
    int saved_errno = errno;
    struct sigaction now;
    gy_mutex_lock(gy_mutex_of(&lock));
    if (installed && sigaction(SIGURG, NULL, &now) == 0 && is_ours(&now)) {
        sigaction(SIGURG, &before, NULL);
    }
    installed = false;
    gy_mutex_unlock(gy_mutex_of(&lock));
    errno = saved_errno;
}

void gy_interrupt_after_fork(void)
{
    static const gy_static_mutex free_lock;
    lock = free_lock;
}
