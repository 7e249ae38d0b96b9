/* SPDX-License-Identifier: MIT */
/*
 * Functions of other objects, looked up without dlsym(): up to glibc 2.33 that is in libdl, which most programs do not have.
 */
#include "preload/symbols.h"

#include <elf.h>
#include <stddef.h>

#pragma weak dl_iterate_phdr

/* The highest bit of a symbol's version: not the default one. */
enum { VERSION_HIDDEN = 0x8000 };

typedef struct tables {
    const char *strings;
    const ElfW(Sym) * symbols;
    const uint16_t *versions; /* NULL: none of the symbols has one */
    const uint32_t *hash;     /* DT_GNU_HASH */
} tables;

typedef struct object_search {
    uintptr_t address;
    gy_object *found;
} object_search;

typedef struct function_search {
    const char *name, *soname;
    uint32_t hash;
    int behind; /* only objects behind this library count */
    void *found;
} function_search;

static gy_object object_in(const struct dl_phdr_info *info)
{
    gy_object object = {.base = info->dlpi_addr};
    for (int i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type == PT_DYNAMIC) {
            object.dynamic = (const ElfW(Dyn) *)(object.base + info->dlpi_phdr[i].p_vaddr);
        }
    }
    return object;
}

static int holds(const struct dl_phdr_info *info, uintptr_t address)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type == PT_LOAD && address - (info->dlpi_addr + header->p_vaddr) < header->p_memsz) {
            return 1;
        }
    }
    return 0;
}

static int match_address(struct dl_phdr_info *info, size_t size, void *data)
{
    object_search *search = data;
    (void)size;
    if (!holds(info, search->address)) {
        return 0;
    }
    *search->found = object_in(info);
    return 1;
}

int gy_object_of(const void *address, gy_object *object)
{
    object_search search = {(uintptr_t)address, object};
    return dl_iterate_phdr ? dl_iterate_phdr(match_address, &search) : 0;
}

static ElfW(Addr) entry(const gy_object *object, ElfW(Sxword) tag)
{
    for (const ElfW(Dyn) *dynamic = object->dynamic; dynamic && dynamic->d_tag != DT_NULL; dynamic++) {
        if (dynamic->d_tag == tag) {
            return dynamic->d_un.d_ptr;
        }
    }
    return 0;
}

/* The loader has relocated the addresses in most objects' dynamic sections, not where it may not write. */
static const void *pointer(const gy_object *object, ElfW(Sxword) tag)
{
    ElfW(Addr) value = entry(object, tag);
    return value == 0 ? NULL : (const void *)(value < object->base ? object->base + value : value);
}

const char *gy_object_soname(const gy_object *object)
{
    const char *strings = pointer(object, DT_STRTAB);
    ElfW(Addr) offset = entry(object, DT_SONAME);
    return strings && offset ? strings + offset : "";
}

static int begins_with(const char *text, const char *start)
{
    while (*start && *text == *start) {
        text++;
        start++;
    }
    return *start == '\0';
}

static int equal(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static uint32_t gnu_hash(const char *name)
{
    uint32_t hash = 5381;
    for (; *name; name++) {
        hash = hash * 33 + (unsigned char)*name;
    }
    return hash;
}

static int is_wanted(const tables *in, uint32_t index, const char *name)
{
    const ElfW(Sym) *symbol = &in->symbols[index];
    return symbol->st_shndx != SHN_UNDEF && (symbol->st_info & 0xf) == STT_FUNC &&
           (!in->versions || !(in->versions[index] & VERSION_HIDDEN)) && equal(in->strings + symbol->st_name, name);
}

/* The layout of DT_GNU_HASH: buckets, first symbol, words and shift of the Bloom filter; the filter; a bucket's first symbol;
 * chains. */
static void *look_up(const gy_object *object, const function_search *search)
{
    const tables in = {pointer(object, DT_STRTAB), pointer(object, DT_SYMTAB), pointer(object, DT_VERSYM),
                       pointer(object, DT_GNU_HASH)};
    if (!in.strings || !in.symbols || !in.hash || in.hash[0] == 0) {
        return NULL;
    }
    uint32_t buckets = in.hash[0], first = in.hash[1], filter_words = in.hash[2];
    const uint32_t *bucket = (const uint32_t *)((const ElfW(Addr) *)(in.hash + 4) + filter_words);
    const uint32_t *chain = bucket + buckets;
    uint32_t index = bucket[search->hash % buckets];
    for (; index >= first; index++) {
        uint32_t hash = chain[index - first];
        if ((hash | 1) == (search->hash | 1) && is_wanted(&in, index, search->name)) {
            return (void *)(object->base + in.symbols[index].st_value);
        }
        if (hash & 1) {
            break; /* the last of this chain */
        }
    }
    return NULL;
}

static int match_function(struct dl_phdr_info *info, size_t size, void *data)
{
    function_search *search = data;
    (void)size;
    gy_object object = object_in(info);
    if (holds(info, (uintptr_t)match_function)) {
        search->behind = 0;
        return 0;
    }
    if (!search->behind && (!search->soname || begins_with(gy_object_soname(&object), search->soname))) {
        search->found = look_up(&object, search);
    }
    return search->found != NULL;
}

void *gy_function_elsewhere(const char *name, const char *soname)
{
    function_search search = {.name = name, .soname = soname, .hash = gnu_hash(name), .behind = !soname};
    if (dl_iterate_phdr) {
        dl_iterate_phdr(match_function, &search);
    }
    return search.found;
}
