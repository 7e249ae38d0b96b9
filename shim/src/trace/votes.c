/* SPDX-License-Identifier: MIT */
#include "trace/votes.h"

#include "os/clock.h"
#include "trace/stall.h"
#include "trace/stallwords.h"

#include <string.h>

enum { MOST_VOTES = 16 };

/* What took a smaller part of a stall, or a shorter time, is not told. */
enum { OTHERS_PART = 8 };
#define OTHERS_NS (UINT64_C(20) * GY_NS_PER_MS)

static struct {
    gilyield_stall stall;
    uint64_t ns, native_ns;   /* how long it was seen there; by how much longer in that native function than in others */
    uint64_t c_ns, python_ns; /* how much of it certainly computing in C or C++, and in Python */
} votes[MOST_VOTES];
static int vote_count, last_vote;

/* A native function that was seen for so long; that of most of the time stays. One with a name says more. */
static void vote_native(int i, const gilyield_stall *seen, uint64_t ns)
{
    gilyield_stall *stall = &votes[i].stall;
    uint64_t weight = seen->native[0] == '\0' ? 0 : strstr(seen->native, " in ") ? ns : ns / 4;
    if (strcmp(stall->native, seen->native) == 0) {
        votes[i].native_ns += weight;
    } else if (votes[i].native_ns >= weight) {
        votes[i].native_ns -= weight;
    } else {
        memcpy(stall->native, seen->native, sizeof stall->native);
        votes[i].native_ns = weight - votes[i].native_ns;
    }
}

/* The vote for the place that was seen; if it has none yet, a free one, or that of the place that was seen least. */
static int vote_for(const gilyield_stall *seen)
{
    int least = 0;
    for (int i = 0; i < vote_count; i++) {
        if (gy_stall_same_python(&votes[i].stall, seen)) {
            return i;
        }
        least = votes[i].ns < votes[least].ns ? i : least;
    }
    int i = vote_count < MOST_VOTES ? vote_count++ : least;
    votes[i].stall = *seen;
    votes[i].ns = votes[i].native_ns = votes[i].c_ns = votes[i].python_ns = 0;
    return i;
}

void gy_votes_add(const gilyield_stall *seen, uint64_t ns, bool sure)
{
    int i = vote_for(seen);
    if (seen->keeps && !votes[i].stall.keeps) {
        votes[i].stall = *seen; /* that could not be known at the first look */
    }
    votes[i].ns += ns;
    if (sure && gy_stall_computes(seen)) {
        *(seen->kind == GILYIELD_STALL_PYTHON ? &votes[i].python_ns : &votes[i].c_ns) += ns;
    }
    vote_native(i, seen, ns);
    last_vote = i;
}

void gy_votes_add_to_last(uint64_t ns)
{
    votes[last_vote].ns += ns;
}

void gy_votes_clear(void)
{
    vote_count = 0;
}

bool gy_votes_none(void)
{
    return vote_count == 0;
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

static int winner(void)
{
    int best = 0;
    for (int i = 1; i < vote_count; i++) {
        best = votes[i].ns > votes[best].ns ? i : best;
    }
    return best;
}

void gy_votes_elect(gilyield_stall *stall)
{
    settle();
    *stall = votes[winner()].stall;
    if (stall->kind == GILYIELD_STALL_PYTHON) {
        stall->native[0] = '\0';
    }
}

void gy_votes_say_others(gilyield_stall *stall, uint64_t ns)
{
    int best = winner();
    for (int i = 0; i < vote_count; i++) {
        if (i != best && votes[i].ns >= ns / OTHERS_PART && votes[i].ns >= OTHERS_NS) {
            gy_words_say_other(stall, &votes[i].stall, votes[i].ns);
        }
    }
}
