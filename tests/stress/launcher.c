/* SPDX-License-Identifier: MIT */
/*
 * A program that knows neither Qt nor Python and loads, as plugins are often loaded, an object that brings both: RTLD_LOCAL, so
 * that none of CPython's symbols can be found in the global scope. It ends with 3 if the preloaded shim never said that the GUI
 * thread was first. usage: launcher plugin script.py
 */
#include "gilyield/gilyield.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static atomic_bool gui_first, over;

static int shim_name(struct dl_phdr_info *info, size_t size, void *name)
{
    (void)size;
    *(const char **)name = strstr(info->dlpi_name, "/libgilyield-qt") ? info->dlpi_name : NULL;
    return *(const char **)name != NULL;
}

/* Puts gilyield_get_status() of the shim into `get_status`; false until the preloaded library has opened the shim. */
static bool find_get_status(int (**get_status)(gilyield_status *))
{
    const char *name = NULL;
    dl_iterate_phdr(shim_name, &name);
    void *shim = name ? dlopen(name, RTLD_NOW | RTLD_NOLOAD) : NULL;
    void *symbol = shim ? dlsym(shim, "gilyield_get_status") : NULL;
    memcpy(get_status, &symbol, sizeof symbol);
    return symbol != NULL;
}

static void *watch(void *unused)
{
    (void)unused;
    int (*get_status)(gilyield_status *) = NULL;
    while (!atomic_load(&over)) {
        gilyield_status status = {.size = sizeof status};
        if ((get_status || find_get_status(&get_status)) && get_status(&status) == 0 &&
            strcmp(status.priority_active, "gui") == 0) {
            atomic_store(&gui_first, true);
        }
        usleep(5000);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    void *plugin = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    if (!plugin) {
        fprintf(stderr, "launcher: %s\n", argc > 1 ? dlerror() : "a plugin is wanted");
        return 2;
    }
    if (dlsym(RTLD_DEFAULT, "Py_IsInitialized")) {
        fputs("launcher: CPython is in the global scope, which is not what this is to test\n", stderr);
        return 2;
    }
    void *entry = dlsym(plugin, "testhost_main");
    if (!entry) {
        fprintf(stderr, "launcher: %s\n", dlerror());
        return 2;
    }
    int (*testhost_main)(int, char **);
    memcpy(&testhost_main, &entry, sizeof entry);
    pthread_t watcher;
    if (pthread_create(&watcher, NULL, watch, NULL) != 0) {
        return 2;
    }
    int code = testhost_main(argc - 1, argv + 1);
    atomic_store(&over, true);
    pthread_join(watcher, NULL);
    return code ? code : atomic_load(&gui_first) ? 0 : 3;
}
