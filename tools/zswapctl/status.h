/* SPDX-License-Identifier: GPL-2.0 */
/* The two forms in which `zswapctl status` prints what it has read */
#ifndef ZSWAPCTL_STATUS_H
#define ZSWAPCTL_STATUS_H

#include <json-c/json_object.h>
#include <stdio.h>

#include "column.h"
#include "group.h"
#include "pool.h"

struct view {
	FILE *out;
	enum column sort;
	bool as_tree;
	bool colour;
	bool one_line;		/* of JSON, for each document */
	unsigned int width;	/* of the terminal, 0 if it does not matter */
};

void table_print(const struct tree *tree, const struct view *view);

/* A document is begun with the pool, takes any number of trees, and ends printed */
struct json_object *json_begin(const struct pool *pool);
void json_add(struct json_object *document, const struct tree *tree, const struct view *view);
void json_print(struct json_object *document, const struct view *view);

/* The numbers of the tree's groups in the order of view->sort; to be freed */
size_t *sorted(const struct tree *tree, enum column sort);

#endif
