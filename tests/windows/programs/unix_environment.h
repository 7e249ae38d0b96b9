/* SPDX-License-Identifier: MIT */
#ifndef TEST_UNIX_ENVIRONMENT_H
#define TEST_UNIX_ENVIRONMENT_H

/*
 * Wine keeps QT_* of the UNIX environment to itself: WINEQT_X becomes QT_X. And it makes the C runtime of Qt and CPython read the
 * environment, as a program that Visual C++ has built does when it starts; else they see none. First thing in main().
 */
void test_adopt_unix_environment(void);

#endif
