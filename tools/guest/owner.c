// SPDX-License-Identifier: GPL-2.0
/*
 * Owns memory, so that the tests have pages with a known content in zswap:
 *
 *	owner third SIZE	each page one third random bytes, two thirds one byte
 *	owner random SIZE	random bytes, which nothing makes smaller
 *	owner zeros SIZE	each page 256 random bytes, then zeros
 *	owner flat SIZE		each page its number, then one byte: many entries
 *				in little memory
 *	owner DEVICE SIZE	the bytes of DEVICE, from its beginning
 *
 * No two owners have the same bytes, but for those of DEVICE: what an earlier one
 * left on the swap device must not pass for what this one has there.
 *
 *	owner WHAT SIZE DIR N	the same, in equal shares in the cgroups DIR/1 to DIR/N
 *
 * SIZE is in MiB, or in KiB with a K behind it. Takes one command a line from
 * standard input and answers each with one line:
 *
 *	pageout		MADV_PAGEOUT until all pages are swapped out
 *			-> "pageout SWAPPED of PAGES"
 *	verify [FIRST N]
 *			fault every page in, or N of them, and compare its checksum
 *			-> "verify INTACT of PAGES"
 *	fork [FIRST N]	the same in a child, which shares the pages
 *			-> "fork INTACT of PAGES"
 *	dirty		write to every page
 *			-> "dirty PAGES of PAGES"
 *	stat		-> "stat SWAPPED of PAGES"
 *	shuffle		fault every page in, so that all keep their slots, and page
 *			them out one at a time, shuffled within blocks of 256
 *			-> "shuffle SWAPPED of PAGES"
 *	age		fault a random half in and page it out again
 *			-> "age SWAPPED of PAGES"
 *	again FIRST N	fault these in and page them out, one after the other
 *			-> "again SWAPPED of PAGES"
 *	halve FIRST N	fault these in, and page the first half of them out
 *			-> "halve SWAPPED of PAGES"
 *	fewest N BATCH	the fewest I/Os of up to 32 pages that the slots of the N
 *			pages allow which were paged out longest ago, if so many are
 *			put in order at a time
 *			-> "fewest IOS of PAGES"
 *	fetch N		fault in the N pages that were paged out longest ago
 *			-> "fetch N of PAGES"
 *	lend N		the first N pages go into the pipe that is file descriptor 7,
 *			which then has a reference to each, whatever becomes of owner
 *			-> "lend N of PAGES"
 *	watch		a thread asks mincore() about all pages, again and again,
 *			which faults none but takes a reference on what it finds in
 *			the swap cache
 *			-> "watch PAGES of PAGES"
 *	unwatch		until now
 *			-> "unwatch PAGES of PAGES"
 *
 * Ends with the end of its input, 0 unless a page had lost its content.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lru.h"
#include "random.h"

static uint64_t random_state;
static size_t page_size;
static size_t nr_pages;
static unsigned char *mem;
static uint64_t *sums;
/* When each page was last paged out, and page numbers to be put in order */
static uint64_t *stamps;
static size_t *order;

static void fail(const char *what)
{
	fprintf(stderr, "owner: %s: %s\n", what, strerror(errno));
	exit(2);
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

static void *map(size_t bytes, int flags)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (at == MAP_FAILED)
		fail("mmap");
	return at;
}

/* Written to at once: nothing of it is to be faulted while a test counts */
static void *allocate(size_t bytes)
{
	return map(bytes, MAP_POPULATE);
}

/* Random bytes at the head of each page, then one byte */
static void fill_random(size_t head, int zeros)
{
	for (size_t i = 0; i < nr_pages; i++) {
		unsigned char *page = mem + i * page_size;
		size_t at = 0;

		for (; at + sizeof(uint64_t) <= head; at += sizeof(uint64_t)) {
			uint64_t word = next_random(&random_state);

			memcpy(page + at, &word, sizeof(word));
		}
		memset(page + at, zeros ? 0 : 1 + i % 255, page_size - at);
	}
}

static void fill_flat(void)
{
	for (size_t i = 0; i < nr_pages; i++) {
		unsigned char *page = mem + i * page_size;
		uint64_t number = (uint64_t)getpid() << 32 | i;

		memset(page, 1 + i % 255, page_size);
		memcpy(page, &number, sizeof(number));
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

static void fill(const char *what)
{
	if (!strcmp(what, "third"))
		fill_random(page_size / 3, 0);
	else if (!strcmp(what, "random"))
		fill_random(page_size, 0);
	else if (!strcmp(what, "zeros"))
		fill_random(256, 1);
	else if (!strcmp(what, "flat"))
		fill_flat();
	else
		fill_from(what);
}

/* Linux: Documentation/admin-guide/mm/pagemap.rst */
#define PAGEMAP_SWAPPED(pte)	((pte) >> 62 & 1)
#define PAGEMAP_SLOT(pte)	((pte) >> 5 & ((1ULL << 50) - 1))

static int open_pagemap(void)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);

	if (fd < 0)
		fail("pagemap");
	return fd;
}

static uint64_t pagemap_of(int fd, size_t i)
{
	off_t at = ((uintptr_t)mem / page_size + i) * sizeof(uint64_t);
	uint64_t pte;

	if (pread(fd, &pte, sizeof(pte), at) != sizeof(pte))
		fail("pagemap");
	return pte;
}

struct range {
	size_t first, nr;
};

static size_t count_swapped(struct range range)
{
	int fd = open_pagemap();
	size_t swapped = 0;

	for (size_t i = range.first; i < range.first + range.nr; i++)
		swapped += PAGEMAP_SWAPPED(pagemap_of(fd, i));
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

static void page_out_range(size_t first, size_t nr)
{
	static uint64_t now;

	if (madvise(mem + first * page_size, nr * page_size, MADV_PAGEOUT))
		fail("MADV_PAGEOUT");
	for (size_t i = first; i < first + nr; i++)
		stamps[i] = now++;
}

/*
 * A page that is locked for a moment escapes too: go back for it. Those in the LRU batch
 * of a CPU that the owner has left stay there for as long as nothing happens on it.
 */
static size_t page_out_rest(void)
{
	size_t swapped;

	for (int tries = 0; tries < 100; tries++) {
		int fd = open_pagemap();

		swapped = 0;
		for (size_t i = 0; i < nr_pages; i++) {
			if (PAGEMAP_SWAPPED(pagemap_of(fd, i)))
				swapped++;
			else
				page_out_range(i, 1);
		}
		close(fd);
		if (swapped == nr_pages)
			break;
		if (tries == 50 && !drain_lru_batches())
			fail("drop_caches");
		usleep(10000);
	}
	return swapped;
}

static size_t page_out(void)
{
	page_out_range(0, nr_pages);
	return page_out_rest();
}

static void fault_in(size_t i)
{
	if (madvise(mem + i * page_size, page_size, MADV_POPULATE_READ))
		fail("MADV_POPULATE_READ");
}

static void number_pages(void)
{
	for (size_t i = 0; i < nr_pages; i++)
		order[i] = i;
}

static void swap_order(size_t i, size_t j)
{
	size_t page = order[i];

	order[i] = order[j];
	order[j] = page;
}

static void shuffle_block(size_t first, size_t nr)
{
	for (size_t i = nr - 1; i > 0; i--)
		swap_order(first + i, first + next_random(&random_state) % (i + 1));
}

#define BLOCK	256

static size_t shuffle(void)
{
	number_pages();
	for (size_t i = 0; i < nr_pages; i++)
		fault_in(i);
	for (size_t i = 0; i < nr_pages; i += BLOCK)
		shuffle_block(i, nr_pages - i < BLOCK ? nr_pages - i : BLOCK);
	for (size_t i = 0; i < nr_pages; i++)
		page_out_range(order[i], 1);
	return page_out_rest();
}

static size_t age(void)
{
	size_t nr = 0;

	for (size_t i = 0; i < nr_pages; i++)
		if (next_random(&random_state) & 1)
			order[nr++] = i;
	for (size_t i = 0; i < nr; i++)
		fault_in(order[i]);
	for (size_t i = 0; i < nr; i++)
		page_out_range(order[i], 1);
	return page_out_rest();
}

/* One at a time: a page that is stored gets what the same page has just given up */
static size_t again(struct range range)
{
	for (size_t i = range.first; i < range.first + range.nr; i++) {
		fault_in(i);
		page_out_range(i, 1);
	}
	return count_swapped(range);
}

/* What is stored gets what the other half has just given up, and leaves its own to nobody */
static size_t halve(struct range range)
{
	for (size_t i = range.first; i < range.first + range.nr; i++)
		fault_in(i);
	page_out_range(range.first, range.nr / 2);
	return count_swapped(range);
}

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_stamps(const void *a, const void *b)
{
	return compare(stamps[*(const size_t *)a], stamps[*(const size_t *)b]);
}

static int compare_values(const void *a, const void *b)
{
	return compare(*(const uint64_t *)a, *(const uint64_t *)b);
}

static void order_by_age(void)
{
	number_pages();
	qsort(order, nr_pages, sizeof(*order), compare_stamps);
}

/* SWAP_CLUSTER_MAX: what one I/O of the kernel holds */
#define IO_PAGES	32

static size_t ios_in_order(uint64_t *slots, size_t nr)
{
	size_t ios = 0, run = 0;

	qsort(slots, nr, sizeof(*slots), compare_values);
	for (size_t i = 0; i < nr; i++) {
		if (!run || run == IO_PAGES || slots[i] != slots[i - 1] + 1) {
			ios++;
			run = 0;
		}
		run++;
	}
	return ios;
}

static size_t fewest_ios(size_t nr, size_t batch)
{
	uint64_t *slots = calloc(nr, sizeof(*slots));
	int fd = open_pagemap();
	size_t ios = 0;

	if (!slots)
		fail("calloc");
	order_by_age();
	for (size_t i = 0; i < nr; i++)
		slots[i] = PAGEMAP_SLOT(pagemap_of(fd, order[i]));
	close(fd);
	for (size_t i = 0; i < nr; i += batch)
		ios += ios_in_order(slots + i, nr - i < batch ? nr - i : batch);
	free(slots);
	return ios;
}

static size_t fetch_oldest(size_t nr)
{
	order_by_age();
	for (size_t i = 0; i < nr; i++)
		fault_in(order[i]);
	return nr;
}

static size_t lend(size_t nr)
{
	struct iovec left = { mem, nr * page_size };

	if (fcntl(7, F_SETPIPE_SZ, left.iov_len) < 0)
		fail("F_SETPIPE_SZ");
	while (left.iov_len) {
		ssize_t lent = vmsplice(7, &left, 1, 0);

		if (lent <= 0)
			fail("vmsplice");
		left.iov_base = (char *)left.iov_base + lent;
		left.iov_len -= lent;
	}
	return nr;
}

static size_t count_intact(struct range range)
{
	size_t intact = 0;

	for (size_t i = range.first; i < range.first + range.nr; i++)
		intact += checksum(mem + i * page_size) == sums[i];
	return intact;
}

/* What the child faults in must be there for us as well */
static size_t count_intact_in_child(struct range range)
{
	size_t intact = 0;
	int ends[2];
	pid_t child;

	if (pipe(ends))
		fail("pipe");
	child = fork();
	if (child < 0)
		fail("fork");
	if (!child) {
		intact = count_intact(range);
		_exit(write(ends[1], &intact, sizeof(intact)) != sizeof(intact));
	}
	close(ends[1]);
	if (read(ends[0], &intact, sizeof(intact)) != sizeof(intact))
		intact = 0;
	close(ends[0]);
	if (waitpid(child, NULL, 0) != child)
		fail("waitpid");
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

static pthread_t watching;
static atomic_bool enough;

static void *watcher(void *arg)
{
	unsigned char *resident = arg;

	while (!enough)
		if (mincore(mem, nr_pages * page_size, resident))
			fail("mincore");
	return NULL;
}

static size_t watch(void)
{
	pthread_attr_t attr;
	cpu_set_t set;

	/* Not on our CPU alone: on whichever the writeback is not */
	memset(&set, 0xff, sizeof(set));
	pthread_attr_init(&attr);
	enough = false;
	if (pthread_attr_setaffinity_np(&attr, sizeof(set), &set) ||
	    pthread_create(&watching, &attr, watcher, allocate(nr_pages)))
		fail("a thread");
	return nr_pages;
}

static size_t unwatch(void)
{
	enough = true;
	if (pthread_join(watching, NULL))
		fail("a thread");
	return nr_pages;
}

/* A number of pages, which owner has */
static size_t number_of(const char *word)
{
	size_t nr = word ? strtoul(word, NULL, 10) : 0;

	if (!nr || nr > nr_pages) {
		fprintf(stderr, "owner: a number from 1 to %zu is missing\n", nr_pages);
		exit(2);
	}
	return nr;
}

/* The pages of FIRST and the next word, N; without them, all */
static struct range range_of(const char *first)
{
	struct range range = { .nr = nr_pages };

	if (!first)
		return range;
	range.first = strtoul(first, NULL, 10);
	range.nr = number_of(strtok(NULL, "\n "));
	if (range.first > nr_pages - range.nr) {
		fprintf(stderr, "owner: there are no %zu pages from %zu on\n", range.nr, range.first);
		exit(2);
	}
	return range;
}

static int serve(void)
{
	char line[64];
	int status = 0;

	while (fgets(line, sizeof(line), stdin)) {
		const char *command = strtok(line, "\n ");
		const char *argument = strtok(NULL, "\n ");
		size_t count;

		if (!command)
			command = "";
		if (!strcmp(command, "pageout")) {
			count = page_out();
		} else if (!strcmp(command, "dirty")) {
			count = dirty();
		} else if (!strcmp(command, "stat")) {
			count = count_swapped(range_of(NULL));
		} else if (!strcmp(command, "verify")) {
			struct range range = range_of(argument);

			count = count_intact(range);
			if (count != range.nr)
				status = 1;
		} else if (!strcmp(command, "fork")) {
			struct range range = range_of(argument);

			count = count_intact_in_child(range);
			if (count != range.nr)
				status = 1;
		} else if (!strcmp(command, "shuffle")) {
			count = shuffle();
		} else if (!strcmp(command, "age")) {
			count = age();
		} else if (!strcmp(command, "again")) {
			count = again(range_of(argument));
		} else if (!strcmp(command, "halve")) {
			count = halve(range_of(argument));
		} else if (!strcmp(command, "fewest")) {
			size_t nr = number_of(argument);

			count = fewest_ios(nr, number_of(strtok(NULL, "\n ")));
		} else if (!strcmp(command, "fetch")) {
			count = fetch_oldest(number_of(argument));
		} else if (!strcmp(command, "lend")) {
			count = lend(number_of(argument));
		} else if (!strcmp(command, "watch")) {
			count = watch();
		} else if (!strcmp(command, "unwatch")) {
			count = unwatch();
		} else {
			fprintf(stderr, "owner: unknown command \"%s\"\n", command);
			return 2;
		}
		printf("%s %zu of %zu\n", command, count, nr_pages);
		fflush(stdout);
	}
	return status;
}

static void enter_cgroup(const char *dir, size_t i)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%zu/cgroup.procs", dir, i);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, "0", 1) != 1)
		fail(path);
	close(fd);
}

/* Memory is charged to whoever touches it first */
static void *allocate_spread(size_t bytes, const char *dir, size_t groups)
{
	unsigned char *at = map(bytes, 0);
	size_t first = 0;

	for (size_t i = 1; i <= groups; i++) {
		size_t next = i < groups ? i * nr_pages / groups * page_size : bytes;

		enter_cgroup(dir, i);
		if (madvise(at + first, next - first, MADV_POPULATE_WRITE))
			fail("MADV_POPULATE_WRITE");
		first = next;
	}
	return at;
}

static size_t size_of(const char *text)
{
	char *unit;
	size_t size = strtoul(text, &unit, 10);

	return *unit == 'K' ? size << 10 : size << 20;
}

int main(int argc, char **argv)
{
	size_t bytes;

	if ((argc != 3 && argc != 5) || !size_of(argv[2]) || (argc == 5 && atol(argv[4]) <= 0)) {
		fprintf(stderr, "usage: owner third|random|zeros|flat|DEVICE SIZE [DIR N]\n");
		return 2;
	}
	random_state = 0x9e3779b97f4a7c15 ^ (uint64_t)getpid() << 32;
	pin_to_cpu();
	page_size = sysconf(_SC_PAGESIZE);
	bytes = size_of(argv[2]);
	nr_pages = bytes / page_size;
	mem = argc == 5 ? allocate_spread(bytes, argv[3], atol(argv[4])) : allocate(bytes);
	sums = allocate(nr_pages * sizeof(*sums));
	stamps = allocate(nr_pages * sizeof(*stamps));
	order = allocate(nr_pages * sizeof(*order));
	fill(argv[1]);
	for (size_t i = 0; i < nr_pages; i++)
		sums[i] = checksum(mem + i * page_size);
	return serve();
}
