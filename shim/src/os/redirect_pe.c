/* SPDX-License-Identifier: MIT */
#include "os/redirect.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <windows.h>

/* The slot of an import by name in the import address table. Imports by number and delayed ones are left alone. */
static void **find_slot(const uint8_t *base, const char *symbol)
{
    const IMAGE_DOS_HEADER *dos = (const void *)base;
    const IMAGE_NT_HEADERS *headers = (const void *)(base + dos->e_lfanew);
    const IMAGE_DATA_DIRECTORY *directory = &headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];
    if (directory->VirtualAddress == 0) {
        return NULL;
    }
    const IMAGE_IMPORT_DESCRIPTOR *from = (const void *)(base + directory->VirtualAddress);
    for (; from->Name; from++) {
        if (!from->OriginalFirstThunk) {
            continue; /* the names were overwritten when the module was bound */
        }
        const IMAGE_THUNK_DATA *name = (const void *)(base + from->OriginalFirstThunk);
        const IMAGE_THUNK_DATA *slot = (const void *)(base + from->FirstThunk);
        for (; name->u1.AddressOfData; name++, slot++) {
            if (IMAGE_SNAP_BY_ORDINAL(name->u1.Ordinal)) {
                continue;
            }
            const IMAGE_IMPORT_BY_NAME *import = (const void *)(base + name->u1.AddressOfData);
            if (strcmp((const char *)import->Name, symbol) == 0) {
                return (void **)(uintptr_t)&slot->u1.Function;
            }
        }
    }
    return NULL;
}

/* An aligned pointer is read in one piece. The page can be read only. */
static void *read_slot(void *volatile const *slot)
{
    return *slot;
}

static bool write_slot(void **slot, void *value)
{
    DWORD before;
    if (!VirtualProtect(slot, sizeof(void *), PAGE_READWRITE, &before)) {
        return false;
    }
    /* Other threads may be calling through the slot: they see the old or the new function. */
    InterlockedExchangePointer((PVOID volatile *)slot, value);
    VirtualProtect(slot, sizeof(void *), before, &before);
    return true;
}

bool gy_redirect_install(gy_redirect *redirect, const void *address, const char *symbol, const void *hook, void *original)
{
    if (redirect->count > 0) {
        return true; /* still in the chain below somebody else's redirection: going on top would make a ring */
    }
    HMODULE module;
    if (!address || !GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                                        (LPCWSTR)address, &module)) {
        return false;
    }
    void **slot = find_slot((const uint8_t *)module, symbol);
    if (!slot) {
        return false;
    }
    /* The loader has bound all imports. */
    *redirect = (gy_redirect){.slots = {{slot, true}}, .count = 1, .original = read_slot(slot)};
    memcpy(&redirect->hook, hook, sizeof redirect->hook);
    if (memcmp(original, &redirect->original, sizeof redirect->original) != 0) {
        memcpy(original, &redirect->original, sizeof redirect->original);
    }
    if (!write_slot(slot, redirect->hook)) {
        redirect->count = 0;
        return false;
    }
    return true;
}

void gy_redirect_remove(gy_redirect *redirect)
{
    if (redirect->count == 0) {
        return;
    }
    void **slot = redirect->slots[0].at, *held = read_slot(slot);
    if (held == redirect->hook ? write_slot(slot, redirect->original) : held == redirect->original) {
        redirect->count = 0;
    }
}
