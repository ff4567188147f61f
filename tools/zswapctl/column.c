// SPDX-License-Identifier: GPL-2.0
#include "column.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text.h"

const struct column_info columns[NR_COLUMNS] = {
	[C_NAME] = { "cgroup", 20, 0 },
	[C_STORED] = { "stored", 7, 1 },
	[C_ZSWAP] = { "zswap", 7, 2 },
	[C_RATIO] = { "ratio", 5, 6 },
	[C_INCOMPRESSIBLE] = { "incomp", 7, 9 },
	[C_WRITTEN] = { "written", 7, 5 },
	[C_PROACTIVE] = { "proactive", 9, 3 },
	[C_FAILED] = { "failed", 6, 10 },
	[C_REFAULTS] = { "refaults", 8, 4 },
	[C_WRITEBACK] = { "writeback", 9, 7 },
	[C_LIMIT] = { "limit", 7, 11 },
	[C_MEMORY] = { "memory", 7, 8 },
};

int column_of(const char *name)
{
	for (int column = 0; column < NR_COLUMNS; column++)
		if (!strcasecmp(columns[column].name, name))
			return column;
	return -1;
}

char *column_names(void)
{
	char *names = format("%s", columns[0].name), *longer;

	for (int column = 1; column < NR_COLUMNS; column++) {
		longer = format("%s %s", names, columns[column].name);
		free(names);
		names = longer;
	}
	return names;
}

const char *writeback_text(enum writeback writeback)
{
	static const char * const words[] = {
		[WRITEBACK_UNKNOWN] = "-",
		[WRITEBACK_ON] = "on",
		[WRITEBACK_OFF] = "off",
		[WRITEBACK_OFF_ABOVE] = "off above",
	};

	return words[writeback];
}

static const struct {
	enum field field;
	bool pages;
} sources[NR_COLUMNS] = {
	[C_STORED] = { F_STORED, false },
	[C_ZSWAP] = { F_ZSWAP, false },
	[C_INCOMPRESSIBLE] = { F_INCOMPRESSIBLE, false },
	[C_WRITTEN] = { F_WRITTEN, true },
	[C_PROACTIVE] = { F_PROACTIVE, true },
	[C_FAILED] = { F_FAILED, false },
	[C_REFAULTS] = { F_REFAULTS, true },
	[C_LIMIT] = { F_LIMIT, false },
	[C_MEMORY] = { F_MEMORY, false },
};

static char *word_text(char buf[32], const char *word)
{
	snprintf(buf, 32, "%s", word);
	return buf;
}

static char *field_text(char buf[32], const struct group *group, enum column column)
{
	uint64_t value = group_value(group, sources[column].field);

	if (!group->has[sources[column].field])
		return word_text(buf, "-");
	if (column == C_FAILED) {
		snprintf(buf, 32, "%" PRIu64, value);
		return buf;
	}
	return size_text(buf, sources[column].pages ? value * page_size() : value);
}

char *column_text(char buf[32], const struct group *group, enum column column)
{
	switch (column) {
	case C_RATIO:
		if (!group_value(group, F_ZSWAP))
			return word_text(buf, "-");
		snprintf(buf, 32, "%.2f", group_ratio(group));
		return buf;
	case C_WRITEBACK:
		return word_text(buf, writeback_text(group->writeback));
	default:
		return field_text(buf, group, column);
	}
}

static double rank(const struct group *group, enum column column)
{
	switch (column) {
	case C_RATIO:
		return group_ratio(group);
	case C_WRITEBACK:
		return group->writeback;
	default:
		return group_value(group, sources[column].field);
	}
}

int column_compare(const struct group *a, const struct group *b, enum column column)
{
	double left, right;

	if (column != C_NAME) {
		left = rank(a, column);
		right = rank(b, column);
		if (left != right)
			return left < right ? 1 : -1;
	}
	return strcmp(a->path, b->path);
}
