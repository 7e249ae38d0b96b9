/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_TESTHOST_OPTIONS_H
#define GILYIELD_TESTHOST_OPTIONS_H

struct TestHostOptions {
    bool pythonFirst = false;
    bool releaseGil = false;
    bool subInterpreter = false;
    bool noPython = false;
    bool core = false;
    bool execTwice = false;
    bool noFinalize = false;
    int rounds = 1;
    int quitAfterMs = -1;
    int scriptIndex = 0; /* Where in argv the script stands; 0: there is none. */
};

/* Reads the command line up to the script. False: what is wrong was printed. */
bool parseTestHostOptions(int argc, char **argv, TestHostOptions *options);

#endif
