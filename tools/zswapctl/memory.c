// SPDX-License-Identifier: GPL-2.0
#include "memory.h"

#include <err.h>
#include <stdlib.h>

void *checked(void *object)
{
	if (!object)
		errx(EXIT_FAILURE, "out of memory");
	return object;
}

void *with_room(void *array, size_t nr, size_t size)
{
	if (nr & (nr - 1))
		return array;
	return checked(reallocarray(array, nr ? 2 * nr : 1, size));
}
