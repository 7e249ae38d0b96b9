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

int gy_layout_begin(gy_layout_array *array, void *items, size_t size, size_t first_size, size_t full_size)
{
    *array = (gy_layout_array){items, size == 0 ? first_size : size, full_size};
    if (!items) {
        return GILYIELD_E_NULL_ARGUMENT;
    }
    return array->size < first_size ? GILYIELD_E_SIZE : 0;
}

void gy_layout_put(const gy_layout_array *array, int number, const void *full)
{
    char *item = array->items + (size_t)number * array->size;
    size_t filled = array->size < array->full_size ? array->size : array->full_size;
    memcpy(item, full, filled);
    memcpy(item, &filled, sizeof filled);
}
