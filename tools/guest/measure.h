/* SPDX-License-Identifier: GPL-2.0 */
/* What the programs share that measure a call. Needs _GNU_SOURCE. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static inline void fail(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	exit(2);
}

static inline int open_file(const char *dir, const char *name, int flags)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, flags);
	if (fd < 0)
		fail(path);
	return fd;
}

/* Reads the whole of a small file; the result is valid until the next call */
static inline const char *text_of(int fd)
{
	static char text[32768];
	ssize_t got = pread(fd, text, sizeof(text) - 1, 0);

	if (got <= 0)
		fail("read");
	text[got] = 0;
	return text;
}

static inline long number_of(int fd)
{
	return strtol(text_of(fd), NULL, 10);
}

static inline long long clock_ns(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now))
		fail("clock_gettime");
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static inline int open_disk_stat(const char *disk)
{
	char dir[256];

	snprintf(dir, sizeof(dir), "/sys/block/%s", disk);
	return open_file(dir, "stat", O_RDONLY);
}

/*
 * Unlike the file inflight, this one knows of requests that a driver has not taken
 * yet, as of a disk with a limited rate. A sum over CPUs: while others start I/Os on
 * some CPUs that end on others, it may miss one.
 */
static inline int is_idle(int disk_stat)
{
	long inflight;

	if (sscanf(text_of(disk_stat), "%*d %*d %*d %*d %*d %*d %*d %*d %ld", &inflight) != 1)
		fail("stat of the disk");
	return !inflight;
}

static inline void wait_until_idle(int disk_stat)
{
	while (!is_idle(disk_stat))
		usleep(100);
}
