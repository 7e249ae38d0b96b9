/* SPDX-License-Identifier: MIT */
/* The three formats are described in CPython's Objects/lnotab_notes.txt (3.8 to 3.10) and Objects/locations.md. */
#include "trace/pylines.h"

#include <stdbool.h>

/* Pairs: bytes of instructions, lines more from there on. */
static int find_lnotab(const unsigned char *table, size_t size, int first, long at)
{
    long end = 0;
    int line = first;
    for (size_t i = 0; i + 1 < size; i += 2) {
        end += table[i];
        if (end > at) {
            break;
        }
        line += (signed char)table[i + 1];
    }
    return line;
}

/* Pairs: bytes of instructions, lines more for these; -128: they have no line. */
static int find_range(const unsigned char *table, size_t size, int first, long at)
{
    long end = 0;
    int line = first, found = first;
    for (size_t i = 0; i + 1 < size && end <= at; i += 2) {
        end += table[i];
        if ((signed char)table[i + 1] != -128) {
            line += (signed char)table[i + 1];
            found = line;
        }
    }
    return end > at ? found : first;
}

/* Six bits a byte, the lowest first; bit 6 says that more follow. */
static unsigned read_varint(const unsigned char *table, size_t size, size_t *place)
{
    unsigned value = 0;
    for (unsigned shift = 0; *place < size && shift < 32; shift += 6) {
        unsigned char byte = table[(*place)++];
        value |= (unsigned)(byte & 63U) << shift;
        if ((byte & 64U) == 0) {
            break;
        }
    }
    return value;
}

static int signed_of(unsigned value)
{
    return (value & 1U) != 0 ? -(int)(value >> 1) : (int)(value >> 1);
}

/* Entries: one byte with bit 7 set, which has kind and length, then bytes without it, which begin with what is asked for here. */
static int find_location(const unsigned char *table, size_t size, int first, long at)
{
    enum { ONE_LINE_0 = 10, ONE_LINE_2 = 12, NO_COLUMNS = 13, LONG = 14 };
    long end = 0;
    int line = first;
    size_t place = 0;
    while (place < size) {
        unsigned head = table[place++], kind = (head >> 3) & 15U;
        bool has_line = true;
        if (kind == NO_COLUMNS || kind == LONG) {
            /* Unsigned: whatever the bytes are, nothing overflows. */
            line = (int)((unsigned)line + (unsigned)signed_of(read_varint(table, size, &place)));
        } else if (kind >= ONE_LINE_0 && kind <= ONE_LINE_2) {
            line += (int)kind - ONE_LINE_0;
        } else {
            has_line = kind < ONE_LINE_0;
        }
        end += 2L * (long)((head & 7U) + 1);
        if (end > at) {
            return has_line ? line : first;
        }
        while (place < size && (table[place] & 128U) == 0) {
            place++;
        }
    }
    return first;
}

int gy_pylines_find(gy_pylines format, const unsigned char *table, size_t size, int first, long at)
{
    if (at < 0) {
        return first;
    }
    switch (format) {
    case GY_PYLINES_LNOTAB:
        return find_lnotab(table, size, first, at);
    case GY_PYLINES_RANGES:
        return find_range(table, size, first, at);
    default:
        return find_location(table, size, first, at);
    }
}
