/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A machine made of files in a directory of its own: contents for
 * /proc and /sys, cgroups whose counters a test sets, a clock that it moves,
 * and a memory.reclaim that does to the counters what the kernel does: a call for a
 * cgroup goes round all below it in turns of 256 pages, those with writeback off left
 * out, and each gives its oldest first. What was stored last is the youngest.
 */
#ifndef ZSWAPCTL_FAKE_H
#define ZSWAPCTL_FAKE_H

#include <stdarg.h>
#include <stdbool.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../group.h"
#include "../host.h"

#define MIB	(1ULL << 20)
#define FAKE_GROUPS	9

/* All but memory is its own, without what is below it; the files say the sum */
struct fake_group {
	const char *path;
	uint64_t stored, zswap, taken_in, written, proactive, refaults, memory;
};

struct fake {
	struct host host;
	char dir[64];
	int64_t wall;		/* nanoseconds */
	int64_t boot;
	struct fake_group groups[FAKE_GROUPS];
	size_t nr;
	int err;		/* what the next calls end with, 0: as the kernel does */
	int64_t takes;		/* nanoseconds that each call does */
	struct fake_group *stale; /* whose pages others have taken the place of, at the next call */
	const char *shields;	/* a cgroup that has a memory.low from the next call on, if any */
	const char *goes;	/* a cgroup that is gone when it is asked, if any */
	int gone_err;		/* what that call ends with */
	const char *refuses;	/* a cgroup for which calls end with refused_err, if any */
	int refused_err;
	bool pressed;		/* PSI triggers fire during the next call */
	bool pressed_before;	/* ...or at once */
	int presser;		/* who writes to this descriptor makes one fire, 0: none */
	const char *strained;	/* the machine's pressure that a call raises, if any */
	unsigned int triggers;	/* that were opened */
	int trigger_err;	/* what opening one ends with */
	size_t turn;		/* whose turn it is */
	unsigned int calls;
	char last[128];		/* text of the last call */
};

void fake_start(struct fake *fake);
void fake_end(struct fake *fake);

/* A test's fixture: a machine, and nothing more */
int fake_setup(void **state);
int fake_teardown(void **state);

/* A path below the fake's directory, and its content; makes what is above it */
__attribute__((format(printf, 3, 4)))
void fake_file(const struct fake *fake, const char *path, const char *fmt, ...);
void fake_remove(const struct fake *fake, const char *path);

/* A cgroup whose files follow from its counters */
struct fake_group *fake_group(struct fake *fake, const char *path);
/* The same in the place of one that is gone */
void fake_make(struct fake *fake, struct fake_group *group, const char *path);
void fake_flush(const struct fake *fake, const struct fake_group *group);
void fake_psi(const struct fake *fake, const char *what, double avg10, double avg60);
/* A counter that the kernel without the series has not */
void fake_without_key(struct fake *fake);

#endif
