// SPDX-License-Identifier: GPL-2.0
/* What the agent decides from which figures */
#include <stdlib.h>

#include "fake.h"
#include "../decide.h"

#define MINUTE	(60 * NSEC_PER_SEC)

static const struct rules usual = {
	.min_pass = MIB, .max_pass = 8 * MIB, .cold_passes = 2,
	.memory_avg10 = 0.1, .memory_avg60 = 0.1, .io_avg10 = 1, .io_avg60 = 1,
	.refault_ceiling = 0.2, .backoff = 600, .backoff_max = 3600,
};

static const struct facts calm = {
	.when = MINUTE, .awake = MINUTE, .cold = 100 * MIB,
	.refaults_known = true,
	.memory = 1024 * MIB,
	.writeback = WRITEBACK_ON,
	.memory_psi = { .known = true },
	.io_psi = { .known = true },
	.budget_left = 1024 * MIB,
};

struct run {
	struct watched watched;
	struct facts facts;
	struct decision last;
};

/* The next pass, a minute later */
static void pass(struct run *run)
{
	run->last = decide(&usual, &run->watched, &run->facts);
	if (run->last.verdict == WRITE)
		ease(&run->watched);
	run->facts.when += MINUTE;
	run->facts.awake += MINUTE;
}

/* A cgroup that was seen before, when nothing of it was cold */
static struct run warm(void)
{
	struct run run = { .facts = calm };

	run.facts.cold = 0;
	pass(&run);
	run.facts.cold = calm.cold;
	return run;
}

static void must(struct run *run, enum verdict verdict, uint64_t bytes)
{
	pass(run);
	assert_string_equal(verdict_text(run->last.verdict), verdict_text(verdict));
	assert_int_equal(run->last.bytes, bytes);
}

static void grows_when_calm(void **state)
{
	struct run run = { .facts = calm };

	(void)state;
	must(&run, WRITE, MIB);
	must(&run, WRITE, 2 * MIB);
	must(&run, WRITE, 4 * MIB);
	must(&run, WRITE, 8 * MIB);
	must(&run, WRITE, 8 * MIB);
}

static void only_cold(void **state)
{
	struct run run = warm();

	(void)state;
	run.facts.cold = MIB - 1;
	must(&run, NOT_COLD, 0);
	run.facts.cold = 3 * MIB;
	must(&run, WRITE, MIB);
	must(&run, WRITE, 2 * MIB);
	must(&run, WRITE, 3 * MIB);
}

/* Of 100 MiB, 97 were stored within the last two passes */
static void age(void **state)
{
	struct age age = { };
	uint64_t taken_in = 97 * MIB / page_size();

	(void)state;
	assert_int_equal(age_cold(&age, 2, 100 * MIB, 0), 0);
	assert_int_equal(age_cold(&age, 2, 100 * MIB, 0), 0);
	assert_int_equal(age_cold(&age, 2, 100 * MIB, 0), 100 * MIB);
	assert_int_equal(age_cold(&age, 2, 100 * MIB, taken_in), 3 * MIB);
	assert_int_equal(age_cold(&age, 2, 100 * MIB, 2 * taken_in), 0);
	assert_int_equal(age_cold(&age, 2, 100 * MIB, 2 * taken_in), 3 * MIB);
	/* Now they are as old as that */
	assert_int_equal(age_cold(&age, 2, 100 * MIB, 2 * taken_in), 100 * MIB);
	/* A counter that goes back */
	assert_int_equal(age_cold(&age, 2, MIB, 0), MIB);
	/* After so many other passes, nothing is known yet */
	for (int i = 0; i < 3; i++)
		assert_int_equal(age_cold(&age, 3, MIB, 0), 0);
	assert_int_equal(age_cold(&age, 3, MIB, 0), MIB);
	/* No age at all */
	assert_int_equal(age_cold(&age, 0, MIB, 5), MIB);
	free(age.ring);
}

static void ceilings(void **state)
{
	struct run run = warm();

	(void)state;
	run.facts.memory_psi.avg10 = 0.11;
	must(&run, MEMORY_PRESSURE, 0);
	run.facts.memory_psi.avg10 = 0;
	run.facts.memory_psi.avg60 = 0.11;
	must(&run, MEMORY_PRESSURE, 0);
	run.facts.memory_psi.avg60 = 0.1;
	run.facts.io_psi.avg10 = 1.01;
	must(&run, IO_PRESSURE, 0);
	run.facts.io_psi.avg10 = 0;
	run.facts.io_psi.avg60 = 1.01;
	must(&run, IO_PRESSURE, 0);
	run.facts.io_psi.avg60 = 1;
	must(&run, WRITE, MIB);
	run.facts.memory_psi.known = false;
	must(&run, PRESSURE_UNKNOWN, 0);
}

static void others_hold_back(void **state)
{
	struct run run = warm();

	(void)state;
	run.facts.quiet = true;
	must(&run, QUIET_HOURS, 0);
	run.facts.quiet = false;
	run.facts.writeback = WRITEBACK_OFF_ABOVE;
	must(&run, WRITEBACK_IS_OFF, 0);
	run.facts.writeback = WRITEBACK_UNKNOWN;
	must(&run, WRITEBACK_IS_UNKNOWN, 0);
	run.facts.writeback = WRITEBACK_ON;
	run.facts.budget_left = MIB - 1;
	must(&run, BUDGET_SPENT, 0);
	run.facts.budget_left = MIB;
	must(&run, WRITE, MIB);
	must(&run, WRITE, MIB);
}

/* 0.2 % of 1 GiB is 524 pages a minute */
static void refaults(void **state)
{
	struct run run = warm();

	(void)state;
	must(&run, WRITE, MIB);
	must(&run, WRITE, 2 * MIB);
	run.facts.refaults = 500;
	must(&run, WRITE, 4 * MIB);
	run.facts.refaults = 1100;
	must(&run, REFAULTS, 0);
	/* What comes back meanwhile was written before, and is known */
	run.facts.refaults += 600;
	for (int minute = 1; minute < 10; minute++)
		must(&run, BACKING_OFF, 0);
	/* Slowly at first */
	must(&run, WRITE, MIB);
	/* Twice as long when it was too early: half of 600 s was left of the first */
	run.facts.refaults += 600;
	must(&run, REFAULTS, 0);
	assert_int_equal(run.watched.pause.seconds, 600);
	for (int minute = 1; minute < 10; minute++)
		must(&run, BACKING_OFF, 0);
	run.facts.refaults += 600;
	must(&run, REFAULTS, 0);
	assert_int_equal(run.watched.pause.seconds, 1200);
}

/* However many good passes have eased it, a pause is no shorter than the policy says */
static void backoff_has_its_time(void **state)
{
	(void)state;
	for (int good = 1; good < 12; good++) {
		struct run run = warm();

		run.facts.refaults += 600000;
		must(&run, REFAULTS, 0);
		run.facts.when += 600 * NSEC_PER_SEC;
		for (int i = 0; i < good; i++) {
			pass(&run);
			assert_int_equal(run.last.verdict, WRITE);
		}
		run.facts.refaults += 600000;
		must(&run, REFAULTS, 0);
		assert_int_equal(run.watched.pause.seconds, 600);
	}
}

/* Eight hours of sleep do not make many of few minutes' refaults few a minute */
static void refaults_before_a_sleep(void **state)
{
	struct run run = warm();

	(void)state;
	run.facts.refaults = 1100;
	run.facts.when += 8 * 3600 * NSEC_PER_SEC;
	must(&run, REFAULTS, 0);
}

static void backoff_is_bounded(void **state)
{
	struct run run = warm();

	(void)state;
	for (int i = 0; i < 10; i++) {
		run.facts.refaults += 600000;
		run.facts.when += 2 * 3600 * NSEC_PER_SEC;
		run.facts.awake += 2 * 3600 * NSEC_PER_SEC;
		must(&run, REFAULTS, 0);
	}
	assert_int_equal(run.watched.pause.seconds, 3600);
}

/* Where the ceiling has nothing to go by, it is not one that is met */
static void refaults_unknown(void **state)
{
	struct rules careless = usual;
	struct run run = warm();

	(void)state;
	run.facts.memory = 0;
	must(&run, REFAULTS_UNKNOWN, 0);
	run.facts.memory = calm.memory;
	run.facts.refaults_known = false;
	must(&run, REFAULTS_UNKNOWN, 0);
	careless.refault_ceiling = 100;
	assert_int_equal(decide(&careless, &run.watched, &run.facts).verdict, WRITE);
}

/* Nothing came back while the counter could not be read */
static void refaults_known_again(void **state)
{
	struct run run = { .facts = calm };

	(void)state;
	run.facts.refaults = 1000000;
	must(&run, WRITE, MIB);
	run.facts.refaults_known = false;
	run.facts.refaults = 0;
	must(&run, REFAULTS_UNKNOWN, 0);
	run.facts.refaults_known = true;
	run.facts.refaults = 1000000;
	must(&run, WRITE, 2 * MIB);
}

/* More than all of its memory in a minute */
static void refaults_without_ceiling(void **state)
{
	struct rules careless = usual;
	struct run run = warm();

	(void)state;
	careless.refault_ceiling = 100;
	run.facts.awake += MINUTE;
	run.facts.refaults += 3 * run.facts.memory / page_size();
	assert_int_equal(decide(&careless, &run.watched, &run.facts).verdict, WRITE);
	run.facts.awake += MINUTE;
	run.facts.refaults += 3 * run.facts.memory / page_size();
	must(&run, REFAULTS, 0);
}

/* A counter that goes back, a group without memory, a clock that stands */
static void impossible_figures(void **state)
{
	struct run run = warm();

	(void)state;
	run.facts.refaults = 1000000;
	run.facts.memory = 0;
	must(&run, REFAULTS_UNKNOWN, 0);
	run.facts.memory = calm.memory;
	run.facts.refaults = 0;
	must(&run, WRITE, MIB);
	run.facts.refaults = 1000000;
	run.facts.awake -= MINUTE;
	must(&run, WRITE, 2 * MIB);
	run.facts.cold = 0;
	must(&run, NOT_COLD, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_when_calm),
		cmocka_unit_test(only_cold),
		cmocka_unit_test(age),
		cmocka_unit_test(ceilings),
		cmocka_unit_test(others_hold_back),
		cmocka_unit_test(refaults),
		cmocka_unit_test(backoff_has_its_time),
		cmocka_unit_test(refaults_before_a_sleep),
		cmocka_unit_test(backoff_is_bounded),
		cmocka_unit_test(refaults_unknown),
		cmocka_unit_test(refaults_known_again),
		cmocka_unit_test(refaults_without_ceiling),
		cmocka_unit_test(impossible_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
