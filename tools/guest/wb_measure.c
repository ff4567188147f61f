// SPDX-License-Identifier: GPL-2.0
/*
 * Empties a pool in one of several ways, and says what it took:
 *
 *	wb_measure CGROUP DISK write FILE TEXT
 *		one write
 *	wb_measure CGROUP DISK parallel N FILE TEXT
 *		N writes at the same time
 *	wb_measure CGROUP DISK until COUNTER RISE FILE TEXT
 *		writes until COUNTER of /proc/vmstat has risen so far, or not for 3 s,
 *		which do not count, nor what the caller ran in them; what kernel threads
 *		ran in them does
 *	wb_measure CGROUP DISK await COUNTER RISE
 *		pages out a page of its own, which zswap must refuse, and waits for
 *		the same
 *	wb_measure CGROUP DISK swapoff DEVICE
 *	wb_measure CGROUP DISK store DEVICE MIB DEPTH
 *		direct writes of 128 KiB, DEPTH of them at a time
 *	wb_measure CGROUP DISK load DEVICE MIB
 *		direct reads of 128 KiB
 *
 * prints one word and number a line:
 *
 *	errno N		of the call, 0 if it succeeded
 *	ns N		until it returned
 *	device_ns N	until DISK (a name in /sys/block) was idle
 *	cpu_ns N	CPU time of the caller; 0 for await, which only waits
 *	kthread_ns N	CPU time of kernel threads until DISK was idle
 *	fell N		by how many bytes memory.current of CGROUP had fallen when
 *			the call returned
 *	overshoot N	by how many bytes memory.peak rose above where it began
 *	ios N		writes that DISK completed, after merging
 *	io_bytes N	what they held
 *	zswpwb N	rise of these in /proc/vmstat
 *	zswpin N
 *	text+OFFSET N	of a kernel that was booted with profile=SHIFT: how many of its
 *			ticks came in these 2^SHIFT bytes of its code before the call
 *			returned, where any did
 *
 * What interrupts cost is in the time of the task that they met, or, if the CPU
 * was idle, nowhere.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/swap.h>

#include "measure.h"

#define IO_SIZE		(128UL << 10)
#define MAX_DEPTH	64
#define MAX_PID		65536
/* Without a rise for so long it will not come */
#define PATIENCE_NS	3000000000LL
#define AWAIT_US	1000
#define PF_KTHREAD	0x00200000UL

static int current, peak, disk_stat;
/* The wait for a rise that did not come, and its CPU time; they belong to no page */
static long long vain_ns, vain_cpu_ns;

/* ---- counters ----------------------------------------------------------- */

static long vmstat(const char *key)
{
	static int fd = -1;
	const char *at;
	size_t len = strlen(key);

	if (fd < 0)
		fd = open_file("/proc", "vmstat", O_RDONLY);
	for (at = text_of(fd); at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (!strncmp(at, key, len) && at[len] == ' ')
			return strtol(at + len, NULL, 10);
	}
	return 0;
}

/* Linux: Documentation/block/stat.rst */
static void disk_writes(long *ios, long *bytes)
{
	long sectors;

	if (sscanf(text_of(disk_stat), "%*d %*d %*d %*d %ld %*d %ld", ios, &sectors) != 2)
		fail("stat of the disk");
	*bytes = sectors * 512;
}

static int is_kthread(const char *pid)
{
	unsigned long flags = 0;
	char path[300];
	const char *at;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return 0;
	at = strrchr(text_of(fd), ')');
	if (at)
		sscanf(at, ") %*c %*d %*d %*d %*d %*d %lu", &flags);
	close(fd);
	return !!(flags & PF_KTHREAD);
}

static long long run_ns(const char *pid)
{
	char path[300];
	long long ns;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/schedstat", pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return 0;
	ns = strtoll(text_of(fd), NULL, 10);
	close(fd);
	return ns;
}

/*
 * What all kernel threads have run since the last time it was asked. One that has
 * ended in between is missing.
 */
static long long kthreads_ns(void)
{
	static long long seen[MAX_PID];
	DIR *proc = opendir("/proc");
	struct dirent *d;
	long long sum = 0;

	if (!proc)
		fail("/proc");
	while ((d = readdir(proc))) {
		long pid = strtol(d->d_name, NULL, 10);

		if (!isdigit(d->d_name[0]) || pid >= MAX_PID || !is_kthread(d->d_name))
			continue;
		sum -= seen[pid];
		seen[pid] = run_ns(d->d_name);
		sum += seen[pid];
	}
	closedir(proc);
	return sum;
}

/* ---- the kernel's profile ------------------------------------------------ */

#define PROFILE	"/proc/profile"

/* Whatever is written there sets all counts to zero */
static void clear_profile(void)
{
	int fd = open(PROFILE, O_WRONLY);

	if (fd < 0)
		return;
	if (write(fd, "0", 1) != 1)
		fail(PROFILE);
	close(fd);
}

/* Linux: kernel/profile.c. A count for each piece of the text, after its size. */
static uint32_t *read_profile(size_t *nr)
{
	FILE *file = fopen(PROFILE, "r");
	uint32_t *counts = NULL;

	*nr = 0;
	if (!file)
		return NULL;
	do {
		counts = realloc(counts, (*nr + 4096) * sizeof(*counts));
		if (!counts)
			fail("realloc");
		*nr += fread(counts + *nr, sizeof(*counts), 4096, file);
	} while (!feof(file) && !ferror(file));
	fclose(file);
	return counts;
}

static void say_profile(const uint32_t *counts, size_t nr)
{
	for (size_t i = 1; i < nr; i++) {
		if (counts[i])
			printf("text+%zu %u\n", (i - 1) * counts[0], counts[i]);
	}
}

/* ---- ways to empty a pool, and floors ----------------------------------- */

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	int error = 0;

	if (fd < 0)
		fail(path);
	if (write(fd, text, strlen(text)) < 0)
		error = errno;
	close(fd);
	return error;
}

struct caller {
	pthread_t thread;
	const char *path, *text;
	int error;
};

static void *run_caller(void *arg)
{
	struct caller *c = arg;

	c->error = write_text(c->path, c->text);
	return NULL;
}

static int write_parallel(int nr, const char *path, const char *text)
{
	struct caller callers[MAX_DEPTH];
	int error = 0;

	for (int i = 0; i < nr; i++) {
		callers[i] = (struct caller){ .path = path, .text = text };
		if (pthread_create(&callers[i].thread, NULL, run_caller, &callers[i]))
			fail("pthread_create");
	}
	for (int i = 0; i < nr; i++) {
		pthread_join(callers[i].thread, NULL);
		if (callers[i].error)
			error = callers[i].error;
	}
	return error;
}

/* The counter that is to rise, when it was last looked at */
static long last_seen = -1;

/* 0 once the counter is where it is wanted, or has stopped */
static int still_rising(const char *key, long want)
{
	static long long since, cpu_since;
	long long ns = clock_ns(CLOCK_MONOTONIC), cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	long now = vmstat(key);

	if (now != last_seen || now >= want) {
		since = ns;
		cpu_since = cpu_ns;
	}
	last_seen = now;
	vain_ns = ns - since;
	vain_cpu_ns = cpu_ns - cpu_since;
	return now < want && vain_ns < PATIENCE_NS;
}

/* An error of memory.reclaim says that it reclaimed less than it was told to */
static int write_until(const char *key, long rise, const char *path, const char *text)
{
	long want = vmstat(key) + rise;

	while (still_rising(key, want))
		write_text(path, text);
	return 0;
}

static void page_out_one(void)
{
	static char *page;

	if (!page)
		page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		fail("mmap");
	memset(page, 1, 4096);
	page[0]++;
	if (madvise(page, 4096, MADV_PAGEOUT))
		fail("MADV_PAGEOUT");
}

/*
 * shrink_worker() gives up after some failures; each refusal starts it again, and
 * the first one starts it. While something is in flight, it may be waiting for that.
 */
static int await(const char *key, long rise)
{
	long before = vmstat(key), want = before + rise;

	for (; still_rising(key, want); before = last_seen) {
		if (last_seen == before && is_idle(disk_stat))
			page_out_one();
		usleep(AWAIT_US);
	}
	return 0;
}

struct stream {
	pthread_t thread;
	int fd, writes;
	size_t first, step, end;
	int error;
};

static void *run_stream(void *arg)
{
	struct stream *s = arg;
	char *buffer = aligned_alloc(4096, IO_SIZE);
	ssize_t done;

	if (!buffer)
		fail("aligned_alloc");
	memset(buffer, 0x5a, IO_SIZE);
	for (size_t at = s->first; at < s->end && !s->error; at += s->step) {
		done = s->writes ? pwrite(s->fd, buffer, IO_SIZE, at) : pread(s->fd, buffer, IO_SIZE, at);
		if (done != (ssize_t)IO_SIZE)
			s->error = done < 0 ? errno : EIO;
	}
	free(buffer);
	return NULL;
}

static int transfer(const char *device, size_t bytes, int depth, int writes)
{
	struct stream streams[MAX_DEPTH] = {};
	int fd = open(device, (writes ? O_WRONLY : O_RDONLY) | O_DIRECT);
	int error = 0;

	if (fd < 0)
		fail(device);
	for (int i = 0; i < depth; i++) {
		streams[i] = (struct stream){ .fd = fd, .writes = writes, .first = i * IO_SIZE,
					      .step = depth * IO_SIZE, .end = bytes };
		if (pthread_create(&streams[i].thread, NULL, run_stream, &streams[i]))
			fail("pthread_create");
	}
	for (int i = 0; i < depth; i++) {
		pthread_join(streams[i].thread, NULL);
		if (streams[i].error)
			error = streams[i].error;
	}
	close(fd);
	return error;
}

static _Noreturn void usage(void)
{
	fprintf(stderr, "usage: wb_measure CGROUP DISK write|parallel|until|await|swapoff|store|load ARGUMENT...\n");
	exit(2);
}

static int is(const char *method, const char *name, int nr, int want)
{
	return !strcmp(method, name) && nr == want;
}

static int depth_of(const char *word)
{
	int depth = atoi(word);

	if (depth < 1 || depth > MAX_DEPTH)
		usage();
	return depth;
}

/* run METHOD: returns an errno, or 0 */
static int run(const char *method, int nr, char **arg)
{
	if (is(method, "write", nr, 2))
		return write_text(arg[0], arg[1]);
	if (is(method, "parallel", nr, 3))
		return write_parallel(depth_of(arg[0]), arg[1], arg[2]);
	if (is(method, "until", nr, 4))
		return write_until(arg[0], atol(arg[1]), arg[2], arg[3]);
	if (is(method, "await", nr, 2))
		return await(arg[0], atol(arg[1]));
	if (is(method, "swapoff", nr, 1))
		return swapoff(arg[0]) ? errno : 0;
	if (is(method, "load", nr, 2))
		return transfer(arg[0], (size_t)atol(arg[1]) << 20, 1, 0);
	if (is(method, "store", nr, 3))
		return transfer(arg[0], (size_t)atol(arg[1]) << 20, depth_of(arg[2]), 1);
	usage();
}

static void say(const char *name, long long value)
{
	printf("%s %lld\n", name, value);
}

int main(int argc, char **argv)
{
	long before, at_return, highest, zswpwb, zswpin, ios, bytes, ios_before, bytes_before;
	long long start, ns, cpu_ns, device_ns, kthread_ns;
	uint32_t *counts;
	size_t nr_counts;
	int error;

	if (argc < 5)
		usage();
	current = open_file(argv[1], "memory.current", O_RDONLY);
	peak = open_file(argv[1], "memory.peak", O_RDWR);
	disk_stat = open_disk_stat(argv[2]);
	wait_until_idle(disk_stat);
	disk_writes(&ios_before, &bytes_before);
	zswpwb = vmstat("zswpwb");
	zswpin = vmstat("zswpin");
	before = number_of(current);
	if (write(peak, "reset", 5) != 5)
		fail("memory.peak");
	kthreads_ns();
	clear_profile();

	cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	start = clock_ns(CLOCK_MONOTONIC);
	error = run(argv[3], argc - 4, argv + 4);
	ns = clock_ns(CLOCK_MONOTONIC) - start - vain_ns;
	cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_ns - vain_cpu_ns;
	at_return = number_of(current);
	highest = number_of(peak);
	counts = read_profile(&nr_counts);
	wait_until_idle(disk_stat);
	device_ns = clock_ns(CLOCK_MONOTONIC) - start - vain_ns;
	kthread_ns = kthreads_ns();
	disk_writes(&ios, &bytes);

	say("errno", error);
	say("ns", ns);
	say("device_ns", device_ns);
	say("cpu_ns", strcmp(argv[3], "await") ? cpu_ns : 0);
	say("kthread_ns", kthread_ns);
	say("fell", before - at_return);
	say("overshoot", highest - before);
	say("ios", ios - ios_before);
	say("io_bytes", bytes - bytes_before);
	say("zswpwb", vmstat("zswpwb") - zswpwb);
	say("zswpin", vmstat("zswpin") - zswpin);
	say_profile(counts, nr_counts);
	return 0;
}
