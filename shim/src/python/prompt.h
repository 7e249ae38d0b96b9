/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_PROMPT_H
#define GILYIELD_PROMPT_H

#include <stdbool.h>

/*
 * True if Python waits at its prompt on this thread, and a binding's PyOS_InputHook runs an event loop until there is something
 * to read: inside PyOS_Readline(), or with the prompt of CPython 3.13 and later in _pyrepl.reader, which calls the hook for each
 * key. GUI thread, with or without the GIL; the latter takes it for a moment.
 */
bool gy_python_at_prompt(void);

#endif
