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
	add_number(object, "looked_ns", watched->awake);
	add_number(object, "refaulted_pages", watched->refaults);
	add_number(object, "pass_bytes", watched->pass);
	add_number(object, "backoff_seconds", watched->pause.seconds);
	add_number(object, "backoff_until_ns", watched->pause.until);
	free(path);
	return object;
}

struct kept {
	const struct agent *agent;
	const char *boot;
};

/* A line for each cgroup: as JSON, all of them would take ten times their memory */
static void print_state(FILE *into, const void *of)
{
	struct json_object *first = json_object_new_object();
	const struct kept *kept = of;

	json_object_object_add(first, "boot", json_object_new_string(kept->boot));
	add_number(first, "passed_ns", kept->agent->begun);
	record_print(into, first);
	for (size_t i = 0; i < kept->agent->nr_watched; i++)
		record_print(into, watched_object(&kept->agent->watched[i]));
}

void state_keep(const struct agent *agent)
{
	char *boot, *file;
	int ret;

	if (agent->policy->dry_run)
		return;
	boot = boot_of(agent->host);
	if (!boot)
		return;
	file = file_of(agent);
	ret = record_replace(file, print_state, &(struct kept) { agent, boot });
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
	uint64_t inode, awake, until;

	if (!json_object_object_get_ex(object, "cgroup", &path) ||
	    !json_object_is_type(path, json_type_string) ||
	    record_number(object, "inode", &inode) || record_number(object, "looked_ns", &awake) ||
	    record_number(object, "refaulted_pages", &watched->refaults) ||
	    record_number(object, "pass_bytes", &watched->pass) ||
	    record_number(object, "backoff_seconds", &watched->pause.seconds) ||
	    record_number(object, "backoff_until_ns", &until) ||
	    take_ring(object, &watched->age))
		return -EINVAL;
	watched->path = unescaped(json_object_get_string(path));
	watched->inode = inode;
	watched->awake = awake;
	watched->pause.until = until;
	return 0;
}

/* 1 if there is a line, 0 at the end, or -EINVAL for what is no JSON */
static int next_line(FILE *from, struct json_object **object)
{
	char *line = NULL;
	size_t room = 0;
	int ret = 0;

	if (getline(&line, &room, from) > 0) {
		*object = json_tokener_parse(line);
		ret = *object ? 1 : -EINVAL;
	}
	free(line);
	return ret;
}

static int take_cgroups(FILE *from, struct agent *agent)
{
	struct json_object *object;
	int ret;

	while ((ret = next_line(from, &object)) > 0) {
		struct watched watched = { };

		ret = take_watched(object, &watched);
		json_object_put(object);
		if (ret)
			break;
		agent->watched = with_room(agent->watched, agent->nr_watched, sizeof(watched));
		agent->watched[agent->nr_watched++] = watched;
	}
	return ret;
}

static bool is_of_boot(struct json_object *first, const char *boot)
{
	struct json_object *value;

	return json_object_object_get_ex(first, "boot", &value) &&
	       json_object_is_type(value, json_type_string) &&
	       !strcmp(json_object_get_string(value), boot);
}

static int take_state(FILE *from, struct agent *agent, const char *boot)
{
	struct json_object *first;
	int ret = next_line(from, &first);
	uint64_t begun;

	if (ret <= 0)
		return ret;
	if (is_of_boot(first, boot)) {
		ret = record_number(first, "passed_ns", &begun);
		if (!ret) {
			agent->begun = begun;
			ret = take_cgroups(from, agent);
		}
	}
	json_object_put(first);
	return ret < 0 ? ret : 0;
}

void state_load(struct agent *agent)
{
	char *file = file_of(agent), *boot = boot_of(agent->host);
	FILE *from = boot ? fopen(file, "re") : NULL;

	if (from) {
		/* What was understood until there is right, and of all others nothing is known */
		if (take_state(from, agent, boot))
			warnx("%s is not understood: ages of pages begin anew", file);
		fclose(from);
		/* If this agent does not come to its end, the next one must not have it */
		if (unlink(file))
			warn("%s", file);
	}
	free(boot);
	free(file);
}
