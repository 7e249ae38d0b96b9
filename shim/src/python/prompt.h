/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_PROMPT_H
#define GILYIELD_PROMPT_H

#include <stdbool.h>

/*
 * True if Python waits for input on this thread, and has an event loop run until there is some: a binding's PyOS_InputHook does,
 * inside PyOS_Readline(), or with the prompt of CPython 3.13 and later in _pyrepl.reader, for each key; and the kernel of Jupyter
 * and Spyder after `%gui qt`, in ipykernel.eventloops, whose versions before 6.20 call QCoreApplication::quit() for each cell. Of
 * the last two only where a binding has set PyOS_InputHook, as PyQt does. GUI thread, with or without the GIL; the latter takes
 * it for a moment.
 */
bool gy_python_at_prompt(void);

#endif
