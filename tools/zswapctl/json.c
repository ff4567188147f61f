// SPDX-License-Identifier: GPL-2.0
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "status.h"
#include "text.h"

/* With their units, as scripts read them: nothing is rounded */
static const char * const names[NR_FIELDS] = {
	[F_STORED] = "stored_bytes",
	[F_ZSWAP] = "zswap_bytes",
	[F_INCOMPRESSIBLE] = "incompressible_bytes",
	[F_WRITTEN] = "written_back_pages",
	[F_PROACTIVE] = "written_back_proactive_pages",
	[F_FAILED] = "write_failures",
	[F_REFAULTS] = "refaulted_pages",
	[F_LOADED] = "loaded_pages",
	[F_TAKEN_IN] = "taken_in_pages",
	[F_MEMORY] = "memory_bytes",
	[F_LIMIT] = "limit_bytes",
};

static void add(struct json_object *to, const char *key, struct json_object *value)
{
	json_object_object_add(to, key, value);
}

/* No limit is null */
static struct json_object *number(uint64_t value)
{
	return value != UINT64_MAX ? json_object_new_uint64(value) : NULL;
}

/* What is not known, too */
static struct json_object *figure(const struct group *group, enum field field)
{
	return group->has[field] ? number(group->value[field]) : NULL;
}

static void add_zswap(struct json_object *object, const struct pool *pool)
{
	static const char * const figures[] = {
		"compressor", "pool_bytes", "stored_bytes", "limit_bytes", "limit_percent",
		"accept_percent",
	};

	if (!pool->present) {
		for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
			add(object, figures[i], NULL);
		return;
	}
	add(object, "compressor", json_object_new_string(pool->compressor));
	add(object, "pool_bytes", number(pool->size));
	add(object, "stored_bytes", number(pool->stored));
	add(object, "limit_bytes", number(pool->limit));
	add(object, "limit_percent", number(pool->max_percent));
	add(object, "accept_percent", number(pool->accept_percent));
}

static struct json_object *pool_object(const struct pool *pool)
{
	struct json_object *object = json_object_new_object();

	add(object, "zswap", json_object_new_boolean(pool->present));
	add(object, "enabled", json_object_new_boolean(pool->enabled));
	add(object, "writeback_key", json_object_new_boolean(pool->key));
	add(object, "shrinker", json_object_new_boolean(pool->shrinker));
	add_zswap(object, pool);
	add(object, "swap_devices", number(pool->swap_devices));
	add(object, "swap_bytes", number(pool->swap_size));
	add(object, "swap_used_bytes", number(pool->swap_used));
	return object;
}

static struct json_object *writeback_value(enum writeback writeback)
{
	if (writeback == WRITEBACK_UNKNOWN)
		return NULL;
	return json_object_new_boolean(writeback == WRITEBACK_ON);
}

static struct json_object *group_object(const struct group *group)
{
	struct json_object *object = json_object_new_object();
	char *name = is_utf8(group->path) ? format("%s", group->path) : escaped(group->path, "");

	add(object, "cgroup", json_object_new_string(*name ? name : "/"));
	free(name);
	for (int field = 0; field < NR_FIELDS; field++)
		add(object, names[field], figure(group, field));
	add(object, "writeback", writeback_value(group->writeback));
	return object;
}

struct json_object *json_begin(const struct pool *pool)
{
	struct json_object *document = json_object_new_object();

	add(document, "version", json_object_new_int(1));
	add(document, "pool", pool_object(pool));
	add(document, "cgroups", json_object_new_array());
	return document;
}

void json_add(struct json_object *document, const struct tree *tree, const struct view *view)
{
	struct json_object *groups = json_object_object_get(document, "cgroups");
	size_t *order = sorted(tree, view->sort);

	for (size_t i = 0; i < tree->nr; i++)
		json_object_array_add(groups, group_object(&tree->groups[order[i]]));
	free(order);
}

void json_print(struct json_object *document, const struct view *view)
{
	int flags = JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE;

	if (!view->one_line)
		flags |= JSON_C_TO_STRING_PRETTY;
	fprintf(view->out, "%s\n", json_object_to_json_string_ext(document, flags));
	json_object_put(document);
}
