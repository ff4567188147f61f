// SPDX-License-Identifier: GPL-2.0
/*
 * Everything at once, on a machine that swaps through zswap: owners of memory
 * in groups that come and go, writers of zswap_writeback_only at every level of
 * the hierarchy, ordinary reclaim, every knob of zswap, a swap device that
 * comes and goes, CPU hotplug, the freezer and signals. Every page that is
 * touched is compared with the content it must have.
 *
 *	stress [--seconds N] [--seed N] [--bound N] [--faults]
 *
 * With --faults, the writers of zswap_writeback_only ask for the faults that the
 * kernel injects, and writes may fail; stress_faults sets all that up. The seed
 * decides which actions every thread and owner takes, in which order and with
 * which arguments; how they interleave is up to the machine. No call may take
 * more than --bound seconds. SWAPDEV is in use as swap, DISK1 is an empty disk
 * for the second swap device. STRESS_DISKS, if set, says where the pages of both
 * are in the end: a word for each, the device that is written to and those below
 * that have the same sectors, as "/dev/dm-0,/dev/vdb /dev/vdc".
 *
 * Prints a line of progress a second, one line about what went wrong, a table
 * of what was done, and KTAP.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "random.h"

#define ROOT		"/sys/fs/cgroup"
#define TOP		ROOT "/stress"
#define NODE_FILE	"/sys/devices/system/node/node%u/reclaim"
#define CPU_FILE	"/sys/devices/system/cpu/cpu1/online"
#define PARAMETERS	"/sys/module/zswap/parameters/"
#define TRACE		"/sys/kernel/debug/tracing/instances/stress"

#define NR_PARENTS	2
/* A slot is the place of a group with an owner, which come and go */
#define NR_SLOTS	6
/* The slots from here on have a group between the parent and their own */
#define FIRST_NESTED	4
#define NR_WRITERS	3

#define ANON_PAGES	2048
#define SHMEM_PAGES	512
#define EXEC_PAGES	256
/* The longest range of an action */
#define RANGE_PAGES	256
/* The largest request of a writer, and of an owner for its own group */
#define REQUEST_PAGES	512
#define SELF_PAGES	64

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

enum op {
	OP_READ, OP_DIRTY, OP_PAGEOUT, OP_PAGEOUT_SHMEM, OP_DONTNEED,
	OP_WILLNEED, OP_PUNCH, OP_REMAP, OP_FORK, OP_EXEC, OP_KEY_SELF,
	OP_KEY_LEAF, OP_KEY_PARENT, OP_KEY_TOP, OP_KEY_ROOT, OP_KEY_NODE,
	OP_RECLAIM, OP_MKDIR, OP_RMDIR, OP_END, OP_KILL,
	OP_WRITEBACK, OP_ZSWAP_MAX, OP_MEMORY_MAX, OP_MEMORY_LOW, OP_MEMORY_MIN,
	OP_ENABLED, OP_SHRINKER, OP_POOL_PERCENT, OP_COMPRESSOR,
	OP_SWAPON, OP_SWAPOFF, OP_CPU_OFF, OP_CPU_ON, OP_FREEZE, OP_THAW,
	OP_SIGNAL,
	NR_OPS
};

/* The group may be removed before the file is opened, and before the call */
#define GONE	ENOENT, ENODEV
#define KEY	GONE, EAGAIN, ENOMEM, EINTR, EOPNOTSUPP

/* An action, and the errors that it may meet in a kernel without a fault */
static const struct {
	const char *name;
	int errors[8];
} ops[NR_OPS] = {
	[OP_READ]		= { "read" },
	[OP_DIRTY]		= { "dirty" },
	[OP_PAGEOUT]		= { "pageout" },
	[OP_PAGEOUT_SHMEM]	= { "pageout_shmem" },
	[OP_DONTNEED]		= { "dontneed" },
	[OP_WILLNEED]		= { "willneed" },
	[OP_PUNCH]		= { "punch" },
	[OP_REMAP]		= { "remap" },
	[OP_FORK]		= { "fork", { ENOMEM } },
	[OP_EXEC]		= { "exec", { ENOMEM } },
	[OP_KEY_SELF]		= { "key_self", { KEY } },
	[OP_KEY_LEAF]		= { "key_leaf", { KEY } },
	[OP_KEY_PARENT]		= { "key_parent", { KEY } },
	[OP_KEY_TOP]		= { "key_top", { KEY } },
	[OP_KEY_ROOT]		= { "key_root", { KEY } },
	[OP_KEY_NODE]		= { "key_node", { KEY, EBUSY } },
	[OP_RECLAIM]		= { "reclaim", { GONE, EAGAIN, EINTR } },
	[OP_MKDIR]		= { "mkdir", { ENOMEM } },
	[OP_RMDIR]		= { "rmdir" },
	[OP_END]		= { "end" },
	[OP_KILL]		= { "kill" },
	[OP_WRITEBACK]		= { "zswap.writeback", { GONE } },
	[OP_ZSWAP_MAX]		= { "zswap.max", { GONE } },
	[OP_MEMORY_MAX]		= { "memory.max", { GONE } },
	[OP_MEMORY_LOW]		= { "memory.low", { GONE } },
	[OP_MEMORY_MIN]		= { "memory.min", { GONE } },
	[OP_ENABLED]		= { "enabled" },
	[OP_SHRINKER]		= { "shrinker" },
	[OP_POOL_PERCENT]	= { "pool_percent" },
	[OP_COMPRESSOR]		= { "compressor", { ENOMEM } },
	[OP_SWAPON]		= { "swapon" },
	[OP_SWAPOFF]		= { "swapoff", { ENOMEM } },
	[OP_CPU_OFF]		= { "cpu_off", { EBUSY } },
	[OP_CPU_ON]		= { "cpu_on", { EBUSY } },
	[OP_FREEZE]		= { "freeze", { GONE } },
	[OP_THAW]		= { "thaw", { GONE } },
	[OP_SIGNAL]		= { "signal" },
};

enum check {
	CHECK_CONTENT, CHECK_RETURN, CHECK_ERRORS, CHECK_EACH, CHECK_DEVICE, CHECK_COUNTER,
	CHECK_SUCCESS,
	CHECK_ACTIONS, CHECK_KINDS, CHECK_NODE, CHECK_CPU, CHECK_FAULTS, CHECK_SLOTS, CHECK_ENTRIES,
	CHECK_PAGES, CHECK_GROUPS,
	NR_CHECKS
};

static const char *const check_names[NR_CHECKS] = {
	[CHECK_CONTENT]	= "every_page_has_its_content",
	[CHECK_RETURN]	= "every_call_returns",
	[CHECK_ERRORS]	= "no_unknown_error",
	[CHECK_EACH]	= "every_call_within_its_amount",
	[CHECK_DEVICE]	= "every_page_is_on_the_device",
	[CHECK_COUNTER]	= "counter_is_what_calls_wrote",
	[CHECK_SUCCESS]	= "success_is_of_all",
	[CHECK_ACTIONS]	= "every_action_done",
	[CHECK_KINDS]	= "every_kind_of_page",
	[CHECK_NODE]	= "node_reclaim",
	[CHECK_CPU]	= "cpu_hotplug",
	[CHECK_FAULTS]	= "faults_injected",
	[CHECK_SLOTS]	= "no_slot_left",
	[CHECK_ENTRIES]	= "no_entry_left",
	[CHECK_PAGES]	= "no_page_left",
	[CHECK_GROUPS]	= "no_group_left",
};

/* What a check has come to. Not to have come to its end is a failure. */
enum outcome { OUTCOME_OPEN, OUTCOME_PASS, OUTCOME_FAIL, OUTCOME_SKIP };

/* A thread of ours, an owner, an owner's child: does one thing at a time */
struct lane {
	atomic_int tid;
	atomic_int op;		/* and 1; 0 is idle */
	atomic_ulong since;
};

enum {
	LANE_OWNER = 0,
	LANE_CHILD = LANE_OWNER + NR_SLOTS,
	LANE_THREAD = LANE_CHILD + NR_SLOTS,
	NR_LANES = LANE_THREAD + 32,
};

/* What all processes see */
static struct shared {
	atomic_bool stop;
	atomic_int outcomes[NR_CHECKS];
	atomic_ulong done[NR_OPS];
	atomic_ulong refused[NR_OPS];
	atomic_ulong longest[NR_OPS];
	atomic_ulong pages_checked;
	/* Pages of shared memory that were in swap, with a content, after a pageout */
	atomic_ulong shmem_swapped;
	atomic_ulong oom_kills;
	/* Files that could not be opened for lack of memory, calls that met EIO */
	atomic_ulong unopened;
	atomic_ulong eio;
	/* Pages, of requests that were made and of those that were met in full... */
	atomic_ulong asked;
	atomic_ulong met;
	/* ...and how many these were */
	atomic_ulong successes;
	struct lane lanes[NR_LANES];
} *shared;

/* Pages with a known content */
struct region {
	const char *name;
	unsigned char *mem;
	/* What each page was filled from, see fill() */
	volatile uint64_t *keys;
	size_t nr;
	/* The memfd that it is of, -1 for anonymous memory */
	int fd;
};

struct owner {
	unsigned int slot;
	unsigned int generation;
	uint64_t rng;
	pid_t child;
	struct region anon;
	struct region shmem;
	unsigned char *expected;
};

static unsigned long seed = 1;
static unsigned long bound_ms = 60000;
static size_t page_size;
static unsigned int nr_nodes;
static bool has_hotplug;
static bool on_uml;
static bool with_faults;
static __thread struct lane *lane;

/* ---- small things ------------------------------------------------------- */

static unsigned long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000UL + ts.tv_nsec / 1000000;
}

static unsigned long below(uint64_t *rng, unsigned long limit)
{
	return (next_random(rng) >> 16) % limit;
}

static void pause_ms(uint64_t *rng, unsigned long most)
{
	usleep(below(rng, most) * 1000);
}

enum role {
	ROLE_OWNER, ROLE_SLOT, ROLE_WRITER, ROLE_RECLAIM, ROLE_GROUP_KNOBS,
	ROLE_PARAMETERS, ROLE_SWAP, ROLE_HOTPLUG, ROLE_FREEZER, ROLE_SIGNALS,
};

/* Where the random numbers of an actor begin */
static uint64_t seed_of(enum role role, unsigned int number, unsigned int generation)
{
	uint64_t x = seed;

	x = (x ^ role) * 0x9e3779b97f4a7c15;
	x = (x ^ x >> 32 ^ number) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 32 ^ generation) * 0x94d049bb133111eb;
	return (x ^ x >> 32) | 1;
}

/* The run is over: says why, in one line */
__attribute__((format(printf, 2, 3)))
static void fail(enum check check, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	dprintf(1, "# FAILED, seed %lu, %s: %s\n", seed, check_names[check], text);
	atomic_store(&shared->outcomes[check], OUTCOME_FAIL);
	atomic_store(&shared->stop, true);
}

__attribute__((format(printf, 1, 2)))
static void give_up(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "stress: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, ": %s\n", strerror(errno));
	va_end(ap);
	exit(2);
}

static bool stopping(void)
{
	return atomic_load(&shared->stop);
}

static void *map(size_t bytes, int flags, int fd)
{
	void *mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (mem == MAP_FAILED)
		give_up("mmap");
	return mem;
}

/* ---- calls -------------------------------------------------------------- */

static void set_lane(unsigned int number)
{
	lane = &shared->lanes[number];
	atomic_store(&lane->op, 0);
	atomic_store(&lane->tid, gettid());
}

/* Whoever had it is dead, perhaps in the middle of a call */
static void clear_lane(unsigned int number)
{
	atomic_store(&shared->lanes[number].op, 0);
}

static void begin(enum op op)
{
	atomic_store(&lane->since, now_ms());
	atomic_store(&lane->op, op + 1);
}

static bool is_request(enum op op)
{
	return op >= OP_KEY_SELF && op <= OP_KEY_NODE;
}

static bool is_expected(enum op op, int error)
{
	if (with_faults && error == EIO && is_request(op))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(ops[op].errors); i++)
		if (ops[op].errors[i] == error)
			return true;
	return false;
}

static void end(enum op op, int error)
{
	unsigned long took = now_ms() - atomic_load(&lane->since);
	unsigned long longest = atomic_load(&shared->longest[op]);

	atomic_store(&lane->op, 0);
	if (error == EIO)
		atomic_fetch_add(&shared->eio, 1);
	while (took > longest &&
	       !atomic_compare_exchange_weak(&shared->longest[op], &longest, took))
		;
	/*
	 * Of requests, those alone that wrote all that they asked for. Owners' own are
	 * rare: leaf says the same of more.
	 */
	if (!error || (error == EAGAIN && op == OP_KEY_SELF))
		atomic_fetch_add(&shared->done[op], 1);
	else if (is_expected(op, error))
		atomic_fetch_add(&shared->refused[op], 1);
	else
		fail(CHECK_ERRORS, "%s said: %s", ops[op].name, strerror(error));
}

/* Return: 0 or the error */
static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int error;

	if (fd < 0) {
		error = errno;
		if (error == ENOMEM)
			atomic_fetch_add(&shared->unopened, 1);
		return error;
	}
	error = write(fd, text, strlen(text)) < 0 ? errno : 0;
	close(fd);
	return error;
}

static void must_write(const char *path, const char *text)
{
	errno = write_file(path, text);
	if (errno)
		give_up("write \"%s\" to %s", text, path);
}

static void call_write(enum op op, const char *path, const char *text)
{
	begin(op);
	end(op, write_file(path, text));
}

/* What a file says of @key, or the number that is all it says */
static unsigned long read_number(const char *path, const char *key)
{
	char name[64], line[256];
	unsigned long value;
	FILE *file = fopen(path, "re");

	if (!file)
		give_up("open %s", path);
	while (fgets(line, sizeof(line), file)) {
		if (key ? sscanf(line, "%63s %lu", name, &value) == 2 && !strcmp(name, key) :
			  sscanf(line, "%lu", &value) == 1) {
			fclose(file);
			return value;
		}
	}
	errno = ENODATA;
	give_up("read %s of %s", key, path);
	return 0;
}

/* ---- places ------------------------------------------------------------- */

static void parent_path(char *path, size_t size, unsigned int number, const char *file)
{
	snprintf(path, size, TOP "/p%u%s", number % NR_PARENTS, file);
}

/* The group between the parent and a nested slot */
static void inner_path(char *path, size_t size, unsigned int slot, const char *file)
{
	snprintf(path, size, TOP "/p%u/n%u%s", slot % NR_PARENTS, slot, file);
}

static void slot_path(char *path, size_t size, unsigned int slot, const char *file)
{
	if (slot < FIRST_NESTED)
		snprintf(path, size, TOP "/p%u/s%u%s", slot % NR_PARENTS, slot, file);
	else
		snprintf(path, size, TOP "/p%u/n%u/s%u%s", slot % NR_PARENTS, slot, slot, file);
}

/* A parent, or a group between */
static void any_parent_path(char *path, size_t size, uint64_t *rng, const char *file)
{
	unsigned int number = below(rng, NR_PARENTS + NR_SLOTS - FIRST_NESTED);

	if (number < NR_PARENTS)
		parent_path(path, size, number, file);
	else
		inner_path(path, size, FIRST_NESTED + number - NR_PARENTS, file);
}

static void any_group_path(char *path, size_t size, uint64_t *rng, const char *file)
{
	unsigned int number = below(rng, 2 * NR_SLOTS);

	if (number < NR_SLOTS)
		slot_path(path, size, number, file);
	else
		any_parent_path(path, size, rng, file);
}

/* ---- pages -------------------------------------------------------------- */

/* Keys that no page is filled from */
#define KEY_ZEROS	0	/* never written, or given up since */
#define KEY_UNSETTLED	1	/* its owner may have been killed while it wrote */

/*
 * The content of a page is made from its key: one in eight is all zeros, which
 * zswap leaves to the swap map, one in eight does not compress, the rest are one
 * third random bytes.
 */
static bool is_of_zeros(uint64_t key)
{
	return key == KEY_ZEROS || key % 8 == 0;
}

static void fill(unsigned char *page, uint64_t key)
{
	size_t random = page_size / 3;
	uint64_t state = key, word;
	int rest = 1 + (key >> 8) % 255;

	if (is_of_zeros(key)) {
		random = 0;
		rest = 0;
	} else if (key % 8 == 1) {
		random = page_size;
	}
	memset(page, rest, page_size);
	for (size_t at = 0; at + sizeof(word) <= random; at += sizeof(word)) {
		word = next_random(&state);
		memcpy(page + at, &word, sizeof(word));
	}
}

static uint64_t new_key(uint64_t *rng)
{
	uint64_t key;

	do {
		key = next_random(rng);
	} while (key <= KEY_UNSETTLED);
	return key;
}

static void report_page(struct owner *owner, struct region *region, size_t i)
{
	const uint64_t *got = (uint64_t *)(region->mem + i * page_size);
	const uint64_t *want = (uint64_t *)owner->expected;
	size_t at = 0, wrong = 0;

	for (size_t w = page_size / sizeof(*got); w-- > 0;)
		if (got[w] != want[w]) {
			at = w;
			wrong++;
		}
	fail(CHECK_CONTENT,
	     "slot %u generation %u: %s page %zu of key 0x%llx has %zu wrong words, the first is word %zu: 0x%llx instead of 0x%llx",
	     owner->slot, owner->generation, region->name, i,
	     (unsigned long long)region->keys[i], wrong, at,
	     (unsigned long long)got[at], (unsigned long long)want[at]);
	_exit(1);
}

static void check_range(struct owner *owner, struct region *region, size_t start, size_t nr)
{
	size_t checked = 0;

	for (size_t i = start; i < start + nr; i++) {
		if (region->keys[i] == KEY_UNSETTLED)
			continue;
		fill(owner->expected, region->keys[i]);
		if (memcmp(region->mem + i * page_size, owner->expected, page_size))
			report_page(owner, region, i);
		checked++;
	}
	atomic_fetch_add(&shared->pages_checked, checked);
}

/* Whoever is killed before he settles them leaves pages that nobody can tell */
static void unsettle(struct region *region, size_t start, size_t nr)
{
	for (size_t i = start; i < start + nr; i++)
		region->keys[i] = KEY_UNSETTLED;
}

static void settle_zeros(struct region *region, size_t start, size_t nr)
{
	for (size_t i = start; i < start + nr; i++)
		region->keys[i] = KEY_ZEROS;
}

static void write_range(struct owner *owner, struct region *region, size_t start, size_t nr)
{
	check_range(owner, region, start, nr);
	for (size_t i = start; i < start + nr; i++) {
		uint64_t key = new_key(&owner->rng);

		region->keys[i] = KEY_UNSETTLED;
		atomic_signal_fence(memory_order_seq_cst);
		fill(region->mem + i * page_size, key);
		atomic_signal_fence(memory_order_seq_cst);
		region->keys[i] = key;
	}
}

/* ---- owners ------------------------------------------------------------- */

static struct region *any_region(struct owner *owner)
{
	return below(&owner->rng, 4) ? &owner->anon : &owner->shmem;
}

/* Return: where the range of the next action begins, and in @nr its length */
static size_t any_range(struct owner *owner, struct region *region, size_t *nr)
{
	*nr = 1 + below(&owner->rng, RANGE_PAGES);
	return below(&owner->rng, region->nr - *nr + 1);
}

static void advise(enum op op, struct region *region, size_t start, size_t nr, int advice)
{
	begin(op);
	end(op, madvise(region->mem + start * page_size, nr * page_size, advice) ? errno : 0);
}

static void step_read(struct owner *owner)
{
	struct region *region = any_region(owner);
	size_t nr, start = any_range(owner, region, &nr);

	begin(OP_READ);
	check_range(owner, region, start, nr);
	end(OP_READ, 0);
}

static void step_dirty(struct owner *owner)
{
	struct region *region = any_region(owner);
	size_t nr, start = any_range(owner, region, &nr);

	begin(OP_DIRTY);
	write_range(owner, region, start, nr);
	end(OP_DIRTY, 0);
}

static void step_pageout(struct owner *owner)
{
	size_t nr, start = any_range(owner, &owner->anon, &nr);

	advise(OP_PAGEOUT, &owner->anon, start, nr, MADV_PAGEOUT);
}

static void step_pageout_shmem(struct owner *owner)
{
	struct region *region = &owner->shmem;
	size_t nr, start = any_range(owner, region, &nr);
	unsigned char resident[SHMEM_PAGES];

	advise(OP_PAGEOUT_SHMEM, region, start, nr, MADV_PAGEOUT);
	if (mincore(region->mem, region->nr * page_size, resident))
		give_up("mincore");
	for (size_t i = 0; i < region->nr; i++)
		if (!(resident[i] & 1) && region->keys[i] != KEY_UNSETTLED &&
		    !is_of_zeros(region->keys[i]))
			atomic_fetch_add(&shared->shmem_swapped, 1);
}

static void step_willneed(struct owner *owner)
{
	struct region *region = any_region(owner);
	size_t nr, start = any_range(owner, region, &nr);

	advise(OP_WILLNEED, region, start, nr, MADV_WILLNEED);
}

static void step_dontneed(struct owner *owner)
{
	size_t nr, start = any_range(owner, &owner->anon, &nr);

	unsettle(&owner->anon, start, nr);
	advise(OP_DONTNEED, &owner->anon, start, nr, MADV_DONTNEED);
	settle_zeros(&owner->anon, start, nr);
}

static void step_punch(struct owner *owner)
{
	struct region *region = &owner->shmem;
	size_t nr, start = any_range(owner, region, &nr);

	unsettle(region, start, nr);
	begin(OP_PUNCH);
	end(OP_PUNCH, fallocate(region->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				start * page_size, nr * page_size) ? errno : 0);
	settle_zeros(region, start, nr);
}

/* All of it is freed at once, most of it in swap */
static void step_remap(struct owner *owner)
{
	struct region *region = &owner->anon;

	begin(OP_REMAP);
	if (munmap(region->mem, region->nr * page_size))
		give_up("munmap");
	region->mem = map(region->nr * page_size, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	end(OP_REMAP, 0);
	settle_zeros(region, 0, region->nr);
}

/* Whoever was killed was so by us, or by the OOM killer in a group too small */
static void judge_death(const char *who, unsigned int slot, int status)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		fail(CHECK_CONTENT, "%s of slot %u was ended by %s", who, slot,
		     strsignal(WTERMSIG(status)));
	else if (WIFEXITED(status) && WEXITSTATUS(status))
		fail(CHECK_CONTENT, "%s of slot %u ended with %d", who, slot,
		     WEXITSTATUS(status));
}

static void reap_child(struct owner *owner)
{
	int status;

	if (!owner->child)
		return;
	while (waitpid(owner->child, &status, 0) < 0)
		if (errno != EINTR)
			give_up("wait for a child");
	owner->child = 0;
	clear_lane(LANE_CHILD + owner->slot);
	judge_death("a child", owner->slot, status);
}

/* Return: 0 in the child, which has random numbers of its own */
static pid_t fork_child(struct owner *owner, enum op op)
{
	uint64_t rng = next_random(&owner->rng);
	pid_t pid;

	begin(op);
	reap_child(owner);
	pid = fork();
	if (!pid) {
		owner->rng = rng;
		set_lane(LANE_CHILD + owner->slot);
		return 0;
	}
	owner->child = pid > 0 ? pid : 0;
	end(op, pid < 0 ? errno : 0);
	return pid;
}

/*
 * The child shares the anonymous pages, in memory and in swap, until either
 * writes. The other region stays shared for ever, so it is left to the parent.
 */
static void step_fork(struct owner *owner)
{
	static void (*const steps[])(struct owner *owner) = {
		step_pageout, step_dontneed,
	};
	struct region *region = &owner->anon;

	if (fork_child(owner, OP_FORK))
		return;
	for (int i = 0; i < 8; i++) {
		size_t nr, start = any_range(owner, region, &nr);

		check_range(owner, region, start, nr);
		write_range(owner, region, start, nr / 2);
		steps[below(&owner->rng, ARRAY_SIZE(steps))](owner);
	}
	_exit(0);
}

/* The memory of the exec'ing process goes while its parent uses it still */
static void step_exec(struct owner *owner)
{
	char number[32];

	if (fork_child(owner, OP_EXEC))
		return;
	snprintf(number, sizeof(number), "%llu", (unsigned long long)owner->rng);
	execl("/proc/self/exe", "stress", "--exec", number, NULL);
	_exit(errno == ENOMEM ? 0 : 127);
}

/* As many small ones as large ones */
static unsigned long request_size(uint64_t *rng, unsigned long most)
{
	return 1 + below(rng, 1 + (most >> below(rng, 10)));
}

static void request(enum op op, const char *path, unsigned long pages)
{
	char text[64];
	int error;

	snprintf(text, sizeof(text), "%zuK zswap_writeback_only", pages * (page_size / 1024));
	atomic_fetch_add(&shared->asked, pages);
	begin(op);
	error = write_file(path, text);
	if (!error) {
		atomic_fetch_add(&shared->met, pages);
		atomic_fetch_add(&shared->successes, 1);
	}
	end(op, error);
}

static void step_key(struct owner *owner)
{
	char path[128];

	slot_path(path, sizeof(path), owner->slot, "/memory.reclaim");
	request(OP_KEY_SELF, path, request_size(&owner->rng, SELF_PAGES));
}

static volatile sig_atomic_t told_to_end;

static void on_term(int signal)
{
	(void)signal;
	told_to_end = 1;
}

/* Without SA_RESTART: a call that is interrupted says so */
static void handle(int signal, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_ONSTACK };

	if (sigaction(signal, &action, NULL))
		give_up("sigaction");
}

static void on_signal(int signal)
{
	(void)signal;
}

static void take_step(struct owner *owner)
{
	static const struct {
		void (*step)(struct owner *owner);
		unsigned int weight;
	} steps[] = {
		{ step_read, 16 }, { step_dirty, 24 }, { step_pageout, 30 },
		{ step_pageout_shmem, 10 }, { step_key, 8 }, { step_dontneed, 4 },
		{ step_willneed, 4 }, { step_punch, 4 }, { step_fork, 4 },
		{ step_exec, 3 }, { step_remap, 1 },
	};
	unsigned int total = 0, pick;

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		total += steps[i].weight;
	pick = below(&owner->rng, total);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		if (pick < steps[i].weight) {
			steps[i].step(owner);
			return;
		}
		pick -= steps[i].weight;
	}
}

static void map_anon(struct region *region, size_t nr)
{
	region->name = "anon";
	region->nr = nr;
	region->fd = -1;
	region->mem = map(nr * page_size, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	region->keys = map(nr * sizeof(*region->keys), MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

/* An owner, in a process and a group of its own: never returns */
static void own(struct owner *owner)
{
	char path[128];
	int error;

	set_lane(LANE_OWNER + owner->slot);
	slot_path(path, sizeof(path), owner->slot, "/cgroup.procs");
	error = write_file(path, "0");
	if (error) {
		fail(CHECK_ERRORS, "joining a group said: %s", strerror(error));
		_exit(1);
	}
	owner->expected = map(page_size, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	map_anon(&owner->anon, ANON_PAGES);
	while (!told_to_end && !stopping())
		take_step(owner);
	reap_child(owner);
	begin(OP_READ);
	check_range(owner, &owner->anon, 0, owner->anon.nr);
	check_range(owner, &owner->shmem, 0, owner->shmem.nr);
	end(OP_READ, 0);
	/* What is in swap is freed by the kernel */
	_exit(0);
}

/* What an owner exec's: a short life that ends with most of it in zswap */
static int live_shortly(const char *rng)
{
	struct owner owner = { .rng = strtoull(rng, NULL, 10) };

	shared = map(sizeof(*shared), MAP_SHARED | MAP_ANONYMOUS, -1);
	set_lane(LANE_CHILD);
	owner.expected = map(page_size, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	map_anon(&owner.anon, EXEC_PAGES);
	write_range(&owner, &owner.anon, 0, EXEC_PAGES);
	advise(OP_PAGEOUT, &owner.anon, 0, EXEC_PAGES, MADV_PAGEOUT);
	check_range(&owner, &owner.anon, 0, EXEC_PAGES / 4);
	return stopping();
}

/* ---- slots -------------------------------------------------------------- */

/*
 * The memfd outlives the owner, and in half of the cases the group: its pages,
 * also those in zswap, then belong to the parent, and the next owner finds them.
 */
static void map_shmem(struct region *region)
{
	region->name = "shmem";
	region->nr = SHMEM_PAGES;
	region->fd = memfd_create("stress", MFD_CLOEXEC);
	if (region->fd < 0 || ftruncate(region->fd, region->nr * page_size))
		give_up("memfd");
	region->mem = map(region->nr * page_size, MAP_SHARED, region->fd);
	region->keys = map(region->nr * sizeof(*region->keys), MAP_SHARED | MAP_ANONYMOUS, -1);
}

static void unmap_shmem(struct region *region)
{
	munmap((void *)region->keys, region->nr * sizeof(*region->keys));
	munmap(region->mem, region->nr * page_size);
	close(region->fd);
}

/* Return: whether it is there now */
static bool make_group(const char *path)
{
	int error = 0;

	begin(OP_MKDIR);
	if (mkdir(path, 0755))
		error = errno;
	end(OP_MKDIR, error);
	return !error;
}

static void enable_memory(const char *path)
{
	char file[160];

	snprintf(file, sizeof(file), "%s/cgroup.subtree_control", path);
	must_write(file, "+memory");
}

/* A process that is being killed may be in it still */
static void remove_group(const char *path)
{
	begin(OP_RMDIR);
	while (rmdir(path) && errno == EBUSY)
		usleep(2000);
	end(OP_RMDIR, access(path, F_OK) ? 0 : EBUSY);
}

static void remove_inner(unsigned int slot)
{
	char path[128];

	if (slot < FIRST_NESTED)
		return;
	inner_path(path, sizeof(path), slot, "");
	remove_group(path);
}

/* Return: whether it is there now; if not, nothing is left of it */
static bool make_slot(unsigned int slot)
{
	char path[128];

	if (slot >= FIRST_NESTED) {
		inner_path(path, sizeof(path), slot, "");
		if (!make_group(path))
			return false;
		enable_memory(path);
	}
	slot_path(path, sizeof(path), slot, "");
	if (make_group(path))
		return true;
	remove_inner(slot);
	return false;
}

static void remove_slot(unsigned int slot)
{
	char path[128];

	/* Orphans of an owner that was killed */
	slot_path(path, sizeof(path), slot, "/cgroup.kill");
	must_write(path, "1");
	slot_path(path, sizeof(path), slot, "");
	remove_group(path);
	clear_lane(LANE_CHILD + slot);
	remove_inner(slot);
}

/* Return: whether the owner lived that long */
static bool let_live(pid_t pid, unsigned long ms, int *status)
{
	for (unsigned long end = now_ms() + ms; now_ms() < end && !stopping();) {
		if (waitpid(pid, status, WNOHANG) == pid)
			return false;
		usleep(10000);
	}
	return true;
}

static void run_owner(struct owner *owner, uint64_t *rng)
{
	unsigned long ms = 200 + below(rng, 2800);
	enum op op = below(rng, 2) ? OP_END : OP_KILL;
	int status;
	pid_t pid = fork();

	if (pid < 0)
		give_up("fork");
	if (!pid)
		own(owner);
	if (let_live(pid, ms, &status)) {
		begin(op);
		kill(pid, op == OP_KILL ? SIGKILL : SIGTERM);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		end(op, 0);
	} else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
		atomic_fetch_add(&shared->oom_kills, 1);
	}
	clear_lane(LANE_OWNER + owner->slot);
	judge_death("the owner", owner->slot, status);
}

static void run_slot(unsigned int slot)
{
	uint64_t rng = seed_of(ROLE_SLOT, slot, 0);
	struct owner owner = { .slot = slot };

	map_shmem(&owner.shmem);
	for (; !stopping(); owner.generation++) {
		if (!make_slot(slot))
			continue;
		owner.rng = seed_of(ROLE_OWNER, slot, owner.generation);
		run_owner(&owner, &rng);
		remove_slot(slot);
		if (below(&rng, 2)) {
			unmap_shmem(&owner.shmem);
			map_shmem(&owner.shmem);
		}
	}
	unmap_shmem(&owner.shmem);
}

/* ---- everybody else ----------------------------------------------------- */

static bool is_possible(enum op op)
{
	switch (op) {
	case OP_KEY_NODE:
		return nr_nodes;
	case OP_CPU_OFF:
	case OP_CPU_ON:
		return has_hotplug;
	default:
		return true;
	}
}

static void reclaim_path(char *path, size_t size, enum op op, uint64_t *rng)
{
	switch (op) {
	case OP_KEY_LEAF:
		slot_path(path, size, below(rng, NR_SLOTS), "/memory.reclaim");
		break;
	case OP_KEY_PARENT:
		any_parent_path(path, size, rng, "/memory.reclaim");
		break;
	case OP_KEY_TOP:
		snprintf(path, size, TOP "/memory.reclaim");
		break;
	case OP_KEY_ROOT:
		snprintf(path, size, ROOT "/memory.reclaim");
		break;
	default:
		snprintf(path, size, NODE_FILE, (unsigned int)below(rng, nr_nodes));
	}
}

/*
 * Who cannot allocate must not need to when a signal comes: a page of the stack
 * may have to be copied, after a fork, and who gets no frame on it is killed.
 */
static void signals_need_no_memory(void)
{
	stack_t stack = { .ss_size = 65536 };

	stack.ss_sp = map(stack.ss_size, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1);
	if (madvise(stack.ss_sp, stack.ss_size, MADV_DONTFORK) ||
	    mlock(stack.ss_sp, stack.ss_size) || sigaltstack(&stack, NULL))
		give_up("a stack for signals");
}

static void run_writer(unsigned int number)
{
	static const enum op levels[] = {
		OP_KEY_LEAF, OP_KEY_LEAF, OP_KEY_PARENT, OP_KEY_TOP, OP_KEY_ROOT, OP_KEY_NODE,
	};
	uint64_t rng = seed_of(ROLE_WRITER, number, 0);

	if (with_faults) {
		signals_need_no_memory();
		must_write("/proc/thread-self/make-it-fail", "1");
	}
	while (!stopping()) {
		enum op op = levels[below(&rng, ARRAY_SIZE(levels))];
		unsigned long pages = request_size(&rng, REQUEST_PAGES);
		char path[128];

		if (is_possible(op)) {
			reclaim_path(path, sizeof(path), op, &rng);
			request(op, path, pages);
		}
		pause_ms(&rng, 60);
	}
}

static void run_reclaim(unsigned int number)
{
	uint64_t rng = seed_of(ROLE_RECLAIM, number, 0);

	while (!stopping()) {
		char path[128], text[64];

		any_group_path(path, sizeof(path), &rng, "/memory.reclaim");
		snprintf(text, sizeof(text), "%zuK%s",
			 (1 + below(&rng, REQUEST_PAGES)) * (page_size / 1024),
			 below(&rng, 2) ? " swappiness=max" : "");
		call_write(OP_RECLAIM, path, text);
		pause_ms(&rng, 100);
	}
}

/*
 * A knob is turned for a moment and then set back: most of the time there is to
 * be something in zswap, and most of it may be written.
 */
struct knob {
	enum op op;
	const char *file;
	const char *normal;
	const char *values[2];
};

static const struct knob group_knobs[] = {
	{ OP_WRITEBACK, "/memory.zswap.writeback", "1", { "0", "0" } },
	{ OP_ZSWAP_MAX, "/memory.zswap.max", "max", { "0", "512K" } },
	{ OP_MEMORY_MAX, "/memory.max", "max", { "6M", "6M" } },
	{ OP_MEMORY_LOW, "/memory.low", "0", { "2M", "max" } },
	{ OP_MEMORY_MIN, "/memory.min", "0", { "2M", "max" } },
	/*
	 * Leaves no room for a group below, now and then. The last one, as UML goes
	 * without: a charge refused to its kernel's own access to a process's memory
	 * is a fault that it takes for resolved, and the missing page table ends it.
	 */
	{ OP_MEMORY_MAX, "/memory.max", "max", { "64K", "64K" } },
};

static const struct knob parameters[] = {
	{ OP_ENABLED, "enabled", "Y", { "N", "N" } },
	{ OP_SHRINKER, "shrinker_enabled", "N", { "Y", "Y" } },
	{ OP_POOL_PERCENT, "max_pool_percent", "20", { "0", "1" } },
	{ OP_COMPRESSOR, "compressor", "lzo", { "zstd", "zstd" } },
};

static void turn(const struct knob *knob, const char *path, uint64_t *rng, unsigned long most)
{
	call_write(knob->op, path, knob->values[below(rng, ARRAY_SIZE(knob->values))]);
	pause_ms(rng, most);
	call_write(knob->op, path, knob->normal);
	pause_ms(rng, most);
}

static void run_group_knobs(unsigned int number)
{
	size_t nr = ARRAY_SIZE(group_knobs) - on_uml;
	uint64_t rng = seed_of(ROLE_GROUP_KNOBS, number, 0);

	while (!stopping()) {
		const struct knob *knob = &group_knobs[below(&rng, nr)];
		char path[128];

		any_group_path(path, sizeof(path), &rng, knob->file);
		turn(knob, path, &rng, 50);
	}
}

static void run_parameters(unsigned int number)
{
	uint64_t rng = seed_of(ROLE_PARAMETERS, number, 0);

	while (!stopping()) {
		const struct knob *knob = &parameters[below(&rng, ARRAY_SIZE(parameters))];
		char path[128];

		snprintf(path, sizeof(path), PARAMETERS "%s", knob->file);
		turn(knob, path, &rng, 200);
	}
}

/* In a process of its own: the OOM killer's first choice is who takes swap away */
static int swap_off(const char *device)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (!pid)
		_exit(swapoff(device) ? errno : 0);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : ENOMEM;
}

/* Return: whether the device is out of use */
static bool call_swap_off(const char *device)
{
	int error;

	begin(OP_SWAPOFF);
	error = swap_off(device);
	end(OP_SWAPOFF, error);
	return !error;
}

/* Preferred or not to the first device */
static void run_swap(unsigned int number)
{
	uint64_t rng = seed_of(ROLE_SWAP, number, 0);
	const char *device = getenv("DISK1");

	while (!stopping()) {
		int flags = below(&rng, 3) ? SWAP_FLAG_PREFER | 10 : 0;

		begin(OP_SWAPON);
		end(OP_SWAPON, swapon(device, flags) ? errno : 0);
		pause_ms(&rng, 1500);
		while (!call_swap_off(device))
			pause_ms(&rng, 100);
	}
}

static void run_hotplug(unsigned int number)
{
	uint64_t rng = seed_of(ROLE_HOTPLUG, number, 0);

	while (!stopping()) {
		pause_ms(&rng, 1000);
		call_write(OP_CPU_OFF, CPU_FILE, "0");
		pause_ms(&rng, 200);
		call_write(OP_CPU_ON, CPU_FILE, "1");
	}
}

/* A call that it interrupts has written nothing and is done again, or ends */
static void run_freezer(unsigned int number)
{
	uint64_t rng = seed_of(ROLE_FREEZER, number, 0);

	while (!stopping()) {
		char path[128];

		any_group_path(path, sizeof(path), &rng, "/cgroup.freeze");
		call_write(OP_FREEZE, path, "1");
		pause_ms(&rng, 50);
		call_write(OP_THAW, path, "0");
		pause_ms(&rng, 200);
	}
}

/* Threads that have not ended */
static atomic_uint nr_running;
static pthread_t writers[NR_WRITERS];

static void run_signals(unsigned int number)
{
	uint64_t rng = seed_of(ROLE_SIGNALS, number, 0);

	while (!stopping()) {
		begin(OP_SIGNAL);
		end(OP_SIGNAL, pthread_kill(writers[below(&rng, NR_WRITERS)], SIGUSR1));
		pause_ms(&rng, 100);
	}
}

/* ---- what the kernel says of each call ----------------------------------- */

/* Calls that have begun and not ended, and how many have */
static struct {
	int pid;
	unsigned long pages;
	/* Of which a disk said that it has them */
	unsigned long on_disk;
} begun[NR_LANES];
static unsigned long calls_seen;
/* Pages that they say they wrote, and pages of those that said success */
static unsigned long written_seen, met_seen;
/* The trace has not all of them */
static bool calls_lost;

#define NR_DISKS	2
#define DISK_WORD	128

/* A swap area is written to by its top; requests are completed by what is below */
static struct disk {
	char top[16];
	/* Each as " MAJOR,MINOR " */
	char below[DISK_WORD];
	/* Of each page that is being written, the place of its call in begun[], and 1 */
	unsigned char *callers;
	size_t nr_pages;
} disks[NR_DISKS];
static size_t nr_disks;

/* A line is "COMM-PID [CPU] FLAGS TIME: EVENT: FIELD=VALUE..." */
static int pid_of(const char *line)
{
	const char *at = strstr(line, " [");

	while (at > line && at[-1] == ' ')
		at--;
	while (at > line && isdigit(at[-1]))
		at--;
	return at ? atoi(at) : 0;
}

static long field_of(const char *event, const char *name)
{
	const char *at = strstr(event, name);

	return at ? atol(at + strlen(name)) : 0;
}

static void see_begin(int pid, unsigned long pages)
{
	for (size_t i = 0; i < ARRAY_SIZE(begun); i++) {
		if (!begun[i].pid || begun[i].pid == pid) {
			begun[i].pid = pid;
			begun[i].pages = pages;
			begun[i].on_disk = 0;
			return;
		}
	}
}

static void see_end(int pid, unsigned long written, long ret)
{
	written_seen += written;
	for (size_t i = 0; i < ARRAY_SIZE(begun); i++) {
		if (begun[i].pid != pid)
			continue;
		if (written > begun[i].pages || (!ret && written < begun[i].pages))
			fail(CHECK_EACH, "a call for %lu pages wrote %lu and returned %ld",
			     begun[i].pages, written, ret);
		if (nr_disks && written > begun[i].on_disk)
			fail(CHECK_DEVICE, "a call wrote %lu pages, the disks have %lu",
			     written, begun[i].on_disk);
		if (!ret)
			met_seen += begun[i].pages;
		begun[i].pid = 0;
		calls_seen++;
		return;
	}
}

/* The place of the call of @pid in begun[], and 1; 0 if there is none */
static unsigned char caller_of(int pid)
{
	for (size_t i = 0; i < ARRAY_SIZE(begun); i++)
		if (begun[i].pid == pid)
			return i + 1;
	return 0;
}

/* Return: false if @text, "SECTOR + NUMBER ...", is not of pages of the disk */
static bool pages_of(const struct disk *disk, const char *text, size_t *first, size_t *end)
{
	unsigned long sectors = page_size / 512, from, nr;

	if (sscanf(text, "%lu + %lu", &from, &nr) != 2)
		return false;
	*first = from / sectors;
	*end = (from + nr) / sectors;
	return *end <= disk->nr_pages;
}

/* A bio: "MAJOR,MINOR RWBS SECTOR + NUMBER [COMM]" */
static void see_queued(int pid, const char *fields)
{
	char device[16];
	int at = 0;
	size_t first, end;

	if (sscanf(fields, "%15s %*s %n", device, &at) != 1 || !at)
		return;
	for (size_t i = 0; i < nr_disks; i++)
		if (!strcmp(disks[i].top, device) &&
		    pages_of(&disks[i], fields + at, &first, &end))
			memset(disks[i].callers + first, caller_of(pid), end - first);
}

/* A request, or a part: "MAJOR,MINOR RWBS () SECTOR + NUMBER PRIORITY [ERROR]" */
static void see_completed(const char *fields)
{
	const char *at = strstr(fields, ") "), *error = strrchr(fields, '[');
	char device[18] = " ";
	size_t first, end;

	if (!at || !error || sscanf(fields, "%15s", device + 1) != 1)
		return;
	strcat(device, " ");
	for (size_t i = 0; i < nr_disks; i++) {
		if (!strstr(disks[i].below, device) ||
		    !pages_of(&disks[i], at + 2, &first, &end))
			continue;
		for (; first < end; first++) {
			unsigned char caller = disks[i].callers[first];

			if (caller && !atoi(error + 1))
				begun[caller - 1].on_disk++;
			disks[i].callers[first] = 0;
		}
	}
}

/* What began before cannot be told from what began meanwhile */
static void forget_calls(void)
{
	calls_lost = true;
	memset(begun, 0, sizeof(begun));
	for (size_t i = 0; i < nr_disks; i++)
		memset(disks[i].callers, 0, disks[i].nr_pages);
}

static void see_line(const char *line)
{
	const char *event;

	if (strstr(line, "LOST"))
		forget_calls();
	event = strstr(line, " block_bio_queue: ");
	if (event)
		see_queued(pid_of(line), strchr(event, ':') + 2);
	event = strstr(line, " block_rq_complete: ");
	if (event)
		see_completed(strchr(event, ':') + 2);
	event = strstr(line, " zswap_writeback_begin: ");
	if (event)
		see_begin(pid_of(line), field_of(event, " nr_pages="));
	event = strstr(line, " zswap_writeback_end: ");
	if (event)
		see_end(pid_of(line), field_of(event, " written="), field_of(event, " ret="));
}

/* "MAJOR,MINOR" of /dev/NAME, as the events have it */
static void number_of_device(const char *device, char *number, size_t size)
{
	struct stat st;

	if (stat(device, &st))
		give_up("STRESS_DISKS: %s", device);
	snprintf(number, size, "%u,%u", major(st.st_rdev), minor(st.st_rdev));
}

/* @word: "TOP[,BELOW...]" */
static void watch_disk(char *word)
{
	struct disk *disk = &disks[nr_disks++];
	char path[128], number[16], *device, *rest;

	device = strtok_r(word, ",", &rest);
	number_of_device(device, disk->top, sizeof(disk->top));
	snprintf(path, sizeof(path), "/sys/class/block/%s/size", strrchr(device, '/') + 1);
	disk->nr_pages = read_number(path, NULL) * 512 / page_size;
	disk->callers = map(disk->nr_pages, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	do {
		number_of_device(device, number, sizeof(number));
		snprintf(disk->below + strlen(disk->below), DISK_WORD - strlen(disk->below),
			 " %s ", number);
	} while ((device = strtok_r(NULL, ",", &rest)));
}

static void watch_disks(void)
{
	char words[NR_DISKS * DISK_WORD], *rest;
	const char *all = getenv("STRESS_DISKS");

	snprintf(words, sizeof(words), "%s", all ? all : "");
	for (char *word = strtok_r(words, " ", &rest); word && nr_disks < NR_DISKS;
	     word = strtok_r(NULL, " ", &rest))
		watch_disk(word);
	if (!nr_disks)
		return;
	must_write(TRACE "/events/block/block_bio_queue/filter", "rwbs ~ \"*W*\"");
	must_write(TRACE "/events/block/block_rq_complete/filter", "rwbs ~ \"*W*\"");
	must_write(TRACE "/events/block/block_bio_queue/enable", "1");
	must_write(TRACE "/events/block/block_rq_complete/enable", "1");
}

static void trace_calls(void)
{
	if (mkdir(TRACE, 0755))
		give_up("mkdir " TRACE);
	/* A disk may complete on another CPU than the caller's */
	must_write(TRACE "/trace_clock", "global");
	must_write(TRACE "/buffer_size_kb", "4096");
	watch_disks();
	must_write(TRACE "/events/zswap/zswap_writeback_begin/enable", "1");
	must_write(TRACE "/events/zswap/zswap_writeback_end/enable", "1");
}

static void run_trace(unsigned int number)
{
	int fd = open(TRACE "/trace_pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char text[16384];
	bool alone = false;
	size_t have = 0;
	ssize_t more;

	(void)number;
	if (fd < 0)
		give_up("open " TRACE "/trace_pipe");
	while ((more = read(fd, text + have, sizeof(text) - 1 - have)) > 0 || !alone) {
		char *line = text, *end;

		/* Calls go on until all others are done */
		alone = atomic_load(&nr_running) == 1;
		if (more <= 0) {
			usleep(20000);
			continue;
		}
		text[have + more] = 0;
		for (; (end = strchr(line, '\n')); line = end + 1) {
			*end = 0;
			see_line(line);
		}
		have = strlen(line);
		memmove(text, line, have);
	}
	close(fd);
	/* Of others, lines of the trace were lost */
	if (!calls_seen || calls_seen < atomic_load(&shared->successes) / 2)
		fail(CHECK_EACH, "only %lu calls were seen, %lu had success", calls_seen,
		     atomic_load(&shared->successes));
}

/* ---- threads ------------------------------------------------------------ */

struct thread {
	void (*run)(unsigned int number);
	unsigned int number;
	unsigned int lane;
	pthread_t id;
};

static struct thread threads[NR_LANES - LANE_THREAD];
static unsigned int nr_threads;

static void *run_thread(void *arg)
{
	struct thread *thread = arg;

	set_lane(thread->lane);
	thread->run(thread->number);
	atomic_fetch_sub(&nr_running, 1);
	return NULL;
}

static pthread_t start(void (*run)(unsigned int number), unsigned int number)
{
	struct thread *thread = &threads[nr_threads];

	*thread = (struct thread){ run, number, LANE_THREAD + nr_threads, 0 };
	nr_threads++;
	atomic_fetch_add(&nr_running, 1);
	errno = pthread_create(&thread->id, NULL, run_thread, thread);
	if (errno)
		give_up("pthread_create");
	return thread->id;
}

static void start_all(void)
{
	start(run_trace, 0);
	for (unsigned int i = 0; i < NR_WRITERS; i++)
		writers[i] = start(run_writer, i);
	for (unsigned int i = 0; i < NR_SLOTS; i++)
		start(run_slot, i);
	start(run_reclaim, 0);
	start(run_group_knobs, 0);
	start(run_parameters, 0);
	start(run_swap, 0);
	start(run_freezer, 0);
	start(run_signals, 0);
	if (has_hotplug)
		start(run_hotplug, 0);
}

/* ---- the run ------------------------------------------------------------ */

static unsigned long written_before, zeros_before, swapins_before, failures_before;
/* Of these the kernel counts what is there now */
static bool incompressible_seen;

static unsigned long entries(void)
{
	return read_number("/sys/kernel/debug/zswap/stored_pages", NULL);
}

static unsigned long incompressible_entries(void)
{
	return read_number("/sys/kernel/debug/zswap/stored_incompressible_pages", NULL);
}

static unsigned long pages_written(void)
{
	return read_number("/proc/vmstat", "zswpwb_proactive") - written_before;
}

static void check_counter(void)
{
	unsigned long written = pages_written();

	if (written < written_seen || (written > written_seen && !calls_lost))
		fail(CHECK_COUNTER, "zswpwb_proactive counted %lu pages, calls wrote %lu", written,
		     written_seen);
}

/* Who was killed in a call, in the kernel, has not seen what that said */
static void check_success(void)
{
	unsigned long met = atomic_load(&shared->met);

	if (met > met_seen && !calls_lost)
		fail(CHECK_SUCCESS, "calls for %lu pages returned, but wrote all of only %lu", met,
		     met_seen);
}

static void print_stack(int tid)
{
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stack", tid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		printf("# %s", line);
	if (file)
		fclose(file);
}

/* Return: whether a call is overdue */
static bool check_return(void)
{
	for (unsigned int i = 0; i < NR_LANES; i++) {
		struct lane *l = &shared->lanes[i];
		int op = atomic_load(&l->op) - 1;
		unsigned long since = atomic_load(&l->since), now = now_ms();

		if (op < 0 || now < since + bound_ms)
			continue;
		fail(CHECK_RETURN, "%s has not returned for %lu ms", ops[op].name, now - since);
		print_stack(atomic_load(&l->tid));
		return true;
	}
	return false;
}

/* Nothing that was found wrong becomes right */
static void settle(enum check check, enum outcome outcome)
{
	int open = OUTCOME_OPEN;

	atomic_compare_exchange_strong(&shared->outcomes[check], &open, outcome);
}

static bool is_missing(enum op op)
{
	return is_possible(op) && !atomic_load(&shared->done[op]);
}

static bool all_done(void)
{
	for (int op = 0; op < NR_OPS; op++)
		if (is_missing(op))
			return false;
	return atomic_load(&shared->shmem_swapped);
}

/* What not every machine has is a check of its own, so that it is seen where it is */
static enum check check_of(enum op op)
{
	switch (op) {
	case OP_KEY_NODE:
		return CHECK_NODE;
	case OP_CPU_OFF:
	case OP_CPU_ON:
		return CHECK_CPU;
	default:
		return CHECK_ACTIONS;
	}
}

static void check_actions(void)
{
	for (int op = 0; op < NR_OPS; op++)
		if (is_missing(op))
			fail(check_of(op), "%s was never done", ops[op].name);
}

/* What zswap does not compress has ways of its own through it, or none */
static void check_kinds(void)
{
	if (read_number("/proc/vmstat", "swpout_zero") == zeros_before)
		fail(CHECK_KINDS, "no page of zeros was swapped out");
	if (!incompressible_seen)
		fail(CHECK_KINDS, "no page was seen in zswap that does not compress");
	if (!atomic_load(&shared->shmem_swapped))
		fail(CHECK_KINDS, "no page of shared memory was swapped out");
	if (read_number("/proc/vmstat", "pswpin") == swapins_before)
		fail(CHECK_KINDS, "no page was read from a disk");
}

/* Without injected faults there is always memory to open a file, and no EIO */
static void check_faults(void)
{
	unsigned long unopened = atomic_load(&shared->unopened);
	unsigned long eio = atomic_load(&shared->eio);
	unsigned long failures = read_number("/proc/vmstat", "zswpwb_failed") - failures_before;

	if (!with_faults) {
		settle(CHECK_FAULTS, OUTCOME_SKIP);
		return;
	}
	printf("# faults: ENOMEM of open %lu times, EIO %lu times, %lu pages not written\n",
	       unopened, eio, failures);
	if (!unopened || !eio || !failures)
		fail(CHECK_FAULTS, "some faults were not met");
}

static void print_progress(unsigned long ms)
{
	printf("# %lu s: %lu pages checked, written %lu of %lu;", ms / 1000,
	       atomic_load(&shared->pages_checked), pages_written(),
	       atomic_load(&shared->asked));
	for (int op = 0; op < NR_OPS; op++)
		printf(" %s %lu", ops[op].name, atomic_load(&shared->done[op]));
	printf("\n");
	fflush(stdout);
}

static void print_table(void)
{
	printf("# %-16s %10s %10s %12s\n", "action", "done", "refused", "longest, ms");
	for (int op = 0; op < NR_OPS; op++) {
		if (is_possible(op))
			printf("# %-16s %10lu %10lu %12lu\n", ops[op].name,
			       atomic_load(&shared->done[op]),
			       atomic_load(&shared->refused[op]),
			       atomic_load(&shared->longest[op]));
		else
			printf("# %-16s not on this machine\n", ops[op].name);
	}
	printf("# %lu pages checked, %lu owners killed for lack of memory\n",
	       atomic_load(&shared->pages_checked),
	       atomic_load(&shared->oom_kills));
	printf("# %lu calls seen from begin to end%s\n", calls_seen,
	       calls_lost ? ", others were lost" : "");
	printf("# %lu pages asked for, %lu written, %lu by calls that said success\n",
	       atomic_load(&shared->asked), pages_written(),
	       atomic_load(&shared->met));
}

/* Return: the exit status */
static int print_ktap(void)
{
	int counts[OUTCOME_SKIP + 1] = { 0 };

	printf("TAP version 13\n1..%d\n", NR_CHECKS);
	for (int i = 0; i < NR_CHECKS; i++) {
		int outcome = atomic_load(&shared->outcomes[i]);
		bool good = outcome == OUTCOME_PASS || outcome == OUTCOME_SKIP;

		counts[outcome]++;
		printf("%s %d %s%s\n", good ? "ok" : "not ok", i + 1, check_names[i],
		       outcome == OUTCOME_SKIP ? " # SKIP not here" :
		       outcome == OUTCOME_OPEN ? " # was not come to" : "");
	}
	printf("# Totals: pass:%d fail:%d xfail:0 xpass:0 skip:%d error:0\n",
	       counts[OUTCOME_PASS], counts[OUTCOME_FAIL] + counts[OUTCOME_OPEN],
	       counts[OUTCOME_SKIP]);
	fflush(stdout);
	return counts[OUTCOME_FAIL] + counts[OUTCOME_OPEN] ? 1 : 0;
}

/*
 * A slow machine gets up to three times as long, to have done everything once.
 *
 * Return: false if a call did not return, so that nothing more can be done
 */
static bool watch(unsigned long ms)
{
	unsigned long begun = now_ms();

	while (atomic_load(&nr_running)) {
		unsigned long passed = now_ms() - begun;

		if (passed >= 3 * ms || (passed >= ms && all_done()))
			atomic_store(&shared->stop, true);
		print_progress(passed);
		incompressible_seen |= incompressible_entries() > 0;
		if (check_return())
			return false;
		sleep(1);
	}
	return true;
}

/* ---- before and after --------------------------------------------------- */

static unsigned int count_nodes(void)
{
	char path[128];
	unsigned int nr = 0;

	do {
		snprintf(path, sizeof(path), NODE_FILE, nr);
	} while (!access(path, F_OK) && ++nr);
	return nr;
}

/*
 * UML unmaps a page from a running process only when that enters its kernel the
 * next time. Until then what the process writes, on another CPU, to a page that
 * is being swapped out is lost, with and without the series.
 */
static void refuse_unsafe_machine(void)
{
	if (on_uml && sysconf(_SC_NPROCESSORS_ONLN) > 1) {
		errno = EINVAL;
		give_up("User-Mode Linux loses writes with more than one CPU");
	}
}

static void set_up(void)
{
	char command[128], path[128];

	on_uml = !system("grep -q 'User Mode Linux' /proc/cpuinfo");
	refuse_unsafe_machine();
	errno = EINVAL;
	if (!getenv("SWAPDEV") || !getenv("DISK1"))
		give_up("SWAPDEV and DISK1 must name devices");
	snprintf(command, sizeof(command), "mkswap %s >/dev/null", getenv("DISK1"));
	if (system(command))
		give_up("%s", command);
	nr_nodes = count_nodes();
	has_hotplug = !access(CPU_FILE, W_OK);
	if (mkdir(TOP, 0755))
		give_up("mkdir " TOP);
	enable_memory(TOP);
	for (unsigned int i = 0; i < NR_PARENTS; i++) {
		parent_path(path, sizeof(path), i, "");
		if (mkdir(path, 0755))
			give_up("mkdir %s", path);
		enable_memory(path);
	}
	trace_calls();
	handle(SIGUSR1, on_signal);
	/* For the owners, who may be told before they could say so themselves */
	handle(SIGTERM, on_term);
	written_before = read_number("/proc/vmstat", "zswpwb_proactive");
	zeros_before = read_number("/proc/vmstat", "swpout_zero");
	swapins_before = read_number("/proc/vmstat", "pswpin");
	failures_before = read_number("/proc/vmstat", "zswpwb_failed");
}

static void remove_parents(void)
{
	char path[128];

	for (unsigned int i = 0; i < NR_PARENTS; i++) {
		parent_path(path, sizeof(path), i, "");
		remove_group(path);
	}
	remove_group(TOP);
}

/*
 * A page that is freed while it is being written stays in the swap cache, with
 * its slot and a reference to its group, until reclaim or swapoff comes by. Until
 * swapoff, if the shrinker could not write it: reclaim does not know how to.
 */
static unsigned long slots_of_nobody(void)
{
	unsigned long cached = read_number(TOP "/memory.stat", "swapcached");
	unsigned long all = read_number(TOP "/memory.swap.current", NULL);

	return all > cached ? (all - cached) / page_size : 0;
}

/*
 * Where a CPU went away between the order to drain its stock of charges and the work,
 * another one has done that for itself, and no further order is given for the first
 * one: its flag FLUSHING_CACHED_CHARGE stays, with the series and without. From then on
 * its stock keeps charges, and the groups that they are of. What is looked for at the
 * end is looked for without it: a CPU that goes away leaves nothing.
 */
static void go_on_without_cpu(void)
{
	while (has_hotplug && write_file(CPU_FILE, "0"))
		usleep(10000);
}

static void take_cpu_back(void)
{
	if (has_hotplug)
		must_write(CPU_FILE, "1");
}

/*
 * A CPU may have charges in stock for some groups: what exceeds a limit drains
 * them. What is freed later, by RCU or a work queue, goes into stock again.
 */
static void drain_stocks(void)
{
	must_write(TOP "/memory.high", "0");
	must_write(TOP "/memory.high", "max");
}

static unsigned long pages_charged(void)
{
	unsigned long all, kernel;

	drain_stocks();
	all = read_number(TOP "/memory.current", NULL);
	kernel = read_number(TOP "/memory.stat", "kernel");
	return all > kernel ? (all - kernel) / page_size : 0;
}

static unsigned long dying_groups(void)
{
	return read_number(ROOT "/cgroup.stat", "nr_dying_descendants");
}

/* References go with RCU and work queues, statistics are flushed now and then */
static void must_be_zero(enum check check, unsigned long (*value)(void), const char *what)
{
	unsigned long left;

	for (int tenths = 0; tenths < 200 && value(); tenths++)
		usleep(100000);
	left = value();
	if (left)
		fail(check, "%lu %s are left", left, what);
}

/* A slot that nobody has would keep swapoff busy for ever: it is looked for before */
static void run_ending(unsigned int number)
{
	const char *device = getenv("SWAPDEV");

	(void)number;
	go_on_without_cpu();
	must_be_zero(CHECK_SLOTS, slots_of_nobody, "swap slots that no page has");
	if (!call_swap_off(device))
		fail(CHECK_SLOTS, "swapoff failed though nobody is left");
	must_be_zero(CHECK_ENTRIES, entries, "entries");
	must_be_zero(CHECK_PAGES, pages_charged, "pages");
	remove_parents();
	must_be_zero(CHECK_GROUPS, dying_groups, "dying groups");
	take_cpu_back();
	/* What is written to a swap file before, like all else, may fail at times */
	while (swapon(device, 0)) {
		if (!with_faults || errno != EIO)
			give_up("swapon %s", device);
		usleep(100000);
	}
}

/* Return: false if a call did not return */
static bool run_all(unsigned long seconds)
{
	start_all();
	if (!watch(seconds * 1000))
		return false;
	check_counter();
	check_success();
	check_actions();
	check_kinds();
	check_faults();
	start(run_ending, 0);
	return watch(0);
}

static int run_for(unsigned long seconds)
{
	set_up();
	printf("# seed %lu, %lu s, a call may take %lu s\n", seed, seconds, bound_ms / 1000);
	if (run_all(seconds)) {
		settle(CHECK_DEVICE, nr_disks ? OUTCOME_PASS : OUTCOME_SKIP);
		settle(CHECK_NODE, nr_nodes ? OUTCOME_PASS : OUTCOME_SKIP);
		settle(CHECK_CPU, has_hotplug ? OUTCOME_PASS : OUTCOME_SKIP);
		for (int i = 0; i < NR_CHECKS; i++)
			settle(i, OUTCOME_PASS);
	}
	print_table();
	return print_ktap();
}

static void print_usage(FILE *file)
{
	fprintf(file,
		"usage: stress [--seconds N] [--seed N] [--bound N] [--faults]\n"
		"\n"
		"Owners of memory, writers of zswap_writeback_only, reclaim, knobs of zswap,\n"
		"swapoff, CPU hotplug, freezer and signals at once, in groups that come and go.\n"
		"Every page is checked at every touch.\n"
		"\n"
		"  --seconds N  how long, at least (10)\n"
		"  --seed N     decides what every actor does (1)\n"
		"  --bound N    seconds that a call may take (60)\n"
		"  --faults     writers want faults injected, and writes may fail\n");
}

static unsigned long number_of(const char *text)
{
	char *rest;
	unsigned long value = strtoul(text, &rest, 10);

	if (*rest || rest == text) {
		print_usage(stderr);
		exit(2);
	}
	return value;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "seed", required_argument, NULL, 'e' },
		{ "bound", required_argument, NULL, 'b' },
		{ "exec", required_argument, NULL, 'x' },
		{ "faults", no_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	unsigned long seconds = 10;
	int option;

	page_size = sysconf(_SC_PAGESIZE);
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (option) {
		case 's':
			seconds = number_of(optarg);
			break;
		case 'e':
			seed = number_of(optarg);
			break;
		case 'b':
			bound_ms = number_of(optarg) * 1000;
			break;
		case 'f':
			with_faults = true;
			break;
		case 'x':
			return live_shortly(optarg);
		case 'h':
			print_usage(stdout);
			return 0;
		default:
			print_usage(stderr);
			return 2;
		}
	}
	if (optind < argc) {
		print_usage(stderr);
		return 2;
	}
	shared = map(sizeof(*shared), MAP_SHARED | MAP_ANONYMOUS, -1);
	return run_for(seconds);
}
