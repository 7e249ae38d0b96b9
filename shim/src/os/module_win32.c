/* SPDX-License-Identifier: MIT */
#include "os/module_win32.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

#include <psapi.h>

/* ntdll.dll tells of each module that comes and goes, under the loader's lock; documented, but in no header. */
typedef struct unicode_string {
    USHORT length, capacity; /* bytes */
    PWSTR text;
} unicode_string;

typedef struct notification {
    ULONG flags;
    const unicode_string *full_name, *base_name;
    PVOID base;
    ULONG size;
} notification;

enum { REASON_LOADED = 1 };

typedef VOID(CALLBACK *notify_function)(ULONG reason, const notification *module, PVOID data);
typedef LONG(NTAPI *register_function)(ULONG flags, notify_function notify, PVOID data, PVOID *cookie);

static atomic_uint changes;
static _Atomic(const wchar_t *) awaited;
static void (*_Atomic on_loaded)(void);

void *gy_module_symbol(void *handle, const char *name)
{
    DWORD last_error = GetLastError();
    FARPROC function = GetProcAddress((HMODULE)handle, name);
    SetLastError(last_error);
    void *symbol;
    memcpy(&symbol, &function, sizeof symbol);
    return symbol;
}

static DWORD WINAPI call_loaded(LPVOID unused)
{
    (void)unused;
    void (*loaded)(void) = atomic_load(&on_loaded);
    if (loaded) {
        loaded();
    }
    return 0;
}

static VOID CALLBACK notify(ULONG reason, const notification *module, PVOID data)
{
    (void)data;
    atomic_fetch_add_explicit(&changes, 1, memory_order_release);
    const wchar_t *prefix = atomic_load(&awaited);
    size_t length = prefix ? wcslen(prefix) : 0;
    if (reason != REASON_LOADED || !prefix || module->base_name->length < length * sizeof(wchar_t) ||
        _wcsnicmp(module->base_name->text, prefix, length) != 0) {
        return;
    }
    /* The module is not initialised yet, and the loader's lock is held. The thread begins when both are over. */
    HANDLE thread = CreateThread(NULL, 0, call_loaded, NULL, 0, NULL);
    if (thread) {
        CloseHandle(thread);
    }
}

static BOOL CALLBACK watch(PINIT_ONCE once, PVOID data, PVOID *result)
{
    (void)once;
    (void)result;
    void *function = gy_module_symbol(GetModuleHandleW(L"ntdll.dll"), "LdrRegisterDllNotification");
    register_function start;
    PVOID cookie;
    memcpy(&start, &function, sizeof start);
    atomic_bool *watched = data;
    atomic_store(watched, start && start(0, notify, NULL, &cookie) == 0);
    return TRUE;
}

static bool is_watched(void)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    static atomic_bool watched;
    InitOnceExecuteOnce(&once, watch, &watched, NULL);
    return atomic_load_explicit(&watched, memory_order_relaxed);
}

unsigned gy_module_changes(void)
{
    /* Where nobody tells, something may always have changed. */
    return is_watched() ? atomic_load_explicit(&changes, memory_order_acquire) : atomic_fetch_add(&changes, 1);
}

void gy_module_await(const wchar_t *prefix, void (*loaded)(void))
{
    is_watched();
    atomic_store(&on_loaded, loaded);
    atomic_store(&awaited, loaded ? prefix : NULL);
}

bool gy_module_visit(bool (*visit)(void *module, void *data), void *data)
{
    DWORD size = 256 * sizeof(HMODULE), needed = size;
    HMODULE *modules = NULL;
    bool found = false;
    /* More may be loaded meanwhile. */
    for (int attempt = 0; attempt < 4 && needed >= size; attempt++) {
        size = 2 * needed;
        HMODULE *more = realloc(modules, size);
        if (!more || !K32EnumProcessModules(GetCurrentProcess(), more, size, &needed)) {
            needed = 0;
        }
        modules = more ? more : modules;
    }
    needed = needed < size ? needed : size;
    for (size_t i = 0; !found && modules && i < needed / sizeof *modules; i++) {
        found = visit(modules[i], data);
    }
    free(modules);
    return found;
}

void *gy_module_pin(const void *address)
{
    HMODULE module = NULL;
    return GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN, (LPCWSTR)address, &module)
               ? module
               : NULL;
}
