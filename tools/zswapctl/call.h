/* SPDX-License-Identifier: GPL-2.0 */
/* One call of the kernel's file, and what its errors mean */
#ifndef ZSWAPCTL_CALL_H
#define ZSWAPCTL_CALL_H

#include <stdint.h>

#include "exit.h"
#include "host.h"

#define KEY	"zswap_writeback_only"

struct target {
	char *path;	/* of the cgroup, as in struct group; NULL for a node */
	unsigned int node;
};

struct result {
	int err;		/* 0 or a negative errno */
	uint64_t written;	/* bytes of pages */
};

/* To be freed */
char *target_file(const struct host *host, const struct target *target);
char *target_name(const struct target *target);

/*
 * Asks for @bytes of pages. Where the kernel did less, what it did is taken
 * from its counter for the whole machine: other writers count in, but never
 * more than was asked for.
 */
struct result call(const struct host *host, const struct target *target, uint64_t bytes);

/*
 * What call() would end with whatever the amount, as far as that can be seen
 * beforehand: 0 or a negative errno.
 */
int foresee(const struct host *host, const struct target *target);

/*
 * What the error means on this machine, and what to do, in one or two
 * sentences to be freed: one line without double quotes, whatever the cgroup is
 * called. @status gets the exit status for it.
 */
char *explain(const struct host *host, const struct target *target, int err,
	      enum status *status);

#endif
