/* SPDX-License-Identifier: MIT */
/* An object that calls a function and takes its address: some linkers give it a slot for each. It also asks for an old version of
 * one. */
#include <pthread.h>
#include <unistd.h>

#ifdef __x86_64__
__asm__(".symver pthread_cond_signal, pthread_cond_signal@GLIBC_2.2.5");
#endif

typedef pid_t (*function)(void);

pid_t by_call(void);
function by_address(void);
int old_signal(pthread_cond_t *cond);

pid_t by_call(void)
{
    return getppid();
}

function by_address(void)
{
    return getppid;
}

int old_signal(pthread_cond_t *cond)
{
    return pthread_cond_signal(cond);
}
