// SPDX-License-Identifier: GPL-2.0
/*
 * Makes one call that writes back, and says what it took:
 *
 *	wb_call CGROUP FILE TEXT DISK [make-it-fail]
 *
 * writes TEXT to FILE in one write(), in which fault injection may meet it if that is
 * said, waits until nothing is in flight on DISK (a name in /sys/block) and prints one
 * word and number a line:
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
#define _GNU_SOURCE
#include "measure.h"

static void set_injector(int injector, const char *value)
{
	if (injector >= 0 && write(injector, value, 1) != 1)
		fail("make-it-fail");
}

int main(int argc, char **argv)
{
	long long start, ns, cpu_ns, device_ns;
	int current, peak, disk_stat, file, error, injector = -1;
	long at_return, at_peak;
	ssize_t written;

	if (argc != 5 && (argc != 6 || strcmp(argv[5], "make-it-fail"))) {
		fprintf(stderr, "usage: wb_call CGROUP FILE TEXT DISK [make-it-fail]\n");
		return 2;
	}
	if (argc == 6)
		injector = open_file("/proc/thread-self", argv[5], O_WRONLY);
	disk_stat = open_disk_stat(argv[4]);
	current = open_file(argv[1], "memory.current", O_RDONLY);
	peak = open_file(argv[1], "memory.peak", O_RDWR);
	file = open(argv[2], O_WRONLY);
	if (file < 0)
		fail(argv[2]);
	if (write(peak, "reset", 5) != 5)
		fail("memory.peak");

	set_injector(injector, "1");
	cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	start = clock_ns(CLOCK_MONOTONIC);
	written = write(file, argv[3], strlen(argv[3]));
	error = written < 0 ? errno : 0;
	ns = clock_ns(CLOCK_MONOTONIC) - start;
	cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns;
	set_injector(injector, "0");
	at_return = number_of(current);
	at_peak = number_of(peak);
	wait_until_idle(disk_stat);
	device_ns = clock_ns(CLOCK_MONOTONIC) - start;

	printf("errno %d\nns %lld\ncpu_ns %lld\ndevice_ns %lld\ncurrent %ld\npeak %ld\n",
	       error, ns, cpu_ns, device_ns, at_return, at_peak);
	return 0;
}
