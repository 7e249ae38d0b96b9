/* SPDX-License-Identifier: MIT */
#include "os/window_win32.h"

#include "os/sync.h"

#include <stdatomic.h>
#include <stddef.h>
#include <windows.h>

static const wchar_t CLASS_NAME[] = L"gilyield";
enum { FIRST_MESSAGE = WM_APP + 0x67 };

static void (*handlers[GY_MESSAGES])(void); /* written once, before the first post */
static atomic_bool posted[GY_MESSAGES];     /* and not yet handled */
static _Atomic(HWND) window;                /* written on the GUI thread */
static atomic_ulong thread;

static gy_static_mutex lock; /* protects `summons` */
static HHOOK summons;        /* while the GUI thread is to make the window */

void gy_window_handle(gy_message message, void (*handler)(void))
{
    handlers[message] = handler;
}

void gy_window_set_thread(unsigned long id)
{
    atomic_store(&thread, id);
}

static LRESULT CALLBACK procedure(HWND self, UINT message, WPARAM w, LPARAM l)
{
    unsigned number = message - FIRST_MESSAGE;
    if (message < FIRST_MESSAGE || number >= GY_MESSAGES) {
        return DefWindowProcW(self, message, w, l);
    }
    DWORD last_error = GetLastError();
    if (atomic_exchange(&posted[number], false) && handlers[number]) {
        handlers[number]();
    }
    SetLastError(last_error);
    return 0;
}

/* GUI thread. */
static bool open_window(void)
{
    if (atomic_load(&window)) {
        return true;
    }
    HMODULE self = NULL;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, (LPCWSTR)CLASS_NAME,
                       &self);
    WNDCLASSW window_class = {.lpfnWndProc = procedure, .hInstance = self, .lpszClassName = CLASS_NAME};
    RegisterClassW(&window_class); /* fails when it is there from the last time */
    HWND made = CreateWindowExW(0, CLASS_NAME, L"", 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, self, NULL);
    atomic_store(&window, made);
    for (unsigned i = 0; made && i < GY_MESSAGES; i++) {
        if (atomic_load(&posted[i])) {
            PostMessageW(made, FIRST_MESSAGE + i, 0, 0);
        }
    }
    return made != NULL;
}

static void end_summons(void)
{
    gy_mutex_lock(gy_mutex_of(&lock));
    if (summons) {
        UnhookWindowsHookEx(summons);
        summons = NULL;
    }
    gy_mutex_unlock(gy_mutex_of(&lock));
}

/* The GUI thread takes a message from its queue. */
static LRESULT CALLBACK on_message(int code, WPARAM w, LPARAM l)
{
    end_summons();
    if (atomic_load(&thread) == GetCurrentThreadId()) {
        open_window();
    }
    return CallNextHookEx(NULL, code, w, l);
}

/* Has the GUI thread call on_message(). */
static bool summon(DWORD id)
{
    gy_mutex_lock(gy_mutex_of(&lock));
    if (!summons) {
        summons = SetWindowsHookExW(WH_GETMESSAGE, on_message, NULL, id);
    }
    bool hooked = summons != NULL;
    gy_mutex_unlock(gy_mutex_of(&lock));
    return hooked && PostThreadMessageW(id, WM_NULL, 0, 0);
}

bool gy_window_post(gy_message message)
{
    DWORD last_error = GetLastError(), id = atomic_load(&thread);
    if (id == 0) {
        return false;
    }
    bool done = true;
    if (!atomic_exchange(&posted[message], true)) {
        HWND to = atomic_load(&window);
        if (to) {
            done = PostMessageW(to, FIRST_MESSAGE + (UINT)message, 0, 0);
        } else {
            done = id == GetCurrentThreadId() ? open_window() : summon(id);
        }
        if (!done) {
            atomic_store(&posted[message], false);
        }
    }
    SetLastError(last_error);
    return done;
}

void gy_window_mute(gy_message message, bool muted)
{
    atomic_store(&posted[message], muted);
}

void gy_window_close(void)
{
    end_summons();
    HWND old = atomic_exchange(&window, NULL);
    if (old) {
        DestroyWindow(old);
    }
    for (unsigned i = 0; i < GY_MESSAGES; i++) {
        atomic_store(&posted[i], false);
    }
}
