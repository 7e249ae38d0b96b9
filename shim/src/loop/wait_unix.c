/* SPDX-License-Identifier: MIT */
/*
 * Qt's UNIX dispatcher (QT_NO_GLIB=1, Qt built without GLib) waits in ppoll(), called from Qt Core. The slot of that call in Qt
 * Core's global offset table is redirected: exact, since timers, socket notifiers and posted events are all dispatched outside
 * that call. Builds of Qt without ppoll() use poll().
 *
 * It is installed beside GLib's way too: QProcess::waitForFinished() and its like, those of Qt Network's sockets too, wait
 * through the same slot whatever the dispatcher, for up to minutes, and dispatch nothing meanwhile.
 */
#include "loop/wait.h"

#include "os/redirect.h"
#include "qt/qt.h"
#include "trace/turns.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef int (*ppoll_function)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
typedef int (*poll_function)(struct pollfd *, nfds_t, int);

/* Written on the GUI thread before the hooks are installed. */
static gy_wait_handler handler; /* NULL: a plain pass */
static pthread_t gui_thread;
static gy_redirect ppoll_redirect, poll_redirect;
static ppoll_function ppoll_original;
static poll_function poll_original;

typedef struct unix_poll {
    gy_poll base;
    struct pollfd *fds;
    nfds_t count;
    const struct timespec *timeout; /* NULL: for ever */
    const sigset_t *mask;
} unix_poll;

static int look_ppoll(gy_poll *base)
{
    unix_poll *poll = (unix_poll *)base;
    static const struct timespec now = {0, 0};
    return ppoll_original(poll->fds, poll->count, &now, poll->mask);
}

static int block_ppoll(gy_poll *base)
{
    unix_poll *poll = (unix_poll *)base;
    return ppoll_original(poll->fds, poll->count, poll->timeout, poll->mask);
}

/*
 * Qt's dispatcher waits for the eventfd by which it is woken, too, and has that last. QProcess::waitForFinished() and its like do
 * not.
 */
static bool is_dispatcher(const struct pollfd *fds, nfds_t count)
{
    static const char wanted[] = "anon_inode:[eventfd]";
    static int known = -1; /* GUI thread only */
    if (count == 0 || fds[count - 1].fd == known) {
        return count != 0;
    }
    char path[64], target[sizeof wanted];
    int saved_errno = errno;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fds[count - 1].fd);
    ssize_t length = readlink(path, target, sizeof target);
    errno = saved_errno;
    if (length != (ssize_t)strlen(wanted) || memcmp(target, wanted, strlen(wanted)) != 0) {
        return false;
    }
    known = fds[count - 1].fd;
    return true;
}

static int hook_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
    if (!handler || !pthread_equal(gui_thread, pthread_self())) {
        return ppoll_original(fds, count, timeout, mask);
    }
    bool may_block = !timeout || timeout->tv_sec != 0 || timeout->tv_nsec != 0;
    bool elsewhere = gy_turns_seen() && !is_dispatcher(fds, count);
    unix_poll poll = {{look_ppoll, block_ppoll, may_block, elsewhere}, fds, count, timeout, mask};
    return handler(&poll.base);
}

typedef struct msec_poll {
    gy_poll base;
    struct pollfd *fds;
    nfds_t count;
    int timeout_ms;
} msec_poll;

static int look_poll(gy_poll *base)
{
    msec_poll *poll = (msec_poll *)base;
    return poll_original(poll->fds, poll->count, 0);
}

static int block_poll(gy_poll *base)
{
    msec_poll *poll = (msec_poll *)base;
    return poll_original(poll->fds, poll->count, poll->timeout_ms);
}

static int hook_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    if (!handler || !pthread_equal(gui_thread, pthread_self())) {
        return poll_original(fds, count, timeout_ms);
    }
    bool elsewhere = gy_turns_seen() && !is_dispatcher(fds, count);
    msec_poll poll = {{look_poll, block_poll, timeout_ms != 0, elsewhere}, fds, count, timeout_ms};
    return handler(&poll.base);
}

static const char *install(gy_wait_handler wanted)
{
    ppoll_function ppoll_hook = hook_ppoll;
    poll_function poll_hook = hook_poll;
    gui_thread = pthread_self();
    bool done = gy_redirect_install(&ppoll_redirect, gy_qt_core_address(), "ppoll", &ppoll_hook, &ppoll_original);
    done = gy_redirect_install(&poll_redirect, gy_qt_core_address(), "poll", &poll_hook, &poll_original) || done;
    if (!done) {
        return "Qt Core's calls of ppoll cannot be redirected";
    }
    handler = wanted;
    return NULL;
}

static void remove_hooks(void)
{
    handler = NULL;
    gy_redirect_remove(&ppoll_redirect);
    gy_redirect_remove(&poll_redirect);
}

const gy_wait gy_wait_unix = {
    .name = "unix",
    .dispatcher = "QEventDispatcherUNIX",
    .reason = "the event dispatcher is the UNIX one",
    .elsewhere = true,
    .install = install,
    .remove = remove_hooks,
};
