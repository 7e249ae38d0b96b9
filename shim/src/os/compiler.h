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

/* GY_UNLIKELY(condition): it is seldom true, and what is done then stands out of the way. */
#if defined(__GNUC__)
#define GY_UNLIKELY(condition) __builtin_expect((condition), false)
#else
#define GY_UNLIKELY(condition) (condition)
#endif

/* GY_HIGHEST_BIT(value): the number of the highest bit that is set, from 0 on. `value` has 64 bits and is not 0. */
#if defined(__GNUC__)
#define GY_HIGHEST_BIT(value) (63U - (unsigned)__builtin_clzll(value))
#else
#include <intrin.h>
static inline unsigned gy_highest_bit(unsigned long long value)
{
    unsigned long bit;
    _BitScanReverse64(&bit, value);
    return bit;
}
#define GY_HIGHEST_BIT(value) gy_highest_bit(value)
#endif

/* GY_RELAX(): tells the processor that the calling thread spins. */
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
#define GY_RELAX() __builtin_ia32_pause()
#elif defined(__GNUC__) && defined(__aarch64__)
#define GY_RELAX() __asm__ volatile("yield")
#elif defined(_MSC_VER)
#define GY_RELAX() _mm_pause()
#else
#define GY_RELAX() (void)0
#endif

/* GY_EXPORTED: other objects see the function, where nothing is seen that does not say so. */
#if defined(__GNUC__) && defined(__ELF__)
#define GY_EXPORTED __attribute__((visibility("default")))
#else
#define GY_EXPORTED
#endif

/* GY_IN_SECTION(name): the constant that follows goes to that section of the file, used or not. */
#if defined(__GNUC__)
#define GY_IN_SECTION(name) __attribute__((section(name), used))
#elif defined(_MSC_VER)
#define GY_IN_SECTION(name) __pragma(section(name, read)) __declspec(allocate(name))
#endif

#endif
