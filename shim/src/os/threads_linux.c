/* SPDX-License-Identifier: MIT */
#include "os/threads.h"

#include "os/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int gy_threads_id(void)
{
    return (int)syscall(SYS_gettid);
}

int gy_threads_process(void)
{
    return (int)getpid();
}

bool gy_threads_lives(int id)
{
    int saved_errno = errno;
    bool lives = syscall(SYS_tgkill, getpid(), id, 0) == 0 || errno != ESRCH;
    errno = saved_errno;
    return lives;
}

void gy_threads_name(int id, char *name, size_t size)
{
    int saved_errno = errno;
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/comm", id);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file >= 0 ? read(file, name, size - 1) : 0;
    name[length > 0 ? length - 1 : 0] = '\0';
    if (file >= 0) {
        close(file);
    }
    errno = saved_errno;
}

/* What getrusage() says of the time is up to a tick old. */
bool gy_threads_usage(gy_threads_used *used)
{
    struct rusage usage;
    int saved_errno = errno;
    bool known = getrusage(RUSAGE_THREAD, &usage) == 0;
    errno = saved_errno;
    if (known) {
        *used = (gy_threads_used){.ran_ns = gy_clock_monotonic.used(), .waited = (uint64_t)usage.ru_nvcsw};
    }
    return known;
}

/* The application's signals are for its own threads. */
bool gy_threads_start(const char *name, void *(*function)(void *data), void *data)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    if (pthread_attr_init(&attributes) != 0) {
        return false;
    }
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&thread, &attributes, function, data) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (started) {
        pthread_setname_np(thread, name);
    }
    return started;
}
