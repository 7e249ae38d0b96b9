/* SPDX-License-Identifier: MIT */
#include "api/startup.h"

#include "os/environment.h"
#include "os/module_win32.h"
#include "qt/qt.h"

#include <stdbool.h>
#include <string.h>
#include <windows.h>

/* Looks for Qt and an application object, which the loader's lock forbids in DllMain(). */
static DWORD WINAPI look_around(LPVOID unused)
{
    (void)unused;
    gy_qt_has_application();
    return 0;
}

/* Callbacks of ours may be in CPython's and Qt's hands until the process ends. */
static void pin(void)
{
    static const char here;
    gy_module_pin(&here);
}

static bool environment_names_us(void)
{
    char value[4];
    return gy_environment_get("GILYIELD", value, sizeof value) && *value && strcmp(value, "0") != 0;
}

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    (void)module;
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) {
        pin();
        gy_startup();
        HANDLE thread = environment_names_us() ? CreateThread(NULL, 0, look_around, NULL, 0, NULL) : NULL;
        if (thread) {
            CloseHandle(thread);
        }
    }
    return TRUE;
}
