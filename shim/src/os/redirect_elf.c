/* SPDX-License-Identifier: MIT */
#include "os/redirect.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__x86_64__)
enum { JUMP_SLOT = R_X86_64_JUMP_SLOT, GLOB_DAT = R_X86_64_GLOB_DAT, SUPPORTED = 1 };
#elif defined(__aarch64__)
enum { JUMP_SLOT = R_AARCH64_JUMP_SLOT, GLOB_DAT = R_AARCH64_GLOB_DAT, SUPPORTED = 1 };
#else
enum { JUMP_SLOT = 0, GLOB_DAT = 0, SUPPORTED = 0 };
#endif

typedef struct object {
    uintptr_t base;
    uintptr_t start, end;             /* of its loaded segments */
    uintptr_t relro_start, relro_end; /* page-aligned, as the loader protects it */
    const ElfW(Dyn) * dynamic;
} object;

typedef struct object_search {
    uintptr_t address;
    object found;
} object_search;

static int match_object(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size;
    object_search *search = data;
    object candidate = {.base = info->dlpi_addr, .start = UINTPTR_MAX};
    bool inside = false;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t start = candidate.base + header->p_vaddr, end = start + header->p_memsz;
        if (header->p_type == PT_LOAD) {
            inside = inside || (search->address >= start && search->address < end);
            candidate.start = start < candidate.start ? start : candidate.start;
            candidate.end = end > candidate.end ? end : candidate.end;
        } else if (header->p_type == PT_GNU_RELRO) {
            candidate.relro_start = start & ~(page - 1);
            candidate.relro_end = end & ~(page - 1);
        } else if (header->p_type == PT_DYNAMIC) {
            candidate.dynamic = (const ElfW(Dyn) *)start;
        }
    }
    if (!inside) {
        return 0;
    }
    search->found = candidate;
    return 1;
}

/* glibc stores addresses in the dynamic section relocated, other C libraries do not. */
static const void *dynamic_pointer(const object *in, ElfW(Addr) value)
{
    return (const void *)(value < in->start ? in->base + value : value);
}

/* What of the dynamic section leads to a symbol's slots. */
typedef struct tables {
    const ElfW(Rela) * plt, *rela;
    size_t plt_bytes, rela_bytes;
    const ElfW(Sym) * symbols;
    const char *names;
    const ElfW(Versym) * versions; /* of the symbols; NULL: they have none */
    const ElfW(Verneed) * needed;  /* what the numbers in `versions` mean */
} tables;

/* False: it has relocations of another kind. */
static bool read_tables(const object *in, tables *t)
{
    *t = (tables){.plt_bytes = 0};
    for (const ElfW(Dyn) *entry = in->dynamic; entry && entry->d_tag != DT_NULL; entry++) {
        switch (entry->d_tag) {
        case DT_JMPREL:
            t->plt = dynamic_pointer(in, entry->d_un.d_ptr);
            break;
        case DT_PLTRELSZ:
            t->plt_bytes = entry->d_un.d_val;
            break;
        case DT_PLTREL:
            if (entry->d_un.d_val != DT_RELA) {
                return false;
            }
            break;
        case DT_RELA:
            t->rela = dynamic_pointer(in, entry->d_un.d_ptr);
            break;
        case DT_RELASZ:
            t->rela_bytes = entry->d_un.d_val;
            break;
        case DT_SYMTAB:
            t->symbols = dynamic_pointer(in, entry->d_un.d_ptr);
            break;
        case DT_STRTAB:
            t->names = dynamic_pointer(in, entry->d_un.d_ptr);
            break;
        case DT_VERSYM:
            t->versions = dynamic_pointer(in, entry->d_un.d_ptr);
            break;
        case DT_VERNEED:
            t->needed = dynamic_pointer(in, entry->d_un.d_ptr);
            break;
        default:
            break;
        }
    }
    return SUPPORTED && t->symbols && t->names;
}

/* Adds the slots that these relocations have for the symbol `wanted`, whose number is left in *symbol. */
static void find_in(const object *in, const tables *t, const ElfW(Rela) * relocations, size_t bytes, const char *wanted,
                    gy_redirect *found, size_t *symbol)
{
    for (size_t i = 0; relocations && i < bytes / sizeof *relocations && found->count < GY_MOST_SLOTS; i++) {
        uint32_t type = (uint32_t)ELF64_R_TYPE(relocations[i].r_info);
        size_t number = ELF64_R_SYM(relocations[i].r_info);
        if ((type == JUMP_SLOT || type == GLOB_DAT) && strcmp(t->names + t->symbols[number].st_name, wanted) == 0) {
            uintptr_t at = in->base + relocations[i].r_offset;
            found->slots[found->count++] = (gy_slot){(void **)at, at >= in->relro_start && at < in->relro_end};
            *symbol = number;
        }
    }
}

static const void *further(const void *start, size_t bytes)
{
    return (const char *)start + bytes;
}

/* The version of a symbol that the object asks for; NULL: any. */
static const char *version_of(const tables *t, size_t symbol)
{
    enum { HIDDEN = 0x8000 };
    if (!t->versions || !t->needed) {
        return NULL;
    }
    unsigned wanted = t->versions[symbol] & ~(unsigned)HIDDEN;
    for (const ElfW(Verneed) *file = t->needed;; file = further(file, file->vn_next)) {
        const ElfW(Vernaux) *version = further(file, file->vn_aux);
        for (unsigned i = 0; i < file->vn_cnt; i++, version = further(version, version->vna_next)) {
            if (version->vna_other == wanted) {
                return t->names + version->vna_name;
            }
        }
        if (file->vn_next == 0) {
            return NULL;
        }
    }
}

static bool in_one_object(const void *one, const void *other)
{
    Dl_info of_one, of_other;
    return dladdr(one, &of_one) && dladdr(other, &of_other) && of_one.dli_fbase == of_other.dli_fbase;
}

/*
 * What the loader would bind the object's slots to, looked up behind this library: where an executable takes the function's
 * address, plain `&function` is a stub of that executable, which calls through the very slot. By its version, since up to glibc
 * 2.35 dlsym() finds the oldest function of that name (glibc bug 14932), and the oldest pthread_cond_wait() has other condition
 * variables. One that comes before libc's, a sanitizer's for example, has no versions.
 */
static void *resolve(const char *symbol, const char *version)
{
    void *plain = dlsym(RTLD_NEXT, symbol), *exact = plain && version ? dlvsym(RTLD_NEXT, symbol, version) : NULL;
    return exact && in_one_object(plain, exact) ? exact : plain;
}

static void *read_slot(const gy_slot *slot)
{
    return __atomic_load_n(slot->at, __ATOMIC_ACQUIRE);
}

static bool write_slot(const gy_slot *slot, void *value)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *start = (void *)((uintptr_t)slot->at & ~(page - 1));
    if (slot->read_only && mprotect(start, page, PROT_READ | PROT_WRITE) != 0) {
        return false;
    }
    /* Other threads may be calling through the slot: they see the old or the new function. */
    __atomic_store_n(slot->at, value, __ATOMIC_RELEASE);
    if (slot->read_only) {
        mprotect(start, page, PROT_READ);
    }
    return true;
}

/* A slot that leads into its own object is not bound yet. Chaining to it would bind it, which overwrites the hook. */
static void *bound_to(const object *in, const gy_slot *slot, void *resolved)
{
    uintptr_t held = (uintptr_t)read_slot(slot);
    return held >= in->start && held < in->end ? resolved : (void *)held;
}

bool gy_redirect_install(gy_redirect *redirect, const void *address, const char *symbol, const void *hook, void *original)
{
    if (redirect->count > 0) {
        return true; /* still in the chain below somebody else's redirection: going on top would make a ring */
    }
    object_search search = {.address = (uintptr_t)address};
    if (!address || !dl_iterate_phdr(match_object, &search)) {
        return false;
    }
    tables t;
    gy_redirect found = {.count = 0};
    size_t number = 0;
    if (read_tables(&search.found, &t)) {
        find_in(&search.found, &t, t.plt, t.plt_bytes, symbol, &found, &number);
        find_in(&search.found, &t, t.rela, t.rela_bytes, symbol, &found, &number);
    }
    void *resolved = found.count > 0 ? resolve(symbol, version_of(&t, number)) : NULL;
    void *held = found.count > 0 ? bound_to(&search.found, &found.slots[0], resolved) : NULL;
    if (!held) {
        return false;
    }
    *redirect = (gy_redirect){.original = held};
    memcpy(&redirect->hook, hook, sizeof redirect->hook);
    if (memcmp(original, &held, sizeof held) != 0) {
        memcpy(original, &held, sizeof held);
    }
    for (int i = 0; i < found.count; i++) {
        if (bound_to(&search.found, &found.slots[i], resolved) != held) {
            continue;
        }
        if (!write_slot(&found.slots[i], redirect->hook)) {
            gy_redirect_remove(redirect);
            return false;
        }
        redirect->slots[redirect->count++] = found.slots[i];
    }
    return true;
}

void gy_redirect_remove(gy_redirect *redirect)
{
    int left = 0;
    for (int i = 0; i < redirect->count; i++) {
        gy_slot slot = redirect->slots[i];
        void *held = read_slot(&slot);
        if (held == redirect->hook ? !write_slot(&slot, redirect->original) : held != redirect->original) {
            redirect->slots[left++] = slot;
        }
    }
    redirect->count = left;
}
