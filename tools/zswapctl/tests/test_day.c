// SPDX-License-Identifier: GPL-2.0
/*
 * The agent through a scripted day, pass by pass, with a clock that jumps from
 * one to the next. Checks after each pass what must hold at any time.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "../agent.h"
#include "../state.h"
#include "../text.h"

#define BELOW		"sys/fs/cgroup/"
#define BOOT_ID		"proc/sys/kernel/random/boot_id"
#define INTERVAL	300
#define BUDGET		(64 * MIB)
#define HOURS(hours)	((hours) * 3600 / INTERVAL)
/* 2026-11-24, 00:00:00 UTC */
#define MIDNIGHT	1795478400LL

static const char policy_text[] =
	"dry_run = %s\n"
	"state = \"%s/budget\"\n"
	"interval = 5m\n"
	"daily_budget = 64M\n"
	"quiet = { \"12:00-13:00\" }\n"
	"min_pass = 256K\n"
	"max_pass = 2M\n"
	"cold_passes = 6\n"
	"backoff = 20m\n"
	"backoff_max = 4h\n"
	"cgroup \"/job\" {}\n"
	"cgroup \"/job/below\" {}\n"
	"cgroup \"/sl\" {}\n"
	"cgroup \"/sl/db\" { enabled = no }\n"
	"cgroup \"/batch*\" { max_pass = 1M }\n"
	"cgroup \"/untouched\" { enabled = no }\n";

struct day {
	struct fake fake;
	struct agent agent;
	struct fake_group *job;
	struct fake_group *other;
	struct fake_group *below;
};

static struct policy *policy_of(const struct fake *fake, const char *dry_run)
{
	char *path = format("%s/policy", fake->dir);
	struct policy *policy;

	fake_file(fake, "policy", policy_text, dry_run, fake->dir);
	policy = policy_read(path);
	free(path);
	assert_non_null(policy);
	return policy;
}

/* Another policy than the usual one */
static void take_policy(struct day *day, const char *text)
{
	char *path = format("%s/policy", day->fake.dir);
	struct policy *policy;

	fake_file(&day->fake, "policy", "dry_run = false\nstate = \"%s/budget\"\n%s",
		  day->fake.dir, text);
	policy = policy_read(path);
	free(path);
	assert_non_null(policy);
	assert_int_equal(agent_set_policy(&day->agent, policy), 0);
}

static void fill(struct day *day, struct fake_group *group, uint64_t bytes)
{
	group->stored += bytes;
	group->zswap += bytes / 3;
	group->taken_in += bytes / page_size();
	fake_flush(&day->fake, group);
}

static int setup(void **state)
{
	static struct day day;

	setenv("TZ", "UTC", 1);
	day = (struct day) { };
	fake_start(&day.fake);
	day.fake.wall = MIDNIGHT * NSEC_PER_SEC;
	day.fake.boot = NSEC_PER_SEC;
	day.job = fake_group(&day.fake, "job");
	day.other = fake_group(&day.fake, "untouched");
	day.below = fake_group(&day.fake, "job/below");
	fill(&day, day.job, 200 * MIB);
	fill(&day, day.other, 200 * MIB);
	fill(&day, day.below, 10 * MIB);
	day.agent.host = &day.fake.host;
	assert_int_equal(agent_set_policy(&day.agent, policy_of(&day.fake, "false")), 0);
	*state = &day;
	return 0;
}

static int teardown(void **state)
{
	struct day *day = *state;

	agent_free(&day->agent);
	fake_end(&day->fake);
	return 0;
}

static uint64_t proactive(const struct day *day)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < day->fake.nr; i++)
		pages += day->fake.groups[i].proactive;
	return pages * page_size();
}

/* So many passes; returns what they wrote */
static uint64_t passes_of_any_size(struct day *day, unsigned int nr)
{
	uint64_t before = proactive(day);

	while (nr--) {
		agent_pass(&day->agent);
		day->fake.wall += INTERVAL * NSEC_PER_SEC;
		day->fake.boot += INTERVAL * NSEC_PER_SEC;
	}
	return proactive(day) - before;
}

static uint64_t job_proactive(const struct day *day)
{
	return (day->job->proactive + day->below->proactive) * page_size();
}

/* One pass of the usual policy */
static uint64_t one(struct day *day)
{
	uint64_t before = job_proactive(day), wrote = passes_of_any_size(day, 1);

	/* One class after the other: 2M for the job and the slice, 1M for each of two batches */
	assert_true(wrote <= 6 * MIB);
	assert_int_equal(day->other->proactive, 0);
	/* The class of what is below the job is the job's */
	assert_true(job_proactive(day) - before <= 2 * MIB);
	return wrote;
}

static uint64_t passes(struct day *day, unsigned int nr)
{
	uint64_t bytes = 0;

	while (nr--)
		bytes += one(day);
	return bytes;
}

/* What a pass logs, to be freed; @run is passes() or passes_of_any_size() */
static char *log_of(struct day *day, uint64_t (*run)(struct day *day, unsigned int nr),
		    uint64_t *wrote)
{
	FILE *real = stdout;
	char *text = NULL;
	size_t len;

	stdout = open_memstream(&text, &len);
	assert_non_null(stdout);
	*wrote = run(day, 1);
	fclose(stdout);
	stdout = real;
	return text;
}

static char *log_of_one(struct day *day)
{
	uint64_t wrote;

	return log_of(day, passes, &wrote);
}

static void stays_within_budget(void **state)
{
	struct day *day = *state;

	assert_int_equal(passes(day, HOURS(12)), BUDGET);
	assert_int_equal(passes(day, HOURS(12)), 0);
	/* The next day has one of its own, and what is cold is what is written */
	assert_int_equal(passes(day, HOURS(24)), BUDGET);
	assert_int_equal(day->job->stored + day->below->stored, 210 * MIB - 2 * BUDGET);
	assert_int_equal(passes(day, HOURS(24)), BUDGET);
	assert_int_equal(passes(day, HOURS(24)), 210 * MIB - 3 * BUDGET);
	assert_int_equal(day->job->stored + day->below->stored, 0);
	assert_int_equal(day->job->zswap, 0);
}

/* Half an hour of looking on before the first write, then small ones first */
static void waits_for_coldness(void **state)
{
	struct day *day = *state;

	assert_int_equal(passes(day, 6), 0);
	assert_int_equal(one(day), 256 * 1024);
	assert_int_equal(one(day), 512 * 1024);
	assert_int_equal(one(day), 1024 * 1024);
	assert_int_equal(one(day), 2 * MIB);
	assert_int_equal(one(day), 2 * MIB);
}

static void leaves_what_is_young(void **state)
{
	struct day *day = *state;

	passes(day, 6);
	/* All old pages are loaded, others take their place */
	day->job->stored = day->below->stored = 0;
	fake_flush(&day->fake, day->below);
	fill(day, day->job, 100 * MIB);
	assert_int_equal(passes(day, 6), 0);
	assert_int_equal(one(day), 256 * 1024);
}

/* The kernel would go round all below the slice; what is not wanted is not called for */
static void leaves_alone_what_is_below(void **state)
{
	struct day *day = *state;
	struct fake_group *slice = fake_group(&day->fake, "sl");
	struct fake_group *db = fake_group(&day->fake, "sl/db");
	struct fake_group *part = fake_group(&day->fake, "sl/db/part");
	struct fake_group *web = fake_group(&day->fake, "sl/web");
	char *log;

	fill(day, slice, 20 * MIB);
	fill(day, db, 20 * MIB);
	fill(day, part, 20 * MIB);
	fill(day, web, 5 * MIB);
	passes(day, 6);
	log = log_of_one(day);
	assert_non_null(strstr(log, " cold=5242880 left_alone=41943040 "));
	free(log);
	passes(day, HOURS(72));
	assert_int_equal(web->stored, 0);
	assert_int_equal(db->proactive + part->proactive, 0);
	/* A call for its own pages would be one for those of the database, too */
	assert_int_equal(slice->proactive, 0);
}

/* By itself or from above: calls for a cgroup do not heed its own protection */
static void leaves_alone_what_is_protected(void **state)
{
	static const char * const limits[] = {
		BELOW "sl/db/memory.min", BELOW "sl/db/memory.low", BELOW "sl/memory.low",
		BELOW "sl/db/part/memory.min",
	};
	struct day *day = *state;
	struct fake_group *part;
	char *log;

	fake_group(&day->fake, "sl");
	fake_group(&day->fake, "sl/db");
	part = fake_group(&day->fake, "sl/db/part");
	fill(day, part, 20 * MIB);
	take_policy(day, "cold_passes = 6\ncgroup \"/sl/db\" {}\n");
	passes_of_any_size(day, 6);
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		fake_file(&day->fake, limits[i], "%llu\n", 512 * MIB);
		assert_int_equal(passes_of_any_size(day, 2), 0);
		/* It has more than that in memory */
		fake_file(&day->fake, limits[i], "%llu\n", 512 * MIB - 1);
		assert_true(passes_of_any_size(day, 1) > 0);
		fake_remove(&day->fake, limits[i]);
	}
	fake_file(&day->fake, limits[0], "max\n");
	log = log_of_one(day);
	assert_non_null(strstr(log, "cgroup=/sl/db decision=protected "));
	free(log);
}

/* A call for its own pages might take those: the kernel heeds memory.low only at first */
static void leaves_alone_what_has_protected_below(void **state)
{
	struct day *day = *state;
	struct fake_group *slice = fake_group(&day->fake, "sl");

	fill(day, slice, 20 * MIB);
	fill(day, fake_group(&day->fake, "sl/db"), 20 * MIB);
	fake_file(&day->fake, BELOW "sl/db/memory.low", "max\n");
	take_policy(day, "cold_passes = 6\ncgroup \"/sl\" {}\n");
	assert_int_equal(passes_of_any_size(day, 10), 0);
	fake_remove(&day->fake, BELOW "sl/db/memory.low");
	assert_true(passes_of_any_size(day, 1) > 0);
}

/* One child has old pages, the other new ones all the time */
static void writes_the_cold_child(void **state)
{
	struct day *day = *state;
	struct fake_group *slice = fake_group(&day->fake, "sl");
	struct fake_group *old = fake_group(&day->fake, "sl/old");
	struct fake_group *young;

	fake_group(&day->fake, "sl/inner");
	young = fake_group(&day->fake, "sl/inner/young");
	fill(day, slice, 2 * MIB);
	fill(day, old, 10 * MIB);
	for (int i = 0; i < 40; i++) {
		young->stored = 0;
		fill(day, young, 20 * MIB);
		one(day);
	}
	assert_int_equal(old->stored, 0);
	assert_int_equal(young->proactive, 0);
	assert_int_equal(slice->proactive, 0);
	/* When all below it is old, its own turn comes */
	passes(day, HOURS(24));
	assert_true(slice->proactive > 0);
}

/* What may not be written is not cold, and not asked for again and again */
static void writeback_off_is_not_cold(void **state)
{
	struct day *day = *state;
	struct fake_group *kept;

	fake_group(&day->fake, "sl");
	kept = fake_group(&day->fake, "sl/kept");
	fake_file(&day->fake, BELOW "sl/kept/memory.zswap.writeback", "0\n");
	fill(day, kept, 20 * MIB);
	day->job->stored = day->below->stored = 0;
	fake_flush(&day->fake, day->below);
	passes(day, HOURS(2));
	assert_int_equal(day->fake.calls, 0);
}

static void crash(struct day *day)
{
	agent_free(&day->agent);
	day->agent = (struct agent) { .host = &day->fake.host };
}

static void stop(struct day *day)
{
	state_keep(&day->agent);
	crash(day);
}

static void start(struct day *day)
{
	assert_int_equal(agent_set_policy(&day->agent, policy_of(&day->fake, "false")), 0);
}

static void start_again(struct day *day)
{
	stop(day);
	start(day);
}

/* From nine in the morning, with all that may come up: what is spent is the budget */
static void a_working_day(void **state)
{
	struct day *day = *state;
	struct fake_group *batch;
	uint64_t zswap = day->job->zswap + day->below->zswap, spent;

	day->fake.wall += 9 * 3600 * NSEC_PER_SEC;
	assert_int_equal(passes(day, 6), 0);
	assert_true(passes(day, 6) > 0);
	/* Ten o'clock: some of it is wanted back, for a quarter of an hour */
	day->job->refaults += 2000;
	fake_flush(&day->fake, day->job);
	assert_int_equal(passes(day, 4), 0);
	assert_true(passes(day, 2) > 0);
	/* Half past: the machine is short of memory */
	fake_psi(&day->fake, "memory", 2, 2);
	assert_int_equal(passes(day, 6), 0);
	fake_psi(&day->fake, "memory", 0, 0);
	/* Eleven: a job for half an hour, which is gone before its pages are cold */
	batch = fake_group(&day->fake, "batch1");
	fill(day, batch, 10 * MIB);
	assert_true(passes(day, 6) > 0);
	assert_int_equal(batch->proactive, 0);
	day->fake.goes = "batch1";
	day->fake.gone_err = -ENOENT;
	assert_true(passes(day, 6) > 0);
	day->fake.goes = NULL;
	/* Twelve: quiet for an hour, in which the agent is stopped and started again */
	assert_int_equal(passes(day, 6), 0);
	spent = proactive(day);
	start_again(day);
	assert_int_equal(passes(day, 6), 0);
	assert_true(passes(day, 2) > 0);
	/* The rest until midnight, and then the next day */
	passes(day, HOURS(11) - 2);
	assert_true(spent < BUDGET);
	assert_int_equal(proactive(day), BUDGET);
	assert_true(day->job->zswap + day->below->zswap <= zswap - BUDGET / 3 + 2 * page_size());
	assert_true(passes(day, 2) > 0);
}

static void survives_a_restart(void **state)
{
	struct day *day = *state;
	uint64_t before = passes(day, HOURS(2));

	assert_true(before > 0 && before < BUDGET);
	start_again(day);
	assert_int_equal(before + passes(day, HOURS(10)), BUDGET);
}

/* Another agent of the same boot knows how old pages are, and what has to pause */
static void remembers_after_a_restart(void **state)
{
	struct day *day = *state;
	uint64_t wrote;
	int64_t begun;

	fake_file(&day->fake, BOOT_ID, "7d5a\n");
	passes(day, 8);
	wrote = one(day);
	begun = day->agent.begun;
	start_again(day);
	assert_true(begun && day->agent.begun == begun);
	assert_true(one(day) > wrote);
	day->job->refaults += 2000;
	fake_flush(&day->fake, day->job);
	assert_int_equal(one(day), 0);
	start_again(day);
	assert_int_equal(passes(day, 3), 0);
	assert_int_equal(one(day), 256 * 1024);
	/* Another boot, one that is not known, and a policy for other ages begin anew */
	stop(day);
	fake_file(&day->fake, BOOT_ID, "7d5b\n");
	start(day);
	assert_int_equal(passes(day, 6), 0);
	assert_true(one(day) > 0);
	stop(day);
	fake_remove(&day->fake, BOOT_ID);
	start(day);
	assert_int_equal(passes(day, 6), 0);
	assert_true(one(day) > 0);
	day->agent.policy->classes[0].rules.cold_passes = 3;
	assert_int_equal(passes(day, 3), 0);
	assert_true(one(day) > 0);
}

/* It knows no more than one of another boot: what the last but one knew is history */
static void knows_nothing_after_a_crash(void **state)
{
	struct day *day = *state;

	fake_file(&day->fake, BOOT_ID, "7d5a\n");
	passes(day, 8);
	start_again(day);
	assert_true(one(day) > 0);
	crash(day);
	start(day);
	assert_int_equal(day->agent.nr_watched, 0);
	assert_int_equal(passes(day, 6), 0);
	assert_true(one(day) > 0);
}

#define OF_THE_BOOT	"{ \"boot\": \"7d5a\", \"passed_ns\": 1 }\n"
#define JOB \
	"{ \"cgroup\": \"job\", \"inode\": 1, \"looked_ns\": 0, \"refaulted_pages\": 0, " \
	"\"pass_bytes\": 0, \"backoff_seconds\": 0, \"backoff_until_ns\": 0, "

/* Cut off, or something else: what can be read of it counts, and nothing more */
static void forgets_what_is_garbage(void **state)
{
	static const char * const texts[] = {
		"", "garbage", "{}", "{ \"boot\": \"7d5a\" }\n{ }\n", "{ \"boot\": 7 }\n{ }\n", OF_THE_BOOT "5\n",
		OF_THE_BOOT "{ \"cgroup\": \"jo",
		OF_THE_BOOT JOB "\"looks\": 100000, \"taken_in_pages\": [ ] }\n",
		OF_THE_BOOT JOB "\"looks\": 1, \"taken_in_pages\": [ 1, 2 ] }\n",
	};
	struct day *day = *state;

	fake_file(&day->fake, BOOT_ID, "7d5a\n");
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		passes(day, 7);
		stop(day);
		fake_file(&day->fake, "budget.cgroups", "%s", texts[i]);
		start(day);
		assert_int_equal(day->agent.nr_watched, 0);
		assert_int_equal(one(day), 0);
	}
	stop(day);
	fake_file(&day->fake, "budget.cgroups", OF_THE_BOOT JOB
		  "\"looks\": 1, \"taken_in_pages\": [ 1 ] }\n{ \"cgroup\": \"jo");
	start(day);
	assert_int_equal(day->agent.nr_watched, 1);
}

/* Read again, with and without its file, in the middle of the day */
static void reload_gives_nothing(void **state)
{
	struct day *day = *state;
	uint64_t before = passes(day, HOURS(2));

	fake_remove(&day->fake, "budget");
	assert_int_equal(agent_set_policy(&day->agent, policy_of(&day->fake, "false")), 0);
	assert_int_equal(before + passes(day, HOURS(10)), BUDGET);
}

static void another_agent(void **state)
{
	struct day *day = *state;
	struct agent other = { .host = &day->fake.host };
	struct policy *policy = policy_of(&day->fake, "false");

	assert_int_equal(agent_set_policy(&other, policy), -EWOULDBLOCK);
	policy_free(policy);
	assert_int_equal(agent_set_policy(&other, policy_of(&day->fake, "true")), 0);
	/* The first has finished writing: the second may begin */
	assert_int_equal(agent_set_policy(&day->agent, policy_of(&day->fake, "true")), 0);
	assert_int_equal(agent_set_policy(&other, policy_of(&day->fake, "false")), 0);
	agent_free(&other);
}

static void backs_off(void **state)
{
	struct day *day = *state;
	uint64_t first;
	char *log;

	assert_int_equal(passes(day, 6), 0);
	assert_true(passes(day, 4) > 0);
	/* 512 MiB of memory: 0.2 % a minute are 1310 pages in five of them */
	day->job->refaults += 2000;
	fake_flush(&day->fake, day->job);
	assert_int_equal(passes(day, 3), 0);
	/* The fourth of the pause of 20 minutes, one of which was the pass that saw it */
	log = log_of_one(day);
	assert_non_null(strstr(log, " memory=536870912 "));
	assert_non_null(strstr(log, " backoff=300 "));
	free(log);
	first = one(day);
	assert_int_equal(first, 256 * 1024);
	/* It keeps rising: ever longer pauses */
	for (int i = 0; i < 200; i++) {
		day->job->refaults += 2000;
		fake_flush(&day->fake, day->job);
		assert_int_equal(one(day), 0);
	}
	assert_int_equal(day->agent.watched[0].pause.seconds, 4 * 3600);
}

static void heeds_pressure(void **state)
{
	static const char * const files[] = {
		"proc/pressure/memory", "proc/pressure/io", BELOW "job/memory.pressure",
		BELOW "job/io.pressure",
	};
	struct day *day = *state;

	passes(day, 8);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		fake_file(&day->fake, files[i], "some avg10=0.00 avg60=1.50 avg300=0 total=1\n");
		assert_int_equal(passes(day, 3), 0);
		fake_file(&day->fake, files[i], "some avg10=0.00 avg60=0.00 avg300=0 total=1\n");
		assert_true(one(day) > 0);
	}
}

/* Not that it was forbidden */
static void writeback_unknown(void **state)
{
	struct day *day = *state;
	char *log;

	passes(day, 8);
	fake_remove(&day->fake, BELOW "job/memory.zswap.writeback");
	log = log_of_one(day);
	assert_non_null(strstr(log, "cgroup=/job decision=writeback-unknown "));
	free(log);
}

/* A figure that there is not is no 0 in the log */
static void says_what_is_unknown(void **state)
{
	static const char calm[] = "some avg10=0.00 avg60=0.00 avg300=0 total=1\n";
	static const struct { const char *file, *bad, *good, *said; } cases[] = {
		{ "proc/pressure/memory", "", calm, " memory_psi=- io_psi=0.00/0.00 " },
		{ BELOW "job/io.pressure", "", calm, " memory_psi=0.00/0.00 io_psi=- " },
		{ BELOW "job/memory.current", "", "4096\n", " refaults=- memory=- " },
		{ BELOW "job/memory.stat", "zswapped 4096\n", "", " refaults=- memory=4096 " },
	};
	struct day *day = *state;
	char *log;

	log = log_of_one(day);
	assert_non_null(strstr(log, " refaults=- "));
	free(log);
	log = log_of_one(day);
	assert_non_null(strstr(log, " refaults=0.000%/min "));
	free(log);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fake_file(&day->fake, cases[i].file, "%s", cases[i].bad);
		log = log_of_one(day);
		assert_non_null(strstr(log, cases[i].said));
		free(log);
		fake_file(&day->fake, cases[i].file, "%s", cases[i].good);
	}
}

/* What is not known is too much, whichever of the files it is */
static void fears_the_unknown(void **state)
{
	static const char calm[] = "some avg10=0.00 avg60=0.00 avg300=0 total=1\n";
	static const struct { const char *file, *good; } needed[] = {
		{ "proc/pressure/memory", calm }, { "proc/pressure/io", calm },
		{ BELOW "job/memory.pressure", calm }, { BELOW "job/io.pressure", calm },
		{ BELOW "job/memory.current", "536870912\n" },
	};
	static const char * const bad[] = {
		"", "garbage", "some avg10=nan avg60=0.00", "some avg10=0.00 avg60=-1.00",
	};
	struct day *day = *state;

	passes(day, 8);
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
		for (size_t j = 0; j < sizeof(bad) / sizeof(*bad); j++) {
			fake_file(&day->fake, needed[i].file, "%s", bad[j]);
			assert_int_equal(passes(day, 1), 0);
		}
		fake_remove(&day->fake, needed[i].file);
		assert_int_equal(passes(day, 1), 0);
		fake_file(&day->fake, needed[i].file, "%s", needed[i].good);
		assert_true(one(day) > 0);
	}
}

static void keeps_quiet(void **state)
{
	struct day *day = *state;

	day->fake.wall += 11 * 3600 * NSEC_PER_SEC;
	assert_true(passes(day, HOURS(1)) > 0);
	assert_int_equal(passes(day, HOURS(1)), 0);
	assert_true(one(day) > 0);
}

/* Whoever moves the machine to another time zone moves the quiet hours */
static void follows_the_time_zone(void **state)
{
	struct day *day = *state;

	assert_true(passes(day, HOURS(1)) > 0);
	setenv("TZ", "XYZ-11:30", 1);
	assert_int_equal(passes(day, 1), 0);
	setenv("TZ", "UTC", 1);
	assert_true(passes(day, 1) > 0);
}

/* A pass all the same: the agent that is to make two of them ends */
static void nothing_to_read(void **state)
{
	struct day *day = *state;
	uint64_t before = day->agent.passes;

	fake_remove(&day->fake, BELOW "memory.stat");
	passes(day, 2);
	assert_int_equal(day->agent.passes, before + 2);
}

static void dry_run(void **state)
{
	struct day *day = *state;
	uint64_t left;

	passes(day, 10);
	left = budget_left(&day->agent.budget);
	assert_true(left < BUDGET);
	day->fake.calls = 0;
	assert_int_equal(agent_set_policy(&day->agent, policy_of(&day->fake, "true")), 0);
	assert_int_equal(passes(day, HOURS(23)), 0);
	assert_int_equal(day->fake.calls, 0);
	/* It promises no more than the policy allows, but that has cost nothing */
	assert_true(budget_left(agent_budget(&day->agent)) < 256 * 1024);
	assert_int_equal(agent_set_policy(&day->agent, policy_of(&day->fake, "false")), 0);
	assert_int_equal(budget_left(&day->agent.budget), left);
}

/* The same name again is another cgroup: nothing of it is known to be cold */
static void groups_come_and_go(void **state)
{
	struct day *day = *state;
	struct fake_group *batch = fake_group(&day->fake, "batch1");

	fill(day, batch, 10 * MIB);
	passes(day, 8);
	assert_int_equal(day->agent.nr_watched, 3);
	assert_true(batch->proactive > 0);
	/* The old directory stays elsewhere, so that its inode is not used again */
	char *from = format("%s/" BELOW "batch1", day->fake.dir);
	char *to = format("%s/elsewhere", day->fake.dir);

	assert_int_equal(rename(from, to), 0);
	free(from);
	free(to);
	fake_make(&day->fake, batch, "batch1");
	fill(day, batch, 10 * MIB);
	passes(day, 6);
	assert_int_equal(batch->proactive, 0);
	passes(day, 1);
	assert_true(batch->proactive > 0);
	assert_int_equal(day->agent.nr_watched, 3);
	fake_remove(&day->fake, BELOW "batch1");
	passes(day, 1);
	assert_int_equal(day->agent.nr_watched, 2);
}

/* Between the look at it and the call for it; what is left of the pass goes to others */
static void goes_within_a_pass(void **state)
{
	static const int errors[] = { -ENOENT, -ENODEV };
	static const char * const names[] = { "sl/30", "sl/20", "sl/10" };
	struct day *day = *state;
	struct fake_group *groups[3];

	fake_group(&day->fake, "sl");
	for (size_t i = 0; i < 3; i++) {
		groups[i] = fake_group(&day->fake, names[i]);
		fill(day, groups[i], (30 - 10 * i) * MIB);
	}
	passes(day, 6);
	for (size_t i = 0; i < 2; i++) {
		day->fake.goes = names[i];
		day->fake.gone_err = errors[i];
		one(day);
		assert_int_equal(groups[i + 1]->proactive * page_size(), (256 << i) * 1024);
	}
	/* Of what was written, not of what was tried */
	assert_int_equal(budget_left(&day->agent.budget), BUDGET - 2 * (256 + 512) * 1024);
	for (size_t i = 0; i < day->agent.nr_watched; i++)
		assert_int_equal(day->agent.watched[i].pause.seconds, 0);
}

static void failures_are_not_repeated(void **state)
{
	struct day *day = *state;
	unsigned int calls;

	passes(day, 6);
	day->fake.err = -EIO;
	one(day);
	calls = day->fake.calls;
	assert_int_equal(calls, 1);
	assert_int_equal(budget_left(&day->agent.budget), BUDGET);
	passes(day, 3);
	assert_int_equal(day->fake.calls, calls);
	day->fake.err = 0;
	assert_true(passes(day, 2) > 0);
}

/* Each failure makes the pause longer, as each refault does */
static void failures_pause_ever_longer(void **state)
{
	struct day *day = *state;

	passes(day, 6);
	day->fake.err = -EIO;
	passes(day, HOURS(10));
	assert_int_equal(day->agent.watched[0].pause.seconds, 4 * 3600);
	/* 20, 40, 80, 160 minutes, and then 4 hours */
	assert_int_equal(day->fake.calls, 6);
}

/* The freezer, or a SIGCONT: nothing has failed */
static void goes_on_when_interrupted(void **state)
{
	struct day *day = *state;

	passes(day, 6);
	day->fake.err = -EINTR;
	one(day);
	assert_int_equal(day->fake.calls, 1);
	assert_int_equal(budget_left(&day->agent.budget), BUDGET);
	day->fake.err = 0;
	assert_int_equal(one(day), 512 * 1024);
}

/* A pass of 8 MiB takes two calls; pressure in the first one is its end */
static void pressure_ends_a_pass(void **state)
{
	struct day *day = *state;
	uint64_t wrote;
	char *log;

	day->agent.policy->classes[0].rules.min_pass = 8 * MIB;
	day->agent.policy->classes[0].rules.max_pass = 8 * MIB;
	passes_of_any_size(day, 6);
	day->fake.pressed = true;
	log = log_of(day, passes_of_any_size, &wrote);
	assert_int_equal(wrote, 4 * MIB);
	/* The pause that begins is the line's, too */
	assert_non_null(strstr(log, " trigger=fired pressure=rose\n"));
	assert_non_null(strstr(log, " backoff=1200 "));
	free(log);
	day->fake.pressed = false;
	assert_int_equal(passes_of_any_size(day, 3), 0);
	assert_int_equal(passes_of_any_size(day, 1), 8 * MIB);
}

/* Nor does it begin if the disk took so long to keep the budget that pressure rose */
static void pressure_before_a_call(void **state)
{
	struct day *day = *state;

	passes(day, 6);
	day->fake.pressed_before = true;
	assert_int_equal(one(day), 0);
	assert_int_equal(day->fake.calls, 0);
	assert_int_equal(budget_left(&day->agent.budget), BUDGET);
}

/* One of its cgroups that cannot be written does not keep a section from the others */
static void one_that_fails_pauses_alone(void **state)
{
	struct day *day = *state;
	struct fake_group *full, *other;
	uint64_t before, wrote;
	char *log;

	fake_group(&day->fake, "sl");
	full = fake_group(&day->fake, "sl/full");
	other = fake_group(&day->fake, "sl/other");
	fill(day, full, 40 * MIB);
	fill(day, other, 20 * MIB);
	take_policy(day, "min_pass = 4M\nmax_pass = 30M\ncold_passes = 2\nbackoff = 10m\n"
		    "cgroup \"/sl\" {}\n");
	day->fake.refuses = "sl/full";
	day->fake.refused_err = -ENOMEM;
	assert_int_equal(passes_of_any_size(day, 2), 0);
	/* It has most that is cold, and the first failure is a reason for a pause */
	log = log_of(day, passes_of_any_size, &wrote);
	assert_int_equal(wrote, 0);
	assert_non_null(strstr(log, "cgroup=/sl decision=write "));
	assert_non_null(strstr(log, " at=/sl/full error=\"there was no memory "));
	free(log);
	assert_int_equal(passes_of_any_size(day, 1), 0);
	/* Then the other one has all that passes may write, to its last page */
	assert_int_equal(passes_of_any_size(day, 4), 20 * MIB);
	/* Nor is there a pause when only the failing one is left, which is tried now and then */
	day->fake.calls = 0;
	passes_of_any_size(day, 12);
	assert_in_range(day->fake.calls, 1, 4);
	fill(day, other, 4 * MIB);
	assert_int_equal(passes_of_any_size(day, 3), 4 * MIB);
	/* Nor when it can be served at last */
	before = full->stored;
	day->fake.refuses = NULL;
	passes_of_any_size(day, 50);
	assert_true(full->stored < before);
	/* And the next time that it fails is a first one */
	for (size_t i = 0; i < day->agent.nr_watched; i++)
		assert_int_equal(day->agent.watched[i].own.seconds, 0);
}

/* A dry run shows nothing about harm: what it would have written begins small */
static void begins_small_after_a_dry_run(void **state)
{
	struct day *day = *state;

	assert_int_equal(agent_set_policy(&day->agent, policy_of(&day->fake, "true")), 0);
	passes(day, 12);
	start(day);
	assert_int_equal(one(day), 256 * 1024);
}

/* Two calls again, and midnight is in the first one: both are of the day before */
static void new_day_within_a_pass(void **state)
{
	struct day *day = *state;

	day->agent.policy->classes[0].rules.min_pass = 8 * MIB;
	day->agent.policy->classes[0].rules.max_pass = 8 * MIB;
	passes_of_any_size(day, 6);
	day->fake.wall = (MIDNIGHT + 24 * 3600 - 30) * NSEC_PER_SEC;
	day->fake.takes = 60 * NSEC_PER_SEC;
	assert_int_equal(passes_of_any_size(day, 1), 8 * MIB);
	assert_int_equal(budget_left(&day->agent.budget), BUDGET - 8 * MIB);
	assert_int_equal(passes_of_any_size(day, 1), 8 * MIB);
	assert_int_equal(budget_left(&day->agent.budget), BUDGET - 8 * MIB);
}

/* What was cold when a pass began need not be when the turn of a section comes */
static void looks_again_within_a_pass(void **state)
{
	struct day *day = *state;
	struct fake_group *batch = fake_group(&day->fake, "batch1");
	char *log;

	fill(day, batch, 10 * MIB);
	passes(day, 6);
	day->fake.stale = batch;
	log = log_of_one(day);
	assert_non_null(strstr(log, "cgroup=/batch1 decision=not-cold "));
	free(log);
	assert_int_equal(batch->proactive, 0);
	assert_true(passes(day, 8) > 0);
	assert_true(batch->proactive > 0);
}

/* A call for one takes from those below it, too, of which each has to be cold still */
static void looks_again_below(void **state)
{
	struct day *day = *state;
	struct fake_group *above, *below;

	above = fake_group(&day->fake, "sl");
	below = fake_group(&day->fake, "sl/below");
	fill(day, above, 20 * MIB);
	fill(day, below, 4 * MIB);
	take_policy(day, "min_pass = 1M\nmax_pass = 30M\ncold_passes = 6\n"
		    "cgroup \"/sl\" {}\ncgroup \"/job\" {}\n");
	passes_of_any_size(day, 6);
	/* The job's turn is before, and takes its time */
	day->fake.stale = below;
	passes_of_any_size(day, 1);
	assert_true(day->job->proactive > 0);
	assert_int_equal(above->proactive, 0);
	assert_int_equal(below->proactive, 0);
}

/* Protection that comes while a pass goes on holds from then on */
static void protected_within_a_pass(void **state)
{
	struct day *day = *state;
	struct fake_group *batch = fake_group(&day->fake, "batch1");

	fill(day, batch, 10 * MIB);
	passes(day, 6);
	day->fake.shields = "batch1";
	one(day);
	assert_int_equal(batch->proactive, 0);
}

/* Nor when that of one of its cgroups comes */
static void looks_again_within_a_section(void **state)
{
	struct day *day = *state;
	struct fake_group *first, *second;

	fake_group(&day->fake, "sl");
	first = fake_group(&day->fake, "sl/first");
	second = fake_group(&day->fake, "sl/second");
	fill(day, first, 20 * MIB);
	fill(day, second, 10 * MIB);
	take_policy(day, "min_pass = 30M\nmax_pass = 30M\ncold_passes = 6\ncgroup \"/sl\" {}\n");
	passes_of_any_size(day, 6);
	day->fake.stale = second;
	assert_int_equal(passes_of_any_size(day, 1), 20 * MIB);
	assert_int_equal(second->proactive, 0);
}

/* One trigger for all, and nobody writes after it fired; the other class did no harm */
static void pressure_ends_it_for_all(void **state)
{
	struct day *day = *state;
	int lines = 0;
	uint64_t wrote;
	char *log;

	fill(day, fake_group(&day->fake, "batch1"), 10 * MIB);
	fill(day, fake_group(&day->fake, "batch2"), 10 * MIB);
	passes(day, 6);
	assert_int_equal(day->fake.triggers, 0);
	assert_int_equal(one(day), 3 * 256 * 1024);
	assert_int_equal(day->fake.triggers, 1);
	day->fake.pressed = true;
	log = log_of(day, passes, &wrote);
	assert_int_equal(wrote, 512 * 1024);
	assert_int_equal(day->fake.triggers, 2);
	/* The averages, which are low, are not what held the others back */
	for (char *at = log; (at = strstr(at, "decision=memory-pressure ")); lines++)
		assert_non_null(strstr(strsep(&at, "\n"), " trigger=fired"));
	assert_int_equal(lines, 2);
	free(log);
	day->fake.pressed = false;
	log = log_of(day, passes, &wrote);
	assert_int_equal(wrote, 2 * 512 * 1024);
	assert_null(strstr(log, "trigger="));
	free(log);
}

/* Where no trigger can be set, the averages are what there is to go by */
static void pressure_is_read_before_each_call(void **state)
{
	struct day *day = *state;

	day->agent.policy->classes[0].rules.min_pass = 8 * MIB;
	day->agent.policy->classes[0].rules.max_pass = 8 * MIB;
	fill(day, fake_group(&day->fake, "batch1"), 10 * MIB);
	passes_of_any_size(day, 6);
	day->fake.trigger_err = -EROFS;
	day->fake.strained = "memory";
	day->fake.calls = 0;
	passes_of_any_size(day, 1);
	assert_int_equal(day->fake.calls, 1);
}

/* Writing is I/O: what it does to the machine's averages does not end it */
static void own_writing_is_no_pressure(void **state)
{
	struct day *day = *state;

	passes(day, 8);
	fill(day, fake_group(&day->fake, "batch1"), 10 * MIB);
	passes(day, 6);
	day->fake.strained = "io";
	assert_int_equal(one(day), 2 * MIB + 256 * 1024);
	day->fake.strained = NULL;
	assert_int_equal(one(day), 0);
}

static void log_is_not_forged(void **state)
{
	struct day *day = *state;
	struct fake_group *evil = fake_group(&day->fake, "batch\nagent: all is \"well\"");
	char *log;

	fill(day, evil, 10 * MIB);
	passes(day, 6);
	day->fake.err = -EINVAL;
	log = log_of_one(day);
	assert_null(strstr(log, "\nagent: "));
	assert_null(strstr(log, "\"well\""));
	assert_non_null(strstr(log, "batch\\x0aagent: all is \\x22well\\x22/memory.reclaim does not know"));
	free(log);
}

/* Writes all the same: the averages were low, and are looked at in each pass */
static void refused_trigger_is_said(void **state)
{
	struct day *day = *state;
	char *log;

	passes(day, 6);
	log = log_of_one(day);
	assert_non_null(strstr(log, "decision=write"));
	assert_null(strstr(log, "trigger_error"));
	free(log);
	day->fake.trigger_err = -EOPNOTSUPP;
	log = log_of_one(day);
	assert_non_null(strstr(log, "decision=write"));
	assert_non_null(strstr(log, "trigger_error=\"Operation not supported\""));
	free(log);
	/* None is wanted */
	for (size_t i = 0; i < day->agent.policy->nr_classes; i++)
		day->agent.policy->classes[i].rules.memory_avg10 = 100;
	log = log_of_one(day);
	assert_null(strstr(log, "trigger_error"));
	free(log);
}

/* Without its file the budget would be spent anew after each restart */
static void needs_its_state(void **state)
{
	struct day *day = *state;

	fake_remove(&day->fake, "budget");
	fake_file(&day->fake, "budget.new/in/the/way", "%s", "");
	passes(day, HOURS(2));
	assert_int_equal(day->fake.calls, 0);
	assert_int_equal(day->agent.watched[0].pause.seconds, 80 * 60);
	/* That a directory is gone says nothing about the cgroup either */
	day->agent.budget.file = "/nonexistent/budget";
	passes(day, HOURS(10));
	assert_int_equal(day->fake.calls, 0);
	assert_int_equal(day->agent.watched[0].pause.seconds, 4 * 3600);
}

/* Whom the budget refuses today is the first tomorrow */
static void budget_goes_round(void **state)
{
	static const char * const names[] = { "batch0", "batch1", "batch2", "batch3", "batch4" };
	struct fake_group *batches[5];
	struct day *day = *state;
	uint64_t before[5];

	for (int i = 0; i < 5; i++) {
		batches[i] = fake_group(&day->fake, names[i]);
		fill(day, batches[i], 100 * MIB);
	}
	take_policy(day, "daily_budget = 2M\nmin_pass = 1M\nmax_pass = 1M\ncold_passes = 0\n"
		    "cgroup \"/batch*\" {}\n");
	for (int days = 0; days < 5; days++)
		assert_int_equal(passes_of_any_size(day, HOURS(24)), 2 * MIB);
	for (int i = 0; i < 5; i++)
		assert_int_equal(batches[i]->proactive * page_size(), 2 * MIB);
	/* The next one is gone: others have it all the same */
	free(day->agent.turn);
	day->agent.turn = format("gone");
	assert_int_equal(passes_of_any_size(day, HOURS(24)), 2 * MIB);
	/* Who has less than its least is in nobody's way */
	take_policy(day, "daily_budget = 2M\nmin_pass = 1M\nmax_pass = 1M\ncold_passes = 0\n"
		    "cgroup \"/batch1\" { min_pass = 2M\nmax_pass = 2M }\n"
		    "cgroup \"/batch*\" {}\n");
	batches[1]->stored = 0;
	batches[1]->zswap = 0;
	fake_flush(&day->fake, batches[1]);
	for (int i = 0; i < 5; i++)
		before[i] = batches[i]->proactive;
	for (int days = 0; days < 6; days++)
		assert_int_equal(passes_of_any_size(day, HOURS(24)), 2 * MIB);
	for (int i = 0; i < 5; i++)
		assert_int_equal((batches[i]->proactive - before[i]) * page_size(),
				 i == 1 ? 0 : 3 * MIB);
}

/* A pause begins when something went wrong, however long the pass took until then */
static void pauses_from_now(void **state)
{
	struct day *day = *state;

	passes(day, HOURS(1));
	day->fake.err = -EIO;
	day->fake.takes = 3600 * NSEC_PER_SEC;
	agent_pass(&day->agent);
	assert_int_equal(day->agent.watched[0].pause.until,
			 day->fake.boot + day->agent.watched[0].pause.seconds * NSEC_PER_SEC);
}

/* The root of a container has memory and pressure of its own */
static void container(void **state)
{
	struct day *day = *state;
	char *log;

	fake_file(&day->fake, BELOW "memory.current", "4096\n");
	fake_file(&day->fake, BELOW "io.pressure", "some avg10=70.00 avg60=0.00 avg300=0.00 total=0\n");
	take_policy(day, "cold_passes = 0\ncgroup \"/\" {}\n");
	log = log_of_one(day);
	assert_non_null(strstr(log, "decision=io-pressure"));
	assert_non_null(strstr(log, " memory=4096 "));
	free(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(stays_within_budget, setup, teardown),
		cmocka_unit_test_setup_teardown(waits_for_coldness, setup, teardown),
		cmocka_unit_test_setup_teardown(leaves_what_is_young, setup, teardown),
		cmocka_unit_test_setup_teardown(leaves_alone_what_is_below, setup, teardown),
		cmocka_unit_test_setup_teardown(leaves_alone_what_is_protected, setup, teardown),
		cmocka_unit_test_setup_teardown(leaves_alone_what_has_protected_below, setup, teardown),
		cmocka_unit_test_setup_teardown(writes_the_cold_child, setup, teardown),
		cmocka_unit_test_setup_teardown(writeback_off_is_not_cold, setup, teardown),
		cmocka_unit_test_setup_teardown(a_working_day, setup, teardown),
		cmocka_unit_test_setup_teardown(survives_a_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(remembers_after_a_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(knows_nothing_after_a_crash, setup, teardown),
		cmocka_unit_test_setup_teardown(forgets_what_is_garbage, setup, teardown),
		cmocka_unit_test_setup_teardown(reload_gives_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(another_agent, setup, teardown),
		cmocka_unit_test_setup_teardown(backs_off, setup, teardown),
		cmocka_unit_test_setup_teardown(heeds_pressure, setup, teardown),
		cmocka_unit_test_setup_teardown(writeback_unknown, setup, teardown),
		cmocka_unit_test_setup_teardown(says_what_is_unknown, setup, teardown),
		cmocka_unit_test_setup_teardown(fears_the_unknown, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps_quiet, setup, teardown),
		cmocka_unit_test_setup_teardown(follows_the_time_zone, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_to_read, setup, teardown),
		cmocka_unit_test_setup_teardown(dry_run, setup, teardown),
		cmocka_unit_test_setup_teardown(begins_small_after_a_dry_run, setup, teardown),
		cmocka_unit_test_setup_teardown(groups_come_and_go, setup, teardown),
		cmocka_unit_test_setup_teardown(goes_within_a_pass, setup, teardown),
		cmocka_unit_test_setup_teardown(failures_are_not_repeated, setup, teardown),
		cmocka_unit_test_setup_teardown(failures_pause_ever_longer, setup, teardown),
		cmocka_unit_test_setup_teardown(goes_on_when_interrupted, setup, teardown),
		cmocka_unit_test_setup_teardown(pressure_ends_a_pass, setup, teardown),
		cmocka_unit_test_setup_teardown(one_that_fails_pauses_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(pressure_before_a_call, setup, teardown),
		cmocka_unit_test_setup_teardown(new_day_within_a_pass, setup, teardown),
		cmocka_unit_test_setup_teardown(looks_again_within_a_pass, setup, teardown),
		cmocka_unit_test_setup_teardown(protected_within_a_pass, setup, teardown),
		cmocka_unit_test_setup_teardown(looks_again_below, setup, teardown),
		cmocka_unit_test_setup_teardown(looks_again_within_a_section, setup, teardown),
		cmocka_unit_test_setup_teardown(pressure_ends_it_for_all, setup, teardown),
		cmocka_unit_test_setup_teardown(pressure_is_read_before_each_call, setup, teardown),
		cmocka_unit_test_setup_teardown(own_writing_is_no_pressure, setup, teardown),
		cmocka_unit_test_setup_teardown(refused_trigger_is_said, setup, teardown),
		cmocka_unit_test_setup_teardown(log_is_not_forged, setup, teardown),
		cmocka_unit_test_setup_teardown(needs_its_state, setup, teardown),
		cmocka_unit_test_setup_teardown(budget_goes_round, setup, teardown),
		cmocka_unit_test_setup_teardown(pauses_from_now, setup, teardown),
		cmocka_unit_test_setup_teardown(container, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
