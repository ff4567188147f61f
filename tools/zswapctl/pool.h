/* SPDX-License-Identifier: GPL-2.0 */
/* zswap as a whole: its pool, its settings and the swap behind it */
#ifndef ZSWAPCTL_POOL_H
#define ZSWAPCTL_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "host.h"

struct pool {
	bool present;		/* the kernel has zswap */
	bool enabled;
	bool shrinker;
	bool key;		/* the kernel has zswap_writeback_only */
	char compressor[64];
	uint64_t max_percent;
	uint64_t accept_percent;
	uint64_t size;		/* bytes of memory */
	uint64_t stored;	/* bytes of pages, uncompressed */
	uint64_t limit;		/* bytes that the pool may have */
	unsigned int swap_devices;
	uint64_t swap_size;
	uint64_t swap_used;
	uint64_t written;	/* pages written back since boot, for whatever reason */
	uint64_t proactive;	/* of these on request, by anybody; all exact at any time */
	uint64_t failed;	/* times since boot that a page could not be written back */
	uint64_t loaded;	/* pages loaded from zswap since boot */
	uint64_t taken_in;	/* pages stored in zswap since boot */
};

#define WITHOUT_ZSWAP "this kernel was built without zswap: boot one with CONFIG_ZSWAP=y"

/* What /proc/meminfo says of @key, with its colon, in bytes; 0 or a negative errno */
int memory_info(const struct host *host, const char *key, uint64_t *bytes);

void pool_read(const struct host *host, struct pool *pool);

/* pool->proactive alone */
uint64_t pool_proactive(const struct host *host);

#endif
