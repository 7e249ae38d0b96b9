/* SPDX-License-Identifier: MIT */
/*
 * A thread that sleeps in the kernel: /proc says its system call, its program counter and its stack pointer. A thread that
 * computes: the kernel's own sampling, perf_event_open(2) for this process and its user code only, which most kernels allow
 * unless kernel.perf_event_paranoid is above 2. Both leave the thread alone: no signal, no interrupted system call.
 */
#include "trace/native.h"

#include "os/peek.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SAMPLE_NS = 500000, RING_PAGES = 4, MOST_PLACES = 32 };

static gy_doing kind_of(long call)
{
    switch (call) {
    case SYS_futex:
        return GY_DOING_LOCK;
    case SYS_nanosleep:
    case SYS_clock_nanosleep:
        return GY_DOING_SLEEPS;
    default:
        return GY_DOING_CALL;
    }
}

/* Python's time.sleep() up to 3.10 is a select() of no file. */
static bool selects_nothing(long call, unsigned long count)
{
#ifdef SYS_select
    if (call == SYS_select && count == 0) {
        return true;
    }
#endif
    return call == SYS_pselect6 && count == 0;
}

gy_doing gy_native_look(int thread, uintptr_t *where)
{
    char path[64], line[256];
    *where = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/syscall", thread);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file >= 0 ? read(file, line, sizeof line - 1) : 0;
    if (file >= 0) {
        close(file);
    }
    if (length <= 0) {
        return GY_DOING_UNKNOWN;
    }
    line[length] = '\0';
    if (strncmp(line, "running", strlen("running")) == 0) {
        return GY_DOING_COMPUTES;
    }
    /* number, six arguments, stack pointer, program counter */
    long call;
    unsigned long first, stack, counter;
    if (sscanf(line, "%ld %lx %*x %*x %*x %*x %*x %lx %lx", &call, &first, &stack, &counter) != 4) {
        return GY_DOING_COMPUTES; /* stopped outside a system call: a page is being read, the processor is another's */
    }
    *where = counter;
    return selects_nothing(call, first) ? GY_DOING_SLEEPS : kind_of(call);
}

/* ---- Sampling ---- */

static int sampler = -1; /* the one thread that watches */
static struct perf_event_mmap_page *ring;
static size_t page;

bool gy_native_sample_begin(int thread)
{
    struct perf_event_attr attributes = {
        .size = sizeof attributes,
        .type = PERF_TYPE_SOFTWARE,
        .config = PERF_COUNT_SW_TASK_CLOCK,
        .sample_period = SAMPLE_NS,
        .sample_type = PERF_SAMPLE_IP,
        .exclude_kernel = 1,
        .exclude_hv = 1,
    };
    page = (size_t)sysconf(_SC_PAGESIZE);
    sampler = (int)syscall(SYS_perf_event_open, &attributes, thread, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (sampler < 0) {
        return false;
    }
    void *memory = mmap(NULL, (RING_PAGES + 1) * page, PROT_READ | PROT_WRITE, MAP_SHARED, sampler, 0);
    if (memory == MAP_FAILED) {
        close(sampler);
        sampler = -1;
        return false;
    }
    ring = memory;
    return true;
}

typedef struct place {
    uintptr_t at;
    int count;
} place;

/* Addresses a few instructions apart are one place. */
enum { SAME_PLACE = 64 };

static void count_place(place *places, uintptr_t at)
{
    for (int i = 0; i < MOST_PLACES; i++) {
        if (places[i].count == 0 || places[i].at / SAME_PLACE == at / SAME_PLACE) {
            places[i].at = at;
            places[i].count++;
            return;
        }
    }
}

static bool is_in(const char *function, uintptr_t where)
{
    Dl_info info;
    return where != 0 && dladdr((const void *)where, &info) != 0 && info.dli_sname && strcmp(info.dli_sname, function) == 0;
}

uintptr_t gy_native_sample_end(const char *function, bool *in_it)
{
    *in_it = false;
    if (sampler < 0) {
        return 0;
    }
    place places[MOST_PLACES] = {{0, 0}};
    const char *data = (const char *)ring + page;
    uint64_t size = RING_PAGES * page, head = __atomic_load_n(&ring->data_head, __ATOMIC_ACQUIRE);
    for (uint64_t at = head > size ? head - size : 0; at < head && head <= size;) {
        struct perf_event_header header;
        memcpy(&header, data + at % size, sizeof header);
        if (header.size == 0) {
            break;
        }
        if (header.type == PERF_RECORD_SAMPLE) {
            uint64_t counter;
            memcpy(&counter, data + (at + sizeof header) % size, sizeof counter);
            count_place(places, (uintptr_t)counter);
        }
        at += header.size;
    }
    munmap(ring, (RING_PAGES + 1) * page);
    close(sampler);
    sampler = -1;
    const place *most = places;
    for (int i = 0; i < MOST_PLACES; i++) {
        most = places[i].count > most->count ? &places[i] : most;
        *in_it = *in_it || is_in(function, places[i].at);
    }
    return most->count > 0 ? most->at : 0;
}

/* ---- Names ---- */

typedef char *(*demangle_function)(const char *name, char *buffer, size_t *length, int *status);

/* "f(int, g<h>) const" becomes "f": the types of the parameters are long, and the line says enough without. */
static void cut_parameters(char *name)
{
    int depth = 0;
    for (char *c = strrchr(name, ')'); c && c > name; c--) {
        depth += (*c == ')') - (*c == '(');
        if (depth == 0) {
            *c = '\0';
            return;
        }
    }
}

static void copy_symbol(const char *symbol, char *name, size_t size)
{
    demangle_function demangle;
    void *found = strncmp(symbol, "_Z", 2) == 0 ? dlsym(RTLD_DEFAULT, "__cxa_demangle") : NULL;
    int status = -1;
    memcpy(&demangle, &found, sizeof found);
    char *plain = found ? demangle(symbol, NULL, NULL, &status) : NULL;
    snprintf(name, size, "%s", plain && status == 0 ? plain : symbol);
    free(plain);
    cut_parameters(name);
}

void gy_native_name(uintptr_t where, char *name, size_t size)
{
    Dl_info info;
    *name = '\0';
    if (where == 0 || dladdr((const void *)where, &info) == 0 || !info.dli_fname) {
        return;
    }
    const char *slash = strrchr(info.dli_fname, '/'), *object = slash ? slash + 1 : info.dli_fname;
    char symbol[512];
    if (info.dli_sname) {
        copy_symbol(info.dli_sname, symbol, sizeof symbol);
        snprintf(name, size, "%.*s in %.*s", 80, symbol, 40, object);
    } else {
        snprintf(name, size, "%.*s+0x%lx", 60, object, (unsigned long)(where - (uintptr_t)info.dli_fbase));
    }
}

bool gy_native_same_object(uintptr_t one, uintptr_t other)
{
    Dl_info first, second;
    return one != 0 && other != 0 && dladdr((const void *)one, &first) != 0 && dladdr((const void *)other, &second) != 0 &&
           first.dli_fbase == second.dli_fbase;
}
