/* SPDX-License-Identifier: MIT */
#include "os/peek.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/uio.h>
#include <unistd.h>

/* Where process_vm_readv() is forbidden or missing, a pipe does the same: write() refuses memory that cannot be read. */
static bool peek_by_pipe(const void *from, void *to, size_t size)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* one pipe for all; nothing that waits is done under it */
    static int ends[2];
    static bool made;
    bool done = false;
    pthread_mutex_lock(&lock);
    made = made || pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0;
    if (made && size <= PIPE_BUF) {
        ssize_t written = write(ends[1], from, size);
        done = written > 0 && read(ends[0], to, (size_t)written) == written && (size_t)written == size;
    }
    pthread_mutex_unlock(&lock);
    return done;
}

bool gy_peek(const void *from, void *to, size_t size)
{
    struct iovec remote = {(void *)(uintptr_t)from, size}, local = {to, size};
    ssize_t got = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
    if (got < 0 && (errno == ENOSYS || errno == EPERM)) {
        return peek_by_pipe(from, to, size);
    }
    return got == (ssize_t)size;
}
