/* SPDX-License-Identifier: GPL-2.0 */
/* Without memory there is nothing to be gone on with: the program ends with words */
#ifndef ZSWAPCTL_MEMORY_H
#define ZSWAPCTL_MEMORY_H

#include <stddef.h>

/* @object, if there is one: what malloc() and its like gave */
void *checked(void *object);

/*
 * @array, of @nr elements of @size, with room for one more; its room is @nr rounded up
 * to a power of two, and doubles when it is full.
 */
void *with_room(void *array, size_t nr, size_t size);

#endif
