/* SPDX-License-Identifier: MIT */
#include "os/clock.h"

#include <stdatomic.h>
#include <windows.h>

/* Since Windows 10 version 1803: sleeps of less than a tick of the system's clock, which has up to 15.6 ms. */
#ifndef CREATE_WAITABLE_TIMER_HIGH_RESOLUTION
#define CREATE_WAITABLE_TIMER_HIGH_RESOLUTION 0x00000002
#endif

/* From 1601 to 1970, in units of 100 ns. */
#define UNIX_EPOCH INT64_C(116444736000000000)

static uint64_t monotonic_now(void)
{
    static atomic_uint_least64_t frequency; /* per second; fixed while the system runs */
    uint64_t per_second = atomic_load_explicit(&frequency, memory_order_relaxed);
    LARGE_INTEGER count;
    if (per_second == 0) {
        QueryPerformanceFrequency(&count);
        per_second = (uint64_t)count.QuadPart;
        atomic_store_explicit(&frequency, per_second, memory_order_relaxed);
    }
    QueryPerformanceCounter(&count);
    uint64_t ticks = (uint64_t)count.QuadPart;
    /* In two parts, as the product of both would overflow within days. */
    return ticks / per_second * GY_NS_PER_S + ticks % per_second * GY_NS_PER_S / per_second;
}

static void monotonic_sleep(uint64_t ns)
{
    DWORD last_error = GetLastError();
    LARGE_INTEGER due = {.QuadPart = -(LONGLONG)((ns + 99) / 100)}; /* relative, in units of 100 ns */
    HANDLE timer = CreateWaitableTimerExW(NULL, NULL, CREATE_WAITABLE_TIMER_HIGH_RESOLUTION, TIMER_ALL_ACCESS);
    if (timer && SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE)) {
        WaitForSingleObject(timer, INFINITE);
    } else {
        Sleep((DWORD)((ns + GY_NS_PER_MS - 1) / GY_NS_PER_MS));
    }
    if (timer) {
        CloseHandle(timer);
    }
    SetLastError(last_error);
}

const gy_clock gy_clock_monotonic = {monotonic_now, monotonic_sleep, monotonic_now};

const uint64_t gy_clock_shortest_wait_ns = GY_NS_PER_MS;

int64_t gy_clock_unix_ms(void)
{
    FILETIME now;
    GetSystemTimeAsFileTime(&now);
    int64_t units = (int64_t)((uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime);
    return (units - UNIX_EPOCH) / 10000;
}
