// SPDX-License-Identifier: GPL-2.0
#include "member.h"

#include <stdlib.h>

#include "memory.h"

/* The topmost section that matches counts for all below, but for what is disabled */
static void classify(const struct host *host, const struct tree *tree,
		     const struct policy *policy, struct member *members, size_t i)
{
	const struct group *group = &tree->groups[i];
	const struct member *above = group->parent < 0 ? NULL : &members[group->parent];
	const struct class *own = policy_class(policy, group->path);
	struct member *member = &members[i];

	member->class = own;
	member->head = i;
	member->protected = (above && above->protected) || group_is_protected(host, group);
	member->unwanted = group->writeback != WRITEBACK_ON || (own && !own->enabled);
	if (!above || !above->class)
		return;
	member->class = above->class;
	member->head = above->head;
	member->unwanted = member->unwanted || above->unwanted;
}

/* The kernel's counters are of all below; the parent was read before its children */
static void take_from_parent(const struct group *group, struct member *parent)
{
	parent->stored = less(parent->stored, group_value(group, F_STORED));
	parent->taken_in = less(parent->taken_in, group_value(group, F_TAKEN_IN));
	parent->is_parent = true;
}

struct member *members_of(const struct host *host, const struct tree *tree,
			  const struct policy *policy)
{
	struct member *members = checked(calloc(tree->nr, sizeof(*members)));

	for (size_t i = 0; i < tree->nr; i++) {
		const struct group *group = &tree->groups[i];

		members[i].stored = group_value(group, F_STORED);
		members[i].taken_in = group_value(group, F_TAKEN_IN);
		classify(host, tree, policy, members, i);
		if (group->parent >= 0)
			take_from_parent(group, &members[group->parent]);
	}
	return members;
}

void members_guard(const struct tree *tree, struct member *members)
{
	bool *mixed = checked(calloc(tree->nr, sizeof(*mixed)));

	/* Children come after their parents: those of group i are done */
	for (size_t i = tree->nr; i-- > 0;) {
		struct member *member = &members[i];

		if (tree->groups[i].parent >= 0 && (mixed[i] || member->stored > member->cold))
			mixed[tree->groups[i].parent] = true;
		if (mixed[i])
			member->cold = 0;
	}
	free(mixed);
}
