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

/* DISK's file of reads and writes that it has not completed; exact at any time */
static inline int open_inflight(const char *disk)
{
	char dir[256];

	snprintf(dir, sizeof(dir), "/sys/block/%s", disk);
	return open_file(dir, "inflight", O_RDONLY);
}

static inline int is_idle(int inflight)
{
	long reads, writes;

	if (sscanf(text_of(inflight), "%ld %ld", &reads, &writes) != 2)
		fail("inflight");
	return !reads && !writes;
}

static inline void wait_until_idle(int inflight)
{
	while (!is_idle(inflight))
		usleep(100);
}
