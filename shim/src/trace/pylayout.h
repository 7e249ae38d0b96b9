/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_PYLAYOUT_H
#define GILYIELD_PYLAYOUT_H

#include <stdbool.h>
#include <stdint.h>

/* How a code object says which instruction belongs to which line. */
typedef enum gy_pylines {
    GY_PYLINES_LNOTAB,   /* 3.8, 3.9: co_lnotab */
    GY_PYLINES_RANGES,   /* 3.10: co_linetable */
    GY_PYLINES_LOCATIONS /* since 3.11: co_linetable */
} gy_pylines;

/*
 * Where CPython has what a stack trace wants, as offsets in bytes: one row for each version. Patch versions do not change them.
 * For builds with a GIL, where a pointer has 64 bits.
 */
typedef struct gy_pylayout {
    int minor; /* of 3.minor */
    gy_pylines lines;
    uint16_t interpreter_threads;    /* PyInterpreterState: its first thread */
    uint16_t thread_next, thread_id; /* PyThreadState */
    uint16_t thread_frame;           /* its current frame, or where it has a pointer to that */
    int16_t indirect_frame;          /* where the frame is in what thread_frame points to; -1: thread_frame is the frame */
    uint16_t frame_back, frame_code; /* PyFrameObject up to 3.10, then _PyInterpreterFrame */
    uint16_t frame_at;               /* f_lasti up to 3.10, then a pointer to the instruction */
    uint16_t frame_owner;            /* a char that is above 2 where the frame is the C stack's own; 0: there is none */
    uint16_t code_filename, code_name, code_firstlineno, code_lines;
    uint16_t code_instructions;        /* co_code_adaptive; 0: not needed */
    uint16_t text_ascii, text_compact; /* sizes of PyASCIIObject and PyCompactUnicodeObject */
    uint16_t frame_locals;             /* the first local variable */
    uint16_t type_keys;                /* ht_cached_keys */
    uint16_t gil_holder; /* who took the GIL last, in _PyRuntime; since 3.12 a pointer to the GIL, in PyInterpreterState */
    uint16_t interpreter_next, runtime_interpreters; /* the interpreters' list, the newest first, and its head, in _PyRuntime */
    uint16_t runtime_current; /* up to 3.11: the state that has the GIL, in _PyRuntime, as the GIL's own word for it may be an
                                 older one */
} gy_pylayout;

/* Of all versions. */
enum {
    GY_PYOBJECT_TYPE = 8,
    GY_PYBYTES_SIZE = 16,
    GY_PYBYTES_DATA = 32,
    GY_PYTEXT_LENGTH = 16,
    GY_PYTEXT_STATE = 32,
    GY_PYTYPE_BASICSIZE = 32,
    GY_PYTYPE_DICTOFFSET = 288,
    GY_PYDICT_KEYS = 32,
    GY_PYDICT_VALUES = 40,
    GY_PYGIL_HOLDER = 8,  /* since 3.12 */
    GY_PYGIL_LOCKED = 8,  /* after the holder, as the next */
    GY_PYGIL_CHANGES = 16 /* how often it came to another thread */
};

/* NULL: this version is not known, or pointers have another size. */
const gy_pylayout *gy_pylayout_of(int minor);

#endif
