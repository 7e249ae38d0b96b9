/* SPDX-License-Identifier: MIT */
#include "os/fork.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static _Atomic(const gy_fork_handlers *) watched[GY_FORK_PLACES];

/* What before() has called, so that a place that is registered meanwhile by another thread does not unlock what it has not
 * locked. */
static _Thread_local const gy_fork_handlers *forking[GY_FORK_PLACES];

static void before(void)
{
    for (int place = 0; place < GY_FORK_PLACES; place++) {
        forking[place] = atomic_load(&watched[place]);
        if (forking[place] && forking[place]->before) {
            forking[place]->before();
        }
    }
}

static void parent(void)
{
    for (int place = GY_FORK_PLACES - 1; place >= 0; place--) {
        if (forking[place] && forking[place]->parent) {
            forking[place]->parent();
        }
    }
}

static void child(void)
{
    for (int place = GY_FORK_PLACES - 1; place >= 0; place--) {
        if (forking[place] && forking[place]->child) {
            forking[place]->child();
        }
    }
}

static bool registered;

static void register_handlers(void)
{
    registered = pthread_atfork(before, parent, child) == 0;
}

bool gy_fork_watch(gy_fork_place place, const gy_fork_handlers *handlers)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_handlers);
    atomic_store(&watched[place], handlers);
    return registered;
}

/* In the flags of /proc/self/stat: "forked but didn't exec", from the kernel's include/linux/sched.h, where it never changed. */
#define PF_FORKNOEXEC 0x40U

typedef struct file_id {
    unsigned major, minor;
    unsigned long inode; /* 0: no file */
} file_id;

/* Looks through a process's memory map for the file at `address`, or, if that is 0, for this file. Returns whether it is there.
 */
static bool find_file(const char *maps, uintptr_t address, file_id *file)
{
    FILE *stream = fopen(maps, "re");
    if (!stream) {
        return false;
    }
    bool found = false;
    char line[4096 + 128];
    while (!found && fgets(line, sizeof line, stream)) {
        uintptr_t begin, end;
        file_id here;
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %*s %*s %x:%x %lu", &begin, &end, &here.major, &here.minor, &here.inode) !=
            5) {
            continue;
        }
        if (address != 0) {
            found = begin <= address && address < end;
            *file = found ? here : *file;
        } else {
            found = here.inode == file->inode && here.major == file->major && here.minor == file->minor;
        }
    }
    fclose(stream);
    return found && file->inode != 0;
}

bool gy_fork_parent_has(const void *address)
{
    char text[1024];
    FILE *stream = fopen("/proc/self/stat", "re");
    size_t length = stream ? fread(text, 1, sizeof text - 1, stream) : 0;
    if (stream) {
        fclose(stream);
    }
    text[length] = '\0';
    /* pid (name) state ppid pgrp session tty tpgid flags ...; the name may hold anything. */
    const char *after_name = strrchr(text, ')');
    int parent;
    unsigned flags;
    if (!after_name || sscanf(after_name, ") %*c %d %*d %*d %*d %*d %u", &parent, &flags) != 2 || !(flags & PF_FORKNOEXEC)) {
        return false;
    }
    file_id file = {0};
    snprintf(text, sizeof text, "/proc/%d/maps", parent);
    return find_file("/proc/self/maps", (uintptr_t)address, &file) && find_file(text, 0, &file);
}
