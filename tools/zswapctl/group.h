/* SPDX-License-Identifier: GPL-2.0 */
/* Cgroups and what the kernel counts of each */
#ifndef ZSWAPCTL_GROUP_H
#define ZSWAPCTL_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host.h"

/* All of the cgroup and its descendants, as memory.stat has it */
enum field {
	F_STORED,	/* bytes of the pages in zswap, uncompressed */
	F_ZSWAP,	/* bytes of memory that zswap has of them */
	F_INCOMPRESSIBLE, /* of these, pages stored as they are */
	F_WRITTEN,	/* pages written back, whoever wanted it */
	F_PROACTIVE,	/* pages written back on request */
	F_FAILED,	/* failures to write a page back */
	F_REFAULTS,	/* pages read from the swap device */
	F_LOADED,	/* pages loaded from zswap */
	F_TAKEN_IN,	/* pages stored in zswap since the cgroup began */
	F_MEMORY,	/* memory.current */
	F_LIMIT,	/* memory.zswap.max */
	NR_FIELDS
};

enum writeback {
	WRITEBACK_UNKNOWN,
	WRITEBACK_ON,
	WRITEBACK_OFF,		/* by the cgroup itself */
	WRITEBACK_OFF_ABOVE,	/* by an ancestor */
};

/* Whoever forbids it */
static inline bool writeback_is_off(enum writeback writeback)
{
	return writeback == WRITEBACK_OFF || writeback == WRITEBACK_OFF_ABOVE;
}

struct group {
	char *path;		/* below the mount, without a slash; "" for the root */
	ssize_t parent;		/* index in the tree, -1 for its top */
	ino_t inode;
	bool has[NR_FIELDS];
	uint64_t value[NR_FIELDS];
	enum writeback writeback;
};

struct tree {
	struct group *groups;	/* parents before their children */
	size_t nr;
};

/*
 * Reads @path and all below it. Cgroups that disappear meanwhile or have no
 * memory controller are left out; fails only if @path itself cannot be read.
 */
int tree_read(const struct host *host, const char *path, struct tree *tree);
/* The figures alone; -ENOENT if there is another cgroup in its place by now */
int group_read_again(const struct host *host, struct group *group);
void tree_free(struct tree *tree);

/*
 * What a person calls a cgroup (a path below the mount, with or without it and the host's
 * root, or "/", also as it is printed) as a path below the mount. To be freed; NULL if it is
 * empty, as a variable that was never set, or there is a "." or ".." in it.
 */
char *group_path(const struct host *host, const char *name);

/* Writes the path of @file of the cgroup; to be freed */
char *group_file(const struct host *host, const char *path, const char *file);

/*
 * As by fnmatch(), with a slash before @path unless @pattern has none; a backslash in
 * @pattern is one. The root is matched by "/" alone.
 */
bool group_matches(const char *path, const char *pattern);

/* Whether the cgroup allows writeback. @by, if not NULL, gets who does not */
enum writeback group_writeback(const struct host *host, const char *path, char **by);

/*
 * The root of the machine, not of a container. What processes in it have in zswap, the
 * kernel counts for no cgroup.
 */
bool group_is_machine(const struct group *group);

/*
 * Whether reclaim from above would leave it alone, or take it last, as the kernel judges:
 * by what it has in memory. Then all below it is protected, too.
 */
bool group_is_protected(const struct host *host, const struct group *group);

/* Has, or had, something in zswap */
bool group_is_of_interest(const struct group *group);

/* Original bytes for each byte of memory, 0 if there is nothing */
double group_ratio(const struct group *group);
uint64_t group_value(const struct group *group, enum field field);

/* Of figures that are read one after the other, the second may have outgrown the first */
static inline uint64_t less(uint64_t from, uint64_t by)
{
	return from > by ? from - by : 0;
}

#endif
