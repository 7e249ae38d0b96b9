/* SPDX-License-Identifier: MIT */
#include "trace/threads.h"

#include "trace/trace.h"

#include "os/compiler.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How many places a thread that finds none free looks at: it has the GIL's mutex. */
enum { LOOKS = 8 };

static gy_thread table[GY_THREADS_MAX]; /* the first is GY_THREAD_NONE */
GY_THREAD_LOCAL uint16_t own;
static atomic_uint seen, hand;
static atomic_uint_least16_t holder;

/* What was counted at the last reset, and the names: of no interest to the threads themselves. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    int id; /* whose place it was */
    uint64_t since, held_ns, waited_ns, takes, waits;
} base[GY_THREADS_MAX];
static struct {
    uintptr_t self;
    char text[GY_THREAD_NAME];
} names[GY_THREADS_MAX];

static uint64_t get(const atomic_uint_least64_t *figure)
{
    return atomic_load_explicit(figure, memory_order_relaxed);
}

static void set(atomic_uint_least64_t *figure, uint64_t value)
{
    atomic_store_explicit(figure, value, memory_order_relaxed);
}

/* One writer: no read-modify-write is needed. */
static void add(atomic_uint_least64_t *figure, uint64_t value)
{
    set(figure, get(figure) + value);
}

static void raise_to(atomic_uint_least64_t *figure, uint64_t value)
{
    if (value > get(figure)) {
        set(figure, value);
    }
}

static bool lives(int id)
{
    return syscall(SYS_tgkill, getpid(), id, 0) == 0 || errno != ESRCH;
}

static bool claim(gy_thread *place, int expected, int id)
{
    if (!atomic_compare_exchange_strong(&place->id, &expected, -1)) {
        return false;
    }
    atomic_uint_least64_t *const figures[] = {&place->held_ns,         &place->waited_ns,  &place->longest_hold_ns,
                                              &place->longest_wait_ns, &place->takes,      &place->waits,
                                              &place->holds_since,     &place->waits_since};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        set(figures[i], 0);
    }
    set(&place->since, gy_trace_now());
    atomic_store(&place->self, (uintptr_t)pthread_self());
    atomic_store_explicit(&place->id, id, memory_order_release);
    atomic_fetch_add_explicit(&seen, 1, memory_order_release);
    return true;
}

/* The first free place, else that of a thread which has ended. */
static uint16_t enter(void)
{
    int saved_errno = errno, id = (int)syscall(SYS_gettid);
    for (unsigned looks = 0; own == GY_THREAD_NONE && looks < GY_THREADS_MAX + LOOKS; looks++) {
        unsigned index = atomic_fetch_add_explicit(&hand, 1, memory_order_relaxed) % (GY_THREADS_MAX - 1) + 1;
        int other = atomic_load_explicit(&table[index].id, memory_order_relaxed);
        bool may_ask = looks >= GY_THREADS_MAX || atomic_load_explicit(&seen, memory_order_relaxed) >= GY_THREADS_MAX - 1;
        if (other == 0 || (other > 0 && may_ask && !lives(other))) {
            own = claim(&table[index], other, id) ? (uint16_t)index : GY_THREAD_NONE;
        }
        if (may_ask && looks >= LOOKS) {
            break;
        }
    }
    errno = saved_errno;
    return own;
}

uint16_t gy_thread_index(void)
{
    return own != GY_THREAD_NONE ? own : enter();
}

void gy_thread_wants(uint64_t now)
{
    gy_thread *self = &table[gy_thread_index()];
    if (self != table && get(&self->waits_since) == 0) {
        set(&self->waits_since, now);
        gy_trace(GY_EVENT_WAIT_BEGIN, now, 0);
    }
}

void gy_thread_takes(uint64_t now)
{
    gy_thread *self = &table[gy_thread_index()];
    atomic_store_explicit(&holder, own, memory_order_relaxed);
    if (self == table) {
        return;
    }
    uint64_t since = get(&self->waits_since);
    if (since != 0) {
        uint64_t waited = now > since ? now - since : 0;
        set(&self->waits_since, 0);
        add(&self->waited_ns, waited);
        add(&self->waits, 1);
        raise_to(&self->longest_wait_ns, waited);
        gy_trace(GY_EVENT_WAIT_END, now, 0);
    }
    add(&self->takes, 1);
    set(&self->holds_since, now);
    gy_trace(GY_EVENT_TAKE, now, 0);
}

void gy_thread_drops(uint64_t now)
{
    atomic_store_explicit(&holder, GY_THREAD_NONE, memory_order_relaxed);
    gy_thread *self = &table[gy_thread_index()];
    uint64_t since = get(&self->holds_since);
    if (self == table || since == 0) {
        return;
    }
    uint64_t held = now > since ? now - since : 0;
    set(&self->holds_since, 0);
    add(&self->held_ns, held);
    raise_to(&self->longest_hold_ns, held);
    gy_trace(GY_EVENT_DROP, now, 0);
}

uint16_t gy_threads_holder(void)
{
    return atomic_load_explicit(&holder, memory_order_relaxed);
}

unsigned gy_threads_seen(void)
{
    return atomic_load_explicit(&seen, memory_order_acquire);
}

static uint64_t since(uint64_t then, uint64_t now)
{
    return then != 0 && now > then ? now - then : 0;
}

bool gy_threads_get(uint16_t index, uint64_t now, gy_thread_figures *figures)
{
    gy_thread *thread = &table[index % GY_THREADS_MAX];
    int id = atomic_load_explicit(&thread->id, memory_order_acquire);
    if (index == GY_THREAD_NONE || id <= 0 || !lives(id)) {
        return false;
    }
    uint64_t holds = since(get(&thread->holds_since), now), waits = since(get(&thread->waits_since), now);
    *figures = (gy_thread_figures){
        .index = index,
        .id = id,
        .self = atomic_load_explicit(&thread->self, memory_order_relaxed),
        .holds = holds != 0,
        .waits = waits != 0,
        .now_ns = holds + waits,
        .seen_ns = since(get(&thread->since), now),
        .held_ns = get(&thread->held_ns) + holds,
        .waited_ns = get(&thread->waited_ns) + waits,
        .longest_hold_ns = get(&thread->longest_hold_ns),
        .longest_wait_ns = get(&thread->longest_wait_ns),
        .takes = get(&thread->takes),
        .waits_count = get(&thread->waits) + (waits != 0),
    };
    figures->longest_hold_ns = holds > figures->longest_hold_ns ? holds : figures->longest_hold_ns;
    figures->longest_wait_ns = waits > figures->longest_wait_ns ? waits : figures->longest_wait_ns;
    pthread_mutex_lock(&lock);
    if (base[index].id == id) {
        figures->seen_ns = since(base[index].since, now);
        figures->held_ns -= base[index].held_ns < figures->held_ns ? base[index].held_ns : figures->held_ns;
        figures->waited_ns -= base[index].waited_ns < figures->waited_ns ? base[index].waited_ns : figures->waited_ns;
        figures->takes -= base[index].takes;
        figures->waits_count -= base[index].waits < figures->waits_count ? base[index].waits : figures->waits_count;
    }
    if (names[index].self == figures->self) {
        memcpy(figures->name, names[index].text, sizeof figures->name);
    }
    pthread_mutex_unlock(&lock);
    return true;
}

uint16_t gy_threads_find(uintptr_t self)
{
    for (uint16_t i = 1; i < GY_THREADS_MAX; i++) {
        int id = atomic_load_explicit(&table[i].id, memory_order_acquire);
        if (id > 0 && atomic_load_explicit(&table[i].self, memory_order_relaxed) == self && lives(id)) {
            return i;
        }
    }
    return GY_THREAD_NONE;
}

void gy_threads_set_name(uintptr_t self, const char *name)
{
    uint16_t index = gy_threads_find(self);
    if (index == GY_THREAD_NONE) {
        return;
    }
    pthread_mutex_lock(&lock);
    names[index].self = self;
    strncpy(names[index].text, name, sizeof names[index].text - 1);
    pthread_mutex_unlock(&lock);
}

void gy_threads_get_name(uint16_t index, char *name)
{
    pthread_mutex_lock(&lock);
    const gy_thread *thread = &table[index % GY_THREADS_MAX];
    bool known = names[index % GY_THREADS_MAX].self == atomic_load_explicit(&thread->self, memory_order_relaxed);
    memcpy(name, known ? names[index % GY_THREADS_MAX].text : "", known ? GY_THREAD_NAME : 1);
    pthread_mutex_unlock(&lock);
}

void gy_threads_reset(uint64_t now)
{
    gy_thread_figures figures;
    for (uint16_t i = 1; i < GY_THREADS_MAX; i++) {
        pthread_mutex_lock(&lock);
        base[i].id = 0;
        pthread_mutex_unlock(&lock);
        if (!gy_threads_get(i, now, &figures)) {
            continue;
        }
        pthread_mutex_lock(&lock);
        base[i].id = figures.id;
        base[i].since = now;
        base[i].held_ns = figures.held_ns;
        base[i].waited_ns = figures.waited_ns;
        base[i].takes = figures.takes;
        base[i].waits = figures.waits_count - figures.waits;
        set(&table[i].longest_hold_ns, 0);
        set(&table[i].longest_wait_ns, 0);
        pthread_mutex_unlock(&lock);
    }
}
