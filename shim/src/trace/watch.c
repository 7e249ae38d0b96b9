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
#include "os/log.h"
#include "os/threads.h"
#include "python/python.h"
#include "qt/qt.h"
#include "trace/account.h"
#include "trace/native.h"
#include "trace/pystack.h"
#include "trace/stall.h"
#include "trace/who.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DEFAULT_MS = 100, MOST_PLACES = 64, MOST_VOTES = 16, HEADLINES = 128, HEADLINE_SIZE = 256, SAMPLES = 10, MARKS = 10 };

/* What took a smaller part of a stall is not told. */
enum { OTHERS_PART = 8 };

/* How often a stall is looked at. */
#define FIRST_LOOKS_NS (UINT64_C(20) * GY_NS_PER_MS)
#define LATER_LOOKS_NS (UINT64_C(200) * GY_NS_PER_MS)
/* How long a thread that computes is sampled for a look. */
#define SAMPLE_NS (UINT64_C(5) * GY_NS_PER_MS)

/* ---- What the GUI thread notes. It alone writes, but for `asleep`, `stalled` and the 0 in `ended`. ---- */

static struct {
    atomic_uint_least64_t since; /* the turn's beginning; 0: the loop waits */
    atomic_uint_least64_t ended; /* the end of the turn that is known to be late; 0: it goes on */
    atomic_uint turns;
    atomic_uintptr_t self;
    atomic_uint_least16_t index;
    atomic_int id;
} gui;
atomic_bool gy_watch_ready;
static bool told;                    /* of its turns; GUI thread */
static atomic_bool can_read;         /* Python's stacks can be read */
static atomic_bool asleep, stalled;  /* the watcher wants to be woken by the next turn; at the end of this one */
static atomic_uintptr_t python_code; /* an address in CPython */

/* ---- The watcher ---- */

/* Protects what is below, with `woken`; held for moments only, but by the watcher of `turn`, who waits in it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t woken;
static bool cond_made;
static unsigned generation; /* of the watcher that is to run */
static uint64_t threshold;
static void (*on_stall)(const gilyield_stall *stall, void *data);
static void *on_stall_data;
static int report_file = -1; /* -1: fd 2 */
static bool refused;         /* the file has not taken a report, and that has been said */
static gilyield_stall places[MOST_PLACES];
static int place_count;
static char headlines[HEADLINES][HEADLINE_SIZE];
static uint32_t headline_count;

/* One watcher at a time: one that is to end may still be in a report when the next is started. It alone uses these. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static struct {
    gilyield_stall stall;
    uint64_t ns, native_ns;   /* how long it was seen there; by how much longer in that native function than in others */
    uint64_t c_ns, python_ns; /* how much of it certainly computing in C or C++, and in Python */
} votes[MOST_VOTES];
static gilyield_stall draft;
static int vote_count, last_vote;
static gy_pystack gui_stack, holder_stack;
static uint64_t held_since; /* since when a holder that is not counted is known to have the GIL; 0: not known */
static gy_pyholder held_by;
static gy_pymark base; /* where the GUI thread's Python has called its event loop */

void gy_watch_get_ready(void)
{
    int saved_errno = errno;
    atomic_store(&gui.self, (uintptr_t)pthread_self());
    atomic_store(&gui.id, gy_threads_id());
    uint16_t index = gy_who_am_i();
    gy_account_enter();
    gy_account_set_name(index, GY_ACCOUNT_GUI);
    atomic_store(&gui.index, index);
    if (gy_python_process.gil() == GY_GIL_NO_PYTHON) {
        errno = saved_errno;
        return; /* once more at the next turn */
    }
    const char *obstacle = gy_pystack_open();
    if (obstacle && atomic_load(&gy_watch_on)) {
        gy_log(GILYIELD_LOG_WARN, "watch: lines of Python cannot be told: %s", obstacle);
    }
    atomic_store(&can_read, !obstacle);
    atomic_store(&python_code, (uintptr_t)gy_python_code_address());
    atomic_store(&gy_watch_ready, true);
    errno = saved_errno;
}

void gy_turn_begins_seen(void)
{
    bool traced = atomic_load_explicit(&gy_trace_on, memory_order_relaxed);
    uint64_t now = traced ? gy_trace_now() : gy_clock_recent(); /* most turns are short: a stall is seen a tick too long */
    gy_trace(GY_EVENT_TURN_BEGIN, now, 0);
    if (traced) {
        atomic_store_explicit(&gy_trace_has_turn, true, memory_order_relaxed);
    }
    if (!atomic_load_explicit(&gy_watch_ready, memory_order_relaxed)) {
        gy_watch_get_ready();
    }
    if (!atomic_load_explicit(&gy_watch_on, memory_order_relaxed)) {
        return;
    }
    unsigned turns = atomic_load_explicit(&gui.turns, memory_order_relaxed);
    atomic_store_explicit(&gui.turns, turns + 1, memory_order_relaxed); /* one writer */
    atomic_store(&gui.since, now);
    if (atomic_load(&asleep)) {
        pthread_mutex_lock(&lock);
        pthread_cond_broadcast(&woken);
        pthread_mutex_unlock(&lock);
    }
}

static void end_turn(void)
{
    if (atomic_load_explicit(&gui.since, memory_order_relaxed) == 0) {
        return;
    }
    /* A stall that is noticed at this very moment ends with the watcher's next look. */
    bool late = atomic_load_explicit(&stalled, memory_order_acquire);
    if (late) {
        atomic_store_explicit(&gui.ended, gy_trace_now(), memory_order_relaxed);
    }
    atomic_store_explicit(&gui.since, 0, memory_order_release);
    if (late) {
        pthread_mutex_lock(&lock);
        pthread_cond_broadcast(&woken);
        pthread_mutex_unlock(&lock);
    }
}

void gy_turn_ends_seen(void)
{
    gy_trace_event(GY_EVENT_TURN_END, 0);
    end_turn();
}

/* The watcher never sleeps for good in the midst of turns, so need not be woken. */
bool gy_turn_is_next(void)
{
    if (atomic_load_explicit(&gui.since, memory_order_relaxed) == 0 || atomic_load_explicit(&stalled, memory_order_relaxed) ||
        atomic_load_explicit(&gy_trace_on, memory_order_relaxed)) {
        return false;
    }
    unsigned turns = atomic_load_explicit(&gui.turns, memory_order_relaxed);
    atomic_store_explicit(&gui.turns, turns + 1, memory_order_relaxed);
    atomic_store_explicit(&gui.since, gy_clock_recent(), memory_order_release);
    return true;
}

/* The watcher has `lock`; lets go of it until it is woken or it is `until`, 0 for never. */
static void sleep_until(uint64_t until)
{
    if (until == 0) {
        pthread_cond_wait(&woken, &lock);
    } else {
        struct timespec deadline = {(time_t)(until / GY_NS_PER_S), (long)(until % GY_NS_PER_S)};
        pthread_cond_timedwait(&woken, &lock, &deadline);
    }
}

static bool same_mark(gy_pymark one, gy_pymark other)
{
    return one.frame == other.frame && one.instruction == other.instruction;
}

/* Only what the GUI thread has called since its event loop woke. A function that has gone on is in no loop any more. */
static void cut_at_base(gy_pystack *stack)
{
    for (int i = 0; i < stack->count; i++) {
        if (same_mark(stack->frames[i].mark, base)) {
            stack->count = i;
        }
    }
}

/* It is still the turn that began at `since`. */
static bool goes_on(uint64_t since, unsigned turns)
{
    return atomic_load(&gui.since) == since && atomic_load(&gui.turns) == turns;
}

/* Does the thread go from one Python instruction to the next? It may spend nearly all of its time in one of them. */
static bool moves(uintptr_t self, gy_pymark first)
{
    for (int i = 0; i < MARKS; i++) {
        if (!same_mark(gy_pystack_mark(self), first)) {
            return true;
        }
    }
    return false;
}

/* Sees for some milliseconds where the thread is that computes, and whether it runs Python. */
static void sample(int id, uintptr_t self, gy_look *seen)
{
    bool sampled = gy_native_sample_begin(id), reads = atomic_load(&can_read), evaluates;
    gy_pymark first = {0, 0};
    if (reads) {
        first = gy_pystack_mark(self);
    }
    for (int i = 0; i < SAMPLES; i++) {
        gy_clock_monotonic.sleep(SAMPLE_NS / SAMPLES);
        seen->moves = seen->moves || (reads && moves(self, first));
    }
    seen->where = gy_native_sample_end("_PyEval_EvalFrameDefault", &evaluates);
    seen->moves = seen->moves || evaluates;
    seen->nowhere = sampled && seen->where == 0 && !seen->moves;
}

/* Who has the GIL that the GUI thread has waited for since `waited_ns`. Returns its number in the kernel, 0 if it is not known.
 */
static int look_at_holder(uint64_t now, uint64_t waited_ns, gy_look *seen, uintptr_t *self)
{
    gy_account_figures holder = {0};
    bool reads = atomic_load(&can_read);
    gy_pyholder has = reads ? gy_pystack_holder() : (gy_pyholder){0, 0};
    if (held_since == 0 || has.thread != held_by.thread || has.changes != held_by.changes) {
        held_by = has;
        held_since = now;
    }
    if (gy_account_get(gy_account_holder(), now, &holder) && (has.thread == 0 || holder.self == has.thread)) {
        /* When it took the GIL nobody else wanted it, and it has not let go of it since: so long at least. */
        holder.now_ns = holder.holds ? holder.now_ns : waited_ns;
    } else {
        /* It took the GIL before the queue was ours, and may have got it a moment ago from another that had. */
        holder = (gy_account_figures){.self = has.thread, .now_ns = has.thread != 0 ? now - held_since : 0};
        if (holder.self == 0 || !gy_pystack_thread_name(holder.self, holder.name, sizeof holder.name)) {
            snprintf(holder.name, sizeof holder.name, "%s", holder.self != 0 ? "?" : "");
        }
    }
    if (reads && holder.self != 0) {
        gy_pystack_read(holder.self, &holder_stack);
    }
    *self = holder.self;
    seen->held_ns = holder.now_ns;
    snprintf(seen->holder, sizeof seen->holder, "%s", holder.name);
    return holder.id;
}

static void note_lock(gy_look *seen)
{
    if (!seen->waits_for_gil && atomic_load_explicit(&gy_account_gui_in_lock, memory_order_relaxed)) {
        seen->doing = GY_DOING_LOCK;
        seen->where = 0;
    }
}

/* Without `lock`. False: the turn was over before anything of it was seen. */
static bool look(uint64_t since, unsigned turns, gy_look *seen)
{
    uint64_t now = gy_trace_now();
    gy_account_figures figures;
    *seen = (gy_look){.gui = &gui_stack, .holds = &holder_stack};
    gui_stack.count = holder_stack.count = 0;
    int id = atomic_load(&gui.id);
    uintptr_t self = atomic_load(&gui.self);
    seen->waits_for_gil = gy_account_get(atomic_load(&gui.index), now, &figures) && figures.waits;
    if (seen->waits_for_gil) {
        id = look_at_holder(now, figures.now_ns, seen, &self);
    }
    if (id != 0) {
        seen->doing = gy_native_look(id, &seen->where);
        note_lock(seen);
    }
    if (atomic_load(&can_read)) {
        gy_pystack_read(atomic_load(&gui.self), &gui_stack);
        cut_at_base(&gui_stack);
    }
    bool in_time = goes_on(since, turns);
    if (seen->doing == GY_DOING_COMPUTES && in_time) {
        sample(id, self, seen);
        uintptr_t where = 0;
        /* Nothing was seen of what it computes: it may have been on its way into a wait, or wakes in one now and then. */
        gy_doing doing = !seen->moves && seen->where == 0 ? gy_native_look(id, &where) : seen->doing;
        bool still = goes_on(since, turns); /* else that is the wait of the event loop */
        if (still && doing != seen->doing) {
            seen->doing = doing;
            seen->where = where;
        }
        note_lock(seen);
        seen->nowhere = seen->doing == GY_DOING_COMPUTES && (seen->nowhere || !still);
    }
    seen->in_python = gy_native_same_object(seen->where, atomic_load(&python_code));
    return in_time;
}

/* A native function that was seen for so long; that of most of the time stays. One with a name says more. */
static void vote_native(int i, uint64_t ns)
{
    gilyield_stall *stall = &votes[i].stall;
    uint64_t weight = draft.native[0] == '\0' ? 0 : strstr(draft.native, " in ") ? ns : ns / 4;
    if (strcmp(stall->native, draft.native) == 0) {
        votes[i].native_ns += weight;
    } else if (votes[i].native_ns >= weight) {
        votes[i].native_ns -= weight;
    } else {
        memcpy(stall->native, draft.native, sizeof stall->native);
        votes[i].native_ns = weight - votes[i].native_ns;
    }
}

/* The vote for the place that was seen; if it has none yet, a free one, or that of the place that was seen least. */
static int vote_for_draft(void)
{
    int least = 0;
    for (int i = 0; i < vote_count; i++) {
        if (gy_stall_same_python(&votes[i].stall, &draft)) {
            return i;
        }
        least = votes[i].ns < votes[least].ns ? i : least;
    }
    int i = vote_count < MOST_VOTES ? vote_count++ : least;
    votes[i].stall = draft;
    votes[i].ns = votes[i].native_ns = votes[i].c_ns = votes[i].python_ns = 0;
    return i;
}

/* The place that was seen counts for so long. `sure`: it is known whether it was Python that it computed. */
static void vote(uint64_t ns, bool sure)
{
    int i = vote_for_draft();
    if (draft.keeps && !votes[i].stall.keeps) {
        votes[i].stall = draft; /* that could not be known at the first look */
    }
    votes[i].ns += ns;
    if (sure && gy_stall_computes(&draft)) {
        *(draft.kind == GILYIELD_STALL_PYTHON ? &votes[i].python_ns : &votes[i].c_ns) += ns;
    }
    vote_native(i, ns);
    last_vote = i;
}

/* Of a function that computes now in Python, now in what it calls, the one that took longer is told. */
static void settle(void)
{
    for (int i = 0; i < vote_count; i++) {
        gilyield_stall *stall = &votes[i].stall;
        if (gy_stall_computes(stall) && votes[i].c_ns + votes[i].python_ns > 0) {
            stall->kind = votes[i].c_ns > votes[i].python_ns ? GILYIELD_STALL_NATIVE : GILYIELD_STALL_PYTHON;
        }
    }
}

static int elected(void)
{
    int best = 0;
    for (int i = 1; i < vote_count; i++) {
        best = votes[i].ns > votes[best].ns ? i : best;
    }
    return best;
}

/* What else took a good part of the time. */
static void tell_others(gilyield_stall *stall, int best, uint64_t ns)
{
    for (int i = 0; i < vote_count; i++) {
        if (i != best && votes[i].ns >= ns / OTHERS_PART && votes[i].ns >= FIRST_LOOKS_NS) {
            gy_stall_say_other(stall, &votes[i].stall, votes[i].ns);
        }
    }
}

/* The entry of this place among the worst; a new one takes that of the least, if there is no room. The caller has `lock`. */
static gilyield_stall *place_of(const gilyield_stall *stall)
{
    gilyield_stall *least = places;
    for (int i = 0; i < place_count; i++) {
        if (gy_stall_same_place(&places[i], stall)) {
            return &places[i];
        }
        least = places[i].total_ns < least->total_ns ? &places[i] : least;
    }
    gilyield_stall *place = place_count < MOST_PLACES ? &places[place_count++] : least;
    *place = *stall;
    place->count = place->total_ns = place->longest_ns = 0;
    return place;
}

/* In one piece, so that reports and other lines do not mix. False: all or a part of it could not be written. */
static bool write_report(int file, const gilyield_stall *stall)
{
    char text[sizeof stall->text + 16];
    int length = snprintf(text, sizeof text, "gilyield: %s", stall->text);
    return write(file >= 0 ? file : STDERR_FILENO, text, (size_t)length) == length;
}

/* The caller has `lock`, which is let go of for the report. */
static void tell(uint64_t ns, bool lasts)
{
    static gilyield_stall stall;
    settle();
    int best = elected();
    stall = votes[best].stall;
    stall.ns = ns;
    stall.lasts = lasts;
    if (stall.kind == GILYIELD_STALL_PYTHON) {
        stall.native[0] = '\0';
    }
    gilyield_stall *place = place_of(&stall);
    stall.count = place->count + 1;
    stall.total_ns = place->total_ns + ns;
    stall.longest_ns = ns > place->longest_ns ? ns : place->longest_ns;
    gy_stall_say(&stall);
    tell_others(&stall, best, ns);
    if (!lasts) {
        *place = stall;
        snprintf(headlines[headline_count % HEADLINES], HEADLINE_SIZE, "%.*s", (int)strcspn(stall.text, "\n"), stall.text);
        gy_trace(GY_EVENT_STALL, gy_trace_now(), headline_count);
        headline_count++;
    }
    void (*callback)(const gilyield_stall *, void *) = on_stall;
    void *data = on_stall_data;
    /* Its own: watch() may close the other meanwhile, and its number be another file's. */
    int file = report_file >= 0 ? fcntl(report_file, F_DUPFD_CLOEXEC, 0) : -1;
    bool nowhere = report_file >= 0 && file < 0, said = refused;
    pthread_mutex_unlock(&lock);
    bool written = !nowhere && write_report(file, &stall), first = !written && !said && (nowhere || file >= 0);
    if (first) {
        gy_log(GILYIELD_LOG_WARN, "watch: reports cannot be written to their file: %s", strerror(errno));
    }
    if (file >= 0) {
        close(file);
    }
    if (callback && !lasts) {
        callback(&stall, data);
    }
    pthread_mutex_lock(&lock);
    refused = refused || first;
}

/* The turn that began at `since` is late. The caller has `lock`. */
static void follow(unsigned own, uint64_t since, unsigned turns)
{
    uint64_t next_word = since + (threshold > GY_NS_PER_S ? threshold : GY_NS_PER_S), looked = since;
    vote_count = 0;
    held_since = 0;
    atomic_store(&gui.ended, 0);
    atomic_store(&stalled, true);
    for (;;) {
        gy_look seen;
        pthread_mutex_unlock(&lock);
        bool in_time = look(since, turns, &seen);
        gy_stall_judge(in_time ? &seen : NULL, &draft);
        pthread_mutex_lock(&lock);
        bool over = !goes_on(since, turns);
        uint64_t now = gy_trace_now();
        if (in_time || vote_count == 0) {
            vote(now - looked, !seen.nowhere);
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
        if (atomic_load(&gui.since) == since && own == generation) {
            sleep_until(now + pause);
        }
        if (atomic_load(&gui.since) != since || own != generation) {
            break;
        }
    }
    atomic_store(&stalled, false);
    uint64_t noted = atomic_load(&gui.ended), ended = noted != 0 ? noted : gy_trace_now();
    /* It may have ended as it became late. */
    if (own == generation && !goes_on(since, turns) && ended - since >= threshold) {
        votes[last_vote].ns += ended > looked ? ended - looked : 0;
        tell(ended - since, false);
    }
}

/* The event loop waits, and has since before the look: what the GUI thread has called is what has called the event loop. */
static void note_base(unsigned turns)
{
    gy_pymark top = atomic_load(&can_read) ? gy_pystack_mark(atomic_load(&gui.self)) : (gy_pymark){0, 0};
    if (goes_on(0, turns)) {
        base = top;
    }
}

static void watch(unsigned own)
{
    unsigned before = atomic_load(&gui.turns) - 1;
    base = (gy_pymark){0, 0};
    pthread_mutex_lock(&lock);
    while (own == generation) {
        unsigned turns = atomic_load(&gui.turns);
        uint64_t since = atomic_load(&gui.since), now = gy_trace_now();
        if (since == 0) {
            note_base(turns);
        }
        if (since != 0 && now - since >= threshold) {
            follow(own, since, turns);
        } else if (since != 0) {
            sleep_until(since + threshold);
        } else if (turns != before) {
            sleep_until(now + threshold);
        } else {
            atomic_store(&asleep, true);
            if (atomic_load(&gui.since) == 0 && own == generation) {
                sleep_until(0);
            }
            atomic_store(&asleep, false);
        }
        before = turns;
    }
    pthread_mutex_unlock(&lock);
}

static void *run(void *data)
{
    pthread_mutex_lock(&turn);
    watch((unsigned)(uintptr_t)data);
    pthread_mutex_unlock(&turn);
    return NULL;
}

static void before_fork(void)
{
    pthread_mutex_lock(&lock);
}

static void parent_after_fork(void)
{
    pthread_mutex_unlock(&lock);
}

/* The watcher is not there. */
static void child_after_fork(void)
{
    atomic_store(&gy_watch_on, false);
    atomic_store(&gy_trace_on, false);
    generation++;
    pthread_mutex_unlock(&lock);
}

static bool prepare(void)
{
    static const gy_fork_handlers fork_handlers = {before_fork, parent_after_fork, child_after_fork};
    pthread_condattr_t monotonic;
    if (!cond_made && pthread_condattr_init(&monotonic) == 0) {
        cond_made = pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 && pthread_cond_init(&woken, &monotonic) == 0;
        pthread_condattr_destroy(&monotonic);
    }
    return cond_made && gy_fork_watch(GY_FORK_WATCH, &fork_handlers);
}

/* The caller has `lock`. */
static int set_options(const gilyield_watch_options *options)
{
    int file = -1;
    /* Not blocking: a FIFO that nobody reads is a file that cannot be written. */
    const int how = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    if (options->file && (file = open(options->file, how, 0666)) < 0) {
        return GILYIELD_E_FILE;
    }
    refused = false;
    if (report_file >= 0) {
        close(report_file);
    }
    report_file = file;
    threshold = (uint64_t)(options->threshold_ms ? options->threshold_ms : DEFAULT_MS) * GY_NS_PER_MS;
    on_stall = options->on_stall;
    on_stall_data = options->data;
    return 0;
}

/* A handler on the GUI thread wants to be watched: what it does from now on counts. */
static void begin_within_turn(void)
{
    if (gy_qt_on_gui_thread() && told && gy_qt_loop_level() > 0) {
        gy_watch_get_ready();
        atomic_fetch_add(&gui.turns, 1);
        atomic_store(&gui.since, gy_trace_now());
    }
}

int gy_watch_start(const gilyield_watch_options *options)
{
    if (options->threshold_ms < 0 || options->threshold_ms > GY_WATCH_MOST_MS) {
        return GILYIELD_E_THRESHOLD;
    }
    pthread_mutex_lock(&lock);
    int error = prepare() ? set_options(options) : GILYIELD_E_NO_MEMORY;
    if (!error && !atomic_load(&gy_watch_on)) {
        gy_account_follow_holder(true);
        atomic_store(&gui.since, 0);
        atomic_store(&gy_watch_ready, false);
        atomic_store(&can_read, false); /* until the loop waits: what the GUI thread runs now is not what has called the loop */
        generation++;
        error = gy_threads_start("gilyield-watch", run, (void *)(uintptr_t)generation) ? 0 : GILYIELD_E_NO_MEMORY;
        atomic_store(&gy_watch_on, error == 0);
        begin_within_turn();
    } else if (!error) {
        pthread_cond_broadcast(&woken);
    }
    pthread_mutex_unlock(&lock);
    return error;
}

void gy_watch_stop(void)
{
    pthread_mutex_lock(&lock);
    if (atomic_exchange(&gy_watch_on, false)) {
        generation++;
        gy_account_follow_holder(false);
        atomic_store(&gui.since, 0);
        pthread_cond_broadcast(&woken);
    }
    pthread_mutex_unlock(&lock);
}

void gy_watch_loop(bool now_told)
{
    if (now_told == told) {
        return;
    }
    told = now_told;
    if (!told) {
        end_turn();
    } else if (atomic_load(&gy_watch_on)) {
        pthread_mutex_lock(&lock);
        begin_within_turn();
        pthread_cond_broadcast(&woken);
        pthread_mutex_unlock(&lock);
    }
}

void gy_watch_python_exits(void)
{
    atomic_store(&can_read, false);
    atomic_store(&gy_watch_ready, false);
    pthread_mutex_lock(&lock);
    on_stall = NULL;
    pthread_mutex_unlock(&lock);
}

int gy_watch_threshold_ms(void)
{
    pthread_mutex_lock(&lock);
    int ms = atomic_load(&gy_watch_on) ? (int)(threshold / GY_NS_PER_MS) : 0;
    pthread_mutex_unlock(&lock);
    return ms;
}

int gy_watch_places(int most, void (*take)(const gilyield_stall *place, int number, void *data), void *data)
{
    bool taken[MOST_PLACES] = {false};
    pthread_mutex_lock(&lock);
    int count = most < place_count ? most : place_count;
    for (int i = 0; i < count; i++) {
        int worst = -1;
        for (int j = 0; j < place_count; j++) {
            if (!taken[j] && places[j].count > 0 && (worst < 0 || places[j].total_ns > places[worst].total_ns)) {
                worst = j;
            }
        }
        if (worst < 0) {
            count = i; /* the rest has stalls that are not over */
            break;
        }
        taken[worst] = true;
        take(&places[worst], i, data);
    }
    pthread_mutex_unlock(&lock);
    return count > 0 ? count : 0;
}

void gy_watch_reset(void)
{
    pthread_mutex_lock(&lock);
    place_count = 0;
    pthread_mutex_unlock(&lock);
}

void gy_watch_headline(uint32_t number, char *text, size_t size)
{
    pthread_mutex_lock(&lock);
    bool known = number < headline_count && headline_count - number <= HEADLINES;
    snprintf(text, size, "%s", known ? headlines[number % HEADLINES] : "");
    pthread_mutex_unlock(&lock);
}
