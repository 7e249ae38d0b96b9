/* SPDX-License-Identifier: MIT */
#include "trace/places.h"

#include "trace/stall.h"

#include <stdbool.h>

enum { MOST_PLACES = 64 };

static gilyield_stall places[MOST_PLACES];
static int place_count;

gilyield_stall *gy_places_of(const gilyield_stall *stall)
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

int gy_places_worst(int most, void (*take)(const gilyield_stall *place, int number, void *data), void *data)
{
    bool taken[MOST_PLACES] = {false};
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
    return count > 0 ? count : 0;
}

void gy_places_clear(void)
{
    place_count = 0;
}
