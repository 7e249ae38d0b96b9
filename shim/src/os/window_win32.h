/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_WINDOW_WIN32_H
#define GILYIELD_WINDOW_WIN32_H

#include <stdbool.h>

/*
 * A message-only window of the GUI thread: what is posted to it is dispatched by whatever loop runs there, Qt's event loop or one
 * of Windows' own (MessageBox, native dialogs, menus, drag and drop, moving a window).
 */

typedef enum gy_message {
    GY_MESSAGE_WAKE,   /* qt_win32.c: somebody wants the GUI thread to look */
    GY_MESSAGE_CALL,   /* qt_win32.c: a posted call */
    GY_MESSAGE_AGAIN,  /* qt_win32.c: an event loop runs after aboutToQuit */
    GY_MESSAGE_TICK,   /* qt_win32.c: the timer */
    GY_MESSAGE_DEMAND, /* wait_win32.c: a thread wants the GIL, and the GUI thread keeps it for long */
    GY_MESSAGES
} gy_message;

/* What the window does with a message. Called on the GUI thread; the last error is kept around it. Set before the first post. */
void gy_window_handle(gy_message message, void (*handler)(void));

/* The thread that is to have the window, by its system identifier; 0: none, from now on nothing is posted. Any thread. */
void gy_window_set_thread(unsigned long thread);

/*
 * The handler will be called once, however often this is called before that. The window is made when first needed, by a hook of
 * the GUI thread's messages if this is another thread. False if it cannot be. Any thread, with or without the GIL.
 */
bool gy_window_post(gy_message message);

/* While muted, posts of this message are ignored. GUI thread, in its handler. */
void gy_window_mute(gy_message message, bool muted);

/* Destroys the window, and what is posted with it. GUI thread. */
void gy_window_close(void);

#endif
