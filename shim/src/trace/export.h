/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_EXPORT_H
#define GILYIELD_EXPORT_H

/*
 * Writes the timeline as Chrome's trace events in JSON, which ui.perfetto.dev and chrome://tracing open: a track for each thread
 * with "has the GIL" and "waits for the GIL", one for the GUI thread's event loop, and arrows from who drops the GIL to who takes
 * it. 0 or GILYIELD_E_FILE, and errno says why. Any thread; takes as long as the file system does.
 */
int gy_export(const char *path);

#endif
