// SPDX-License-Identifier: GPL-2.0
/* The policy file: safe when empty, and what cannot be understood is refused */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake.h"
#include "../budget.h"
#include "../policy.h"
#include "../text.h"

static struct policy *read_from(const struct fake *fake, const char *text)
{
	char *path = format("%s/policy", fake->dir);
	struct policy *policy;

	fake_file(fake, "policy", "%s", text);
	policy = policy_read(path);
	free(path);
	return policy;
}

static void empty(void **state)
{
	struct policy *policy = read_from(*state, "");

	assert_non_null(policy);
	assert_true(policy->dry_run);
	assert_int_equal(policy->nr_classes, 0);
	assert_int_equal(policy->daily_budget, 1 << 30);
	assert_int_equal(policy->interval, 300);
	assert_null(policy_class(policy, "system.slice"));
	assert_false(policy_quiet(policy, 0));
	policy_free(policy);
	assert_null(policy_read("/nonexistent/policy"));
}

static void inherited(void **state)
{
	const struct class *class;
	struct policy *policy = read_from(*state,
		"dry_run = false\nmax_pass = 32M\nrefault_ceiling = 0.5%\n"
		"cgroup \"/system.slice/*\" { max_pass = 8M }\n"
		"cgroup \"job\" { enabled = no }\n"
		"cgroup 'dev-a\\x2db*' { }\n");

	assert_non_null(policy);
	assert_false(policy->dry_run);
	class = policy_class(policy, "system.slice/a.service");
	assert_non_null(class);
	assert_int_equal(class->rules.max_pass, 8 * MIB);
	assert_int_equal(class->rules.min_pass, MIB);
	assert_true(class->rules.refault_ceiling == 0.5);
	assert_null(policy_class(policy, "system.slice/a/b"));
	assert_null(policy_class(policy, "system.slice"));
	assert_false(policy_class(policy, "job")->enabled);
	/* systemd has names with backslashes, and they mean nothing more here */
	assert_non_null(policy_class(policy, "dev-a\\x2db.mount"));
	assert_null(policy_class(policy, "dev-ax2db"));
	policy_free(policy);
	/* A star is for names, and the root's is empty */
	policy = read_from(*state, "cgroup \"/*\" { }\ncgroup \"*\" { }\n");
	assert_non_null(policy_class(policy, "job"));
	assert_null(policy_class(policy, ""));
	policy_free(policy);
}

static void quiet(void **state)
{
	struct policy *policy = read_from(*state, "quiet = { \"22:00-06:00\", \"12:00-13:30\" }\n");

	assert_non_null(policy);
	assert_true(policy_quiet(policy, 23 * 60));
	assert_true(policy_quiet(policy, 5 * 60 + 59));
	assert_false(policy_quiet(policy, 6 * 60));
	assert_false(policy_quiet(policy, 11 * 60 + 59));
	assert_true(policy_quiet(policy, 12 * 60));
	assert_false(policy_quiet(policy, 13 * 60 + 30));
	policy_free(policy);
	/* Nothing is to be written, in two ways */
	policy = read_from(*state, "daily_budget = 0\nquiet = { \"00:00-24:00\" }\ncgroup \"/\" { }\n");
	assert_non_null(policy);
	assert_true(policy_quiet(policy, 0));
	assert_true(policy_quiet(policy, 23 * 60 + 59));
	assert_non_null(policy_class(policy, ""));
	assert_null(policy_class(policy, "job"));
	policy_free(policy);
}

static void mistakes(void **state)
{
	static const char * const bad[] = {
		"interval = soon\n", "interval = 0\n", "daily_budget = much\n",
		"refault_ceiling = 200%\n", "memory_avg10 = x\n", "unknown = 1\n",
		"quiet = { \"25:00-26:00\" }\n", "quiet = { \"8-9\" }\n", "dry_run = maybe\n",
		"cgroup \"a\" { max_pass = lots }\n", "cgroup \"a\" { nothing = 1 }\n",
		"cgroup \"a\" { min_pass = 2M\n max_pass = 1M }\n",
		"cgroup \"a\" { cold_passes = 100000 }\n", "min_pass = -1\n",
		"cgroup \"a\" { backoff = 2h\n backoff_max = 1h }\n",
		"cgroup \"a\" { cold_passes = max }\n",
		"quiet = { \"00:00-00:00\" }\n", "quiet = { \"08:00-24:01\" }\n",
		"state = \"\"\n", "state = budget.json\n",
		"daily_budget = 512K\ncgroup \"a\" { }\n",
		/* Before there is a section that they are for */
		"max_pass = 512K\n", "backoff = 5h\n", "cold_passes = 1001\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (read_from(*state, bad[i]))
			fail_msg("taken for a policy: %s", bad[i]);
}

static void budget_is_kept(void **state)
{
	const struct fake *fake = *state;
	char *file = format("%s/budget", fake->dir);
	struct budget budget;

	budget_load(&budget, file, 100, 20261124);
	assert_int_equal(budget_left(&budget), 100);
	assert_int_equal(budget_take(&budget, 60), 0);
	/* Killed before anything was given back */
	budget_load(&budget, file, 100, 20261124);
	assert_int_equal(budget_left(&budget), 40);
	budget_give_back(&budget, 10);
	budget_load(&budget, file, 100, 20261124);
	assert_int_equal(budget_left(&budget), 50);
	/* A clock that is set back gives no second budget; a lower limit counts */
	budget_load(&budget, file, 100, 20261123);
	assert_int_equal(budget_left(&budget), 50);
	budget_load(&budget, file, 30, 20261124);
	assert_int_equal(budget_left(&budget), 0);
	budget_load(&budget, file, 100, 20261125);
	assert_int_equal(budget_left(&budget), 100);
	free(file);
}

static void budget_in_doubt(void **state)
{
	static const char * const bad[] = {
		"", "garbage", "{}", "[1]", "{\"day\": 20261124}",
		"{\"day\": 20261124, \"spent_bytes\": -5}",
		"{\"day\": \"x\", \"spent_bytes\": 5}",
		"{\"day\": -1, \"spent_bytes\": 5}", "{\"day\": 0, \"spent_bytes\": 5}",
		"{\"day\": 20261131, \"spent_bytes\": 5}", "{\"day\": 99999999, \"spent_bytes\": 5}",
		"{\"day\": 4315228420, \"spent_bytes\": 5}",
		"{\"day\": 20261124, \"spent_bytes\": 5, \"day_ahead\": 20261131}",
	};
	const struct fake *fake = *state;
	char *file = format("%s/budget", fake->dir);
	struct budget budget;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		fake_file(fake, "budget", "%s", bad[i]);
		budget_load(&budget, file, 100, 20261124);
		if (budget_left(&budget))
			fail_msg("something is left after: %s", bad[i]);
		budget_day(&budget, 20261125);
		assert_int_equal(budget_left(&budget), 100);
	}
	free(file);
	budget_load(&budget, "/nonexistent/budget", 100, 20261124);
	assert_int_not_equal(budget_take(&budget, 1), 0);
	assert_int_equal(budget_left(&budget), 100);
}

/* Booted in 2038, or in 1970: the budget is neither lost nor there twice */
static void budget_and_wrong_clocks(void **state)
{
	const struct fake *fake = *state;
	char *file = format("%s/budget", fake->dir);
	struct budget budget = { }, restarted = { }, again = { };

	fake_file(fake, "budget", "{\"day\": 20380119, \"spent_bytes\": 60}");
	budget_reload(&budget, file, 100, 20261130);
	assert_int_equal(budget_left(&budget), 40);
	budget_day(&budget, 20261201);
	assert_int_equal(budget_left(&budget), 100);
	assert_int_equal(budget_take(&budget, 70), 0);
	budget_reload(&restarted, file, 100, 19700101);
	assert_int_equal(budget_left(&restarted), 30);
	budget_reload(&restarted, file, 100, 19700101);
	assert_int_equal(budget_take(&restarted, 10), 0);
	budget_reload(&again, file, 100, 19700101);
	budget_day(&again, 20261201);
	assert_int_equal(budget_left(&again), 20);
	budget_day(&restarted, 20261201);
	assert_int_equal(budget_left(&restarted), 20);
	budget_day(&restarted, 20261202);
	assert_int_equal(budget_left(&restarted), 100);
	free(file);
}

/* Forward by months and back again, with and without its file: no day begins twice */
static void budget_and_clock_set_forward(void **state)
{
	const struct fake *fake = *state;
	char *file = format("%s/budget", fake->dir);
	struct budget budget = { }, restarted = { };

	budget_load(&budget, file, 100, 20261124);
	assert_int_equal(budget_take(&budget, 80), 0);
	budget_day(&budget, 20270101);
	assert_int_equal(budget_left(&budget), 100);
	assert_int_equal(budget_take(&budget, 10), 0);
	budget_day(&budget, 20261124);
	assert_int_equal(budget_left(&budget), 20);
	budget_day(&budget, 20280101);
	assert_int_equal(budget_take(&budget, 10), 0);
	budget_reload(&restarted, file, 100, 20261123);
	assert_int_equal(budget_left(&restarted), 20);
	budget_day(&restarted, 20261125);
	assert_int_equal(budget_left(&restarted), 100);
	free(file);
}

/* Neither an older file nor none gives a second budget to an agent that goes on */
static void budget_is_reloaded(void **state)
{
	const struct fake *fake = *state;
	char *file = format("%s/budget", fake->dir);
	struct budget budget;

	budget_load(&budget, file, 100, 20261124);
	assert_int_equal(budget_take(&budget, 60), 0);
	fake_file(fake, "budget", "{\"day\": 20261124, \"spent_bytes\": 5}");
	budget_reload(&budget, file, 100, 20261124);
	assert_int_equal(budget_left(&budget), 40);
	fake_remove(fake, "budget");
	budget_reload(&budget, file, 70, 20261124);
	assert_int_equal(budget_left(&budget), 10);
	fake_file(fake, "budget", "{\"day\": 20261124, \"spent_bytes\": 65}");
	budget_reload(&budget, file, 70, 20261124);
	assert_int_equal(budget_left(&budget), 5);
	/* Reloaded after midnight, before the first pass of the day */
	budget_reload(&budget, file, 70, 20261125);
	assert_int_equal(budget_left(&budget), 70);
	free(file);
}

static void budget_has_one_agent(void **state)
{
	const struct fake *fake = *state;
	char *file = format("%s/budget", fake->dir);
	int lock = budget_lock(file);

	assert_true(lock >= 0);
	assert_int_equal(budget_lock(file), -EWOULDBLOCK);
	close(lock);
	lock = budget_lock(file);
	assert_true(lock >= 0);
	close(lock);
	free(file);
	assert_int_equal(budget_lock("/nonexistent/budget"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(empty, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(inherited, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(quiet, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(mistakes, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(budget_is_kept, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(budget_in_doubt, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(budget_and_wrong_clocks, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(budget_and_clock_set_forward, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(budget_is_reloaded, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(budget_has_one_agent, fake_setup, fake_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
