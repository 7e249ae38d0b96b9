/* SPDX-License-Identifier: MIT */
#include "trace/names.h"

#include "os/clock.h"
#include "os/sync.h"
#include "os/threads.h"
#include "trace/pystack.h"
#include "trace/who.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* How often a thread's name is looked for: it may not have one yet. */
enum { MOST_LOOKS = 8 };

/* A thread that waits for good is named by those that come to the GIL: one look in so long. */
#define OTHERS_LOOK_NS (UINT64_C(10) * GY_NS_PER_MS)

static gy_static_mutex lock;
static struct {
    int id; /* whose name it is; another thread may get the same stack, and with it the same pthread_self() */
    char text[GY_NAME_SIZE];
} names[GY_WHO_MAX];

GY_THREAD_LOCAL int looked; /* how often its name was looked for */

void gy_names_set(uint16_t number, const char *name)
{
    gy_who who;
    if (gy_who_get(number, &who)) {
        gy_mutex_lock(gy_mutex_of(&lock));
        names[number].id = who.id;
        snprintf(names[number].text, GY_NAME_SIZE, "%s", name);
        memcpy(gy_account_table[number].name, names[number].text, GY_NAME_SIZE);
        gy_mutex_unlock(gy_mutex_of(&lock));
    }
}

bool gy_names_get(uint16_t number, int id, char name[GY_NAME_SIZE])
{
    gy_mutex_lock(gy_mutex_of(&lock));
    bool known = names[number].id == id;
    if (known) {
        memcpy(name, names[number].text, GY_NAME_SIZE);
    }
    gy_mutex_unlock(gy_mutex_of(&lock));
    return known;
}

void gy_names_find(uint16_t number, const gy_who *who, char name[GY_NAME_SIZE])
{
    if (gy_names_get(number, who->id, name)) {
        return;
    }
    /* Python's name for it stays; the system's may be a better one later. */
    if (gy_pystack_thread_name(who->self, name, GY_NAME_SIZE)) {
        gy_names_set(number, name);
        return;
    }
    gy_threads_name(who->id, name, GY_NAME_SIZE);
}

void gy_names_learn(void)
{
    char name[GY_NAME_SIZE];
    if (looked >= MOST_LOOKS || !gy_pystack_is_open()) {
        return;
    }
    int saved_errno = errno;
    looked++;
    if (gy_pystack_thread_name(gy_thread_self(), name, sizeof name)) {
        gy_names_set(gy_who_am_i(), name);
        looked = MOST_LOOKS;
    }
    errno = saved_errno;
}

void gy_names_learn_another(uint64_t now)
{
    static uint64_t looked_at; /* under the GIL's mutex, as the next */
    static unsigned hand;
    gy_who who;
    char name[GY_NAME_SIZE];
    if (now - looked_at < OTHERS_LOOK_NS || !gy_pystack_is_open()) {
        return;
    }
    looked_at = now;
    for (int i = 0; i < GY_WHO_MAX; i++) {
        uint16_t number = (uint16_t)(++hand % GY_WHO_MAX);
        if (!gy_who_get(number, &who) || atomic_load(&gy_account_table[number].id) != who.id ||
            gy_names_get(number, who.id, name)) {
            continue;
        }
        int saved_errno = errno;
        if (gy_threads_lives(who.id) && gy_pystack_thread_name(who.self, name, sizeof name)) {
            gy_names_set(number, name);
        }
        errno = saved_errno;
        return;
    }
}
