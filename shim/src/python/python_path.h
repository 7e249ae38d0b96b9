/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_PYTHON_PATH_H
#define GILYIELD_PYTHON_PATH_H

/*
 * The directory that makes `import gilyield` work when it is on sys.path, of the same build or installation as this library; it
 * holds that one module. "" where the Python package is not. Static. GUI thread.
 */
const char *gy_python_path(void);

#endif
