/* SPDX-License-Identifier: GPL-2.0 */
/* The columns of `zswapctl status`: names, cells, order */
#ifndef ZSWAPCTL_COLUMN_H
#define ZSWAPCTL_COLUMN_H

#include "group.h"

enum column {
	C_NAME,
	C_STORED,
	C_ZSWAP,
	C_RATIO,
	C_INCOMPRESSIBLE,
	C_WRITTEN,
	C_PROACTIVE,
	C_FAILED,
	C_REFAULTS,
	C_WRITEBACK,
	C_LIMIT,
	C_MEMORY,
	NR_COLUMNS
};

struct column_info {
	const char *name;	/* as --sort takes it, in capitals in the table */
	unsigned int width;	/* of a usual cell */
	unsigned int rank;	/* the highest goes first when there is no room */
};

extern const struct column_info columns[NR_COLUMNS];

/* The column of that name, in any case; -1 if there is none */
int column_of(const char *name);

/* All names, with a blank between them; to be freed */
char *column_names(void);

/* The text of a cell but of C_NAME; returns @buf */
char *column_text(char buf[32], const struct group *group, enum column column);

/* As for qsort(): largest first, and names in their order */
int column_compare(const struct group *a, const struct group *b, enum column column);

const char *writeback_text(enum writeback writeback);

#endif
