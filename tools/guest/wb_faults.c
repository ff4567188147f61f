// SPDX-License-Identifier: GPL-2.0
/*
 * Measures how long page faults take.
 *
 *	wb_faults job MIB
 *		touches so much new memory, once: a job that starts
 *	wb_faults fresh MIB COMMAND...
 *	wb_faults disk MIB COMMAND...
 *		a bystander: a fault every fifth of a millisecond while COMMAND runs,
 *		on new memory, or on memory that is on the disk alone. The caller
 *		sees to it that it is not paged out to zswap, that no fault
 *		brings more than its page, and that we have a cgroup for us.
 *
 * Prints one word and number a line: errno N (of COMMAND, else 0), ns N from the
 * first fault to the last, faults N, and of their times in nanoseconds, and what those
 * missed would have waited, p50 N, p99 N, p999 N and highest N.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "measure.h"
#include "random.h"

/* What is recorded of a bystander, in a ring: the latest */
#define MAX_TIMES	(1UL << 18)
/* From one of its faults to the next */
#define PERIOD_NS	200000LL

static uint64_t random_state = 0x9e3779b97f4a7c15;
static size_t page_size, nr_pages;
static unsigned char *mem, *in_core;
static uint64_t *times;
static size_t nr_faults, nr_times, max_times;

static void *allocate(size_t bytes, int flags)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (at == MAP_FAILED)
		fail("mmap");
	return at;
}

static void record(long long ns)
{
	times[nr_times++ % max_times] = ns;
}

static long long touch(size_t i)
{
	volatile unsigned char *page = mem + i * page_size;
	long long start = clock_ns(CLOCK_MONOTONIC);

	*page = 1;
	nr_faults++;
	return clock_ns(CLOCK_MONOTONIC) - start;
}

static void fill(unsigned char *at, size_t bytes)
{
	for (size_t i = 0; i + sizeof(uint64_t) <= bytes; i += sizeof(uint64_t)) {
		uint64_t word = next_random(&random_state);

		memcpy(at + i, &word, sizeof(word));
	}
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t at_share(double share)
{
	size_t nr = nr_times < max_times ? nr_times : max_times;

	return nr ? times[(size_t)(share * (nr - 1))] : 0;
}

static void report(int error, long long ns)
{
	qsort(times, nr_times < max_times ? nr_times : max_times, sizeof(*times), compare);
	printf("errno %d\nns %lld\nfaults %zu\np50 %" PRIu64 "\np99 %" PRIu64 "\np999 %" PRIu64
	       "\nhighest %" PRIu64 "\n", error, ns, nr_faults, at_share(0.5), at_share(0.99),
	       at_share(0.999), at_share(1));
}

/* A third of its bytes cannot be made smaller, should it be paged out itself */
static void run_job(void)
{
	long long start = clock_ns(CLOCK_MONOTONIC);

	for (size_t i = 0; i < nr_pages; i++) {
		record(touch(i));
		fill(mem + i * page_size, page_size / 3);
	}
	report(0, clock_ns(CLOCK_MONOTONIC) - start);
}

/* The memory.reclaim of our cgroup, all of which is ours */
static int open_reclaim(void)
{
	char path[512] = "/sys/fs/cgroup", *end;
	int fd = open_file("/proc/self", "cgroup", O_RDONLY);

	if (sscanf(text_of(fd), "0::%400[^\n]", path + strlen(path)) != 1)
		fail("/proc/self/cgroup");
	close(fd);
	end = path + strlen(path);
	snprintf(end, path + sizeof(path) - end, "/memory.reclaim");
	fd = open(path, O_WRONLY);
	if (fd < 0)
		fail(path);
	return fd;
}

/* Also those in the swap cache */
static size_t count_resident(void)
{
	size_t resident = 0;

	if (mincore(mem, nr_pages * page_size, in_core))
		fail("mincore");
	for (size_t i = 0; i < nr_pages; i++)
		resident += in_core[i] & 1;
	return resident;
}

/*
 * What has been written is in the swap cache until it is reclaimed, which is more than
 * MADV_PAGEOUT does. An error of memory.reclaim says that there was less.
 */
static void page_all_out(void)
{
	static int reclaim = -1;

	if (reclaim < 0)
		reclaim = open_reclaim();
	if (madvise(mem, nr_pages * page_size, MADV_PAGEOUT))
		fail("MADV_PAGEOUT");
	for (int tries = 0; count_resident(); tries++) {
		errno = ETIMEDOUT;
		if (tries == 1000)
			fail("memory is not paged out");
		if (dprintf(reclaim, "%zu", nr_pages * page_size) < 0 && errno != EAGAIN)
			fail("memory.reclaim");
		usleep(10000);
	}
}

static void throw_away(void)
{
	if (madvise(mem, nr_pages * page_size, MADV_DONTNEED))
		fail("MADV_DONTNEED");
}

static pid_t start_command(char **command)
{
	pid_t pid = fork();

	if (pid < 0)
		fail("fork");
	if (!pid) {
		execvp(command[0], command);
		fail(command[0]);
	}
	return pid;
}

/*
 * While it waits for one, those that were to come meanwhile would have waited as well,
 * each for a period less: without them, the longer a stall, the less it would count.
 */
static long long record_with_missed(long long ns)
{
	long long missed;

	record(ns);
	for (missed = PERIOD_NS; missed < ns; missed += PERIOD_NS)
		record(ns - missed);
	return missed;
}

static void wait_until(long long ns)
{
	struct timespec at = { ns / 1000000000, ns % 1000000000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static void stand_by(char **command, void (*use_again)(void))
{
	long long start, next;
	int status = 0;
	pid_t pid;

	use_again();
	pid = start_command(command);
	start = next = clock_ns(CLOCK_MONOTONIC);
	for (size_t i = 0; !waitpid(pid, &status, WNOHANG); i++) {
		if (i && i % nr_pages == 0) {
			use_again();
			next = clock_ns(CLOCK_MONOTONIC);
		}
		wait_until(next);
		next += record_with_missed(touch(i % nr_pages));
	}
	report(status, clock_ns(CLOCK_MONOTONIC) - start);
}

int main(int argc, char **argv)
{
	int is_job = argc == 3 && !strcmp(argv[1], "job");
	int is_fresh = argc > 3 && !strcmp(argv[1], "fresh");
	int is_disk = argc > 3 && !strcmp(argv[1], "disk");

	if ((!is_job && !is_fresh && !is_disk) || atol(argv[2]) <= 0) {
		fprintf(stderr, "usage: wb_faults job MIB\n"
				"       wb_faults fresh|disk MIB COMMAND...\n");
		return 2;
	}
	page_size = sysconf(_SC_PAGESIZE);
	nr_pages = ((size_t)atol(argv[2]) << 20) / page_size;
	max_times = is_job ? nr_pages : MAX_TIMES;
	mem = allocate(nr_pages * page_size, 0);
	times = allocate(max_times * sizeof(*times), MAP_POPULATE);
	in_core = allocate(nr_pages, MAP_POPULATE);
	if (is_disk)
		fill(mem, nr_pages * page_size);
	if (is_job)
		run_job();
	else
		stand_by(argv + 3, is_disk ? page_all_out : throw_away);
	return 0;
}
