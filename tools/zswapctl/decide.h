/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the agent does about one cgroup in one pass. Nothing here reads a file
 * or a clock: decisions follow from the figures alone.
 */
#ifndef ZSWAPCTL_DECIDE_H
#define ZSWAPCTL_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "age.h"
#include "group.h"
#include "policy.h"
#include "psi.h"

/* All zero: there was none lately */
struct pause {
	uint64_t seconds;
	int64_t until;		/* nanoseconds */
};

/* What is remembered of a cgroup from pass to pass */
struct watched {
	char *path;
	ino_t inode;
	bool seen;		/* in this pass */
	struct age age;
	struct pause own;	/* of calls for it, after one that failed */
	/* Of one that is decided on: */
	int64_t awake;		/* nanoseconds, of the last pass; 0: there was none */
	uint64_t refaults;	/* pages, at that time */
	uint64_t pass;		/* bytes that the next one may write */
	struct pause pause;
};

struct facts {
	int64_t when;		/* nanoseconds */
	int64_t awake;		/* the same without those in which the machine slept */
	uint64_t cold;		/* bytes that have been stored for cold_passes */
	uint64_t refaults;	/* pages read from the swap device */
	bool refaults_known;
	uint64_t memory;	/* bytes of the cgroup in memory, 0: not known */
	bool quiet;
	enum writeback writeback;
	bool protected;
	bool pressed;		/* it rose in this pass, which is over then */
	struct psi memory_psi;	/* the worse of machine and cgroup */
	struct psi io_psi;
	uint64_t budget_left;	/* bytes */
};

enum verdict {
	WRITE,
	WRITEBACK_IS_OFF,
	WRITEBACK_IS_UNKNOWN,
	PROTECTED,
	QUIET_HOURS,
	PRESSURE_UNKNOWN,
	REFAULTS_UNKNOWN,
	MEMORY_PRESSURE,
	IO_PRESSURE,
	REFAULTS,
	BACKING_OFF,
	NOT_COLD,
	BUDGET_SPENT,
};

struct decision {
	enum verdict verdict;
	uint64_t bytes;		/* to be written */
	double refaults;	/* percent of the cgroup's memory a minute, less than 0: not known */
};

/* Remembers the figures, too; the cgroup's rules may differ from call to call */
struct decision decide(const struct rules *rules, struct watched *watched,
		       const struct facts *facts);

/* Whether pressure allows it: WRITE, or what does not */
enum verdict pressure_verdict(const struct rules *rules, const struct psi *memory,
			      const struct psi *io);

/* Twice as long as the last one, as far as the rules go */
void begin_pause(const struct rules *rules, struct pause *pause, int64_t now);
/* As after refaults: a call that failed is not repeated at once either */
void back_off(const struct rules *rules, struct watched *watched, int64_t now);
/* Seconds of that pause, rounded up */
uint64_t backoff_left(const struct watched *watched, int64_t now);
/* What was decided to be written was: the next pause is half as long */
void ease(struct watched *watched);

const char *verdict_text(enum verdict verdict);

#endif
