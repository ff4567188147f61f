/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages that some CPU has faulted in not long ago are in a batch of that CPU's, on their
 * way to an LRU, and escape from MADV_PAGEOUT.
 */
#ifndef GUEST_LRU_H
#define GUEST_LRU_H

#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

/* Of all CPUs, by what is a side effect. Return: false if it failed, see errno */
static inline bool drain_lru_batches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, "1", 1) == 1;

	if (fd >= 0)
		close(fd);
	return ok;
}

#endif
