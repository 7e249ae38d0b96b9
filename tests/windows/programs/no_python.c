/* SPDX-License-Identifier: MIT */
/*
 * A process without Python and without Qt: gilyield.dll waits for both and does no harm, and stays when it is freed, as callbacks
 * of it may be in others' hands.
 */
#include "gilyield/gilyield.h"

#include <stdio.h>
#include <string.h>
#include <windows.h>

static FARPROC find(const char *name)
{
    return GetProcAddress(GetModuleHandleA("gilyield.dll"), name);
}

static int call(const char *name)
{
    FARPROC function = find(name);
    int (*no_argument)(void);
    memcpy(&no_argument, &function, sizeof no_argument);
    return no_argument ? no_argument() : -1;
}

static int state(void)
{
    FARPROC function = find("gilyield_get_status");
    int (*get)(gilyield_status *);
    memcpy(&get, &function, sizeof get);
    gilyield_status status = {.size = sizeof status};
    return get && get(&status) == 0 ? (int)status.state : -1;
}

int main(void)
{
    HMODULE library = LoadLibraryA("gilyield.dll");
    if (!library) {
        fprintf(stderr, "no_python: cannot load gilyield.dll: error %lu\n", GetLastError());
        return 3;
    }
    FARPROC function = find("gilyield_start");
    int (*start)(const gilyield_options *);
    memcpy(&start, &function, sizeof start);
    printf("start %d\n", start ? start(NULL) : -1);
    printf("state %d\n", state());
    for (int i = 0; i < 8; i++) {
        FreeLibrary(library);
    }
    printf("there %d\n", GetModuleHandleA("gilyield.dll") == library);
    printf("stop %d\n", call("gilyield_stop"));
    printf("after %d\n", state());
    return 0;
}
