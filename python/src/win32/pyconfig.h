/* SPDX-License-Identifier: MIT */
#ifndef Py_PYCONFIG_H
#define Py_PYCONFIG_H

/*
 * What Python.h has to know of 64-bit Windows for the limited API, where the module is built on another system: the headers there
 * are the same, all but this one.
 */
#define MS_WINDOWS             1
#define MS_WIN64               1
#define NT_THREADS             1
#define WITH_THREAD            1
#define HAVE_DECLSPEC_DLL      1
#define Py_ENABLE_SHARED       1
#define SIZEOF_VOID_P          8
#define SIZEOF_SIZE_T          8
#define SIZEOF_TIME_T          8
#define SIZEOF_OFF_T           8
#define SIZEOF_SHORT           2
#define SIZEOF_INT             4
#define SIZEOF_LONG            4
#define SIZEOF_LONG_LONG       8
#define SIZEOF_FLOAT           4
#define SIZEOF_DOUBLE          8
#define SIZEOF_WCHAR_T         2
#define HAVE_STDDEF_H          1
#define HAVE_STDARG_PROTOTYPES 1
#define HAVE_PROTOTYPES        1
#define HAVE_WCHAR_H           1
#define HAVE_STDINT_H          1
#define HAVE_SYS_TYPES_H       1
#define HAVE_SYS_STAT_H        1
#define PY_FORMAT_SIZE_T       "I64"
#define PLATLIBDIR             "lib"

#endif
