// SPDX-License-Identifier: GPL-2.0
#include "call.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "group.h"
#include "pool.h"
#include "text.h"

char *target_file(const struct host *host, const struct target *target)
{
	if (target->path)
		return group_file(host, target->path, "memory.reclaim");
	return format("%s/sys/devices/system/node/node%u/reclaim", host->root, target->node);
}

char *target_name(const struct target *target)
{
	char *name, *text;

	if (!target->path)
		return format("node %u", target->node);
	name = escaped(target->path, "");
	text = format("/%s", name);
	free(name);
	return text;
}

struct result call(const struct host *host, const struct target *target, uint64_t bytes)
{
	uint64_t asked = bytes / page_size() * page_size();
	struct result result = { .written = asked };
	uint64_t before, counted;
	char line[64], *file;

	file = target_file(host, target);
	snprintf(line, sizeof(line), "%" PRIu64 " " KEY, asked);
	before = pool_proactive(host);
	result.err = host_write(host, file, line);
	if (result.err) {
		counted = less(pool_proactive(host), before) * page_size();
		result.written = counted < asked ? counted : asked;
	}
	free(file);
	return result;
}
