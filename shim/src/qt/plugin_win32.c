/* SPDX-License-Identifier: MIT */
/*
 * Qt's documented way to load a library by environment alone, in plain C:
 *
 *     set QT_PLUGIN_PATH=<where plugins-qt5 is>\plugins-qt5
 *     set QT_QPA_GENERIC_PLUGINS=gilyield
 *
 * QGuiApplication loads generic plugins while it is being constructed. Qt reads the metadata from the file, loads the library,
 * and asks it for an instance. There is none to give: all it does is load gilyield.dll, which starts by itself with GILYIELD=1.
 */
#include "os/compiler.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

/* From the magic words on: four bytes of versions (Qt 5 begins with the format), then CBOR: {2: IID, 3: class, 4: {"Keys":
 * [...]}} */
#if GILYIELD_PLUGIN_QT == 5
#define VERSIONS "\x00\x05\x00\x00"
#else
#define VERSIONS "\x01\x06\x00\x00"
#endif
#define MAGIC "QTMETADATA !"
#define IID   "org.qt-project.Qt.QGenericPluginFactoryInterface"

GY_IN_SECTION(".qtmetadata")
const char gilyield_metadata[] = MAGIC VERSIONS "\xbf"
                                                "\x02\x78\x30" IID "\x03\x68"
                                                "Gilyield"
                                                "\x04\xa1\x64"
                                                "Keys"
                                                "\x81\x68"
                                                "gilyield"
                                                "\xff";

_Static_assert(sizeof IID - 1 == 0x30, "the length of the IID is in the metadata");

/* Qt has the application object by now, and this is its thread: the shim need not find that out from another one. */
static void start(HMODULE shim)
{
    FARPROC function = GetProcAddress(shim, "gilyield_gui_thread");
    uintptr_t (*gui_thread)(void);
    memcpy(&gui_thread, &function, sizeof gui_thread);
    if (gui_thread) {
        gui_thread();
    }
}

/* gilyield.dll is beside the folder that has plugins-qt<major>, in a folder `lib`, or two folders up, or where Windows looks. */
static void load_shim(void)
{
    static const wchar_t *const places[] = {L"..\\..\\lib\\gilyield.dll", L"..\\..\\gilyield.dll"};
    static const char here;
    wchar_t path[2 * MAX_PATH];
    HMODULE self;
    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, (LPCWSTR)&here,
                            &self)) {
        return;
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        DWORD length = GetModuleFileNameW(self, path, MAX_PATH);
        wchar_t *name = length > 0 && length < MAX_PATH ? wcsrchr(path, L'\\') : NULL;
        if (name) {
            wcscpy(name + 1, places[i]);
            HMODULE shim = LoadLibraryW(path);
            if (shim) {
                start(shim);
                return;
            }
        }
    }
    HMODULE shim = LoadLibraryW(L"gilyield.dll");
    if (shim) {
        start(shim);
    }
}

#if GILYIELD_PLUGIN_QT == 5
__declspec(dllexport) const char *qt_plugin_query_metadata(void);
const char *qt_plugin_query_metadata(void)
{
    return gilyield_metadata;
}
#else
/* QPluginMetaData, without the magic words. */
typedef struct metadata {
    const void *data;
    size_t size;
} metadata;

__declspec(dllexport) metadata qt_plugin_query_metadata_v2(void);
metadata qt_plugin_query_metadata_v2(void)
{
    return (metadata){gilyield_metadata + sizeof MAGIC - 1, sizeof gilyield_metadata - sizeof MAGIC};
}
#endif

__declspec(dllexport) void *qt_plugin_instance(void);
void *qt_plugin_instance(void)
{
    load_shim();
    return NULL;
}
