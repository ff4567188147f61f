// SPDX-License-Identifier: GPL-2.0
/*
 * Makes one call that writes back, and says what it took:
 *
 *	wb_call CGROUP FILE TEXT DISK
 *
 * writes TEXT to FILE in one write(), waits until nothing is in flight on DISK
 * (a name in /sys/block) and prints one word and number a line:
 *
 *	errno N		of the write, 0 if it succeeded
 *	ns N		from its start to its return
 *	cpu_ns N	CPU time of the caller in that time
 *	device_ns N	from its start until DISK was idle
 *	current N	memory.current of CGROUP when the write had returned
 *	peak N		memory.peak of CGROUP over that time
 *
 * A shell cannot do that: it takes its time between two steps, and a write to
 * memory.peak resets the peak of one open file, whose position it also moves.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what)
{
	fprintf(stderr, "wb_call: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int open_file(const char *dir, const char *name, int flags)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, flags);
	if (fd < 0)
		fail(path);
	return fd;
}

/* The second number is 0 but in files that hold two */
static void read_numbers(int fd, long numbers[2])
{
	char text[64];
	ssize_t got = pread(fd, text, sizeof(text) - 1, 0);

	numbers[1] = 0;
	if (got <= 0)
		fail("read");
	text[got] = 0;
	if (sscanf(text, "%ld %ld", &numbers[0], &numbers[1]) < 1)
		fail("a file without a number");
}

static long long clock_ns(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now))
		fail("clock_gettime");
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Reads and writes that the disk has not completed; exact at any time */
static void wait_for(int inflight)
{
	long numbers[2];

	for (;;) {
		read_numbers(inflight, numbers);
		if (!numbers[0] && !numbers[1])
			break;
		usleep(100);
	}
}

int main(int argc, char **argv)
{
	long long start, ns, cpu_ns, device_ns;
	int current, peak, inflight, file, error;
	long at_return[2], at_peak[2];
	ssize_t written;
	char disk[256];

	if (argc != 5) {
		fprintf(stderr, "usage: wb_call CGROUP FILE TEXT DISK\n");
		return 2;
	}
	snprintf(disk, sizeof(disk), "/sys/block/%s", argv[4]);
	inflight = open_file(disk, "inflight", O_RDONLY);
	current = open_file(argv[1], "memory.current", O_RDONLY);
	peak = open_file(argv[1], "memory.peak", O_RDWR);
	file = open(argv[2], O_WRONLY);
	if (file < 0)
		fail(argv[2]);
	if (write(peak, "reset", 5) != 5)
		fail("memory.peak");

	cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	start = clock_ns(CLOCK_MONOTONIC);
	written = write(file, argv[3], strlen(argv[3]));
	error = written < 0 ? errno : 0;
	ns = clock_ns(CLOCK_MONOTONIC) - start;
	cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns;
	read_numbers(current, at_return);
	read_numbers(peak, at_peak);
	wait_for(inflight);
	device_ns = clock_ns(CLOCK_MONOTONIC) - start;

	printf("errno %d\nns %lld\ncpu_ns %lld\ndevice_ns %lld\ncurrent %ld\npeak %ld\n",
	       error, ns, cpu_ns, device_ns, at_return[0], at_peak[0]);
	return 0;
}
