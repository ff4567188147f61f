/* SPDX-License-Identifier: GPL-2.0 */
/* How long what a cgroup has in zswap has been there */
#ifndef ZSWAPCTL_AGE_H
#define ZSWAPCTL_AGE_H

#include <stddef.h>
#include <stdint.h>

/* What the last passes saw of one cgroup; all zero before the first */
struct age {
	uint64_t *ring;		/* pages taken in by then */
	size_t room;
	size_t nr;
	size_t next;
};

/*
 * Bytes of the @stored ones that have been there for @passes passes, of a cgroup
 * that took in @taken_in pages since it began. Both are of its own pages: those of
 * its children have ages of their own. Remembers what it is given; other @passes
 * than last time begin anew.
 */
uint64_t age_cold(struct age *age, uint64_t passes, uint64_t stored, uint64_t taken_in);

#endif
