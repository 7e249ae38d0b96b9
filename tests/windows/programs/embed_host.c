/* SPDX-License-Identifier: MIT */
/*
 * A host as 3D Slicer is one: QApplication first, then CPython in the same thread, then exec() with the GIL held. Nothing is
 * linked with Qt or Python: TEST_QT (5 or 6) and TEST_PYTHON_DLL say which.
 *
 *     embed_host SCRIPT [application | leave | gone-first]...
 *
 * Runs SCRIPT, the event loop, and finished() of the script, then ends the interpreter. "application": once more with a new
 * application object; "leave": the interpreter is not ended; "gone-first": the application object is destroyed before it is.
 */
#include "unix_environment.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static HMODULE need(const char *name)
{
    HMODULE module = LoadLibraryA(name);
    if (!module) {
        fprintf(stderr, "host: cannot load %s: error %lu\n", name, GetLastError());
        exit(3);
    }
    return module;
}

static void *symbol(HMODULE module, const char *name)
{
    FARPROC function = GetProcAddress(module, name);
    if (!function) {
        fprintf(stderr, "host: there is no %s\n", name);
        exit(4);
    }
    void *address;
    memcpy(&address, &function, sizeof address);
    return address;
}

static struct {
    void (*construct)(void *self, int *argc, char **argv, int version);
    void (*destroy)(void *self);
    int (*exec)(void);
} qt;

static struct {
    void (*initialize)(int signals);
    int (*run)(const char *text, void *flags);
    int (*finalize)(void);
} python;

#define GET(function, module, name)                                                                                              \
    do {                                                                                                                         \
        void *address = symbol(module, name);                                                                                    \
        memcpy(&(function), &address, sizeof address);                                                                           \
    } while (0)

static void load(void)
{
    char name[64];
    int major = atoi(getenv("TEST_QT"));
    snprintf(name, sizeof name, "Qt%dWidgets.dll", major);
    HMODULE widgets = need(name), interpreter = need(getenv("TEST_PYTHON_DLL"));
    GET(qt.construct, widgets, "??0QApplication@@QEAA@AEAHPEAPEADH@Z");
    GET(qt.destroy, widgets, "??1QApplication@@UEAA@XZ");
    GET(qt.exec, widgets, "?exec@QApplication@@SAHXZ");
    GET(python.initialize, interpreter, "Py_InitializeEx");
    GET(python.run, interpreter, "PyRun_SimpleStringFlags");
    GET(python.finalize, interpreter, "Py_FinalizeEx");
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 16);
    if (!file || !text || fread(text, 1, (1 << 16) - 1, file) == 0) {
        fprintf(stderr, "host: cannot read %s\n", path);
        exit(2);
    }
    fclose(file);
    return text;
}

static void must_run(const char *text)
{
    if (python.run(text, NULL) != 0) {
        exit(5);
    }
}

int main(int argc, char **argv)
{
    test_adopt_unix_environment();
    load();
    if (argc < 2) {
        return 2;
    }
    static _Alignas(16) char application[256];
    static int count = 1;
    static char *arguments[] = {"host", NULL};
    int version = atoi(getenv("TEST_QT")) == 5 ? 0x050f02 : 0x060402;
    qt.construct(application, &count, arguments, version);
    python.initialize(0);
    must_run(read_file(argv[1]));
    int code = qt.exec();
    must_run("finished()");
    bool leave = false;
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "application") == 0) {
            qt.destroy(application);
            qt.construct(application, &count, arguments, version);
            must_run("again()");
            code = qt.exec();
            must_run("finished()");
        } else if (strcmp(argv[i], "leave") == 0) {
            leave = true;
        } else if (strcmp(argv[i], "gone-first") == 0) {
            qt.destroy(application);
        }
    }
    if (!leave) {
        python.finalize();
    }
    fprintf(stderr, "host: exec() returned %d\n", code);
    return code;
}
