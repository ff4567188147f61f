// SPDX-License-Identifier: GPL-2.0
/*
 * A page that zswap has stored and that is swapped out again, full of zeros this
 * time, must leave nothing behind in zswap: writeback would put the older
 * version into the swap cache, for the next fault to map.
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

#define PAGES	512
/* Without the fix, one in five or so has such a page */
#define ROUNDS	100

/* Few enough for the reader to be always at one that is being paged out */
#define STRIDE	32

static size_t page_size;
static volatile char *mem;
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

/* Every page differs, and each round's from the one before */
static void fill(unsigned int round)
{
	for (size_t i = 0; i < PAGES; i++) {
		uint64_t nr = (uint64_t)round * PAGES + i + 1;

		memset((char *)mem + i * page_size, 'z', page_size);
		memcpy((char *)mem + i * page_size, &nr, sizeof(nr));
	}
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

/* Pages in the LRU batch of the reader's CPU escape from MADV_PAGEOUT */
static void drain_lru_batches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	if (fd < 0 || write(fd, "1", 1) != 1)
		fail("drop_caches");
	close(fd);
}

static void page_out_all(void)
{
	for (int tries = 0; tries < 100; tries++) {
		drain_lru_batches();
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

/* Entries in zswap although every page is full of zeros */
static long stale_entries(unsigned int round)
{
	fill(round);
	page_out_while_read();
	memset((char *)mem, 0, PAGES * page_size);
	page_out_all();
	return entries();
}

int main(void)
{
	unsigned int round = 0;
	long stale = 0;

	page_size = sysconf(_SC_PAGESIZE);
	mem = mmap(NULL, PAGES * page_size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		fail("mmap");
	if (entries()) {
		errno = EBUSY;
		fail("zswap");
	}
	puts("TAP version 13\n1..1");
	while (round < ROUNDS && !stale)
		stale = stale_entries(round++);
	if (stale)
		printf("# round %u: zswap has %ld entries of pages that are zero-filled\n", round, stale);
	printf("%s 1 zero_after_store\n", stale ? "not ok" : "ok");
	printf("# Totals: pass:%d fail:%d xfail:0 xpass:0 skip:0 error:0\n", !stale, !!stale);
	return !!stale;
}
