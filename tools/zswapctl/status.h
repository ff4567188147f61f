/* SPDX-License-Identifier: GPL-2.0 */
/* The two forms in which `zswapctl status` prints what it has read */
#ifndef ZSWAPCTL_STATUS_H
#define ZSWAPCTL_STATUS_H

#include <stdio.h>

#include "column.h"
#include "group.h"
#include "pool.h"

struct view {
	FILE *out;
	enum column sort;
	bool as_tree;
	bool colour;
	unsigned int width;	/* of the terminal, 0 if it does not matter */
};

void table_print(const struct tree *tree, const struct view *view);
void json_print(const struct pool *pool, const struct tree *tree, const struct view *view);

/* The numbers of the tree's groups in the order of view->sort; to be freed */
size_t *sorted(const struct tree *tree, enum column sort);

#endif
