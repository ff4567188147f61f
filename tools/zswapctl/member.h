/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which cgroups the agent may call the kernel for. A section of the policy is for a
 * cgroup and all below it, but a call for such a subtree goes round its cgroups in
 * equal turns: it would write young pages of one while another has old ones. So each
 * cgroup is asked for its own cold pages.
 */
#ifndef ZSWAPCTL_MEMBER_H
#define ZSWAPCTL_MEMBER_H

#include "group.h"
#include "policy.h"

/* A cgroup in a pass, under the number that it has in the tree */
struct member {
	const struct class *class;	/* NULL: none of its own nor of an ancestor */
	size_t head;		/* the topmost with this class, which it goes with */
	bool protected;		/* by its memory.min or memory.low, or those of an ancestor */
	bool is_parent;		/* of cgroups that a call for it takes from as well */
	bool unwanted;		/* a section or memory.zswap.writeback wants it left alone */
	uint64_t stored;	/* bytes of its own pages, without those of its children */
	uint64_t taken_in;	/* pages, of its own */
	uint64_t cold;		/* bytes of its own that it may be called for */
};

/* One for each group of the tree, nothing of them cold; to be freed */
struct member *members_of(const struct host *host, const struct tree *tree,
			  const struct policy *policy);

/*
 * When cold is set: a call for a cgroup with others below it may take pages of those.
 * It must not be made for its own pages unless theirs are all cold as well.
 */
void members_guard(const struct tree *tree, struct member *members);

#endif
