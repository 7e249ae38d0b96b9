/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_COMPILER_H
#define GILYIELD_COMPILER_H

/* What C11 has no word for. The only header that knows compilers. */

/* Of a function: its argument number `format_argument` is a printf format for those from number `first` on. */
#if defined(__GNUC__) && defined(_WIN32)
#define GY_PRINTF(format_argument, first) __attribute__((format(gnu_printf, format_argument, first)))
#elif defined(__GNUC__)
#define GY_PRINTF(format_argument, first) __attribute__((format(printf, format_argument, first)))
#else
#define GY_PRINTF(format_argument, first)
#endif

/*
 * GY_THREAD_LOCAL: one object for each thread. GY_INITIAL_EXEC: where the system can, in memory that every thread has from its
 * start, so that the first use allocates nothing.
 */
#if defined(__GNUC__) && defined(__ELF__)
#define GY_INITIAL_EXEC __attribute__((tls_model("initial-exec")))
#else
#define GY_INITIAL_EXEC
#endif
#define GY_THREAD_LOCAL static _Thread_local GY_INITIAL_EXEC

#endif
