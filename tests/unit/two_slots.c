/* SPDX-License-Identifier: MIT */
/* An object that calls a function and takes its address: some linkers give it a slot for each. */
#include <unistd.h>

typedef pid_t (*function)(void);

pid_t by_call(void);
function by_address(void);

pid_t by_call(void)
{
    return getppid();
}

function by_address(void)
{
    return getppid;
}
