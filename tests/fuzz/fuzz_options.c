/* SPDX-License-Identifier: MIT */
/*
 * The option parser under libFuzzer. An input is lines. Each is an entry of an environment, and also name and value of
 * gy_options_set(). Whatever they are: no access out of bounds (the sanitizers), one printable line for each complaint, and
 * options that the check accepts.
 */
#include "settings/options.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ENTRIES = 8, MAX_SENTENCE = 512 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void read_sentence(const char *sentence)
{
    size_t length = strlen(sentence);
    must(length > 0 && length < MAX_SENTENCE);
    for (size_t i = 0; i < length; i++) {
        must((unsigned char)sentence[i] >= ' ' && sentence[i] != 127);
    }
}

static void set_option(const char *entry, size_t text_size)
{
    char name[256];
    const char *equals = strchr(entry, '=');
    size_t length = equals ? (size_t)(equals - entry) : strlen(entry);
    length = length < sizeof name ? length : sizeof name - 1;
    memcpy(name, entry, length);
    name[length] = '\0';

    gilyield_options options = gy_options_default(), before = options;
    char *text = text_size ? malloc(text_size) : NULL; /* of that size: one byte more is seen */
    must(!text_size || text);
    int error = gy_options_set(&options, name, equals ? equals + 1 : "", text, text_size);
    must(!text || memchr(text, '\0', text_size));
    must(gy_options_check(&options, NULL, 0) == 0);
    must(error == 0 || memcmp(&options, &before, sizeof options) == 0);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *lines = malloc(size + 1), *entries[MAX_ENTRIES + 1];
    must(lines != NULL);
    if (size > 0) {
        memcpy(lines, data, size);
    }
    lines[size] = '\0';
    size_t count = 0;
    char *next = lines;
    while (next && count < MAX_ENTRIES) {
        entries[count++] = next;
        next = strchr(next, '\n');
        if (next) {
            *next++ = '\0';
        }
    }
    entries[count] = NULL;

    gilyield_options options;
    gy_environment environment = gy_options_from_environment(entries, &options, read_sentence);
    must(gy_options_check(&options, NULL, 0) == 0);
    must(!(environment.strict && environment.bad && environment.enabled));
    must(environment.watch_ms >= 0 && environment.trace_seconds >= 0);
    gilyield_options merged = gy_options_merge(options, gy_options_default());
    must(merged.mode && merged.interval_ms && merged.slice_ms && merged.priority && merged.switch_us && merged.log_level);
    must(gy_options_word("mode", merged.mode) != NULL);
    for (size_t i = 0; i < count; i++) {
        set_option(entries[i], size % 97);
    }
    free(lines);
    return 0;
}
