// SPDX-License-Identifier: GPL-2.0
#include "fake.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../call.h"
#include "../text.h"

#define CALM	"some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n"

void fake_file(const struct fake *fake, const char *path, const char *fmt, ...)
{
	char *name = format("%s/%s", fake->dir, path);
	va_list ap;
	FILE *file;

	for (char *at = name + strlen(fake->dir) + 1; (at = strchr(at, '/')); at++) {
		*at = 0;
		mkdir(name, 0755);
		*at = '/';
	}
	file = fopen(name, "w");
	assert_non_null(file);
	va_start(ap, fmt);
	vfprintf(file, fmt, ap);
	va_end(ap);
	fclose(file);
	free(name);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void fake_remove(const struct fake *fake, const char *path)
{
	char *name = format("%s/%s", fake->dir, path);

	nftw(name, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(name);
}

void fake_psi(const struct fake *fake, const char *what, double avg10, double avg60)
{
	char *path = format("proc/pressure/%s", what);

	fake_file(fake, path, "some avg10=%.2f avg60=%.2f avg300=0.00 total=1\n"
		  "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n", avg10, avg60);
	free(path);
}

static void write_vmstat(const struct fake *fake)
{
	uint64_t proactive = 0;

	for (size_t i = 0; i < fake->nr; i++)
		proactive += fake->groups[i].proactive;
	fake_file(fake, "proc/vmstat", "nrswpout 5\nzswpwb 7\nzswpwb_proactive %" PRIu64 "\n",
		  proactive);
}

void fake_without_key(struct fake *fake)
{
	fake_file(fake, "proc/vmstat", "nrswpout 5\nzswpwb 7\n");
	fake->err = -EINVAL;
}

static bool is_below(const struct fake_group *group, const char *path)
{
	size_t len = strlen(path);

	return !len || (!strncmp(group->path, path, len) &&
			(!group->path[len] || group->path[len] == '/'));
}

/* As memory.stat has it: with all that is below */
static struct fake_group sum_of(const struct fake *fake, const struct fake_group *group)
{
	struct fake_group sum = { .path = group->path, .memory = group->memory };

	for (size_t i = 0; i < fake->nr; i++) {
		const struct fake_group *part = &fake->groups[i];

		if (!is_below(part, group->path))
			continue;
		sum.stored += part->stored;
		sum.zswap += part->zswap;
		sum.taken_in += part->taken_in;
		sum.written += part->written;
		sum.proactive += part->proactive;
		sum.refaults += part->refaults;
	}
	return sum;
}

static void write_files(const struct fake *fake, const struct fake_group *group)
{
	struct fake_group sum = sum_of(fake, group);
	const char *slash = *group->path ? "/" : "";
	char *stat = format("sys/fs/cgroup/%s%smemory.stat", group->path, slash);
	char *current = format("sys/fs/cgroup/%s%smemory.current", group->path, slash);

	fake_file(fake, stat,
		  "anon 4096\nzswap %" PRIu64 "\nzswapped %" PRIu64 "\nzswap_incomp 0\n"
		  "pswpin %" PRIu64 "\nzswpin 0\nzswpout %" PRIu64 "\nzswpwb %" PRIu64
		  "\nzswpwb_proactive %" PRIu64 "\nzswpwb_failed 0\n",
		  sum.zswap, sum.stored, sum.refaults, sum.taken_in, sum.written,
		  sum.proactive);
	if (*group->path)
		fake_file(fake, current, "%" PRIu64 "\n", sum.memory);
	free(stat);
	free(current);
}

void fake_flush(const struct fake *fake, const struct fake_group *group)
{
	for (size_t i = 0; i < fake->nr; i++)
		if (is_below(group, fake->groups[i].path))
			write_files(fake, &fake->groups[i]);
	write_vmstat(fake);
}

static void settings(const struct fake *fake, const char *path)
{
	static const struct { const char *name, *text; } files[] = {
		{ "memory.reclaim", "" }, { "memory.pressure", CALM }, { "io.pressure", CALM },
		/* The root has none of these */
		{ "memory.zswap.writeback", "1\n" }, { "memory.zswap.max", "max\n" },
	};
	size_t nr = *path ? sizeof(files) / sizeof(*files) : 3;

	for (size_t i = 0; i < nr; i++) {
		char *name = format("sys/fs/cgroup/%s/%s", path, files[i].name);

		fake_file(fake, name, "%s", files[i].text);
		free(name);
	}
}

void fake_make(struct fake *fake, struct fake_group *group, const char *path)
{
	*group = (struct fake_group) { .path = path, .memory = 512 * MIB };
	fake_flush(fake, group);
	settings(fake, path);
}

struct fake_group *fake_group(struct fake *fake, const char *path)
{
	struct fake_group *group = &fake->groups[fake->nr++];

	assert_true(fake->nr <= FAKE_GROUPS);
	fake_make(fake, group, path);
	return group;
}

/* ---- the kernel's part --------------------------------------------------- */

static struct fake_group *group_of(struct fake *fake, const char *file)
{
	for (size_t i = 0; i < fake->nr; i++) {
		char *name = group_file(&fake->host, fake->groups[i].path, "memory.reclaim");
		bool same = !strcmp(name, file);

		free(name);
		if (same)
			return &fake->groups[i];
	}
	return NULL;
}

static bool is_served(const struct fake *fake, const struct fake_group *group)
{
	uint64_t on;
	bool enabled = !read_number(&on, "%s/sys/fs/cgroup/%s/memory.zswap.writeback", fake->dir,
				    group->path) && on;

	return (enabled || !*group->path) && group->stored >= page_size();
}

/* Of one group, each page with its share of the memory; returns the bytes */
static uint64_t take_turn(struct fake *fake, struct fake_group *group, uint64_t most)
{
	uint64_t bytes = group->stored < most ? group->stored : most;

	if (bytes > 256 * page_size())
		bytes = 256 * page_size();
	bytes = bytes / page_size() * page_size();
	group->zswap -= group->zswap * ((double)bytes / group->stored);
	group->stored -= bytes;
	group->written += bytes / page_size();
	group->proactive += bytes / page_size();
	fake_flush(fake, group);
	return bytes;
}

static int write_back(struct fake *fake, const char *path, uint64_t asked)
{
	size_t idle = 0;

	while (asked >= page_size() && idle < fake->nr) {
		struct fake_group *group = &fake->groups[fake->turn++ % fake->nr];

		idle++;
		if (is_below(group, path) && is_served(fake, group)) {
			asked -= take_turn(fake, group, asked);
			idle = 0;
		}
	}
	return asked >= page_size() ? -EAGAIN : 0;
}

static int remove_group(struct fake *fake, struct fake_group *group)
{
	char *path = format("sys/fs/cgroup/%s", group->path);

	group->stored = group->zswap = 0;
	fake_remove(fake, path);
	free(path);
	return fake->gone_err;
}

/* All its pages are loaded and as many others stored */
static void exchange(struct fake *fake, struct fake_group *group)
{
	group->taken_in += group->stored / page_size();
	fake_flush(fake, group);
}

static void shield(struct fake *fake)
{
	char *name = format("sys/fs/cgroup/%s/memory.low", fake->shields);

	fake_file(fake, name, "max\n");
	free(name);
}

static void press(struct fake *fake)
{
	if (!fake->presser)
		return;
	assert_int_equal(send(fake->presser, "!", 1, MSG_OOB), 1);
	close(fake->presser);
	fake->presser = 0;
}

static int fake_write(const struct host *host, const char *file, const char *text)
{
	struct fake *fake = host->private;
	struct fake_group *group = group_of(fake, file);
	uint64_t asked;
	char key[64];

	fake->calls++;
	fake->boot += fake->takes;
	fake->wall += fake->takes;
	if (fake->stale)
		exchange(fake, fake->stale);
	fake->stale = NULL;
	if (fake->pressed)
		press(fake);
	if (fake->shields)
		shield(fake);
	if (fake->strained)
		fake_psi(fake, fake->strained, 5, 1);
	snprintf(fake->last, sizeof(fake->last), "%s", text);
	if (fake->goes && group && !strcmp(group->path, fake->goes))
		return remove_group(fake, group);
	if (access(file, F_OK))
		return -ENOENT;
	if (fake->refuses && group && !strcmp(group->path, fake->refuses))
		return fake->refused_err;
	if (fake->err)
		return fake->err;
	assert_int_equal(sscanf(text, "%" SCNu64 " %63s", &asked, key), 2);
	assert_string_equal(key, KEY);
	return group ? write_back(fake, group->path, asked) : -EAGAIN;
}

static int64_t fake_clock(const struct host *host, clockid_t id)
{
	const struct fake *fake = host->private;

	return id == CLOCK_REALTIME ? fake->wall : fake->boot;
}

/* Polls as POLLPRI when something was sent out of band at the other end, presser */
static int fake_trigger_fd(struct fake *fake)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	int listener, from, to;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	from = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
	assert_int_equal(connect(from, (struct sockaddr *)&address, len), 0);
	to = accept(listener, NULL, NULL);
	close(listener);
	if (fake->presser)
		close(fake->presser);
	fake->presser = from;
	return to;
}

static int fake_trigger(const struct host *host, const char *path, const char *text)
{
	struct fake *fake = host->private;
	unsigned int stall, window;
	int fd;

	fake->triggers++;
	assert_non_null(strstr(path, "/proc/pressure/memory"));
	assert_int_equal(sscanf(text, "some %u %u", &stall, &window), 2);
	/* What the kernel takes from a caller without capabilities */
	assert_int_equal(window % 2000000, 0);
	assert_true(stall > 0 && stall <= window);
	if (fake->trigger_err)
		return fake->trigger_err;
	if (!fake->pressed && !fake->pressed_before)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	fd = fake_trigger_fd(fake);
	if (fake->pressed_before)
		press(fake);
	return fd;
}

/* ---- beginning and end --------------------------------------------------- */

static void fill_proc(const struct fake *fake)
{
	fake_file(fake, "proc/meminfo", "MemTotal:       4194304 kB\nMemAvailable:   2097152 kB\n"
		  "Zswap:            10240 kB\nZswapped:         30720 kB\n");
	fake_file(fake, "proc/swaps", "Filename Type Size Used Priority\n"
		  "/dev/vda partition 1048572 35072 -1\n");
	fake_file(fake, "proc/cmdline", "quiet\n");
	fake_psi(fake, "memory", 0, 0);
	fake_psi(fake, "io", 0, 0);
	write_vmstat(fake);
}

static void fill_sys(const struct fake *fake)
{
	static const char * const settings[][2] = {
		{ "enabled", "Y" }, { "compressor", "zstd" }, { "shrinker_enabled", "N" },
		{ "max_pool_percent", "20" }, { "accept_threshold_percent", "90" },
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		char *path = format("sys/module/zswap/parameters/%s", settings[i][0]);

		fake_file(fake, path, "%s\n", settings[i][1]);
		free(path);
	}
}

void fake_start(struct fake *fake)
{
	*fake = (struct fake) { };
	snprintf(fake->dir, sizeof(fake->dir), "%s", "/tmp/zswapctl-test-XXXXXX");
	assert_non_null(mkdtemp(fake->dir));
	fake_group(fake, "");
	fill_proc(fake);
	fill_sys(fake);
	host_init(&fake->host, fake->dir);
	fake->host.write = fake_write;
	fake->host.clock = fake_clock;
	fake->host.trigger = fake_trigger;
	fake->host.private = fake;
}

void fake_end(struct fake *fake)
{
	fake_remove(fake, "");
	host_free(&fake->host);
}

int fake_setup(void **state)
{
	static struct fake fake;

	fake_start(&fake);
	*state = &fake;
	return 0;
}

int fake_teardown(void **state)
{
	fake_end(*state);
	return 0;
}
