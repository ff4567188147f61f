// SPDX-License-Identifier: GPL-2.0
/*
 * A page that zswap has stored and that is swapped out again, full of zeros this
 * time or without room in the pool, must leave nothing behind in zswap: writeback
 * would put the older version into the swap cache, for the next fault to map, or
 * over the newer one on the device.
 *
 * It takes a fault during the store, so that reclaim cannot take the page out of
 * the swap cache and it keeps its slot: a thread reads all the time while the
 * pages are paged out. That wants two CPUs, and a compressor that takes its time.
 * Prints KTAP. Nothing else may use zswap meanwhile.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lru.h"

#define PAGES	512
/* Without the fix, one in five or so has such a page */
#define ROUNDS	50

/* Few enough for the reader to be always at one that is being paged out */
#define STRIDE	32

static size_t page_size;
static volatile char *mem;
/* What is in it */
static char *want;
static atomic_bool stop;

static void fail(const char *what)
{
	fprintf(stderr, "stale: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void *reader(void *arg)
{
	while (!stop)
		for (size_t i = 0; i < PAGES && !stop; i += STRIDE)
			(void)mem[i * page_size];
	return arg;
}

static void page_out(void)
{
	if (madvise((void *)mem, PAGES * page_size, MADV_PAGEOUT))
		fail("MADV_PAGEOUT");
}

static void page_out_while_read(void)
{
	pthread_t thread;

	stop = false;
	if (pthread_create(&thread, NULL, reader, NULL))
		fail("pthread_create");
	page_out();
	stop = true;
	pthread_join(thread, NULL);
}

/* Every page differs, and each version from the one before */
static void make_version(unsigned int version)
{
	for (size_t i = 0; i < PAGES; i++) {
		uint64_t nr = (uint64_t)version * PAGES + i + 1;

		memset(want + i * page_size, 'z', page_size);
		memcpy(want + i * page_size, &nr, sizeof(nr));
	}
}

static void make_zeros(unsigned int version)
{
	(void)version;
	memset(want, 0, PAGES * page_size);
}

static bool all_swapped(void)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	bool all = true;
	uint64_t pte;

	if (fd < 0)
		fail("pagemap");
	for (size_t i = 0; i < PAGES; i++) {
		off_t at = ((uintptr_t)mem / page_size + i) * sizeof(pte);

		if (pread(fd, &pte, sizeof(pte), at) != sizeof(pte))
			fail("pagemap");
		all &= pte >> 62 & 1;
	}
	close(fd);
	return all;
}

static void page_out_all(void)
{
	for (int tries = 0; tries < 100; tries++) {
		/* The reader's CPU has some */
		if (!drain_lru_batches())
			fail("drop_caches");
		page_out();
		if (all_swapped())
			return;
	}
	errno = EAGAIN;
	fail("paging out");
}

static long entries(void)
{
	char text[32] = "";
	int fd = open("/sys/kernel/debug/zswap/stored_pages", O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		fail("zswap in debugfs");
	close(fd);
	return atol(text);
}

static void set_pool_percent(const char *percent)
{
	int fd = open("/sys/module/zswap/parameters/max_pool_percent", O_WRONLY);

	if (fd < 0 || write(fd, percent, strlen(percent)) < 0)
		fail("max_pool_percent");
	close(fd);
}

/* A page that zswap has, and the version after it, which it must not get */
static const struct test {
	const char *name;
	void (*make)(unsigned int version);
	const char *pool_percent;
} tests[] = {
	{ "zero_after_store", make_zeros, "20" },
	{ "rejected_after_store", make_version, "0" },
};

static void write_pages(void)
{
	memcpy((char *)mem, want, PAGES * page_size);
}

static size_t old_pages(void)
{
	size_t old = 0;

	for (size_t i = 0; i < PAGES; i++)
		old += !!memcmp((char *)mem + i * page_size, want + i * page_size, page_size);
	return old;
}

/* Return: whether all is as it must be: nothing in zswap, and no older version */
static bool run_round(const struct test *test, unsigned int round)
{
	size_t old;
	long stale;

	make_version(2 * round);
	write_pages();
	page_out_while_read();
	test->make(2 * round + 1);
	write_pages();
	set_pool_percent(test->pool_percent);
	page_out_all();
	set_pool_percent("20");
	stale = entries();
	old = old_pages();
	if (stale || old)
		printf("# round %u: zswap has %ld entries, %zu pages are older than they must be\n",
		       round, stale, old);
	return !stale && !old;
}

static bool run_test(const struct test *test)
{
	for (unsigned int round = 0; round < ROUNDS; round++)
		if (!run_round(test, round))
			return false;
	return true;
}

int main(void)
{
	size_t nr = sizeof(tests) / sizeof(tests[0]), passed = 0;

	page_size = sysconf(_SC_PAGESIZE);
	want = malloc(PAGES * page_size);
	mem = mmap(NULL, PAGES * page_size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!want || mem == MAP_FAILED)
		fail("memory");
	if (entries()) {
		errno = EBUSY;
		fail("zswap");
	}
	printf("TAP version 13\n1..%zu\n", nr);
	for (size_t i = 0; i < nr; i++) {
		bool ok = run_test(&tests[i]);

		passed += ok;
		printf("%s %zu %s\n", ok ? "ok" : "not ok", i + 1, tests[i].name);
	}
	printf("# Totals: pass:%zu fail:%zu xfail:0 xpass:0 skip:0 error:0\n", passed, nr - passed);
	return passed != nr;
}
