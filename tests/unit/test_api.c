/* SPDX-License-Identifier: MIT */
/* The public API of the real shim, in a process that has neither an application object nor Python. Each test in a process of its
 * own. */
#include "gilyield/gilyield.h"
#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The environment is read when the library is first used: whoever runs the tests may have these set. */
static int begin(void **state)
{
    (void)state;
    static const char *const names[] = {"GILYIELD",           "GILYIELD_MODE",     "GILYIELD_INTERVAL_MS",
                                        "GILYIELD_SLICE_MS",  "GILYIELD_PRIORITY", "GILYIELD_SWITCH_US",
                                        "GILYIELD_LOG_LEVEL", "GILYIELD_STATS",    "GILYIELD_STRICT"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        unsetenv(names[i]);
    }
    return 0;
}

static gilyield_status get_status(void)
{
    gilyield_status status = {.size = sizeof status};
    assert_int_equal(gilyield_get_status(&status), 0);
    return status;
}

static gilyield_stats get_stats(void)
{
    gilyield_stats stats = {.size = sizeof stats};
    assert_int_equal(gilyield_get_stats(&stats), 0);
    return stats;
}

static void never_called(void *data)
{
    (void)data;
    abort();
}

static int count_threads(void)
{
    DIR *directory = opendir("/proc/self/task");
    assert_non_null(directory);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        count += entry->d_name[0] != '.';
    }
    closedir(directory);
    return count;
}

/* ---- Texts. ---- */

static void check_texts(void)
{
    static const struct {
        int error;
        const char *text;
    } rows[] = {
#define X(name, value, text) {GILYIELD_E_##name, text}, {value, text},
        GILYIELD_ERROR_MAP(X)
#undef X
            {0, "success"},
        {1, "unknown error"},
        {-9999, "unknown error"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_string_equal(gilyield_strerror(rows[i].error), rows[i].text);
    }
    char version[32];
    snprintf(version, sizeof version, "%d.%d.%d", GILYIELD_VERSION_MAJOR, GILYIELD_VERSION_MINOR, GILYIELD_VERSION_PATCH);
    assert_string_equal(gilyield_version(), version);
}

/* ---- Off. ---- */

static void test_dormant(void **state)
{
    (void)state;
    check_texts();
    int threads = count_threads();
    assert_int_equal(gilyield_is_enabled(), 0);
    gilyield_status status = get_status();
    assert_int_equal(status.state, GILYIELD_STATE_DORMANT);
    assert_int_equal(status.host, GILYIELD_HOST_UNKNOWN);
    assert_int_equal(status.mode, GILYIELD_MODE_AUTO);
    assert_int_equal(status.interval_ms, 20);
    assert_int_equal(status.slice_ms, 5);
    assert_int_equal(status.priority, GILYIELD_PRIORITY_GUI);
    assert_int_equal(status.switch_us, 100);
    assert_int_equal(status.log_level, GILYIELD_LOG_WARN);
    assert_int_equal(status.paused, 0);
    assert_int_equal(status.on_gui_thread, 0);
    assert_int_equal(status.since_unix_ms, 0);
    assert_non_null(status.wait);
    assert_non_null(status.wait_reason);
    assert_non_null(status.priority_active);
    assert_non_null(status.priority_reason);
    assert_string_equal(status.dispatcher, "");
    assert_string_equal(status.python_version, "");
    assert_string_equal(status.limit, "");
    assert_non_null(strchr(status.qt_version, '.'));

    gilyield_stats zero = {.size = sizeof zero}, stats = get_stats();
    assert_memory_equal(&stats, &zero, sizeof stats);
    gilyield_reset_stats();
    stats = get_stats();
    assert_memory_equal(&stats, &zero, sizeof stats);

    assert_int_equal(gilyield_post(never_called, NULL), GILYIELD_E_NO_APPLICATION);
    assert_int_equal(gilyield_post(NULL, NULL), GILYIELD_E_NULL_ARGUMENT);
    /* An error means that neither function is called. */
    assert_int_equal(gilyield_post_or_drop(never_called, never_called, NULL), GILYIELD_E_NO_APPLICATION);
    assert_int_equal(gilyield_post_or_drop(NULL, never_called, NULL), GILYIELD_E_NULL_ARGUMENT);
    assert_int_equal(gilyield_gui_thread(), 0);
    assert_int_equal(gilyield_loop_level(), 0);
    assert_int_equal(gilyield_stop(), 0);
    assert_int_equal(gilyield_stop(), 0);
    assert_int_equal(gilyield_is_enabled(), 0);

    assert_int_equal(gilyield_resume(), 0);
    assert_int_equal(gilyield_pause(), 1);
    assert_int_equal(gilyield_pause(), 2);
    assert_int_equal(get_status().paused, 2);
    assert_int_equal(gilyield_resume(), 1);
    assert_int_equal(gilyield_resume(), 0);
    assert_int_equal(gilyield_resume(), 0);
    assert_int_equal(gilyield_pause(), 1);
    assert_int_equal(gilyield_resume(), 0);
    assert_int_equal(count_threads(), threads);
}

/* ---- Structs of every size. ---- */

static void test_structs(void **state)
{
    (void)state;
    assert_int_equal(gilyield_get_status(NULL), GILYIELD_E_NULL_ARGUMENT);
    assert_int_equal(gilyield_get_stats(NULL), GILYIELD_E_NULL_ARGUMENT);
    assert_int_equal(gilyield_configure(NULL), GILYIELD_E_NULL_ARGUMENT);
    assert_int_equal(gilyield_check_options(NULL, NULL, 0), 0);

    /* Zero-initialised: the first layout. */
    gilyield_status status = {0};
    assert_int_equal(gilyield_get_status(&status), 0);
    assert_int_equal(status.size, 0);
    assert_int_equal(status.interval_ms, 20);
    gilyield_stats stats = {0};
    assert_int_equal(gilyield_get_stats(&stats), 0);
    assert_int_equal(stats.size, 0);

    /* Too small: refused, and not a byte is written. */
    static const size_t small[] = {1, sizeof(size_t), 16};
    for (size_t i = 0; i < COUNT_OF(small); i++) {
        gilyield_status status_copy;
        gilyield_stats stats_copy;
        memset(&status, 0xa5, sizeof status);
        memset(&stats, 0xa5, sizeof stats);
        status.size = stats.size = small[i];
        memcpy(&status_copy, &status, sizeof status);
        memcpy(&stats_copy, &stats, sizeof stats);
        assert_int_equal(gilyield_get_status(&status), GILYIELD_E_SIZE);
        assert_memory_equal(&status, &status_copy, sizeof status);
        assert_int_equal(gilyield_get_stats(&stats), GILYIELD_E_SIZE);
        assert_memory_equal(&stats, &stats_copy, sizeof stats);
        gilyield_options options = {.size = small[i]};
        assert_int_equal(gilyield_start(&options), GILYIELD_E_SIZE);
        assert_int_equal(gilyield_configure(&options), GILYIELD_E_SIZE);
        assert_int_equal(gilyield_check_options(&options, NULL, 0), GILYIELD_E_SIZE);
        gilyield_stall stall;
        gilyield_thread thread;
        const gilyield_watch_options watch = {.size = small[i]};
        assert_int_equal(gilyield_get_stalls(&stall, small[i], 1), GILYIELD_E_SIZE);
        assert_int_equal(gilyield_get_threads(&thread, small[i], 1), GILYIELD_E_SIZE);
        assert_int_equal(gilyield_watch(&watch), GILYIELD_E_SIZE);
    }
    static gilyield_stall stalls[2];
    static gilyield_thread threads[2];
    assert_int_equal(gilyield_get_stalls(NULL, sizeof *stalls, 1), GILYIELD_E_NULL_ARGUMENT);
    assert_int_equal(gilyield_get_threads(NULL, sizeof *threads, 1), GILYIELD_E_NULL_ARGUMENT);
    static const size_t more[] = {0, sizeof *stalls, 2 * sizeof *stalls};
    for (size_t i = 0; i < COUNT_OF(more); i++) {
        assert_int_equal(gilyield_get_stalls(stalls, more[i], 1), 0);
        assert_int_equal(gilyield_get_threads(threads, more[i] == 0 ? 0 : more[i] - sizeof *stalls + sizeof *threads, 1), 0);
    }
    assert_int_equal(gilyield_get_stalls(stalls, sizeof *stalls, -1), 0);

    /* From the header of 0.1: today's members are not written to, whatever has been added since. */
    struct {
        gilyield_status status;
        gilyield_stats stats;
    } first;
    size_t status_end = offsetof(gilyield_status, python_version) + sizeof first.status.python_version;
    size_t stats_end = offsetof(gilyield_stats, elapsed_ns) + sizeof first.stats.elapsed_ns;
    for (int named = 0; named <= 1; named++) {
        memset(&first, 0xa5, sizeof first);
        first.status.size = named ? status_end : 0;
        first.stats.size = named ? stats_end : 0;
        assert_int_equal(gilyield_get_status(&first.status), 0);
        assert_int_equal(gilyield_get_stats(&first.stats), 0);
        assert_int_equal(first.status.interval_ms, 20);
        assert_string_equal(first.status.python_version, "");
        assert_int_equal(first.stats.elapsed_ns, 0);
        for (size_t i = status_end; i < sizeof first.status; i++) {
            assert_int_equal(((unsigned char *)&first.status)[i], 0xa5);
        }
        for (size_t i = stats_end; i < sizeof first.stats; i++) {
            assert_int_equal(((unsigned char *)&first.stats)[i], 0xa5);
        }
    }

    /* From a newer header: what this version does not know stays as it is. */
    struct {
        gilyield_status status;
        unsigned char more[64];
    } larger;
    memset(&larger, 0xa5, sizeof larger);
    larger.status.size = sizeof larger;
    assert_int_equal(gilyield_get_status(&larger.status), 0);
    assert_int_equal(larger.status.size, sizeof larger);
    assert_int_equal(larger.status.slice_ms, 5);
    for (size_t i = 0; i < sizeof larger.more; i++) {
        assert_int_equal(larger.more[i], 0xa5);
    }

    /* Every wrong value has its own error, and changes nothing. */
    const struct {
        gilyield_options options;
        int error;
        const char *name;
    } rows[] = {
        {{.mode = 4}, GILYIELD_E_MODE, "mode=4"},
        {{.mode = -1}, GILYIELD_E_MODE, "mode=-1"},
        {{.interval_ms = -1}, GILYIELD_E_INTERVAL, "interval_ms=-1"},
        {{.interval_ms = 10001}, GILYIELD_E_INTERVAL, "interval_ms=10001"},
        {{.slice_ms = -5}, GILYIELD_E_SLICE, "slice_ms=-5"},
        {{.slice_ms = 10001}, GILYIELD_E_SLICE, "slice_ms=10001"},
        {{.priority = 4}, GILYIELD_E_PRIORITY, "priority=4"},
        {{.switch_us = 1000001}, GILYIELD_E_SWITCH, "switch_us=1000001"},
        {{.log_level = 5}, GILYIELD_E_LOG, "log_level=5"},
        {{.interval_ms = 7, .slice_ms = 3, .log_level = -1}, GILYIELD_E_LOG, "log_level=-1"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[200];
        assert_int_equal(gilyield_start(&rows[i].options), rows[i].error);
        assert_int_equal(gilyield_configure(&rows[i].options), rows[i].error);
        assert_int_equal(gilyield_check_options(&rows[i].options, text, sizeof text), rows[i].error);
        assert_non_null(strstr(text, rows[i].name));
        assert_int_equal(gilyield_check_options(&rows[i].options, NULL, 100), rows[i].error);
        assert_int_equal(gilyield_is_enabled(), 0);
    }
    assert_int_equal(get_status().interval_ms, 20);
    assert_int_equal(get_status().slice_ms, 5);

    /* From text. */
    gilyield_options options = {0};
    char text[200];
    assert_int_equal(gilyield_set_option(&options, "interval_ms", "33", text, sizeof text), 0);
    assert_int_equal(options.interval_ms, 33);
    assert_int_equal(gilyield_set_option(&options, "mode", "fast", text, sizeof text), GILYIELD_E_MODE);
    assert_string_equal(text, "mode=fast is not accepted: use auto, wait, timer");
    assert_int_equal(gilyield_set_option(&options, "mode", "fast", NULL, 100), GILYIELD_E_MODE);
    assert_int_equal(gilyield_set_option(&options, "speed", "1", NULL, 0), GILYIELD_E_OPTION);
    assert_int_equal(gilyield_set_option(NULL, "mode", "auto", NULL, 0), GILYIELD_E_NULL_ARGUMENT);
    assert_int_equal(gilyield_set_option(&options, NULL, "auto", NULL, 0), GILYIELD_E_NULL_ARGUMENT);
    assert_int_equal(gilyield_set_option(&options, "mode", NULL, NULL, 0), GILYIELD_E_NULL_ARGUMENT);
    assert_int_equal(options.mode, 0);

    /* And back. */
    assert_string_equal(gilyield_word("mode", GILYIELD_MODE_WAIT), "wait");
    assert_string_equal(gilyield_word("priority", GILYIELD_PRIORITY_NONE), "none");
    assert_string_equal(gilyield_word("log_level", GILYIELD_LOG_DEBUG), "debug");
    assert_string_equal(gilyield_word("state", GILYIELD_STATE_DORMANT), "dormant");
    assert_string_equal(gilyield_word("state", GILYIELD_STATE_RUNNING), "running");
    assert_string_equal(gilyield_word("host", GILYIELD_HOST_RELEASES), "releases");
    static const int no_values[] = {-1, 5, INT_MIN, INT_MAX};
    for (size_t i = 0; i < COUNT_OF(no_values); i++) {
        assert_null(gilyield_word("state", no_values[i]));
        assert_null(gilyield_word("host", no_values[i]));
        assert_null(gilyield_word("mode", no_values[i]));
    }
    assert_null(gilyield_word("interval_ms", 20));
    assert_null(gilyield_word(NULL, 1));
}

/* ---- On and off. ---- */

static void pause_ms(long ms)
{
    struct timespec time = {0, ms * 1000000};
    nanosleep(&time, NULL);
}

static void test_life(void **state)
{
    (void)state;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t before_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    gilyield_options options = {.slice_ms = 9};
    assert_int_equal(gilyield_configure(&options), 0); /* while dormant: remembered */
    assert_int_equal(gilyield_is_enabled(), 0);
    assert_int_equal(gilyield_start(NULL), 0);
    assert_int_equal(gilyield_is_enabled(), 1);
    gilyield_status status = get_status();
    assert_int_equal(status.state, GILYIELD_STATE_ARMED); /* no application yet */
    assert_int_equal(status.slice_ms, 9);
    assert_int_equal(status.interval_ms, 20);
    assert_in_range(status.since_unix_ms, before_ms, before_ms + 30000);

    /* Starting again replaces options, and is no new start. */
    pause_ms(50);
    options = (gilyield_options){.size = sizeof options, .interval_ms = 30, .mode = GILYIELD_MODE_TIMER};
    assert_int_equal(gilyield_start(&options), 0);
    gilyield_status again = get_status();
    assert_int_equal(again.since_unix_ms, status.since_unix_ms);
    assert_int_equal(again.interval_ms, 30);
    assert_int_equal(again.slice_ms, 9);
    assert_int_equal(again.mode, GILYIELD_MODE_TIMER);
    assert_int_equal(again.priority, GILYIELD_PRIORITY_GUI);
    assert_int_equal(again.switch_us, 100);
    assert_int_equal(again.log_level, GILYIELD_LOG_WARN);
    options = (gilyield_options){.slice_ms = -1};
    assert_int_equal(gilyield_configure(&options), GILYIELD_E_SLICE);
    assert_int_equal(gilyield_start(&options), GILYIELD_E_SLICE);
    assert_int_equal(gilyield_is_enabled(), 1);
    assert_int_equal(get_status().slice_ms, 9);

    uint64_t elapsed = get_stats().elapsed_ns;
    assert_true(elapsed >= 50000000);
    pause_ms(2);
    assert_true(get_stats().elapsed_ns > elapsed);
    gilyield_reset_stats();
    assert_true(get_stats().elapsed_ns < elapsed);

    assert_int_equal(gilyield_stop(), 0);
    assert_int_equal(gilyield_is_enabled(), 0);
    status = get_status();
    assert_int_equal(status.state, GILYIELD_STATE_DORMANT);
    assert_int_equal(status.since_unix_ms, 0);
    assert_int_equal(status.interval_ms, 30); /* kept for the next start */
    elapsed = get_stats().elapsed_ns;
    pause_ms(2);
    assert_int_equal(get_stats().elapsed_ns, elapsed); /* stands still */
    gilyield_reset_stats();
    assert_int_equal(get_stats().elapsed_ns, 0);
    assert_int_equal(gilyield_post(never_called, NULL), GILYIELD_E_NO_APPLICATION);
    assert_int_equal(gilyield_start(NULL), 0);
    assert_int_equal(gilyield_start(NULL), 0);
    assert_int_equal(gilyield_stop(), 0);
    assert_int_equal(gilyield_is_enabled(), 0);
}

/* ---- The environment. ---- */

static char written[4096];
static int real_stderr = -1;

/* From here on what is written on fd 2 is kept. */
static void catch_stderr(void)
{
    char name[] = "/tmp/gilyield-test-XXXXXX";
    int file = mkstemp(name);
    assert_true(file >= 0);
    unlink(name);
    real_stderr = dup(STDERR_FILENO);
    dup2(file, STDERR_FILENO);
    close(file);
}

static void release_stderr(void)
{
    ssize_t length = pread(STDERR_FILENO, written, sizeof written - 1, 0);
    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
    assert_true(length >= 0);
    written[length] = '\0';
}

static int count_lines(void)
{
    int lines = 0;
    for (const char *line = written; *line; lines++) {
        assert_int_equal(strncmp(line, "gilyield: ", strlen("gilyield: ")), 0);
        line = strchr(line, '\n');
        assert_non_null(line);
        line++;
    }
    return lines;
}

static void test_strict(void **state)
{
    (void)state;
    setenv("GILYIELD", "1", 1);
    setenv("GILYIELD_STRICT", "1", 1);
    setenv("GILYIELD_MODE", "fast", 1);
    catch_stderr();
    int first = gilyield_start(NULL), second = gilyield_start(NULL);
    gilyield_options options = {.mode = GILYIELD_MODE_TIMER};
    int third = gilyield_start(&options);
    int running = gilyield_is_enabled();
    release_stderr();
    assert_int_equal(first, GILYIELD_E_STRICT);
    assert_int_equal(second, GILYIELD_E_STRICT);
    assert_int_equal(third, GILYIELD_E_STRICT);
    assert_int_equal(running, 0);
    assert_int_equal(get_status().state, GILYIELD_STATE_DORMANT);
    /* Said once, however often it is asked for. */
    assert_int_equal(count_lines(), 2);
    assert_non_null(strstr(written, "GILYIELD_MODE=fast"));
    assert_non_null(strstr(written, "auto, wait, timer"));
    assert_non_null(strstr(written, "stays off"));
}

static void test_bad_environment(void **state)
{
    (void)state;
    setenv("GILYIELD_INTERVAL_MS", "0", 1);
    setenv("GILYIELD_SLICE_MS", "7", 1);
    setenv("GILYIELD_SPEED", "1", 1);
    catch_stderr();
    int first = gilyield_start(NULL);
    gilyield_options options = {.slice_ms = 9};
    int second = gilyield_start(&options);
    release_stderr();
    unsetenv("GILYIELD_SPEED");
    assert_int_equal(first, 0);
    assert_int_equal(second, 0);
    assert_int_equal(get_status().interval_ms, 20);
    assert_int_equal(get_status().slice_ms, 9); /* the API is above the environment */
    assert_int_equal(count_lines(), 2);
    assert_non_null(strstr(written, "GILYIELD_INTERVAL_MS=0 "));
    assert_non_null(strstr(written, "GILYIELD_SPEED "));
    gilyield_stop();
}

/* ---- From all threads. ---- */

enum { THREADS = 8, ITERATIONS = 3000 };

/* Returns whether all answers were possible ones. */
static bool use_everything(uint64_t *seed)
{
    gilyield_options options = {.size = sizeof options};
    gilyield_status status = {.size = sizeof status};
    gilyield_stats stats = {.size = sizeof stats};
    switch (unit_below(seed, 12)) {
    case 0:
        return gilyield_start(NULL) == 0;
    case 1:
        options.interval_ms = 1 + (int)unit_below(seed, 100);
        options.slice_ms = options.interval_ms; /* the two always change together: see the reader below */
        return gilyield_start(&options) == 0;
    case 2:
        return gilyield_stop() == 0;
    case 3:
        options.interval_ms = options.slice_ms = 1 + (int)unit_below(seed, 100);
        return gilyield_configure(&options) == 0;
    case 4:
        options.mode = -1;
        return gilyield_configure(&options) == GILYIELD_E_MODE;
    case 5: {
        int open = gilyield_pause(), left = gilyield_resume();
        return open >= 1 && open <= THREADS && left >= 0 && left < THREADS;
    }
    case 6:
    case 7:
        return gilyield_get_status(&status) == 0 && status.interval_ms == status.slice_ms &&
               status.state != GILYIELD_STATE_RUNNING &&
               (status.state == GILYIELD_STATE_DORMANT) == (status.since_unix_ms == 0) && status.wait && status.dispatcher;
    case 8:
        return gilyield_get_stats(&stats) == 0 && stats.yields == 0 && stats.elapsed_ns < UINT64_C(120000000000);
    case 9:
        gilyield_reset_stats();
        return true;
    case 10:
        return gilyield_post(never_called, NULL) == GILYIELD_E_NO_APPLICATION && gilyield_gui_thread() == 0 &&
               gilyield_post_or_drop(never_called, never_called, NULL) == GILYIELD_E_NO_APPLICATION;
    default:
        return gilyield_is_enabled() >= 0 && gilyield_check_options(&options, NULL, 0) == 0 && gilyield_version();
    }
}

static void *hammer(void *data)
{
    uint64_t seed = (uint64_t)(uintptr_t)data * 2654435761U + 1;
    uintptr_t impossible = 0;
    for (int i = 0; i < ITERATIONS; i++) {
        impossible += !use_everything(&seed);
    }
    return (void *)impossible; // NOLINT(performance-no-int-to-ptr)
}

static void test_threads(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    gilyield_options options = {.interval_ms = 5, .slice_ms = 5};
    assert_int_equal(gilyield_configure(&options), 0);
    for (uintptr_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, hammer, (void *)i), 0); // NOLINT(performance-no-int-to-ptr)
    }
    for (int i = 0; i < THREADS; i++) {
        void *impossible;
        pthread_join(threads[i], &impossible);
        assert_null(impossible);
    }
    assert_int_equal(get_status().paused, 0);
    assert_int_equal(gilyield_start(NULL), 0);
    assert_int_equal(gilyield_is_enabled(), 1);
    assert_int_equal(gilyield_stop(), 0);
    assert_int_equal(get_status().state, GILYIELD_STATE_DORMANT);
}

/* ---- A child process forked while other threads are at it. ---- */

static atomic_bool enough;

static void *use_until_enough(void *data)
{
    (void)data;
    while (!atomic_load(&enough)) {
        gilyield_is_enabled();
        gilyield_post(never_called, NULL);
    }
    return NULL;
}

/* Whatever the other threads were doing: the child has none of them, and all of these return. */
static void test_fork(void **state)
{
    (void)state;
#if defined(__SANITIZE_THREAD__)
    skip(); /* it cannot follow a fork of a process with threads */
#endif
    enum { CHILDREN = 400, PATIENCE_MS = 5000 };
    pthread_t threads[2];
    assert_int_equal(gilyield_start(NULL), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, use_until_enough, NULL), 0);
    }
    int stuck = 0, failed = 0;
    for (int i = 0; i < CHILDREN && !stuck; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            gilyield_status status = {0};
            gilyield_stats stats = {0};
            bool good = gilyield_get_status(&status) == 0 && gilyield_get_stats(&stats) == 0 && gilyield_is_enabled() >= 0 &&
                        gilyield_stop() == 0 && gilyield_post(never_called, NULL) != 0 && gilyield_gui_thread() == 0;
            _exit(good ? 0 : 1);
        }
        int result = 0, waited_ms = 0;
        while (waitpid(child, &result, WNOHANG) == 0 && waited_ms < PATIENCE_MS) {
            pause_ms(1);
            waited_ms++;
        }
        if (waited_ms >= PATIENCE_MS) {
            stuck++;
            kill(child, SIGKILL);
            waitpid(child, &result, 0);
        } else if (!WIFEXITED(result) || WEXITSTATUS(result) != 0) {
            failed++;
        }
    }
    atomic_store(&enough, true);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_join(threads[i], NULL);
    }
    gilyield_stop();
    assert_int_equal(stuck, 0);
    assert_int_equal(failed, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(test_dormant, begin),
    cmocka_unit_test_setup(test_structs, begin),
    cmocka_unit_test_setup(test_life, begin),
    cmocka_unit_test_setup(test_strict, begin),
    cmocka_unit_test_setup(test_bad_environment, begin),
    cmocka_unit_test_setup(test_threads, begin),
    cmocka_unit_test_setup(test_fork, begin),
};

UNIT_MAIN(tests)
