/* SPDX-License-Identifier: MIT */
/*
 * The watch over the GUI thread.
 *
 * The GUI thread notes when its event loop wakes and when it is about to wait again: a few stores. The watcher, a thread of our
 * own, looks at these notes once per threshold while the loop turns, and sleeps without a time-out once it has seen no turn for
 * that long; then the next turn wakes it. So an idle application stays idle.
 *
 * If a turn lasts longer than the threshold, the watcher takes looks at the GUI thread until it ends, the more seldom the longer
 * it lasts; what a look shows stands for the time since the look before. What took longest is the report. The thread that ends
 * the turn wakes the watcher, so the report comes when the stall is over; one that lasts longer than a second is told before,
 * too.
 */
#include "trace/watch.h"

#include "os/clock.h"
#include "os/fork.h"
#include "os/threads.h"
#include "trace/account.h"
#include "trace/bell.h"
#include "trace/look.h"
#include "trace/places.h"
#include "trace/reports.h"
#include "trace/stall.h"
#include "trace/stallwords.h"
#include "trace/turns.h"
#include "trace/votes.h"

#include <pthread.h>

enum { DEFAULT_MS = 100 };

/* How often a stall is looked at. */
#define FIRST_LOOKS_NS (UINT64_C(20) * GY_NS_PER_MS)
#define LATER_LOOKS_NS (UINT64_C(200) * GY_NS_PER_MS)

/* Under the bell's lock. */
static unsigned generation; /* of the watcher that is to run */
static uint64_t threshold;

/* One watcher at a time: one that is to end may still be in a report when the next is started. */
static pthread_mutex_t at_work = PTHREAD_MUTEX_INITIALIZER;

/* The caller has the lock, which is let go of for the report. */
static void tell(uint64_t ns, bool lasts)
{
    static gilyield_stall stall;
    gy_votes_elect(&stall);
    stall.ns = ns;
    stall.lasts = lasts;
    gilyield_stall *place = gy_places_of(&stall);
    stall.count = place->count + 1;
    stall.total_ns = place->total_ns + ns;
    stall.longest_ns = ns > place->longest_ns ? ns : place->longest_ns;
    gy_words_say(&stall);
    gy_votes_say_others(&stall, ns);
    if (!lasts) {
        *place = stall;
    }
    gy_reports_give(&stall);
}

/* `turn` is late. The caller has the lock. */
static void follow(unsigned own, gy_turn turn)
{
    static gilyield_stall shown;
    uint64_t since = turn.since, next_word = since + (threshold > GY_NS_PER_S ? threshold : GY_NS_PER_S), looked = since;
    gy_votes_clear();
    gy_look_begin();
    gy_turn_end_rings(true);
    for (;;) {
        gy_look seen;
        gy_bell_unlock();
        bool in_time = gy_look_at(turn, &seen);
        gy_stall_judge(in_time ? &seen : NULL, &shown);
        gy_bell_lock();
        bool over = !gy_turn_goes_on(turn);
        uint64_t now = gy_trace_now();
        if (in_time || gy_votes_none()) {
            gy_votes_add(&shown, now - looked, !seen.nowhere);
            looked = now;
        }
        if (over || own != generation) {
            break;
        }
        if (now >= next_word) {
            tell(now - since, true);
            next_word = since + 10 * (next_word - since);
        }
        uint64_t pause = now - since < GY_NS_PER_S ? FIRST_LOOKS_NS : LATER_LOOKS_NS;
        if (gy_turn_goes_on(turn) && own == generation) {
            gy_bell_sleep(now + pause);
        }
        if (!gy_turn_goes_on(turn) || own != generation) {
            break;
        }
    }
    gy_turn_end_rings(false);
    uint64_t noted = gy_turn_noted_end(), ended = noted != 0 ? noted : gy_trace_now();
    /* It may have ended as it became late. */
    if (own == generation && !gy_turn_goes_on(turn) && ended - since >= threshold) {
        gy_votes_add_to_last(ended > looked ? ended - looked : 0);
        tell(ended - since, false);
    }
}

static void watch(unsigned own)
{
    unsigned before = gy_turn_now().number - 1;
    gy_look_forget_base();
    gy_bell_lock();
    while (own == generation) {
        gy_turn turn = gy_turn_now();
        uint64_t now = gy_trace_now();
        if (turn.since == 0) {
            gy_look_note_base(turn);
        }
        if (turn.since != 0 && now - turn.since >= threshold) {
            follow(own, turn);
        } else if (turn.since != 0) {
            gy_bell_sleep(turn.since + threshold);
        } else if (turn.number != before) {
            gy_bell_sleep(now + threshold);
        } else {
            gy_turn_begin_rings(true);
            if (gy_turn_now().since == 0 && own == generation) {
                gy_bell_sleep(0);
            }
            gy_turn_begin_rings(false);
        }
        before = turn.number;
    }
    gy_bell_unlock();
}

static void *run(void *data)
{
    pthread_mutex_lock(&at_work);
    watch((unsigned)(uintptr_t)data);
    pthread_mutex_unlock(&at_work);
    return NULL;
}

/* The watcher is not there. */
static void child_after_fork(void)
{
    atomic_store(&gy_watch_on, false);
    atomic_store(&gy_trace_on, false);
    generation++;
    gy_bell_unlock();
}

static bool prepare(void)
{
    static const gy_fork_handlers fork_handlers = {gy_bell_lock, gy_bell_unlock, child_after_fork};
    return gy_bell_prepare() && gy_fork_watch(GY_FORK_WATCH, &fork_handlers);
}

int gy_watch_start(const gilyield_watch_options *options)
{
    if (options->threshold_ms < 0 || options->threshold_ms > GY_WATCH_MOST_MS) {
        return GILYIELD_E_THRESHOLD;
    }
    gy_bell_lock();
    int error = prepare() ? gy_reports_set(options) : GILYIELD_E_NO_MEMORY;
    if (!error) {
        threshold = (uint64_t)(options->threshold_ms ? options->threshold_ms : DEFAULT_MS) * GY_NS_PER_MS;
    }
    if (!error && !atomic_load(&gy_watch_on)) {
        gy_account_follow_holder(true);
        gy_turns_forget();
        gy_turns_read_later(); /* what the GUI thread runs now is not what has called the loop */
        generation++;
        error = gy_threads_start("gilyield-watch", run, (void *)(uintptr_t)generation) ? 0 : GILYIELD_E_NO_MEMORY;
        atomic_store(&gy_watch_on, error == 0);
        gy_turns_begin_within(); /* a handler wants to be watched */
    } else if (!error) {
        gy_bell_ring();
    }
    gy_bell_unlock();
    return error;
}

void gy_watch_stop(void)
{
    gy_bell_lock();
    if (atomic_exchange(&gy_watch_on, false)) {
        generation++;
        gy_account_follow_holder(false);
        gy_turns_forget();
        gy_bell_ring();
    }
    gy_bell_unlock();
}

void gy_watch_python_exits(void)
{
    gy_turns_read_later();
    gy_bell_lock();
    gy_reports_call_nobody();
    gy_bell_unlock();
}

int gy_watch_threshold_ms(void)
{
    gy_bell_lock();
    int ms = atomic_load(&gy_watch_on) ? (int)(threshold / GY_NS_PER_MS) : 0;
    gy_bell_unlock();
    return ms;
}

int gy_watch_places(int most, void (*take)(const gilyield_stall *place, int number, void *data), void *data)
{
    gy_bell_lock();
    int count = gy_places_worst(most, take, data);
    gy_bell_unlock();
    return count;
}

void gy_watch_reset(void)
{
    gy_bell_lock();
    gy_places_clear();
    gy_bell_unlock();
}

void gy_watch_headline(uint32_t number, char *text, size_t size)
{
    gy_bell_lock();
    gy_reports_headline(number, text, size);
    gy_bell_unlock();
}
