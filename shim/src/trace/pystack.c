/* SPDX-License-Identifier: MIT */
#include "trace/pystack.h"

#include "os/peek.h"
#include "trace/pylayout.h"
#include "trace/pylines.h"
#include "trace/pyname.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* How far a list is followed: one that is torn may be endless. */
enum { MOST_THREADS = 4096, MOST_INTERPRETERS = 64, MOST_FRAMES = 4 * GY_PYSTACK_MAX, MOST_DEPTH = 1000 };

/* How often what has changed while it was read is read again. */
enum { TRIES = 10 };

/* Longer tables are cut: the line is then that of the function. */
enum { TABLE_SIZE = 32768, TEXT_SIZE = 1024 };

/* What a debug build of CPython and others put in a pointer's low bits (3.14: how a reference is counted). */
#define TAGS ((uintptr_t)3)

/* Written by gy_pystack_open(), on the GUI thread; again, with the same values, each time that somebody begins to watch. */
static const gy_pylayout *_Atomic layout; /* the last of them; NULL: none can be read */
static atomic_uintptr_t code_type, text_type, interpreter, runtime;
static atomic_bool several; /* the list of all interpreters can be read; else only the main one */

static uintptr_t peek_word(uintptr_t at)
{
    uintptr_t word;
    return at != 0 && gy_peek((const void *)at, &word, sizeof word) ? word : 0;
}

static uintptr_t word_in(const unsigned char *copy, size_t offset)
{
    uintptr_t word;
    memcpy(&word, copy + offset, sizeof word);
    return word;
}

static int int_in(const unsigned char *copy, size_t offset)
{
    int value;
    memcpy(&value, copy + offset, sizeof value);
    return value;
}

/* Does the list of interpreters, as the layout has it, lead to the main one? It is the last. */
static bool lists_main(const gy_pylayout *with)
{
    uintptr_t of = peek_word(runtime + with->runtime_interpreters);
    for (int i = 0; of != 0 && i < MOST_INTERPRETERS; i++) {
        uintptr_t next = peek_word(of + with->interpreter_next);
        if (of == interpreter) {
            return next == 0;
        }
        of = next;
    }
    return false;
}

const char *gy_pystack_open(void)
{
    int minor = 0;
    const char *version = gy_python_version();
    if (strncmp(version, "3.", 2) == 0) {
        minor = (int)strtol(version + 2, NULL, 10);
    }
    if (gy_python_free_threaded()) {
        return "this CPython is built without a GIL";
    }
    const gy_pylayout *found = gy_pylayout_of(minor);
    if (!found) {
        return "this version of CPython is not known";
    }
    code_type = (uintptr_t)gy_python_symbol("PyCode_Type");
    text_type = (uintptr_t)gy_python_symbol("PyUnicode_Type");
    runtime = (uintptr_t)gy_python_symbol("_PyRuntime");
    void *symbol = gy_python_symbol("PyInterpreterState_Main");
    if (code_type == 0 || text_type == 0 || runtime == 0 || !symbol) {
        return "this CPython does not export what it takes";
    }
    void *(*main_interpreter)(void);
    memcpy(&main_interpreter, &symbol, sizeof symbol);
    interpreter = (uintptr_t)main_interpreter();
    several = lists_main(found);
    layout = found;
    return NULL;
}

bool gy_pystack_is_open(void)
{
    return layout != NULL;
}

/* Where the pointer to the frame is on the C stack, other things may stand in its place a moment later. */
static uintptr_t top_frame(uintptr_t state)
{
    uintptr_t at = peek_word(state + layout->thread_frame), frame = at;
    if (layout->indirect_frame < 0) {
        return frame;
    }
    for (int i = 0; i < TRIES; i++) {
        uintptr_t before = at;
        frame = at != 0 ? peek_word(at + (uintptr_t)layout->indirect_frame) : 0;
        at = peek_word(state + layout->thread_frame);
        if (at == before) {
            break;
        }
    }
    return frame;
}

/* The thread state that has that interpreter's GIL, 0 for nobody. */
static uintptr_t holding_state(uintptr_t of, uintptr_t *changes)
{
    uintptr_t at = layout->minor < 12 ? runtime + layout->gil_holder : peek_word(of + layout->gil_holder) + GY_PYGIL_HOLDER;
    unsigned char gil[GY_PYGIL_CHANGES + sizeof(uintptr_t)];
    if (!gy_peek((const void *)at, gil, sizeof gil) || int_in(gil, GY_PYGIL_LOCKED) != 1) {
        return 0;
    }
    *changes = word_in(gil, GY_PYGIL_CHANGES);
    return layout->runtime_current != 0 ? peek_word(runtime + layout->runtime_current) : word_in(gil, 0);
}

/* The better one of `found` and what this interpreter has; see gy_pystack_state(). */
static uintptr_t state_in(uintptr_t of, uintptr_t thread, uintptr_t found)
{
    uintptr_t changes, state = peek_word(of + layout->interpreter_threads);
    for (int i = 0; state != 0 && i < MOST_THREADS; i++) {
        if (peek_word(state + layout->thread_id) == thread) {
            if (holding_state(of, &changes) == state) {
                return state;
            }
            found = found == 0 || (top_frame(found) == 0 && top_frame(state) != 0) ? state : found;
        }
        state = peek_word(state + layout->thread_next);
    }
    return found;
}

uintptr_t gy_pystack_state(uintptr_t thread)
{
    uintptr_t found = 0, changes;
    if (!layout) {
        return 0;
    }
    uintptr_t of = several ? peek_word(runtime + layout->runtime_interpreters) : 0;
    for (int i = 0; of != 0 && of != interpreter && i < MOST_INTERPRETERS; i++) {
        found = state_in(of, thread, found);
        if (found != 0 && holding_state(of, &changes) == found) {
            return found;
        }
        of = peek_word(of + layout->interpreter_next);
    }
    found = state_in(interpreter, thread, found);
    return found;
}

/* Writes a character as UTF-8. Returns how many bytes it takes. */
static size_t encode(uint32_t c, char *to)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xc0 | c >> 6);
        to[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xe0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 63));
        to[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    to[0] = (char)(0xf0 | (c >> 18 & 7));
    to[1] = (char)(0x80 | (c >> 12 & 63));
    to[2] = (char)(0x80 | (c >> 6 & 63));
    to[3] = (char)(0x80 | (c & 63));
    return 4;
}

static uint32_t character(const unsigned char *data, size_t width, size_t index)
{
    uint32_t c = 0;
    memcpy(&c, data + index * width, width); /* little-endian, as the platforms of the hooks are */
    return c;
}

/* A str as UTF-8, "?" for what is none. A text that is too long loses its beginning, where a path says least. */
static void read_text(uintptr_t at, char *text, size_t size)
{
    unsigned char data[TEXT_SIZE];
    unsigned char head[GY_PYTEXT_STATE + sizeof(uint32_t)];
    strcpy(text, "?");
    if (at == 0 || !gy_peek((const void *)at, head, sizeof head) || word_in(head, GY_PYOBJECT_TYPE) != text_type) {
        return;
    }
    unsigned state = (unsigned)int_in(head, GY_PYTEXT_STATE);
    size_t width = state >> 2 & 7, length = word_in(head, GY_PYTEXT_LENGTH);
    bool compact = (state >> 5 & 1) != 0, ascii = (state >> 6 & 1) != 0;
    if (!compact || (width != 1 && width != 2 && width != 4) || length > UINT32_MAX) {
        return;
    }
    size_t from = length * width > sizeof data ? length - sizeof data / width : 0;
    size_t count = length - from;
    if (!gy_peek((const void *)(at + (ascii ? layout->text_ascii : layout->text_compact) + from * width), data, count * width)) {
        return;
    }
    size_t bytes = 0, start = 0;
    char letter[4];
    for (size_t i = 0; i < count; i++) {
        bytes += encode(character(data, width, i), letter);
    }
    bool cut = from > 0 || bytes >= size;
    for (; cut && start < count && bytes + strlen("...") >= size; start++) {
        bytes -= encode(character(data, width, start), letter);
    }
    size_t used = 0;
    if (cut) {
        strcpy(text, "...");
        used = strlen(text);
    }
    for (size_t i = start; i < count; i++) {
        size_t taken = encode(character(data, width, i), letter);
        memcpy(text + used, letter, taken);
        used += taken;
    }
    text[used] = '\0';
}

/* The parts of a frame and of a code object that are of interest: one copy each. */
enum { FRAME_SIZE = 112, CODE_SIZE = 144 };

/* `frame` and `code` are copies, the latter of what is at `code_at`. */
static int read_line(const unsigned char *frame, const unsigned char *code, uintptr_t code_at)
{
    static unsigned char table[TABLE_SIZE]; /* the one thread that reads stacks */
    int first = int_in(code, layout->code_firstlineno);
    long at;
    if (layout->code_instructions != 0) {
        at = (long)(word_in(frame, layout->frame_at) - (code_at + layout->code_instructions));
    } else {
        int last = int_in(frame, layout->frame_at);
        at = layout->lines == GY_PYLINES_RANGES ? 2L * last : last; /* 3.10 counts instructions of two bytes */
    }
    uintptr_t lines = word_in(code, layout->code_lines);
    size_t size = peek_word(lines != 0 ? lines + GY_PYBYTES_SIZE : 0);
    if (size == 0 || size > sizeof table || !gy_peek((const void *)(lines + GY_PYBYTES_DATA), table, size)) {
        return first;
    }
    return gy_pylines_find(layout->lines, table, size, first, at);
}

/* The frame of which `frame` is a copy is the C stack's own, and no Python function's. */
static bool is_of_c_stack(const unsigned char *frame)
{
    return layout->frame_owner != 0 && frame[layout->frame_owner] > 2;
}

/* Copies the code object of the frame of which `frame` is a copy. Returns where it is; 0: the frame is no Python function's. */
static uintptr_t read_code(const unsigned char *frame, unsigned char *code)
{
    uintptr_t at = word_in(frame, layout->frame_code) & ~TAGS;
    if (is_of_c_stack(frame) || at == 0 || !gy_peek((const void *)at, code, CODE_SIZE) ||
        word_in(code, GY_PYOBJECT_TYPE) != code_type) {
        return 0;
    }
    return at;
}

/* Fills `to` and returns true if the frame at `at`, of which `frame` is a copy, is a Python function's. */
static bool read_frame(uintptr_t at, const unsigned char *frame, gy_pyframe *to)
{
    unsigned char code[CODE_SIZE];
    uintptr_t code_at = read_code(frame, code);
    if (code_at == 0) {
        return false;
    }
    read_text(word_in(code, layout->code_filename), to->file, sizeof to->file);
    read_text(word_in(code, layout->code_name), to->function, sizeof to->function);
    to->line = read_line(frame, code, code_at);
    to->mark = (gy_pymark){at, word_in(frame, layout->frame_at)};
    return true;
}

/* The stack from `frame` on. False: it has changed meanwhile, and a part of it is missing. */
static bool read_from(uintptr_t frame, gy_pystack *stack)
{
    unsigned char copy[FRAME_SIZE];
    stack->count = 0;
    for (int i = 0; frame != 0 && i < MOST_FRAMES && stack->count < GY_PYSTACK_MAX; i++) {
        if (!gy_peek((const void *)frame, copy, sizeof copy)) {
            return false;
        }
        if (read_frame(frame, copy, &stack->frames[stack->count])) {
            stack->count++;
        } else if (!is_of_c_stack(copy)) {
            return false;
        }
        frame = word_in(copy, layout->frame_back);
    }
    return stack->count > 0;
}

/*
 * What called the innermost function, where CPython begins a call by pointing to where the frame will be noted (3.11, 3.12): a
 * thread that is put aside there has no frame for milliseconds.
 */
static uintptr_t calling_frame(uintptr_t state)
{
    uintptr_t at = layout->indirect_frame >= 0 ? peek_word(state + layout->thread_frame) : 0;
    uintptr_t before = at != 0 ? peek_word(at + (uintptr_t)layout->indirect_frame + sizeof at) : 0;
    return before != 0 ? peek_word(before + (uintptr_t)layout->indirect_frame) : 0;
}

void gy_pystack_read(uintptr_t thread, gy_pystack *stack)
{
    uintptr_t state = 0;
    bool whole = false;
    stack->count = 0;
    for (int i = 0; layout && i < TRIES && !whole; i++) {
        state = gy_pystack_state(thread);
        whole = state != 0 && read_from(top_frame(state), stack);
    }
    if (!whole && state != 0 && stack->count == 0) {
        read_from(calling_frame(state), stack);
    }
}

/* The outermost frame of a thread that threading has started is Thread._bootstrap(self). */
bool gy_pystack_thread_name(uintptr_t thread, char *name, size_t size)
{
    unsigned char copy[FRAME_SIZE], code[CODE_SIZE];
    char function[16] = "";
    uintptr_t state = layout ? gy_pystack_state(thread) : 0, at = state != 0 ? top_frame(state) : 0, outermost = 0;
    for (int i = 0; at != 0 && i < MOST_DEPTH && gy_peek((const void *)at, copy, sizeof copy); i++) {
        outermost = layout->frame_owner != 0 && copy[layout->frame_owner] > 2 ? outermost : at;
        at = word_in(copy, layout->frame_back);
    }
    if (outermost == 0 || at != 0 || !gy_peek((const void *)outermost, copy, sizeof copy) || read_code(copy, code) == 0) {
        return false;
    }
    read_text(word_in(code, layout->code_name), function, sizeof function);
    if (strcmp(function, "_bootstrap") != 0) {
        return false;
    }
    uintptr_t object = peek_word(outermost + layout->frame_locals) & ~TAGS;
    uintptr_t text = object != 0 ? gy_pyname_find(layout, object, "_name") : 0;
    read_text(text, name, size);
    return text != 0 && strcmp(name, "?") != 0;
}

gy_pymark gy_pystack_mark(uintptr_t thread)
{
    uintptr_t state = layout ? gy_pystack_state(thread) : 0, frame = state != 0 ? top_frame(state) : 0;
    /* f_lasti has half a word: what shares the word with it may change as it likes. */
    return (gy_pymark){frame, peek_word(frame != 0 ? frame + layout->frame_at : 0)};
}

gy_pyholder gy_pystack_holder(void)
{
    gy_pyholder holder = {0, 0};
    uintptr_t state = layout ? holding_state(interpreter, &holder.changes) : 0;
    uintptr_t thread = state != 0 ? peek_word(state + layout->thread_id) : 0;
    /* The thread state may be gone; then what is read in its place is no thread's. */
    holder.thread = thread != 0 && gy_pystack_state(thread) == state ? thread : 0;
    return holder;
}
