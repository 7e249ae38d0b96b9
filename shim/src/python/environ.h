/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_ENVIRON_H
#define GILYIELD_ENVIRON_H

/*
 * Python copied the environment into os.environ when it started: has it copy this variable again, where its main thread next runs
 * bytecode. Nothing if no CPython is initialised. `name` is static. GUI thread, with or without the GIL.
 */
void gy_environ_copy(const char *name);

#endif
