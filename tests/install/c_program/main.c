/* SPDX-License-Identifier: MIT */
/* Calls the C API without an application object. argv[1] is the major version of Qt that the shim has to be for. */
#include <gilyield/gilyield.h>
#include <stdio.h>

#define STRING(x)                   #x
#define DOTTED(major, minor, patch) STRING(major) "." STRING(minor) "." STRING(patch)

static int failures;

static void check(int good, const char *what)
{
    if (!good) {
        fprintf(stderr, "wrong: %s\n", what);
        failures++;
    }
}

static int same(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

int main(int argc, char **argv)
{
    gilyield_status status = {.size = sizeof status};
    gilyield_options options = {.size = sizeof options, .interval_ms = -5};

    check(same(gilyield_version(), DOTTED(GILYIELD_VERSION_MAJOR, GILYIELD_VERSION_MINOR, GILYIELD_VERSION_PATCH)),
          "the version");
    check(gilyield_start(&options) == GILYIELD_E_INTERVAL, "the error for a bad interval");
    check(!gilyield_is_enabled(), "off after an error");
    check(gilyield_start(NULL) == 0 && gilyield_is_enabled(), "on after start");
    check(gilyield_get_status(&status) == 0 && status.state == GILYIELD_STATE_ARMED, "armed without an application");
    check(gilyield_stop() == 0 && !gilyield_is_enabled(), "off after stop");
    check(argc == 2 && status.qt_version[0] == argv[1][0], "the Qt");
    printf("gilyield %s, Qt %s\n", gilyield_version(), status.qt_version);
    return failures != 0;
}
