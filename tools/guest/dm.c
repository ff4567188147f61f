// SPDX-License-Identifier: GPL-2.0
/*
 * As much of dmsetup as the tests need:
 *
 *	dm create NAME	a device with the table of standard input, whose name,
 *			as /dev/dm-0, is printed
 *	dm load NAME	another table for it, while it is in use
 *	dm suspend NAME	what is written to it from now on waits
 *	dm resume NAME	and now goes on
 *	dm remove NAME
 *
 * A table has a line "START LENGTH TARGET ARGUMENTS" for each target, in
 * sectors.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define CONTROL		"/dev/mapper/control"
#define BUFFER		16384

static union {
	struct dm_ioctl io;
	char bytes[BUFFER];
} buffer;

static void fail(const char *what)
{
	fprintf(stderr, "dm: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void prepare(const char *name, unsigned int flags)
{
	memset(&buffer, 0, sizeof(buffer));
	buffer.io.version[0] = DM_VERSION_MAJOR;
	buffer.io.data_size = sizeof(buffer);
	buffer.io.data_start = sizeof(buffer.io);
	buffer.io.flags = flags;
	if (strlen(name) >= sizeof(buffer.io.name)) {
		errno = ENAMETOOLONG;
		fail(name);
	}
	strcpy(buffer.io.name, name);
}

static void call(unsigned long request, const char *what)
{
	static int control = -1;

	if (control < 0)
		control = open(CONTROL, O_RDWR | O_CLOEXEC);
	if (control < 0)
		fail(CONTROL);
	if (ioctl(control, request, &buffer))
		fail(what);
}

/* A target's arguments stand behind its struct, and the next struct behind them */
static void add_target(char *line, size_t *at)
{
	struct dm_target_spec *spec = (void *)(buffer.bytes + *at);
	unsigned long long start, length;
	char type[DM_MAX_TYPE_NAME];
	int arguments = 0;

	line[strcspn(line, "\n")] = 0;
	errno = EINVAL;
	if (*at + sizeof(*spec) + strlen(line) + 8 > sizeof(buffer) ||
	    sscanf(line, "%llu %llu %15s %n", &start, &length, type, &arguments) != 3)
		fail(line);
	spec->sector_start = start;
	spec->length = length;
	strcpy(spec->target_type, type);
	strcpy((char *)(spec + 1), line + arguments);
	spec->next = sizeof(*spec) + (strlen(line + arguments) + 8) / 8 * 8;
	*at += spec->next;
	buffer.io.target_count++;
}

static void load(const char *name)
{
	size_t at = sizeof(buffer.io);
	char line[1024];

	prepare(name, 0);
	while (fgets(line, sizeof(line), stdin))
		add_target(line, &at);
	call(DM_TABLE_LOAD, "loading the table");
}

static void suspend(const char *name)
{
	prepare(name, DM_SUSPEND_FLAG | DM_SKIP_LOCKFS_FLAG);
	call(DM_DEV_SUSPEND, "suspend");
}

/* Also takes the table that was loaded */
static void resume(const char *name)
{
	prepare(name, 0);
	call(DM_DEV_SUSPEND, "resume");
}

static void create(const char *name)
{
	prepare(name, 0);
	call(DM_DEV_CREATE, "create");
	load(name);
	resume(name);
	printf("/dev/dm-%u\n", minor(buffer.io.dev));
}

static void remove_device(const char *name)
{
	prepare(name, 0);
	call(DM_DEV_REMOVE, "remove");
}

int main(int argc, char **argv)
{
	const char *command = argc == 3 ? argv[1] : "";

	if (!strcmp(command, "create")) {
		create(argv[2]);
	} else if (!strcmp(command, "load")) {
		load(argv[2]);
		suspend(argv[2]);
		resume(argv[2]);
	} else if (!strcmp(command, "suspend")) {
		suspend(argv[2]);
	} else if (!strcmp(command, "resume")) {
		resume(argv[2]);
	} else if (!strcmp(command, "remove")) {
		remove_device(argv[2]);
	} else {
		fprintf(stderr, "usage: dm create|load|suspend|resume|remove NAME\n");
		return 2;
	}
	return 0;
}
