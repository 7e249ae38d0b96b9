/* SPDX-License-Identifier: MIT */
#include "testhost_options.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

static const char usage[] = "usage: gilyield-testhost [options] script.py [arguments]\n"
                            "A Qt application that embeds Python, runs a script, and keeps the GIL through its event loop.\n"
                            "  --python-first       Python before the application object\n"
                            "  --release-gil        give the GIL up around the event loop, as PyQt does\n"
                            "  --sub-interpreter    create a sub-interpreter before the script runs\n"
                            "  --no-python          no Python at all\n"
                            "  --core               QCoreApplication\n"
                            "  --recreate N         N application objects one after the other; the script runs in each\n"
                            "  --exec-twice         exec() again after it has returned\n"
                            "  --quit-after-ms N    quit by itself\n"
                            "  --no-finalize        no Py_FinalizeEx() at the end\n";

static bool fail(const char *what, const char *argument)
{
    std::fprintf(stderr, "gilyield-testhost: %s%s\n%s", what, argument, usage);
    return false;
}

bool parseTestHostOptions(int argc, char **argv, TestHostOptions *options)
{
    const struct {
        const char *name;
        bool *value;
    } flags[] = {{"--python-first", &options->pythonFirst},
                 {"--release-gil", &options->releaseGil},
                 {"--sub-interpreter", &options->subInterpreter},
                 {"--no-python", &options->noPython},
                 {"--core", &options->core},
                 {"--exec-twice", &options->execTwice},
                 {"--no-finalize", &options->noFinalize}};
    const struct {
        const char *name;
        int *value;
    } numbers[] = {{"--recreate", &options->rounds}, {"--quit-after-ms", &options->quitAfterMs}};

    for (int i = 1; i < argc; ++i) {
        if (std::strncmp(argv[i], "--", 2) != 0) {
            options->scriptIndex = i;
            break;
        }
        bool known = false;
        for (const auto &flag : flags) {
            if (std::strcmp(argv[i], flag.name) == 0) {
                *flag.value = known = true;
            }
        }
        for (const auto &number : numbers) {
            if (!known && std::strcmp(argv[i], number.name) == 0) {
                char *end = nullptr;
                if (++i == argc || (*number.value = int(std::strtol(argv[i], &end, 10))) < 0 || *end) {
                    return fail("a number is wanted after ", number.name);
                }
                known = true;
            }
        }
        if (!known) {
            return fail("unknown option ", argv[i]);
        }
    }
    if (!options->scriptIndex && !options->noPython) {
        return fail("a script is wanted", "");
    }
    return true;
}
