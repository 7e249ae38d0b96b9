/* SPDX-License-Identifier: MIT */
/* No stall reports where nothing can look at the GUI thread from outside. */
#include "trace/watch.h"

int gy_watch_start(const gilyield_watch_options *options)
{
    (void)options;
    return GILYIELD_E_NO_WATCH;
}

void gy_watch_stop(void)
{
}

void gy_watch_python_exits(void)
{
}

int gy_watch_threshold_ms(void)
{
    return 0;
}

int gy_watch_places(int most, void (*take)(const gilyield_stall *place, int number, void *data), void *data)
{
    (void)most;
    (void)take;
    (void)data;
    return 0;
}

void gy_watch_reset(void)
{
}

void gy_watch_headline(uint32_t number, char *text, size_t size)
{
    (void)number;
    if (size > 0) {
        *text = '\0';
    }
}
