/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_STARTUP_H
#define GILYIELD_STARTUP_H

/* Once, when the library is loaded, before anything else of it is used: load_elf.c, load_win32.c. */
void gy_startup(void);

#endif
