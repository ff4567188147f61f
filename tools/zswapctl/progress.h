/* SPDX-License-Identifier: GPL-2.0 */
/* A line on the terminal that says how far a writeback is */
#ifndef ZSWAPCTL_PROGRESS_H
#define ZSWAPCTL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool shown;
	uint64_t total;		/* bytes of pages, or of memory with a goal; 0: not known */
	double ratio;		/* of the pages, for what is freed */
};

/*
 * @done of total, @written in bytes of pages; a rate lets no more be done before @wait
 * has passed, @ns from the start. Both in nanoseconds.
 */
void progress_show(const struct progress *progress, uint64_t done, uint64_t written,
		   int64_t ns, int64_t wait);
void progress_clear(const struct progress *progress);

#endif
