/* SPDX-License-Identifier: MIT */
#include "api/startup.h"

__attribute__((constructor)) static void on_load(void)
{
    gy_startup();
}
