/* SPDX-License-Identifier: MIT */
/*
 * The launcher of a bundled application, as 3D Slicer has one: an executable that needs no Qt, says where the application's own
 * libraries, plugins and Python are, and starts it. It lies beside bin/, lib/, plugins/ and python/.
 */
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char root[PATH_MAX];

static char *in_bundle(const char *name)
{
    static char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%s", root, name);
    return path;
}

int main(int count, char **words)
{
    ssize_t length = readlink("/proc/self/exe", root, sizeof root - 1);
    if (count < 1 || length < 0) {
        return 1;
    }
    dirname(root);
    setenv("LD_LIBRARY_PATH", in_bundle("lib"), 1);
    setenv("QT_PLUGIN_PATH", in_bundle("plugins"), 1);
    setenv("PYTHONHOME", in_bundle("python"), 1);
    unsetenv("PYTHONPATH");
    execv(in_bundle("bin/application"), words);
    perror("bin/application");
    return 1;
}
