// SPDX-License-Identifier: GPL-2.0
/*
 * Owns memory, so that the tests have pages with a known content in zswap:
 *
 *	owner third SIZE	each page one third random bytes, two thirds one byte
 *	owner DEVICE SIZE	the bytes of DEVICE, from its beginning
 *
 * SIZE is in MiB. Takes one command a line from standard input and answers
 * each with one line:
 *
 *	pageout		MADV_PAGEOUT until all pages are swapped out
 *			-> "pageout SWAPPED of PAGES"
 *	verify		fault every page in and compare its checksum
 *			-> "verify INTACT of PAGES"
 *	dirty		write to every page
 *			-> "dirty PAGES of PAGES"
 *	stat		-> "stat SWAPPED of PAGES"
 *
 * Ends with the end of its input, 0 unless a page had lost its content.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t page_size;
static size_t nr_pages;
static unsigned char *mem;
static uint64_t *sums;

static void fail(const char *what)
{
	fprintf(stderr, "owner: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* xorshift64: the same bytes in every run */
static uint64_t next_random(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* FNV-1a over words, which is enough to tell pages apart */
static uint64_t checksum(const unsigned char *page)
{
	uint64_t sum = 0xcbf29ce484222325, word;

	for (size_t i = 0; i < page_size; i += sizeof(word)) {
		memcpy(&word, page + i, sizeof(word));
		sum = (sum ^ word) * 0x100000001b3;
	}
	return sum;
}

static void fill_third(void)
{
	for (size_t i = 0; i < nr_pages; i++) {
		unsigned char *page = mem + i * page_size;
		size_t at = 0;

		for (; at + sizeof(uint64_t) <= page_size / 3; at += sizeof(uint64_t)) {
			uint64_t word = next_random();

			memcpy(page + at, &word, sizeof(word));
		}
		memset(page + at, 1 + i % 255, page_size - at);
	}
}

/*
 * Past the page cache, which would be charged and reclaimed beside our pages.
 * A page of zeros is never stored in zswap; it gets its number instead.
 */
static void fill_from(const char *device)
{
	int fd = open(device, O_RDONLY | O_DIRECT);
	size_t step = 1 << 20;

	if (fd < 0)
		fail(device);
	for (size_t at = 0; at < nr_pages * page_size; at += step)
		if (pread(fd, mem + at, step, at) != (ssize_t)step)
			fail("the data ends too early");
	close(fd);
	for (size_t i = 0; i < nr_pages; i++) {
		unsigned char *page = mem + i * page_size;

		if (!page[0] && !memcmp(page, page + 1, page_size - 1))
			memcpy(page, &(uint64_t){ i + 1 }, sizeof(uint64_t));
	}
}

static size_t count_swapped(void)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	size_t swapped = 0;
	uint64_t pte;

	if (fd < 0)
		fail("pagemap");
	for (size_t i = 0; i < nr_pages; i++) {
		off_t at = ((uintptr_t)mem / page_size + i) * sizeof(pte);

		if (pread(fd, &pte, sizeof(pte), at) != sizeof(pte))
			fail("pagemap");
		swapped += pte >> 62 & 1;
	}
	close(fd);
	return swapped;
}

/* MADV_PAGEOUT reaches the pages in this CPU's LRU batches only */
static void pin_to_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		fail("sched_setaffinity");
}

/* A page that is locked for a moment escapes too */
static size_t page_out(void)
{
	size_t swapped = 0;

	for (int i = 0; i < 100 && swapped < nr_pages; i++) {
		if (madvise(mem, nr_pages * page_size, MADV_PAGEOUT))
			fail("MADV_PAGEOUT");
		swapped = count_swapped();
		if (swapped < nr_pages)
			usleep(10000);
	}
	return swapped;
}

static size_t count_intact(void)
{
	size_t intact = 0;

	for (size_t i = 0; i < nr_pages; i++)
		intact += checksum(mem + i * page_size) == sums[i];
	return intact;
}

static size_t dirty(void)
{
	for (size_t i = 0; i < nr_pages; i++) {
		mem[i * page_size]++;
		sums[i] = checksum(mem + i * page_size);
	}
	return nr_pages;
}

static int serve(void)
{
	char line[64];
	int status = 0;

	while (fgets(line, sizeof(line), stdin)) {
		size_t count;

		line[strcspn(line, "\n")] = 0;
		if (!strcmp(line, "pageout")) {
			count = page_out();
		} else if (!strcmp(line, "dirty")) {
			count = dirty();
		} else if (!strcmp(line, "stat")) {
			count = count_swapped();
		} else if (!strcmp(line, "verify")) {
			count = count_intact();
			if (count != nr_pages)
				status = 1;
		} else {
			fprintf(stderr, "owner: unknown command \"%s\"\n", line);
			return 2;
		}
		printf("%s %zu of %zu\n", line, count, nr_pages);
		fflush(stdout);
	}
	return status;
}

int main(int argc, char **argv)
{
	size_t bytes;

	if (argc != 3 || atol(argv[2]) <= 0) {
		fprintf(stderr, "usage: owner third|DEVICE MIB\n");
		return 2;
	}
	pin_to_cpu();
	page_size = sysconf(_SC_PAGESIZE);
	bytes = (size_t)atol(argv[2]) << 20;
	nr_pages = bytes / page_size;
	mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sums = mmap(NULL, nr_pages * sizeof(*sums), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED || sums == MAP_FAILED)
		fail("mmap");
	if (!strcmp(argv[1], "third"))
		fill_third();
	else
		fill_from(argv[1]);
	for (size_t i = 0; i < nr_pages; i++)
		sums[i] = checksum(mem + i * page_size);
	return serve();
}
