/* SPDX-License-Identifier: MIT */
#include "trace/bell.h"

#include "os/clock.h"

#include <pthread.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t woken;
static bool cond_made; /* under the lock */

bool gy_bell_prepare(void)
{
    pthread_condattr_t monotonic;
    if (!cond_made && pthread_condattr_init(&monotonic) == 0) {
        cond_made = pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 && pthread_cond_init(&woken, &monotonic) == 0;
        pthread_condattr_destroy(&monotonic);
    }
    return cond_made;
}

void gy_bell_lock(void)
{
    pthread_mutex_lock(&lock);
}

void gy_bell_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

void gy_bell_ring(void)
{
    pthread_cond_broadcast(&woken);
}

void gy_bell_sleep(uint64_t until)
{
    if (until == 0) {
        pthread_cond_wait(&woken, &lock);
    } else {
        struct timespec deadline = {(time_t)(until / GY_NS_PER_S), (long)(until % GY_NS_PER_S)};
        pthread_cond_timedwait(&woken, &lock, &deadline);
    }
}
