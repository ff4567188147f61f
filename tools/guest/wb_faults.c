// SPDX-License-Identifier: GPL-2.0
/*
 * Measures how long page faults take.
 *
 *	wb_faults job MIB
 *		touches so much new memory, once: a job that starts
 *	wb_faults fresh MIB COMMAND...
 *	wb_faults disk MIB COMMAND...
 *		a bystander: a fault every fifth of a millisecond while COMMAND runs,
 *		on new memory, or on memory that was paged out before. The caller
 *		sees to it that it is not paged out to zswap, and that no fault
 *		brings more than its page.
 *
 * Prints one word and number a line: errno N (of COMMAND, else 0), ns N from the
 * first fault to the last, faults N, and of their times in nanoseconds p50 N,
 * p99 N, p999 N and highest N.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "measure.h"
#include "random.h"

/* What is recorded of a bystander, in a ring: the latest */
#define MAX_TIMES	(1UL << 18)

static uint64_t random_state = 0x9e3779b97f4a7c15;
static size_t page_size, nr_pages;
static unsigned char *mem;
static uint32_t *times;
static size_t nr_times, max_times;

static void *allocate(size_t bytes, int flags)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (at == MAP_FAILED)
		fail("mmap");
	return at;
}

static void record(long long ns)
{
	times[nr_times++ % max_times] = ns > UINT32_MAX ? UINT32_MAX : ns;
}

static void touch(size_t i)
{
	volatile unsigned char *page = mem + i * page_size;
	long long start = clock_ns(CLOCK_MONOTONIC);

	*page = 1;
	record(clock_ns(CLOCK_MONOTONIC) - start);
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
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static uint32_t at_share(double share)
{
	size_t nr = nr_times < max_times ? nr_times : max_times;

	return nr ? times[(size_t)(share * (nr - 1))] : 0;
}

static void report(int error, long long ns)
{
	qsort(times, nr_times < max_times ? nr_times : max_times, sizeof(*times), compare);
	printf("errno %d\nns %lld\nfaults %zu\np50 %u\np99 %u\np999 %u\nhighest %u\n", error, ns,
	       nr_times, at_share(0.5), at_share(0.99), at_share(0.999), at_share(1));
}

/* A third of its bytes cannot be made smaller, should it be paged out itself */
static void run_job(void)
{
	long long start = clock_ns(CLOCK_MONOTONIC);

	for (size_t i = 0; i < nr_pages; i++) {
		touch(i);
		fill(mem + i * page_size, page_size / 3);
	}
	report(0, clock_ns(CLOCK_MONOTONIC) - start);
}

static void page_all_out(void)
{
	fill(mem, nr_pages * page_size);
	if (madvise(mem, nr_pages * page_size, MADV_PAGEOUT))
		fail("MADV_PAGEOUT");
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

/* Memory that is used up is paged out again, or thrown away */
static void stand_by(char **command, int on_disk)
{
	long long start;
	int status = 0;
	pid_t pid;

	if (on_disk)
		page_all_out();
	pid = start_command(command);
	start = clock_ns(CLOCK_MONOTONIC);
	for (size_t i = 0; !waitpid(pid, &status, WNOHANG); i++) {
		if (i && i % nr_pages == 0 &&
		    madvise(mem, nr_pages * page_size, on_disk ? MADV_PAGEOUT : MADV_DONTNEED))
			fail("madvise");
		touch(i % nr_pages);
		usleep(200);
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
	if (is_job)
		run_job();
	else
		stand_by(argv + 3, is_disk);
	return 0;
}
