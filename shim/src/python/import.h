/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_IMPORT_H
#define GILYIELD_IMPORT_H

/* Makes `import gilyield` work in the Python of this process. GUI thread, with or without the GIL. */

/*
 * There is an application object. A Python that starts later reads PYTHONPATH; one that is there, or does not read it, gets the
 * directory at the end of sys.path where its main thread next runs bytecode.
 */
void gy_import_prepare(void);

/* A Python has been found: child processes need our directory on PYTHONPATH no more. */
void gy_import_settle(void);

#endif
