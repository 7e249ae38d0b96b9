/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_PYTHON_PY_SYMBOL_H
#define GILYIELD_PYTHON_PY_SYMBOL_H

/* A function of the CPython that has imported this module, NULL if that version has none of that name. */
void *gilyield_py_symbol(const char *name);

#endif
