/* SPDX-License-Identifier: MIT */
/*
 * A program that knows neither Qt nor Python and loads, as plugins are often loaded, an object that brings both: RTLD_LOCAL, so
 * that none of CPython's symbols can be found in the global scope. It ends with 3 if the preloaded shim never said that the GUI
 * thread was first. usage: launcher plugin script.py
 */
#include "gilyield/gilyield.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int (*get_status)(gilyield_status *);
static atomic_bool gui_first, over;

static void *watch(void *unused)
{
    (void)unused;
    while (!atomic_load(&over)) {
        gilyield_status status = {.size = sizeof status};
        if (get_status(&status) == 0 && strcmp(status.priority_active, "gui") == 0) {
            atomic_store(&gui_first, true);
        }
        usleep(5000);
    }
    return NULL;
}

static void *look_up(void *handle, const char *name)
{
    void *symbol = dlsym(handle, name);
    if (!symbol) {
        fprintf(stderr, "launcher: there is no %s\n", name);
    }
    return symbol;
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
    void *entry = look_up(plugin, "testhost_main"), *status = look_up(RTLD_DEFAULT, "gilyield_get_status");
    if (!entry || !status) {
        return 2;
    }
    int (*testhost_main)(int, char **);
    memcpy(&testhost_main, &entry, sizeof entry);
    memcpy(&get_status, &status, sizeof status);
    pthread_t watcher;
    if (pthread_create(&watcher, NULL, watch, NULL) != 0) {
        return 2;
    }
    int code = testhost_main(argc - 1, argv + 1);
    atomic_store(&over, true);
    pthread_join(watcher, NULL);
    return code ? code : atomic_load(&gui_first) ? 0 : 3;
}
