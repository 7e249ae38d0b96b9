/* SPDX-License-Identifier: MIT */
#include "api/layout.h"

#include "gilyield/gilyield.h"

#include <string.h>

int gy_layout_fill(void *out, const void *full, size_t first_size, size_t full_size)
{
    size_t size;
    memcpy(&size, out, sizeof size);
    size_t known = size == 0 ? first_size : size;
    if (known < first_size) {
        return GILYIELD_E_SIZE;
    }
    size_t end = known < full_size ? known : full_size;
    memcpy((char *)out + sizeof size, (const char *)full + sizeof size, end - sizeof size);
    return 0;
}
