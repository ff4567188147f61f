// SPDX-License-Identifier: GPL-2.0
#include "budget.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "record.h"
#include "text.h"

/* Days since 1970 of a day as 20261124, -1 if there is no such day */
static int64_t days(uint32_t day)
{
	struct tm tm = {
		.tm_year = day / 10000 - 1900, .tm_mon = day / 100 % 100 - 1, .tm_mday = day % 100,
	};
	struct tm same = tm;
	time_t when = timegm(&same);

	if (day < 19700101 || same.tm_mon != tm.tm_mon || same.tm_mday != tm.tm_mday)
		return -1;
	return when / 86400;
}

static int take_day(struct json_object *object, const char *key, uint32_t *day)
{
	uint64_t number;

	if (record_number(object, key, &number) || number > UINT32_MAX || days(number) < 0)
		return -EINVAL;
	*day = number;
	return 0;
}

static int take_state(struct json_object *object, struct budget *budget)
{
	if (take_day(object, "day", &budget->day) ||
	    record_number(object, "spent_bytes", &budget->spent))
		return -EINVAL;
	if (json_object_object_get_ex(object, "day_ahead", NULL) &&
	    take_day(object, "day_ahead", &budget->ahead))
		return -EINVAL;
	if (!json_object_object_get_ex(object, "day_behind", NULL))
		return 0;
	return take_day(object, "day_behind", &budget->behind) ?:
	       record_number(object, "spent_behind_bytes", &budget->spent_behind);
}

void budget_load(struct budget *budget, const char *file, uint64_t limit, uint32_t day)
{
	struct json_object *object;

	*budget = (struct budget) { .file = file, .limit = limit, .day = day };
	if (!file || access(file, F_OK))
		return;
	object = json_object_from_file(file);
	if (take_state(object, budget)) {
		warnx("%s is not understood: nothing more is written today", file);
		*budget = (struct budget) {
			.file = file, .limit = limit, .day = day, .spent = limit,
		};
	}
	json_object_put(object);
	budget_day(budget, day);
}

void budget_reload(struct budget *budget, const char *file, uint64_t limit, uint32_t day)
{
	struct budget before = *budget;

	budget_day(&before, day);
	budget_load(budget, file, limit, day);
	if (before.spent > budget->spent)
		budget->spent = before.spent;
	if (!budget->ahead)
		budget->ahead = before.ahead;
	if (!budget->behind) {
		budget->behind = before.behind;
		budget->spent_behind = before.spent_behind;
	}
}

int budget_lock(const char *file)
{
	char *name = format("%s.lock", file);
	int fd = open(name, O_RDONLY | O_CREAT | O_CLOEXEC, 0600), ret = fd;

	if (fd < 0) {
		ret = -errno;
	} else if (flock(fd, LOCK_EX | LOCK_NB)) {
		ret = -errno;
		close(fd);
	}
	free(name);
	return ret;
}

/* On a day that the clock had left too soon, or on the one before */
static void come_back(struct budget *budget, uint32_t day)
{
	int64_t since = days(budget->behind) - days(day);

	if (budget->behind && (since == 0 || since == 1) && budget->spent_behind > budget->spent)
		budget->spent = budget->spent_behind;
}

void budget_day(struct budget *budget, uint32_t day)
{
	if (day > budget->day) {
		if (days(day) - days(budget->day) > 1) {
			budget->behind = budget->day;
			budget->spent_behind = budget->spent;
		}
		/* Of that day it is known what was spent */
		if (day != budget->ahead)
			budget->spent = 0;
		budget->day = day;
	} else if (days(budget->day) - days(day) > 1) {
		/* One of the two clocks was wrong: nobody is to wait for that day */
		budget->ahead = budget->day;
		budget->day = day;
		come_back(budget, day);
	}
}

uint64_t budget_left(const struct budget *budget)
{
	return budget->spent < budget->limit ? budget->limit - budget->spent : 0;
}

static void print_budget(FILE *into, const void *of)
{
	struct json_object *object = json_object_new_object();
	const struct budget *budget = of;

	json_object_object_add(object, "day", json_object_new_int64(budget->day));
	json_object_object_add(object, "spent_bytes", json_object_new_uint64(budget->spent));
	if (budget->ahead)
		json_object_object_add(object, "day_ahead",
				       json_object_new_int64(budget->ahead));
	if (budget->behind) {
		json_object_object_add(object, "day_behind",
				       json_object_new_int64(budget->behind));
		json_object_object_add(object, "spent_behind_bytes",
				       json_object_new_uint64(budget->spent_behind));
	}
	record_print(into, object);
}

static int save(const struct budget *budget)
{
	return budget->file ? record_replace(budget->file, print_budget, budget) : 0;
}

int budget_take(struct budget *budget, uint64_t bytes)
{
	int ret;

	budget->spent += bytes;
	ret = save(budget);
	/* Nothing will be written for it */
	if (ret)
		budget->spent -= bytes;
	return ret;
}

void budget_give_back(struct budget *budget, uint64_t bytes)
{
	if (!bytes)
		return;
	budget->spent -= bytes < budget->spent ? bytes : budget->spent;
	save(budget);
}
