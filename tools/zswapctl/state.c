// SPDX-License-Identifier: GPL-2.0
#include "state.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "record.h"
#include "text.h"

/* Clocks and counters of cgroups begin anew with each boot */
static char *boot_of(const struct host *host)
{
	char id[64];

	if (read_text(id, sizeof(id), "%s/proc/sys/kernel/random/boot_id", host->root) <= 0)
		return NULL;
	id[strcspn(id, "\n")] = 0;
	return format("%s", id);
}

static char *file_of(const struct agent *agent)
{
	return format("%s.cgroups", agent->policy->state);
}

static void add_number(struct json_object *object, const char *key, uint64_t number)
{
	json_object_object_add(object, key, json_object_new_uint64(number));
}

/* Oldest first */
static struct json_object *ring_object(const struct age *age)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < age->nr; i++) {
		size_t at = (age->next + age->room - age->nr + i) % age->room;

		json_object_array_add(array, json_object_new_uint64(age->ring[at]));
	}
	return array;
}

static struct json_object *watched_object(const struct watched *watched)
{
	struct json_object *object = json_object_new_object();
	char *path = escaped(watched->path, "");

	json_object_object_add(object, "cgroup", json_object_new_string(path));
	add_number(object, "inode", watched->inode);
	add_number(object, "looks", watched->age.room);
	json_object_object_add(object, "taken_in_pages", ring_object(&watched->age));
	add_number(object, "looked_ns", watched->when);
	add_number(object, "refaulted_pages", watched->refaults);
	add_number(object, "pass_bytes", watched->pass);
	add_number(object, "backoff_seconds", watched->backoff);
	add_number(object, "backoff_until_ns", watched->backoff_until);
	free(path);
	return object;
}

void state_keep(const struct agent *agent)
{
	struct json_object *document, *array;
	char *boot, *file;
	int ret;

	if (agent->policy->dry_run)
		return;
	boot = boot_of(agent->host);
	if (!boot)
		return;
	document = json_object_new_object();
	array = json_object_new_array();
	for (size_t i = 0; i < agent->nr_watched; i++)
		json_object_array_add(array, watched_object(&agent->watched[i]));
	json_object_object_add(document, "boot", json_object_new_string(boot));
	json_object_object_add(document, "cgroups", array);
	file = file_of(agent);
	ret = record_replace(file, document);
	if (ret)
		warnx("%s: %s: the next agent does not know how old pages are", file,
		      strerror(-ret));
	free(file);
	free(boot);
}

static int take_ring(struct json_object *object, struct age *age)
{
	struct json_object *array;
	uint64_t room;

	if (record_number(object, "looks", &room) || room > MOST_COLD_PASSES + 1 ||
	    !json_object_object_get_ex(object, "taken_in_pages", &array) ||
	    !json_object_is_type(array, json_type_array) ||
	    json_object_array_length(array) > room)
		return -EINVAL;
	if (!room)
		return 0;
	*age = (struct age) {
		.ring = checked(calloc(room, sizeof(*age->ring))), .room = room,
		.nr = json_object_array_length(array),
	};
	age->next = age->nr % room;
	for (size_t i = 0; i < age->nr; i++)
		age->ring[i] = json_object_get_uint64(json_object_array_get_idx(array, i));
	return 0;
}

static int take_watched(struct json_object *object, struct watched *watched)
{
	struct json_object *path;
	uint64_t inode, when, until;

	if (!json_object_object_get_ex(object, "cgroup", &path) ||
	    !json_object_is_type(path, json_type_string) ||
	    record_number(object, "inode", &inode) || record_number(object, "looked_ns", &when) ||
	    record_number(object, "refaulted_pages", &watched->refaults) ||
	    record_number(object, "pass_bytes", &watched->pass) ||
	    record_number(object, "backoff_seconds", &watched->backoff) ||
	    record_number(object, "backoff_until_ns", &until) ||
	    take_ring(object, &watched->age))
		return -EINVAL;
	watched->path = unescaped(json_object_get_string(path));
	watched->inode = inode;
	watched->when = when;
	watched->backoff_until = until;
	return 0;
}

static int take_cgroups(struct json_object *document, struct agent *agent)
{
	struct json_object *array;

	if (!json_object_object_get_ex(document, "cgroups", &array) ||
	    !json_object_is_type(array, json_type_array))
		return -EINVAL;
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		struct watched watched = { };

		if (take_watched(json_object_array_get_idx(array, i), &watched))
			return -EINVAL;
		agent->watched = with_room(agent->watched, agent->nr_watched, sizeof(watched));
		agent->watched[agent->nr_watched++] = watched;
	}
	return 0;
}

static bool is_of_boot(struct json_object *document, const char *boot)
{
	struct json_object *value;

	return json_object_object_get_ex(document, "boot", &value) &&
	       json_object_is_type(value, json_type_string) &&
	       !strcmp(json_object_get_string(value), boot);
}

void state_load(struct agent *agent)
{
	char *file = file_of(agent), *boot = boot_of(agent->host);
	struct json_object *document = NULL;

	if (boot && !access(file, F_OK))
		document = json_object_from_file(file);
	/* What was understood until there is right, and of all others nothing is known */
	if (document && is_of_boot(document, boot) && take_cgroups(document, agent))
		warnx("%s is not understood: ages of pages begin anew", file);
	json_object_put(document);
	free(boot);
	free(file);
}
