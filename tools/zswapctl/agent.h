/* SPDX-License-Identifier: GPL-2.0 */
/* The agent's passes, without the daemon around them */
#ifndef ZSWAPCTL_AGENT_H
#define ZSWAPCTL_AGENT_H

#include <stdbool.h>

#include "budget.h"
#include "decide.h"
#include "group.h"
#include "host.h"
#include "policy.h"

struct agent {
	struct host *host;
	struct policy *policy;
	struct budget budget;
	struct budget pretended; /* what dry runs say they would write is taken from it */
	int lock;		/* of the budget's file, while policy->dry_run is not set */
	struct watched *watched;
	size_t nr_watched;
	char *turn;		/* path of the section that is first, NULL: any */
	uint64_t passes;
	int64_t begun;		/* of the last pass, also of the agent before; 0: none */
	bool new_policy;	/* of which no pass was made yet */
	uint64_t written;	/* bytes of pages */
	bool (*stop)(void);	/* asked between two calls; NULL: never */
};

static inline struct budget *agent_budget(struct agent *agent)
{
	return agent->policy->dry_run ? &agent->pretended : &agent->budget;
}

/*
 * Takes the policy over, also as a new one in place of another. Return: 0, or what
 * budget_lock() said; then all is as before.
 */
int agent_set_policy(struct agent *agent, struct policy *policy);
/* Looks at every cgroup once, and prints one line for each that has a class */
void agent_pass(struct agent *agent);
void agent_free(struct agent *agent);

#endif
