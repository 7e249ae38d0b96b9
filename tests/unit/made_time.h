/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_TEST_MADE_TIME_H
#define GILYIELD_TEST_MADE_TIME_H

/*
 * Threads in made time: as many processors as there are threads, and nothing takes longer than is said here, however busy the
 * machine is. With `made.follows` who is woken runs on the processor of whoever woke it, as the kernel often has it, and puts
 * aside who runs there until it sleeps. The threads are real, one runs at a time, and each has a clock of its own; whoever's is
 * the earliest runs. All of os/clock.h and os/sync.h is here, instead of the system's; gy_threads_usage() is linked with --wrap
 * (CMakeLists.txt).
 */
#include "os/clock.h"
#include "os/sync.h"
#include "os/threads.h"
#include "unit.h"

#include <pthread.h>

/* What takes how long: a number, or a number and up to another. */
#define MADE_CLOCK_NS  UINT64_C(40)                                                /* to look at the clock */
#define MADE_LOCK_NS   UINT64_C(20)                                                /* to take or leave a mutex */
#define MADE_SIGNAL_NS UINT64_C(2000)                                              /* to wake somebody */
#define MADE_YIELD_NS  UINT64_C(300)                                               /* to give way */
#define MADE_WAKE_NS   (UINT64_C(10000) + unit_below(&made.seed, UINT64_C(30000))) /* until who is woken runs */
#define MADE_SLICE_NS  UINT64_C(3000000)                                           /* of the one that somebody gives way to */
#define MADE_SWITCH_NS UINT64_C(3000)                                              /* to put somebody aside */
#define MADE_LATE_NS   (UINT64_C(50000) + unit_below(&made.seed, UINT64_C(50000))) /* until one whose time is over runs */

enum { MADE_THREADS = 32, MADE_MUTEXES = 3 };

typedef enum made_state { MADE_RUNS, MADE_LOCKS, MADE_SLEEPS, MADE_GONE } made_state;

typedef struct made_thread {
    pthread_t thread;
    pthread_cond_t runs;
    uint64_t at; /* its clock; while it sleeps: when it wakes up by itself */
    made_state state;
    const void *waits_for; /* a mutex or a condition variable */
    bool signalled;
    unsigned long wake_ups; /* from a condition variable, also because its time was over */
    unsigned long blocked;  /* how often it slept for a mutex */
    void (*body)(int self);
    int processor;
    const struct made_thread *aside_for;   /* who runs on its processor, and has put it aside; NULL: nobody */
    const struct made_thread *gave_way_to; /* for a slice, or until that sleeps; NULL: nobody */
} made_thread;

static struct {
    pthread_mutex_t baton; /* whoever runs has it, and with it all that is here */
    made_thread threads[MADE_THREADS];
    int number, current;
    bool follows;
    const void *owned[MADE_MUTEXES]; /* the mutexes that somebody has; NULL: a free place */
    unsigned long signals;
    uint64_t seed, begin;
} made = {.baton = PTHREAD_MUTEX_INITIALIZER, .seed = 1, .begin = GY_NS_PER_S};

static _Thread_local made_thread *made_self;
static void (*made_gives_way)(void); /* NULL, or what happens while the calling thread gives way */

/* The calling thread leaves its processor to those that it has put aside. Returns one of them, or NULL. */
static made_thread *made_go(void)
{
    made_thread *found = NULL;
    for (int i = 0; i < made.number; i++) {
        made_thread *thread = &made.threads[i];
        if (thread->aside_for == made_self) {
            thread->aside_for = NULL;
            thread->at = thread->at > made_self->at ? thread->at : made_self->at;
            found = thread;
        } else if (thread->gave_way_to == made_self) {
            thread->gave_way_to = NULL;
            thread->at = thread->at < made_self->at ? thread->at : made_self->at;
        }
    }
    return found;
}

/* Whoever's clock is the earliest runs. Returns when it is the calling thread. */
static void made_yield(void)
{
    made_thread *next = NULL;
    for (int i = 0; i < made.number; i++) {
        made_thread *thread = &made.threads[i];
        bool can = thread->state == MADE_RUNS || thread->state == MADE_SLEEPS;
        if (can && !thread->aside_for && (!next || thread->at < next->at)) {
            next = thread;
        }
    }
    if (!next) {
        return; /* all are gone */
    }
    made.current = (int)(next - made.threads);
    if (next != made_self) {
        pthread_cond_signal(&next->runs);
        while (made_self->state != MADE_GONE && made.current != (int)(made_self - made.threads)) {
            pthread_cond_wait(&made_self->runs, &made.baton);
        }
    }
}

/* The calling thread does something for so long. */
static void made_work(uint64_t ns)
{
    made_self->at += ns;
    made_yield();
}

static uint64_t made_now(void)
{
    made_work(MADE_CLOCK_NS);
    return made_self->at;
}

/* The calling thread begins to run. */
static void made_come(void)
{
    bool any = false;
    for (int i = 0; made.follows && i < made.number; i++) {
        made_thread *thread = &made.threads[i];
        if (thread != made_self && thread->processor == made_self->processor && thread->state == MADE_RUNS &&
            !thread->aside_for) {
            thread->aside_for = made_self;
            any = true;
        }
    }
    if (any) {
        made_work(MADE_SWITCH_NS);
    }
}

/* The calling thread is no more in state MADE_RUNS; it is again when it returns. `from`: since when. */
static void made_wait(uint64_t from)
{
    uint64_t end = made_self->at;
    made_self->at = from;
    made_go();
    made_self->at = end;
    made_yield();
    made_self->state = MADE_RUNS;
    made_come();
}

static void made_sleep(uint64_t ns)
{
    uint64_t from = made_self->at;
    made_self->at += ns + MADE_LATE_NS;
    made_self->waits_for = NULL;
    made_self->state = MADE_SLEEPS;
    made_wait(from);
}

static uint64_t made_used(void)
{
    return made_self->at;
}

const gy_clock gy_clock_monotonic = {made_now, made_sleep, made_used};

const uint64_t gy_clock_shortest_wait_ns = 0;

uint64_t gy_clock_recent(void)
{
    return made_self->at;
}

int64_t gy_clock_unix_ms(void)
{
    return (int64_t)(made_self->at / GY_NS_PER_MS);
}

static int made_place(const void *mutex)
{
    int place = MADE_MUTEXES - 1;
    while (place >= 0 && made.owned[place] != mutex) {
        place--;
    }
    return place;
}

bool gy_mutex_try_lock(gy_mutex *mutex)
{
    made_work(MADE_LOCK_NS);
    if (made_place(mutex) >= 0) {
        return false;
    }
    made.owned[made_place(NULL)] = mutex;
    return true;
}

bool gy_mutex_lock(gy_mutex *mutex)
{
    while (!gy_mutex_try_lock(mutex)) {
        made_self->state = MADE_LOCKS;
        made_self->waits_for = mutex;
        made_self->blocked++;
        made_wait(made_self->at);
    }
    return true;
}

static void made_leave(const void *mutex, uint64_t now)
{
    made.owned[made_place(mutex)] = NULL;
    for (int i = 0; i < made.number; i++) {
        made_thread *thread = &made.threads[i];
        if (thread->state == MADE_LOCKS && thread->waits_for == mutex) {
            thread->state = MADE_RUNS;
            thread->at = now + MADE_WAKE_NS;
            break;
        }
    }
}

void gy_mutex_unlock(gy_mutex *mutex)
{
    made_leave(mutex, made_self->at);
    made_work(MADE_LOCK_NS);
}

bool gy_cond_wait_until(gy_cond *cond, gy_mutex *mutex, uint64_t deadline_ns)
{
    uint64_t now = made_self->at, most = UINT64_MAX - GY_NS_PER_S;
    uint64_t end = (deadline_ns < most ? deadline_ns : most) + MADE_LATE_NS;
    made_self->waits_for = cond;
    made_self->signalled = false;
    made_self->state = MADE_SLEEPS;
    made_self->at = end > now ? end : now;
    made_leave(mutex, now);
    made_wait(now);
    made_self->wake_ups++;
    gy_mutex_lock(mutex);
    return made_self->signalled;
}

void gy_cond_signal(gy_cond *cond)
{
    for (int i = 0; i < made.number; i++) {
        made_thread *thread = &made.threads[i];
        if (thread->state == MADE_SLEEPS && thread->waits_for == cond && !thread->signalled) {
            uint64_t then = made_self->at + MADE_SIGNAL_NS + MADE_WAKE_NS;
            thread->at = then < thread->at ? then : thread->at;
            thread->signalled = true;
            thread->processor = made.follows ? made_self->processor : thread->processor;
            made.signals++;
            made_work(MADE_SIGNAL_NS);
            return;
        }
    }
}

bool gy_cond_init(gy_cond *cond)
{
    (void)cond;
    return true;
}

void gy_cond_destroy(gy_cond *cond)
{
    (void)cond;
}

gy_thread gy_thread_self(void)
{
    return (gy_thread)pthread_self();
}

int gy_processor(void)
{
    return made_self->processor;
}

bool gy_several_processors(void)
{
    return true;
}

void gy_give_way(void)
{
    made_work(MADE_YIELD_NS);
    made_self->gave_way_to = made_go();
    if (made_self->gave_way_to) {
        made_work(MADE_SLICE_NS);
        made_self->gave_way_to = NULL;
        made_come();
    }
    if (made_gives_way) {
        made_gives_way();
    }
}

/* How much the kernel let a thread run is not made. */
bool __wrap_gy_threads_usage(gy_threads_used *used);
bool __wrap_gy_threads_usage(gy_threads_used *used)
{
    (void)used;
    return false;
}

static void *made_main(void *argument)
{
    made_self = argument;
    pthread_mutex_lock(&made.baton);
    while (made.current != (int)(made_self - made.threads)) {
        pthread_cond_wait(&made_self->runs, &made.baton);
    }
    made_self->body((int)(made_self - made.threads));
    made_self->state = MADE_GONE;
    made_go();
    made_yield();
    pthread_mutex_unlock(&made.baton);
    return NULL;
}

/* Runs threads 0 to `number` - 1 until all have ended. */
static void made_run(int number, void (*body)(int self))
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 128 * 1024);
    assert_in_range(number, 1, MADE_THREADS);
    made.number = number;
    made.current = -1;
    made.begin += 1000 * GY_NS_PER_S; /* after all that was before */
    for (int i = 0; i < number; i++) {
        made.threads[i] = (made_thread){.body = body, .at = made.begin + (uint64_t)i * GY_NS_PER_US, .processor = i};
        pthread_cond_init(&made.threads[i].runs, NULL);
        assert_int_equal(pthread_create(&made.threads[i].thread, &attributes, made_main, &made.threads[i]), 0);
    }
    pthread_mutex_lock(&made.baton);
    made.current = 0;
    pthread_cond_signal(&made.threads[0].runs);
    pthread_mutex_unlock(&made.baton);
    for (int i = 0; i < number; i++) {
        pthread_join(made.threads[i].thread, NULL);
        pthread_cond_destroy(&made.threads[i].runs);
    }
    pthread_attr_destroy(&attributes);
}

#endif
