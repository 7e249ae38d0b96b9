/* SPDX-License-Identifier: MIT */
/*
 * The policy: when the GUI thread gives the GIL away, for how long, and how it takes it back.
 *
 * The GUI thread gives the GIL away only at a safe point: inside our own callback from the event loop, where no code of the host
 * runs. It has it back before any other code of the host runs. Whether it holds the GIL at all is asked every time.
 *
 * A tick must really hand over. Giving away and taking back at once hands over only when somebody has already waited for a whole
 * switch interval; with any real sleep in between the others get it. So a tick sleeps while the GIL is away, in naps: after each
 * it takes the GIL back to see whether somebody had it. If taking it took time, somebody did, and the next nap is twice as long,
 * until the slice is over. If it was free two times running, nobody wants it any more and the GUI goes on: one free look is not
 * enough, since a thread that writes a file lets go of the GIL for some microseconds at every call.
 *
 * When nobody waits, a tick costs well below a microsecond and no nap: dropping the GIL wakes a waiter through the kernel, which
 * takes microseconds, and is one or two loads and stores when there is none. That difference is public behaviour, unlike
 * the GIL's waiter count.
 *
 * Around the event loop's wait there is nothing to guess: the GIL is free exactly while poll() blocks. A look without waiting
 * comes first, unless the queue knows that nobody wants the GIL. If something is ready the loop will not block, and a hand-over
 * would cost the GUI its way back for nothing. That alone would starve the others under load, so then they get what the queue's
 * account says they are owed.
 */
#include "loop/yielder.h"

#include "trace/trace.h"

#include <errno.h>

/* Dropping the GIL took longer: somebody was waiting for it. Alone it takes 25 to 60 ns, with a wake-up 2 to 16 us. */
#define WANTED_NS UINT64_C(700)

/* Taking the GIL back took longer: somebody had it. Free, it takes 25 to 60 ns; from a running thread, tens of microseconds. */
#define CONTENDED_NS UINT64_C(5000)

/* Long enough for a woken thread to take the GIL; as short as the kernel's timer slack makes worth asking for. */
#define FIRST_NAP_NS (UINT64_C(60) * GY_NS_PER_US)

enum { FREE_LOOKS = 2 };

/*
 * A pump: code that turns the loop until something has happened, as in `while thread.is_alive(): processEvents()`. A turn is in
 * vain when the poll before it and the one after it find nothing and less than VAIN_NS of work lies between them. A pump is not
 * busy, it waits: for each PUMP_USED_NS that it has turned in vain it gives the others PUMP_SLICE_NS. Turns that do something, as
 * those that move a progress bar now and then, are the loop's own, and count neither way. All but the slice is time of the
 * thread's processor: how long it waits for the GIL in between is not work. Where the host releases the GIL, each turn takes it
 * from the others and gives it back, so that little is left of what is not the pump's; there the pump has less.
 */
#define VAIN_NS                (UINT64_C(50) * GY_NS_PER_US)
#define PUMP_USED_NS           GY_NS_PER_MS
#define PUMP_USED_RELEASING_NS (UINT64_C(200) * GY_NS_PER_US)
#define PUMP_SLICE_NS          (UINT64_C(2) * GY_NS_PER_MS)

void gy_yielder_init(gy_yielder *yielder, const gy_python *python, const gy_clock *clock, const gilyield_options *options,
                     gy_stats *stats)
{
    *yielder = (gy_yielder){.python = python, .clock = clock, .options = options, .queue = &gy_gilqueue_none, .stats = stats};
}

typedef struct released {
    void *thread_state;
    uint64_t at;
    uint64_t takes; /* by others, before */
    bool wanted;    /* somebody was waiting for the GIL */
} released;

static released release(gy_yielder *yielder)
{
    yielder->queue->before_release();
    int waiting = yielder->queue->waiting();
    uint64_t before = waiting < 0 ? yielder->clock->now() : 0, takes = yielder->queue->takes();
    void *thread_state = yielder->python->release();
    uint64_t after = yielder->clock->now();
    yielder->queue->after_release(after);
    return (released){thread_state, after, takes, waiting >= 0 ? waiting > 0 : after - before > WANTED_NS};
}

/* Returns how long taking the GIL back took. */
static uint64_t reacquire(gy_yielder *yielder, const released *given)
{
    uint64_t before = yielder->clock->now();
    yielder->python->reacquire(given->thread_state);
    uint64_t after = yielder->clock->now();
    yielder->queue->after_reacquire(after);
    gy_stats_released(yielder->stats, before - given->at);
    gy_stats_reacquired(yielder->stats, after - before);
    return after - before;
}

/* Have others had the GIL since `takes`? Where the queue cannot count them, `seems` says whether it looks so. */
static bool others_had_it(const gy_yielder *yielder, uint64_t takes, bool seems)
{
    return yielder->queue->waiting() < 0 ? seems : yielder->queue->takes() != takes;
}

/* Gives the others `slice_ns`, less if they want less. The GIL is held before and after. */
static gy_outcome give_slice(gy_yielder *yielder, uint64_t slice_ns)
{
    uint64_t start = yielder->clock->now(), end = start + slice_ns, nap = FIRST_NAP_NS;
    uint64_t takes = yielder->queue->takes();
    bool handed_over = false;
    int free_looks = 0;
    gy_trace_event(GY_EVENT_OWED, (uint32_t)(slice_ns / GY_NS_PER_US));
    for (;;) {
        released given = release(yielder);
        if (!given.wanted && !handed_over) {
            reacquire(yielder, &given);
            break;
        }
        uint64_t left = end > given.at ? end - given.at : 0;
        yielder->clock->sleep(nap < left ? nap : left);
        if (reacquire(yielder, &given) > CONTENDED_NS) {
            handed_over = true;
            free_looks = 0;
            nap *= 2;
        } else if (given.wanted) {
            handed_over = true;
            free_looks = 1;
            nap = FIRST_NAP_NS;
        } else {
            free_looks++;
            nap = FIRST_NAP_NS;
        }
        if (free_looks >= FREE_LOOKS || yielder->clock->now() >= end) {
            break;
        }
    }
    handed_over = others_had_it(yielder, takes, handed_over);
    gy_stats_count(&yielder->stats->yields);
    if (handed_over) {
        gy_stats_count(&yielder->stats->handovers);
    }
    gy_stats_gui_waited(yielder->stats, yielder->clock->now() - start);
    return handed_over ? GY_OUTCOME_HANDED_OVER : GY_OUTCOME_UNWANTED;
}

gy_outcome gy_yielder_look(gy_yielder *yielder)
{
    switch (yielder->python->gil()) {
    case GY_GIL_NO_PYTHON:
        return GY_OUTCOME_NO_PYTHON;
    case GY_GIL_NOT_HELD:
        return GY_OUTCOME_NOT_HOLDING;
    default:
        return yielder->python->alone() ? GY_OUTCOME_ALONE : GY_OUTCOME_UNWANTED;
    }
}

/* gy_yielder_look(), counted. `gives_alone`: what follows gives the GIL away even if no other thread exists. */
static gy_outcome look(gy_yielder *yielder, bool gives_alone)
{
    gy_outcome outcome = gy_yielder_look(yielder);
    if (outcome == GY_OUTCOME_NOT_HOLDING) {
        gy_stats_count(&yielder->stats->skipped);
    } else if (outcome == GY_OUTCOME_ALONE && !gives_alone) {
        gy_stats_count(&yielder->stats->alone);
    }
    yielder->seen = outcome;
    return outcome;
}

gy_outcome gy_yielder_tick(gy_yielder *yielder)
{
    gy_outcome outcome = look(yielder, false);
    return outcome == GY_OUTCOME_UNWANTED ? give_slice(yielder, (uint64_t)yielder->options->slice_ms * GY_NS_PER_MS) : outcome;
}

/* The GIL is held by this thread. */
static gy_outcome pay_owed(gy_yielder *yielder)
{
    if (yielder->queue->waiting() == 0) {
        return GY_OUTCOME_UNWANTED;
    }
    uint64_t owed = yielder->queue->owed(yielder->clock->now());
    if (owed == 0) {
        return GY_OUTCOME_UNWANTED;
    }
    gy_outcome outcome = give_slice(yielder, owed);
    if (outcome == GY_OUTCOME_UNWANTED) {
        /* Nobody waits: the same offer at every turn of a busy loop would be paid for by the GUI alone. */
        yielder->queue->declined(yielder->clock->now());
    }
    return outcome;
}

gy_outcome gy_yielder_pay(gy_yielder *yielder)
{
    gy_outcome outcome = look(yielder, false);
    return outcome == GY_OUTCOME_UNWANTED ? pay_owed(yielder) : outcome;
}

/* The GIL is held, and goes away while the poll blocks. */
static int wait_without_gil(gy_yielder *yielder, gy_poll *poll)
{
    released given = release(yielder);
    int ready = poll->block(poll);
    int saved_errno = errno;
    uint64_t took = reacquire(yielder, &given);
    gy_stats_count(&yielder->stats->waits);
    gy_stats_count(&yielder->stats->yields);
    if (others_had_it(yielder, given.takes, given.wanted || took > CONTENDED_NS)) {
        gy_stats_count(&yielder->stats->handovers);
    }
    gy_stats_gui_waited(yielder->stats, took);
    errno = saved_errno;
    return ready;
}

/* A poll that was not to wait has found nothing. Has the loop turned in vain for `used_ns` since the others last had a slice? */
static bool pump_is_due(gy_yielder *yielder, uint64_t used_ns)
{
    uint64_t now = yielder->clock->used();
    if (yielder->polled_at != 0 && now - yielder->polled_at < VAIN_NS) {
        yielder->vain_ns += now - yielder->polled_at;
    }
    if (yielder->vain_ns < used_ns) {
        return false;
    }
    yielder->vain_ns = 0;
    return true;
}

/* The poll has found something, or it waits and the loop is no pump. */
static void loop_works(gy_yielder *yielder, const gy_poll *poll)
{
    yielder->polled_at = 0;
    if (poll->may_block) {
        yielder->vain_ns = 0;
    }
}

/* Where the host has released the GIL itself, others have it meanwhile as they like: this thread only has to leave them alone. */
static void pump_leaves_alone(gy_yielder *yielder)
{
    uint64_t takes = yielder->queue->takes();
    if (takes != yielder->vain_takes) {
        yielder->clock->sleep(PUMP_SLICE_NS);
    }
    yielder->vain_takes = takes;
}

static int poll_of_releasing_host(gy_yielder *yielder, gy_poll *poll)
{
    yielder->queue->polls(true);
    int ready = poll->block(poll);
    if (ready == 0 && !poll->may_block) {
        int saved_errno = errno;
        if (pump_is_due(yielder, PUMP_USED_RELEASING_NS)) {
            pump_leaves_alone(yielder);
        }
        yielder->polled_at = yielder->clock->used();
        errno = saved_errno;
    } else {
        loop_works(yielder, poll);
    }
    yielder->queue->polls(false);
    return ready;
}

/* The GIL is held, and the loop may not wait. */
static int poll_without_wait(gy_yielder *yielder, gy_poll *poll, bool others)
{
    if (others) {
        pay_owed(yielder);
    }
    int ready = poll->block(poll);
    if (ready == 0 && others && yielder->queue->waiting() != 0) {
        int saved_errno = errno;
        if (pump_is_due(yielder, PUMP_USED_NS)) {
            released given = release(yielder);
            yielder->clock->sleep(PUMP_SLICE_NS);
            reacquire(yielder, &given);
        }
        yielder->polled_at = yielder->clock->used();
        errno = saved_errno;
    } else {
        loop_works(yielder, poll);
    }
    return ready;
}

int gy_yielder_poll(gy_yielder *yielder, gy_poll *poll, bool *busy)
{
    gy_outcome outcome = look(yielder, poll->may_block);
    *busy = !poll->may_block;
    if (outcome == GY_OUTCOME_NO_PYTHON) {
        return poll->block(poll);
    }
    if (outcome == GY_OUTCOME_NOT_HOLDING) {
        return poll_of_releasing_host(yielder, poll);
    }
    /* Alone, too, the GIL is given away: a thread that Python does not know yet may come and want it. */
    bool others = outcome != GY_OUTCOME_ALONE;
    if (poll->may_block) {
        loop_works(yielder, poll);
        /* Where nobody waits for the GIL, to give it away and take it back costs less than a look. */
        int ready = others && yielder->queue->waiting() != 0 ? poll->look(poll) : 0;
        if (ready == 0) {
            return wait_without_gil(yielder, poll);
        }
        *busy = true;
        int saved_errno = errno;
        pay_owed(yielder);
        errno = saved_errno;
        return ready;
    }
    return poll_without_wait(yielder, poll, others);
}
