/* SPDX-License-Identifier: MIT */
#include "trace/pyname.h"

#include "os/peek.h"

#include <string.h>

/* A thread object has about a dozen variables, subclasses some more. */
enum { MOST_KEYS = 256, MANAGED_WORDS = 4 };

static uintptr_t word_at(uintptr_t at)
{
    uintptr_t word;
    return at != 0 && gy_peek((const void *)at, &word, sizeof word) ? word : 0;
}

/* Where the variables are: the keys, and the values if they lie apart. */
typedef struct variables {
    uintptr_t keys, values;
} variables;

/* Since 3.13 an array of values begins with four numbers of one byte. */
static uintptr_t first_value(const gy_pylayout *layout, uintptr_t values)
{
    return values != 0 && layout->minor >= 13 ? values + sizeof(uintptr_t) : values;
}

static variables of_dict(const gy_pylayout *layout, uintptr_t dict)
{
    variables found = {0, 0};
    if (dict != 0) {
        found.keys = word_at(dict + GY_PYDICT_KEYS);
        found.values = first_value(layout, word_at(dict + GY_PYDICT_VALUES));
    }
    return found;
}

/* Up to 3.10 an object has a pointer to its dict; then words in front of it, or values behind it, until somebody wants a dict. */
static variables of_object(const gy_pylayout *layout, uintptr_t object)
{
    uintptr_t type = word_at(object + GY_PYOBJECT_TYPE);
    variables apart = {word_at(type + layout->type_keys), 0};
    if (layout->minor <= 10) {
        intptr_t offset = (intptr_t)word_at(type + GY_PYTYPE_DICTOFFSET);
        return of_dict(layout, offset > 0 ? word_at(object + (uintptr_t)offset) : 0);
    }
    uintptr_t words[MANAGED_WORDS] = {0};
    if (!gy_peek((const void *)(object - sizeof words), words, sizeof words)) {
        return (variables){0, 0};
    }
    if (layout->minor == 11) {
        apart.values = words[0];
        return words[0] != 0 ? apart : of_dict(layout, words[1]);
    }
    if (layout->minor == 12) {
        apart.values = words[1] + 1;
        return (words[1] & 1) != 0 ? apart : of_dict(layout, words[1]);
    }
    apart.values = first_value(layout, object + word_at(type + GY_PYTYPE_BASICSIZE));
    return words[1] == 0 ? apart : of_dict(layout, words[1]);
}

/* Where the entries of the keys begin, their size and how many there are. */
typedef struct entries {
    uintptr_t first;
    size_t size, key_offset, count;
} entries;

static entries entries_of(const gy_pylayout *layout, uintptr_t keys)
{
    unsigned char head[40];
    entries found = {0};
    if (keys == 0 || !gy_peek((const void *)keys, head, sizeof head)) {
        return found;
    }
    uint64_t words[5];
    memcpy(words, head, sizeof words);
    if (layout->minor <= 10) {
        size_t width = words[1] <= 0xff ? 1 : words[1] <= 0xffff ? 2 : 4;
        found = (entries){keys + sizeof head + words[1] * width, 24, 8, (size_t)words[4]};
    } else {
        bool general = head[10] == 0;
        found = (entries){keys + 32 + (UINT64_C(1) << (head[9] & 31)), general ? 24 : 16, general ? 8 : 0, (size_t)words[3]};
    }
    if (found.count > MOST_KEYS) {
        found.count = MOST_KEYS;
    }
    return found;
}

/* Identifiers are ASCII: their bytes follow the object's head. */
static bool is_text(const gy_pylayout *layout, uintptr_t text, const char *wanted)
{
    char data[32];
    size_t length = strlen(wanted);
    return length < sizeof data && word_at(text + GY_PYTEXT_LENGTH) == length &&
           gy_peek((const void *)(text + layout->text_ascii), data, length) && memcmp(data, wanted, length) == 0;
}

uintptr_t gy_pyname_find(const gy_pylayout *layout, uintptr_t object, const char *attribute)
{
    variables found = of_object(layout, object);
    entries all = entries_of(layout, found.keys);
    for (size_t i = 0; i < all.count; i++) {
        uintptr_t entry = all.first + i * all.size;
        uintptr_t key = word_at(entry + all.key_offset);
        if (key != 0 && is_text(layout, key, attribute)) {
            return found.values != 0 ? word_at(found.values + i * sizeof(uintptr_t))
                                     : word_at(entry + all.key_offset + sizeof(uintptr_t));
        }
    }
    return 0;
}
