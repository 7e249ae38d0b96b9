/* SPDX-License-Identifier: MIT */
#include "preload/environment_lists.h"

#include <stdio.h>
#include <string.h>
#include <windows.h>

/* Is there such a file in the directory? Windows has many spellings of one path, so the names are not compared. */
static bool has_file(gy_environment_entry directory, const char *name)
{
    char path[4 * MAX_PATH];
    wchar_t wide[2 * MAX_PATH];
    int length = snprintf(path, sizeof path, "%.*s\\%s", (int)directory.length, directory.text, name);
    return directory.length > 0 && length > 0 && (size_t)length < sizeof path &&
           MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, 2 * MAX_PATH) > 0 &&
           GetFileAttributesW(wide) != INVALID_FILE_ATTRIBUTES;
}

static bool is_key(gy_environment_entry candidate, const char *unused)
{
    (void)unused;
    static const char key[] = "gilyield";
    return candidate.length == sizeof key - 1 && strncmp(candidate.text, key, candidate.length) == 0;
}

static bool is_plugins(gy_environment_entry candidate, const char *unused)
{
    (void)unused;
    return has_file(candidate, "generic\\gilyieldplugin.dll");
}

/* The one that `gilyield run` sets and the one that the library knows may be of two installations, and spelt differently. */
static bool is_importable(gy_environment_entry candidate, const char *directory)
{
    static const char end[] = "importable";
    size_t length = sizeof end - 1;
    return *directory && candidate.length > length && _strnicmp(candidate.text + candidate.length - length, end, length) == 0 &&
           has_file(candidate, "gilyield.py");
}

const gy_environment_list gy_environment_starters[] = {
    {"QT_QPA_GENERIC_PLUGINS", ",", ',', false, is_key},
    {"QT_PLUGIN_PATH", ";", ';', false, is_plugins},
    {NULL, NULL, 0, false, NULL},
};

const gy_environment_list gy_environment_python_path = {"PYTHONPATH", ";", ';', true, is_importable};
