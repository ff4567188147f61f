// SPDX-License-Identifier: GPL-2.0
#include "host.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exit.h"
#include "text.h"

#define CGROUPS	"/sys/fs/cgroup"

static int64_t real_clock(const struct host *host, clockid_t id)
{
	struct timespec now;

	(void)host;
	clock_gettime(id, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static int real_write(const struct host *host, const char *path, const char *text)
{
	ssize_t written;
	int fd, err = 0;

	(void)host;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	written = write(fd, text, strlen(text));
	if (written < 0)
		err = -errno;
	close(fd);
	return err;
}

static int real_trigger(const struct host *host, const char *path, const char *text)
{
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC), err;

	(void)host;
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text) + 1) > 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* In a container that has another machine at @root, its mounts are among its own */
static char *below_root(const char *root, const char *dir)
{
	size_t len = strlen(root);

	if (len && !strncmp(dir, root, len) && dir[len] == '/')
		return format("%s", dir);
	return format("%s%s", root, dir);
}

/* On a machine with both hierarchies, cgroup2 is not where it usually is */
static char *find_cgroups(const char *root)
{
	char path[PATH_MAX], buf[PATH_MAX];
	struct mntent entry;
	char *found = NULL;
	FILE *mounts;

	snprintf(path, sizeof(path), "%s/proc/self/mounts", root);
	mounts = setmntent(path, "re");
	while (mounts && !found && getmntent_r(mounts, &entry, buf, sizeof(buf)))
		if (!strcmp(entry.mnt_type, "cgroup2"))
			found = below_root(root, entry.mnt_dir);
	if (mounts)
		endmntent(mounts);
	return found ? found : format("%s" CGROUPS, root);
}

void host_init(struct host *host, const char *root)
{
	*host = (struct host) {
		.root = without_slashes(root),
		.factor = 1,
		.write = real_write,
		.clock = real_clock,
		.trigger = real_trigger,
	};
	host->cgroups = find_cgroups(host->root);
}

void need_cgroups(const struct host *host)
{
	char *file = format("%s/cgroup.controllers", host->cgroups);

	/* Where there are cgroups of version 1 only, they have the same mount point */
	if (access(file, F_OK))
		err(STATUS_NO_KERNEL, "cgroup2 has to be mounted: %s", file);
	free(file);
}

void host_free(struct host *host)
{
	free(host->root);
	free(host->cgroups);
}

static int read_file(const char *path, char *buf, size_t size)
{
	size_t have = 0;
	ssize_t got;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while ((got = read(fd, buf + have, size - 1 - have)) > 0)
		have += got;
	if (got < 0)
		got = -errno;
	close(fd);
	if (got < 0)
		return got;
	buf[have] = 0;
	return have;
}

/* The file whose path FMT and its arguments make */
static int read_formatted(char *buf, size_t size, const char *fmt, va_list ap)
{
	char path[PATH_MAX];

	if (vsnprintf(path, sizeof(path), fmt, ap) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return read_file(path, buf, size);
}

int read_text(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = read_formatted(buf, size, fmt, ap);
	va_end(ap);
	return len;
}

int read_number(uint64_t *value, const char *fmt, ...)
{
	char buf[64];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = read_formatted(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (len < 0)
		return len;
	return parse_number(buf, value);
}

int host_write(const struct host *host, const char *path, const char *text)
{
	return host->write(host, path, text);
}

static size_t clock_nr(clockid_t id)
{
	return id == CLOCK_REALTIME ? 0 : id == CLOCK_BOOTTIME ? 1 : 2;
}

void host_speed_up(struct host *host, unsigned int factor)
{
	static const clockid_t clocks[] = { CLOCK_REALTIME, CLOCK_BOOTTIME, CLOCK_MONOTONIC };

	for (size_t i = 0; i < sizeof(clocks) / sizeof(*clocks); i++)
		host->since[clock_nr(clocks[i])] = host->clock(host, clocks[i]);
	host->factor = factor;
}

int64_t host_clock(const struct host *host, clockid_t id)
{
	int64_t since = host->since[clock_nr(id)], now = host->clock(host, id);

	if (__builtin_mul_overflow(now - since, host->factor, &now) ||
	    __builtin_add_overflow(now, since, &now))
		errx(STATUS_FAILED, "%u times as fast, the clock has come to its end", host->factor);
	return now;
}

uint64_t page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}
