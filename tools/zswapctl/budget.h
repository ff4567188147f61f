/* SPDX-License-Identifier: GPL-2.0 */
/* What may still be written today; kept in a file across restarts */
#ifndef ZSWAPCTL_BUDGET_H
#define ZSWAPCTL_BUDGET_H

#include <stdint.h>

struct budget {
	const char *file;	/* NULL: not kept */
	uint64_t limit;		/* bytes a day */
	uint32_t day;		/* 20261124 */
	uint64_t spent;
	uint32_t ahead;		/* day of before a clock was set back by more than a day */
	uint32_t behind;	/* day of before it went forward by more than a day... */
	uint64_t spent_behind;	/* ...and what was spent of it */
};

/* A file that is there but cannot be understood counts as all spent today */
void budget_load(struct budget *budget, const char *file, uint64_t limit, uint32_t day);
/* The same for a budget that may be in use: the larger of what is known counts */
void budget_reload(struct budget *budget, const char *file, uint64_t limit, uint32_t day);
/*
 * Two agents with one file would spend its budget twice. A descriptor that keeps
 * others out until it is closed, or a negative errno: -EWOULDBLOCK if one is there.
 */
int budget_lock(const char *file);
/*
 * A later day begins with nothing spent. An earlier one is a clock set back, which
 * gives nothing anew: a day back, the later one goes on; further back, what was
 * spent counts for the earlier one, and the later one has no second budget either; nor
 * has the earlier one, if the clock had been set forward from there.
 */
void budget_day(struct budget *budget, uint32_t day);
uint64_t budget_left(const struct budget *budget);
/*
 * Before writing: takes @bytes and keeps that on disk, so that a crash cannot
 * spend them twice; 0 or a negative errno, and then nothing must be written.
 */
int budget_take(struct budget *budget, uint64_t bytes);
/* What was taken and not used */
void budget_give_back(struct budget *budget, uint64_t bytes);

#endif
