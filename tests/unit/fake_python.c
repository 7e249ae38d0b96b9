/* SPDX-License-Identifier: MIT */
/* As much of a CPython as the search looks at. Built twice, so that a process can hold two. */
int Py_IsInitialized(void);
extern int fake_python_initialized;

int fake_python_initialized;

int Py_IsInitialized(void)
{
    return fake_python_initialized;
}
