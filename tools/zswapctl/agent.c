// SPDX-License-Identifier: GPL-2.0
/* zswapctl agent: the daemon around the passes */
#include "agent.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "exit.h"
#include "pool.h"
#include "state.h"
#include "text.h"

struct options {
	const char *policy;
	bool check;
	uint64_t factor;
	uint64_t passes;	/* 0: no end */
};

/* Signals are taken between two calls of the kernel, never within one */
static int signals = -1;
static uint64_t watchdog_us;
static bool stopping;
static bool reloading;

static void open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (signals < 0)
		err(STATUS_FAILED, "signalfd");
}

static void take_signals(void)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			reloading = true;
		else
			stopping = true;
	}
}

/* Asked for each of thousands of cgroups, but systemd need not hear of them all */
static void tell_watchdog(void)
{
	static uint64_t told_us;
	struct timespec now;
	uint64_t now_us;

	clock_gettime(CLOCK_MONOTONIC, &now);
	now_us = now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
	if (!watchdog_us || now_us - told_us < watchdog_us / 4)
		return;
	sd_notify(0, "WATCHDOG=1");
	told_us = now_us;
}

/* Also tells the watchdog that a long pass is alive */
static bool must_stop(void)
{
	tell_watchdog();
	take_signals();
	return stopping;
}

/*
 * Days that have not come yet must neither spend a budget nor get into its file, and
 * the machine does not age with them: pages would be written that are not cold.
 */
static void try_out(struct policy *policy)
{
	if (!policy->dry_run)
		warnx("with --time-factor nothing is written: this is a dry run");
	policy->dry_run = true;
}

/* 0, or an exit status after words on standard error; then nothing has changed */
static int take_policy(struct agent *agent, const char *path)
{
	struct policy *policy = policy_read(path);
	int ret;

	if (!policy)
		return STATUS_USAGE;
	if (agent->host->factor > 1)
		try_out(policy);
	ret = agent_set_policy(agent, policy);
	if (!ret)
		return STATUS_OK;
	if (ret == -EWOULDBLOCK)
		warnx("another agent spends the budget in %s: stop it, or give this policy a state of its own",
		      policy->state);
	else
		warnx("%s.lock: %s; the budget is kept beside it: make its directory, or name another state in the policy",
		      policy->state, strerror(-ret));
	policy_free(policy);
	return STATUS_FAILED;
}

/* A dry run, or a policy without a section, would else say nothing for as long as it is one */
static void say_policy(struct agent *agent, const char *path, const char *done)
{
	size_t sections = agent->policy->nr_classes;
	char left[SIZE_TEXT];

	warnx("%s %s: %zu section%s, %s of today's budget left%s", path, done, sections,
	      sections == 1 ? "" : "s", size_text(left, budget_left(agent_budget(agent))),
	      agent->policy->dry_run ? "; dry run" : "");
}

static void reload(struct agent *agent, const char *path)
{
	reloading = false;
	sd_notify(0, "RELOADING=1");
	if (take_policy(agent, path))
		warnx("%s is not taken: going on with the old policy", path);
	else
		say_policy(agent, path, "was read again");
	sd_notify(0, "READY=1");
}

/* Milliseconds until @when, but no longer than the watchdog allows */
static int time_to_wait(const struct host *host, int64_t when)
{
	int64_t ms = (when - host_clock(host, CLOCK_BOOTTIME)) / host->factor / 1000000;
	int64_t most = watchdog_us ? watchdog_us / 2000 : 3600 * 1000;

	if (ms < 0)
		return 0;
	return ms < most ? ms + 1 : most;
}

static void wait_until(const struct agent *agent, int64_t when)
{
	struct pollfd waiting = { .fd = signals, .events = POLLIN };

	while (!must_stop() && !reloading && host_clock(agent->host, CLOCK_BOOTTIME) < when)
		poll(&waiting, 1, time_to_wait(agent->host, when));
}

static void say_status(struct agent *agent)
{
	char written[SIZE_TEXT], left[SIZE_TEXT];

	sd_notifyf(0, "STATUS=%zu cgroups, %s written since the start, %s of today's budget left%s",
		   agent->nr_watched, size_text(written, agent->written),
		   size_text(left, budget_left(agent_budget(agent))),
		   agent->policy->dry_run ? "; dry run" : "");
}

/*
 * By the interval of the policy as it is now. However long a pass takes, the next one
 * follows after a rest of that time.
 */
static int64_t next_pass(const struct agent *agent, int64_t rested)
{
	int64_t next = agent->begun + agent->policy->interval * NSEC_PER_SEC;

	if (!agent->begun)
		return 0;
	return next > rested ? next : rested;
}

static void run(struct agent *agent, const struct options *options)
{
	int64_t rested = 0, awake;

	while (!stopping && (!options->passes || agent->passes < options->passes)) {
		wait_until(agent, next_pass(agent, rested));
		if (reloading) {
			reload(agent, options->policy);
			continue;
		}
		if (stopping)
			break;
		/* While the machine slept in the middle of a pass, nobody was kept from work */
		awake = host_clock(agent->host, CLOCK_MONOTONIC);
		agent_pass(agent);
		rested = host_clock(agent->host, CLOCK_BOOTTIME) +
			 host_clock(agent->host, CLOCK_MONOTONIC) - awake;
		say_status(agent);
	}
}

static void serve(struct agent *agent, const struct options *options)
{
	open_signals();
	sd_watchdog_enabled(0, &watchdog_us);
	sd_notify(0, "READY=1");
	run(agent, options);
	sd_notify(0, "STOPPING=1");
	state_keep(agent);
}

static int check(const char *path)
{
	struct policy *policy = policy_read(path);

	policy_free(policy);
	return policy ? STATUS_OK : STATUS_USAGE;
}

/* Without these, each pass of each cgroup would fail in the same way */
static int check_machine(const struct host *host)
{
	struct pool pool;

	pool_read(host, &pool);
	if (!pool.present)
		warnx(WITHOUT_ZSWAP);
	else if (!pool.key)
		warnx("the memory.reclaim files of this kernel do not know the key zswap_writeback_only: boot one with the series that brings it");
	return pool.present && pool.key ? STATUS_OK : STATUS_NO_KERNEL;
}

static const struct argp_option arguments[] = {
	{ "check", 'c', 0, 0, "Only look whether the policy is well-formed: say what is wrong, or nothing", 0 },
	{ "passes", 'n', "COUNT", 0, "End after so many passes", 0 },
	{ "policy", 'p', "FILE", 0, "Policy instead of " POLICY, 0 },
	{ "time-factor", 'T', "N", 0, "Let time pass N times faster, to try a policy out: a dry run", 0 },
	{ }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'c':
		options->check = true;
		break;
	case 'n':
		parse_or_fail(state, parse_count, arg, &options->passes, "number from 1 on");
		break;
	case 'p':
		options->policy = arg;
		break;
	case 'T':
		parse_or_fail(state, parse_number, arg, &options->factor, "number");
		if (options->factor < 1 || options->factor > 86400)
			argp_error(state, "--time-factor goes from 1 to 86400");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

int agent_command(struct host *host, int argc, char **argv)
{
	static const struct argp argp = {
		arguments, parse, NULL,
		"Writes back what is cold, pass by pass, as far as a policy allows.",
		NULL, NULL, NULL
	};
	struct options options = { .policy = POLICY, .factor = 1 };
	struct agent agent = { .host = host, .stop = must_stop };
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (options.check)
		return check(options.policy);
	need_cgroups(host);
	host_speed_up(host, options.factor);
	status = take_policy(&agent, options.policy);
	if (!status)
		status = check_machine(host);
	if (!status) {
		say_policy(&agent, options.policy, "was read");
		serve(&agent, &options);
	}
	agent_free(&agent);
	return status;
}
