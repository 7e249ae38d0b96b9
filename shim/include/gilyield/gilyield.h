/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_GILYIELD_H
#define GILYIELD_GILYIELD_H

/*
 * gilyield: Python threads just work in Qt applications that embed CPython.
 *
 * Every function here may be called from any thread at any time: before the application object exists, while it runs, after it
 * is gone, with or without the GIL. None of them takes the GIL, and none of them waits for another thread to give it up.
 *
 * ABI policy: the SONAME carries the major version of the ABI. Structs grow at their end only; `size` tells how much of a struct
 * the caller knows, and a caller that knows less than this header is served with that. Constants keep their values.
 */

#include <stddef.h>
#include <stdint.h>

#define GILYIELD_VERSION_MAJOR 0
#define GILYIELD_VERSION_MINOR 2
#define GILYIELD_VERSION_PATCH 0

#if defined(_WIN32) && defined(GILYIELD_BUILDING)
#define GILYIELD_API __declspec(dllexport)
#elif defined(_WIN32)
#define GILYIELD_API __declspec(dllimport)
#elif defined(GILYIELD_BUILDING) && defined(__GNUC__)
#define GILYIELD_API __attribute__((visibility("default")))
#else
#define GILYIELD_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Error codes and their sentences: one table. Every function that can fail returns 0 or one of these. */
#define GILYIELD_ERROR_MAP(X)                                                                                                    \
    X(NULL_ARGUMENT, -1, "a pointer argument is NULL")                                                                           \
    X(SIZE, -2, "the struct's size member is smaller than any published version of the struct")                                  \
    X(MODE, -3, "mode is not one of auto, wait, timer")                                                                          \
    X(INTERVAL, -4, "interval_ms is not within 1 to 10000 milliseconds")                                                         \
    X(SLICE, -5, "slice_ms is not within 1 to 10000 milliseconds")                                                               \
    X(PRIORITY, -6, "priority is not one of gui, switch-interval, none")                                                         \
    X(SWITCH, -7, "switch_us is not within 1 to 1000000 microseconds")                                                           \
    X(LOG, -8, "log_level is not one of error, warn, info, debug")                                                               \
    X(STRICT, -9, "GILYIELD_STRICT=1 is set and the environment holds a bad GILYIELD_ value: gilyield stays off")                \
    X(NO_APPLICATION, -10, "there is no Qt application object in this process, or it has quit or is being destroyed")            \
    X(NO_MEMORY, -11, "out of memory")                                                                                           \
    X(CHILD_PROCESS, -12, "this is a forked child process: the application's event loop is not here")                            \
    X(OPTION, -13, "there is no option of that name")                                                                            \
    X(THRESHOLD, -14, "threshold_ms is not within 1 to 60000 milliseconds")                                                      \
    X(FILE, -15, "the file cannot be written")                                                                                   \
    X(NO_WATCH, -16, "the GUI thread cannot be watched on this system")                                                          \
    X(TRACING, -17, "a timeline is being recorded already: trace_stop() ends it")                                                \
    X(NO_TRACE, -18, "no timeline was recorded: trace_start() begins one")

enum gilyield_error {
#define GILYIELD_X(name, value, text) GILYIELD_E_##name = value,
    GILYIELD_ERROR_MAP(GILYIELD_X)
#undef GILYIELD_X
};

enum gilyield_mode {
    GILYIELD_MODE_DEFAULT = 0, /* auto */
    GILYIELD_MODE_AUTO = 1,    /* the event loop's waits, and ticks while the loop is too busy to wait */
    GILYIELD_MODE_WAIT = 2,    /* the event loop's waits only */
    GILYIELD_MODE_TIMER = 3    /* ticks of a QTimer only */
};

enum gilyield_priority {
    GILYIELD_PRIORITY_DEFAULT = 0, /* gui */
    GILYIELD_PRIORITY_GUI = 1,     /* the GUI thread first, then who needs little; where that cannot be had: switch-interval */
    GILYIELD_PRIORITY_SWITCH_INTERVAL = 2, /* a short switch interval while the GIL is given away */
    GILYIELD_PRIORITY_NONE = 3             /* the GUI thread queues like every other thread */
};

enum gilyield_log_level {
    GILYIELD_LOG_DEFAULT = 0, /* warn */
    GILYIELD_LOG_ERROR = 1,
    GILYIELD_LOG_WARN = 2,
    GILYIELD_LOG_INFO = 3,
    GILYIELD_LOG_DEBUG = 4
};

/* Where the life of gilyield in this process stands. */
enum gilyield_state {
    GILYIELD_STATE_DORMANT = 0, /* off: nothing is created, nothing ticks */
    GILYIELD_STATE_ARMED = 1,   /* on, and waiting for the application object or for the GUI thread's next event */
    GILYIELD_STATE_RUNNING = 2  /* on, and at work in the GUI thread's event loop */
};

/* What the GUI thread does with the GIL in its event loop, as last seen there. */
enum gilyield_host {
    GILYIELD_HOST_UNKNOWN = 0,   /* nothing seen yet */
    GILYIELD_HOST_NO_PYTHON = 1, /* no initialised CPython in this process */
    GILYIELD_HOST_HOLDS = 2,     /* the GUI thread holds the GIL: gilyield gives it away */
    GILYIELD_HOST_RELEASES = 3   /* the host releases the GIL by itself: there is nothing to give away */
};

/*
 * Options. A zero means: what was configured before in this process, else what the environment says, else the default.
 */
typedef struct gilyield_options {
    size_t size;     /* sizeof(gilyield_options); 0 means the layout of version 0.1 */
    int mode;        /* enum gilyield_mode */
    int interval_ms; /* the longest the GUI thread keeps the GIL while others want it; also the tick. 1 to 10000, default 20 */
    int slice_ms;    /* what the others then get at least. 1 to 10000, default 5 */
    int priority;    /* enum gilyield_priority */
    int switch_us;   /* CPython's switch interval while given away, for priority `switch-interval`. 1 to 1000000, default 100 */
    int log_level;   /* enum gilyield_log_level */
} gilyield_options;

/* What is in force. Strings are static and never freed. */
typedef struct gilyield_status {
    size_t size;                 /* in: sizeof(gilyield_status); 0 means the layout of version 0.1 */
    int state;                   /* enum gilyield_state */
    int host;                    /* enum gilyield_host */
    int mode;                    /* enum gilyield_mode, never DEFAULT */
    int interval_ms;             /* milliseconds */
    int slice_ms;                /* milliseconds */
    int priority;                /* enum gilyield_priority: the one asked for, never DEFAULT */
    int switch_us;               /* microseconds */
    int log_level;               /* enum gilyield_log_level */
    int paused;                  /* how many gilyield_pause() are open */
    int on_gui_thread;           /* 1: the caller is the GUI thread of the application */
    int64_t since_unix_ms;       /* when it was enabled, Unix time in milliseconds; 0 while dormant */
    const char *wait;            /* how the event loop's wait is wrapped: "glib", "unix", "win32", "none" */
    const char *wait_reason;     /* why that one, a phrase */
    const char *priority_active; /* what reorders the GIL's queue now: "gui", "switch-interval", "none" */
    const char *priority_reason; /* why that one, a phrase */
    const char *qt_version;      /* of the Qt in the process, "5.15.8" */
    const char *dispatcher;      /* class name of the GUI thread's event dispatcher, "" while not running */
    const char *python_version;  /* "3.11.2", "" while no initialised CPython was seen */
    int watch_ms;                /* the threshold of gilyield_watch() in milliseconds; 0: nothing watches */
    const char *limit;           /* what cannot be had in this process at this moment, a phrase; "" for nothing */
} gilyield_status;

/*
 * The figures: what happened since the start or the last reset. Times are nanoseconds on CLOCK_MONOTONIC. One table: (name, how
 * it comes about, what it is). COUNTED is kept while gilyield works, DERIVED is worked out when it is asked for.
 */
#define GILYIELD_STATS_MAP(X)                                                                                                    \
    X(ticks, COUNTED, "timer ticks that reached the GUI thread")                                                                 \
    X(waits, COUNTED, "waits of the event loop during which the GIL was free")                                                   \
    X(yields, COUNTED, "times the GUI thread gave the GIL away, in ticks and in waits")                                          \
    X(handovers, COUNTED, "yields in which another thread took it")                                                              \
    X(skipped, COUNTED, "times nothing was given away, as the GUI thread did not hold the GIL")                                  \
    X(alone, COUNTED, "times nothing was given away, as no other Python thread existed")                                         \
    X(released_ns, COUNTED, "total time the GIL was given away, up to the moment it was wanted back")                            \
    X(reacquire_p50_ns, DERIVED, "time to take the GIL back: median")                                                            \
    X(reacquire_p99_ns, DERIVED, "time to take the GIL back: 99th percentile")                                                   \
    X(reacquire_max_ns, COUNTED, "time to take the GIL back: longest")                                                           \
    X(reacquire_ns, COUNTED, "time to take the GIL back: total")                                                                 \
    X(gui_wait_max_ns, COUNTED,                                                                                                  \
      "longest time one yield kept the GUI thread from its work; a tick's slice counts, a wait does not")                        \
    X(gui_wait_ns, COUNTED, "total of those")                                                                                    \
    X(elapsed_ns, DERIVED, "time since the start or the last reset, while enabled")

typedef struct gilyield_stats {
    size_t size; /* in: sizeof(gilyield_stats); 0 means the layout of version 0.1 */
#define GILYIELD_X(name, kind, text) uint64_t name;
    GILYIELD_STATS_MAP(GILYIELD_X)
#undef GILYIELD_X
} gilyield_stats;

/* What the GUI thread did when it was late for its events. */
enum gilyield_stall_kind {
    GILYIELD_STALL_PYTHON = 1, /* it ran Python */
    GILYIELD_STALL_NATIVE = 2, /* it ran C or C++, or slept there */
    GILYIELD_STALL_GIL = 3,    /* it waited for the GIL, which another thread had */
    GILYIELD_STALL_LOCK = 4    /* it waited for a lock other than the GIL */
};

/* Kind NATIVE: did it do nothing there? 0: it computed. */
enum gilyield_sleeps {
    GILYIELD_SLEEPS = 1, /* it slept for a time */
    GILYIELD_WAITS = 2,  /* it waited in the kernel for something else: a file, a socket, a process */
    GILYIELD_UNSEEN = 3  /* what it did is not known: the machine was too busy to look in time */
};

/* One stall of the GUI thread, and how often there was one at this place. Texts are UTF-8, "" where nothing is known. */
typedef struct gilyield_stall {
    size_t size;         /* how much of it is filled */
    int kind;            /* enum gilyield_stall_kind */
    int lasts;           /* 1: it is not over */
    int sleeps;          /* kind NATIVE: enum gilyield_sleeps */
    int keeps;           /* 1, kind GIL: the thread that has the GIL is in a C function that does not release it */
    int line;            /* of `file`; 0 where there is no Python */
    uint64_t ns;         /* how long the GUI thread was late */
    uint64_t count;      /* stalls at this place since the start or the last reset, this one counted */
    uint64_t total_ns;   /* of those */
    uint64_t longest_ns; /* of those */
    char file[256];      /* Python's innermost line; kind GIL: of the thread that has the GIL */
    char function[64];
    char thread[64];  /* kind GIL: the name of the thread that has the GIL */
    char native[128]; /* the innermost native function and its library */
    char stack[1536]; /* the calls that led there, a line each */
    char text[2560];  /* all of it in words: the first line says what, the others the calls */
} gilyield_stall;

/* Zeroes mean defaults. */
typedef struct gilyield_watch_options {
    size_t size;      /* sizeof(gilyield_watch_options); 0 means the layout of version 0.2 */
    int threshold_ms; /* a turn of the event loop that takes longer is reported. 1 to 60000, default 100 */
    const char *file; /* reports are added to its end; NULL: they go to file descriptor 2 */
    /* Called after each report of a stall that is over, on a thread of gilyield's own, without the GIL. May be NULL. */
    void (*on_stall)(const gilyield_stall *stall, void *data);
    void *data;
} gilyield_watch_options;

/* What one thread got of the GIL since it was first seen, or since the last reset. Times are nanoseconds. */
typedef struct gilyield_thread {
    size_t size;     /* how much of it is filled */
    uintptr_t ident; /* as pthread_self() and Python's threading.get_ident() tell it */
    int native_id;   /* as Python's threading.get_native_id() tells it */
    int on_gui;      /* 1: the GUI thread */
    int holds;       /* 1: it has the GIL now */
    int waits;       /* 1: it waits for it now */
    int computes;    /* 1: it has or wants the GIL for more than half of the time; 0: it needs little */
    uint64_t now_ns; /* for how long it has had it, or waited, by now */
    uint64_t seen_ns;
    uint64_t held_ns, waited_ns;
    uint64_t longest_hold_ns, longest_wait_ns;
    uint64_t takes, waits_count;
    char name[64]; /* as Python's threading has it, else as the system has it */
} gilyield_thread;

/*
 * Enables gilyield. `options` may be NULL: the same as a zero-initialised struct. May be called while enabled: the options
 * replace those in force. Before the application object exists this arms the library; the application's constructor starts it.
 * On the GUI thread it takes effect before it returns; on other threads, with the GUI thread's next event.
 * Returns 0, or a negative gilyield_error and nothing has changed.
 */
GILYIELD_API int gilyield_start(const gilyield_options *options);

/*
 * Disables gilyield and undoes what it installed: at once on the GUI thread; from other threads nothing is given away from
 * now on, and the timer and the hooks go with the GUI thread's next event. Harmless while dormant. Returns 0.
 */
GILYIELD_API int gilyield_stop(void);

/* 1 while on, by gilyield_start() or GILYIELD=1 in the environment, whether or not there is an application yet; else 0. */
GILYIELD_API int gilyield_is_enabled(void);

/*
 * Changes the options that are not 0 in `options` and leaves the others; while dormant this is remembered for the next start.
 * Returns 0, or a negative gilyield_error and nothing has changed.
 */
GILYIELD_API int gilyield_configure(const gilyield_options *options);

/*
 * Says what is wrong with `options`, as one sentence with the name, the value (decimal) and what is accepted, in `text` (always
 * ended with a NUL when size > 0; may be NULL). Returns 0 if nothing is wrong, else the error that gilyield_start() would return.
 */
GILYIELD_API int gilyield_check_options(const gilyield_options *options, char *text, size_t size);

/*
 * Sets one option in the caller's struct from text, for programs that have options in a file or on a command line: `name` as the
 * member is called, `value` as in the environment ("interval_ms", "20"; "mode", "auto"). The struct's size member is not looked
 * at. Returns 0, or the error of that option or GILYIELD_E_OPTION, with one sentence in `text` as gilyield_check_options(), and
 * the struct is as it was.
 */
GILYIELD_API int gilyield_set_option(gilyield_options *options, const char *name, const char *value, char *text, size_t size);

/*
 * The word for a value of one of the enums above, by the name of the member that has it: ("mode", 1) gives "auto". Members: mode,
 * priority, log_level, state, host. NULL if there is none. Static, never freed.
 */
GILYIELD_API const char *gilyield_word(const char *member, int value);

/*
 * While at least one pause is open nothing is given away. Counts: each gilyield_pause() wants one gilyield_resume().
 * A resume too many is ignored. Each returns how many pauses are open now.
 */
GILYIELD_API int gilyield_pause(void);
GILYIELD_API int gilyield_resume(void);

/* Fills what the caller's struct has room for. Returns 0 or a negative gilyield_error. */
GILYIELD_API int gilyield_get_status(gilyield_status *status);
GILYIELD_API int gilyield_get_stats(gilyield_stats *stats);

/* Sets all figures to 0, those of threads and stalls too. */
GILYIELD_API void gilyield_reset_stats(void);

/*
 * Watches over the GUI thread: when one turn of its event loop takes longer than the threshold, one report says what it did
 * meanwhile. Works while gilyield is enabled. `options` may be NULL: all defaults. May be called again to change them. Returns 0,
 * GILYIELD_E_SIZE, GILYIELD_E_THRESHOLD, GILYIELD_E_FILE, GILYIELD_E_NO_MEMORY, GILYIELD_E_CHILD_PROCESS, GILYIELD_E_NO_WATCH.
 */
GILYIELD_API int gilyield_watch(const gilyield_watch_options *options);

/* Ends it; the places it has seen stay. Harmless while it is off. A callback that is being called is not waited for. */
GILYIELD_API void gilyield_unwatch(void);

/*
 * Copies the places at which the GUI thread was late, the longest in all first, at most `most`. `size` is sizeof(gilyield_stall)
 * where the caller was built, 0 the layout of version 0.2: so far apart they are, and so much of each is filled. Returns how
 * many, or GILYIELD_E_NULL_ARGUMENT, GILYIELD_E_SIZE.
 */
GILYIELD_API int gilyield_get_stalls(gilyield_stall *stalls, size_t size, int most);

/*
 * Copies the account of each living thread that has wanted the GIL, at most `most`; `size` as for gilyield_get_stalls(). None
 * where the priority in force is not `gui`. Returns how many, or GILYIELD_E_NULL_ARGUMENT, GILYIELD_E_SIZE.
 */
GILYIELD_API int gilyield_get_threads(gilyield_thread *threads, size_t size, int most);

/*
 * Begins to record who has the GIL, who waits for it and what the GUI thread does, in 6 MB of memory; the newest 262144 events
 * are kept; what was recorded before is forgotten. Returns 0, GILYIELD_E_TRACING, GILYIELD_E_NO_MEMORY,
 * GILYIELD_E_CHILD_PROCESS.
 */
GILYIELD_API int gilyield_trace_start(void);

/*
 * Ends it and writes what was recorded as Chrome's trace events in JSON, which ui.perfetto.dev opens. `path` may be NULL: nothing
 * is written. It can be called again, to write the same elsewhere. Returns 0, GILYIELD_E_FILE (errno says why),
 * GILYIELD_E_NO_TRACE, GILYIELD_E_CHILD_PROCESS.
 */
GILYIELD_API int gilyield_trace_stop(const char *path);

/*
 * Runs function(data) once on the GUI thread, from its event loop, after what the same thread posted before. The GIL is then
 * in whatever state the host keeps it in its event loop. If the application goes away before that, the function is not called.
 * Returns 0, or GILYIELD_E_NO_APPLICATION, GILYIELD_E_NULL_ARGUMENT, GILYIELD_E_NO_MEMORY, GILYIELD_E_CHILD_PROCESS.
 */
GILYIELD_API int gilyield_post(void (*function)(void *data), void *data);

/*
 * The same, and nothing is lost in silence: after it returned 0, either function(data) or dropped(data) is called, once, on the
 * GUI thread. What has not run when the application is about to quit (QCoreApplication::aboutToQuit) is dropped there, else when
 * the application object is destroyed. From aboutToQuit until an event loop runs again it returns GILYIELD_E_NO_APPLICATION.
 * `dropped` may be NULL. Neither is called with a lock held.
 */
GILYIELD_API int gilyield_post_or_drop(void (*function)(void *data), void (*dropped)(void *data), void *data);

/*
 * The GUI thread as pthread_self() tells it there, in Python threading.get_ident(); 0 if there is no application. Called on the
 * GUI thread it is always known; on others not before the GUI thread's next event, if this library was loaded late by another
 * thread.
 */
GILYIELD_API uintptr_t gilyield_gui_thread(void);

/*
 * How many event loops (QEventLoop::exec(): dialogs, menus, the application's own) run one inside the other on the GUI thread; 0
 * on other threads. So a posted function sees whether it runs in the same loop as another that it interrupts, which then has only
 * pumped events, or in one that has been begun since.
 */
GILYIELD_API int gilyield_loop_level(void);

/* The sentence for an error code; for 0 "success", for other numbers "unknown error". Static, never freed. */
GILYIELD_API const char *gilyield_strerror(int error);

/* "0.2.0" */
GILYIELD_API const char *gilyield_version(void);

#ifdef __cplusplus
}
#endif

#endif
