/* SPDX-License-Identifier: GPL-2.0 */
/* What the agent may do: the policy file, zswapctl-agent.conf(5) */
#ifndef ZSWAPCTL_POLICY_H
#define ZSWAPCTL_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the program looks for it, and an example is installed */
#define POLICY	"/etc/zswapctl/agent.conf"
#define MOST_COLD_PASSES	1000

struct rules {
	uint64_t min_pass;	/* bytes */
	uint64_t max_pass;
	uint64_t cold_passes;
	double memory_avg10;	/* percent */
	double memory_avg60;
	double io_avg10;
	double io_avg60;
	double refault_ceiling;	/* percent of the cgroup's memory a minute */
	uint64_t backoff;	/* seconds */
	uint64_t backoff_max;
};

struct class {
	char *pattern;		/* as for group_matches() */
	bool enabled;
	struct rules rules;
};

struct window {
	unsigned int from, to;	/* minutes of the day; from > to crosses midnight */
};

struct policy {
	uint64_t interval;	/* seconds */
	uint64_t daily_budget;	/* bytes of pages */
	bool dry_run;
	char *state;		/* file that keeps what was spent of it */
	struct window *quiet;
	size_t nr_quiet;
	struct class *classes;
	size_t nr_classes;
};

/* NULL, after saying on standard error what is wrong in which line or section */
struct policy *policy_read(const char *path);
void policy_free(struct policy *policy);

/* The first class that matches the cgroup @path, NULL if none does */
const struct class *policy_class(const struct policy *policy, const char *path);
bool policy_quiet(const struct policy *policy, unsigned int minute);

#endif
