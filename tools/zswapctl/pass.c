// SPDX-License-Identifier: GPL-2.0
/* One pass of the agent: sample, decide, write, log */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"
#include "call.h"
#include "text.h"

/* Small enough to stop soon, large enough for the kernel's batches */
#define PIECE	(4ULL << 20)

struct pass {
	struct agent *agent;
	struct tree tree;
	bool *covered;		/* by a class of its own or of an ancestor */
	unsigned int minute;
	int64_t now;
	int trigger;		/* -1: none yet, or none */
	int trigger_err;	/* why none can be */
	bool pressed;		/* it fired: the rest of the pass writes nothing */
};

/* What became of a decision to write */
struct outcome {
	uint64_t written;	/* bytes of pages */
	int err;
	int trigger_err;	/* why the kernel will not say that pressure rises */
	bool pressure;
	enum status status;
	char *words;		/* of the error */
};

static void local_time(const struct host *host, struct tm *local)
{
	time_t now = host_clock(host, CLOCK_REALTIME) / NSEC_PER_SEC;

	/* localtime_r() alone stays in the zone that it found first */
	tzset();
	localtime_r(&now, local);
}

static uint32_t today(const struct host *host)
{
	struct tm local;

	local_time(host, &local);
	return (local.tm_year + 1900) * 10000 + (local.tm_mon + 1) * 100 + local.tm_mday;
}

/* A dry run spends nothing, and may go on beside an agent that does */
static int lock_state(struct agent *agent, const struct policy *policy)
{
	const struct policy *old = agent->policy;
	int lock = -1;

	if (old && !old->dry_run && !policy->dry_run && !strcmp(old->state, policy->state))
		return 0;
	if (!policy->dry_run) {
		lock = budget_lock(policy->state);
		if (lock < 0)
			return lock;
	}
	if (old && !old->dry_run)
		close(agent->lock);
	agent->lock = lock;
	return 0;
}

int agent_set_policy(struct agent *agent, struct policy *policy)
{
	int ret = lock_state(agent, policy);

	if (ret)
		return ret;
	if (agent->policy)
		budget_reload(&agent->budget, policy->state, policy->daily_budget,
			      today(agent->host));
	else
		budget_load(&agent->budget, policy->state, policy->daily_budget,
			    today(agent->host));
	policy_free(agent->policy);
	agent->policy = policy;
	return 0;
}

/* ---- what is remembered -------------------------------------------------- */

static void forget(struct watched *watched)
{
	free(watched->path);
	free(watched->ring);
}

/* A cgroup that was removed and made again is another one */
static struct watched *watch(struct agent *agent, const struct group *group)
{
	struct watched *watched;

	for (size_t i = 0; i < agent->nr_watched; i++) {
		watched = &agent->watched[i];
		if (watched->inode == group->inode && !strcmp(watched->path, group->path)) {
			watched->seen = true;
			return watched;
		}
	}
	watched = reallocarray(agent->watched, agent->nr_watched + 1, sizeof(*watched));
	if (!watched)
		errx(EXIT_FAILURE, "out of memory");
	agent->watched = watched;
	watched += agent->nr_watched++;
	*watched = (struct watched) {
		.path = format("%s", group->path), .inode = group->inode, .seen = true,
	};
	return watched;
}

static void forget_unseen(struct agent *agent)
{
	size_t kept = 0;

	for (size_t i = 0; i < agent->nr_watched; i++) {
		if (agent->watched[i].seen) {
			agent->watched[i].seen = false;
			agent->watched[kept++] = agent->watched[i];
		} else {
			forget(&agent->watched[i]);
		}
	}
	agent->nr_watched = kept;
}

void agent_free(struct agent *agent)
{
	for (size_t i = 0; i < agent->nr_watched; i++)
		forget(&agent->watched[i]);
	free(agent->watched);
	if (agent->policy && !agent->policy->dry_run)
		close(agent->lock);
	policy_free(agent->policy);
}

/* ---- the figures --------------------------------------------------------- */

static struct psi worse(struct psi a, struct psi b)
{
	return (struct psi) {
		.known = a.known && b.known,
		.avg10 = a.avg10 > b.avg10 ? a.avg10 : b.avg10,
		.avg60 = a.avg60 > b.avg60 ? a.avg60 : b.avg60,
	};
}

/* The worse of machine and cgroup, at this moment */
static struct psi pressure_of(const struct host *host, const struct group *group,
			      const char *what)
{
	return worse(psi_system(host, what), psi_group(host, group->path, what));
}

/* Bytes, 0 if not known. The root has no memory.current: all that is in use */
static uint64_t memory_of(const struct host *host, const struct group *group)
{
	uint64_t total, available;
	char text[8192];

	if (*group->path)
		return group_value(group, F_MEMORY);
	if (read_text(text, sizeof(text), "%s/proc/meminfo", host->root) < 0 ||
	    find_key(text, "MemTotal:", &total) || find_key(text, "MemAvailable:", &available) ||
	    available > total)
		return 0;
	return (total - available) * 1024;
}

static struct facts gather(const struct pass *pass, const struct group *group)
{
	const struct agent *agent = pass->agent;
	const struct host *host = agent->host;

	return (struct facts) {
		.sample = {
			.when = pass->now,
			.stored = group_value(group, F_STORED),
			.taken_in = group_value(group, F_TAKEN_IN),
			.refaults = group_value(group, F_REFAULTS),
		},
		.refaults_known = group->has[F_REFAULTS],
		.memory = memory_of(host, group),
		.quiet = policy_quiet(agent->policy, pass->minute),
		.writeback = group->writeback == WRITEBACK_ON,
		.pressed = pass->pressed,
		.memory_psi = pressure_of(host, group, "memory"),
		.io_psi = pressure_of(host, group, "io"),
		.budget_left = budget_left(&agent->budget),
	};
}

/* ---- writing ------------------------------------------------------------- */

static bool must_stop(const struct agent *agent)
{
	return agent->stop && agent->stop();
}

/* One call, paid for beforehand; 0 or a negative errno */
static int write_piece(struct agent *agent, const struct target *target, uint64_t bytes,
		       struct outcome *outcome)
{
	struct result result;
	char *file;
	int ret;

	ret = budget_take(&agent->budget, bytes);
	if (ret) {
		file = escaped(agent->budget.file, "\"");
		outcome->words = format("%s cannot be written (%s): without it the budget would not outlive a restart",
					file, strerror(-ret));
		free(file);
		return ret;
	}
	result = call(agent->host, target, bytes);
	budget_give_back(&agent->budget, bytes - result.written);
	outcome->written += result.written;
	agent->written += result.written;
	if (result.err)
		outcome->words = explain(agent->host, target, result.err, &outcome->status);
	return result.err;
}

/* One trigger is for the whole pass, so the class that bears least sets it */
static double lowest_ceiling(const struct policy *policy)
{
	double percent = 100;

	for (size_t i = 0; i < policy->nr_classes; i++) {
		const struct class *class = &policy->classes[i];

		if (class->enabled && class->rules.memory_avg10 < percent)
			percent = class->rules.memory_avg10;
	}
	return percent;
}

static void set_trigger(struct pass *pass)
{
	if (pass->trigger < 0 && !pass->trigger_err)
		pass->trigger_err = psi_trigger(pass->agent->host,
						lowest_ceiling(pass->agent->policy),
						&pass->trigger);
}

/* Whether pressure rose since the decision was taken; the kernel says so once */
static bool pressure_rose(struct pass *pass, const struct group *group, const struct rules *rules)
{
	const struct host *host = pass->agent->host;
	struct psi memory = pressure_of(host, group, "memory"), io = pressure_of(host, group, "io");

	if (psi_fired(pass->trigger))
		pass->pressed = true;
	return pass->pressed || pressure_verdict(rules, &memory, &io) != WRITE;
}

static struct outcome write_back(struct pass *pass, const struct group *group,
				 const struct rules *rules, uint64_t bytes)
{
	struct agent *agent = pass->agent;
	struct target target = { .path = group->path };
	struct outcome outcome = { };

	set_trigger(pass);
	outcome.trigger_err = pass->trigger_err;
	while (outcome.written + page_size() <= bytes && !outcome.err && !outcome.pressure &&
	       !must_stop(agent)) {
		uint64_t left = bytes - outcome.written;

		outcome.err = write_piece(agent, &target, left < PIECE ? left : PIECE,
					  &outcome);
		outcome.pressure = pressure_rose(pass, group, rules);
	}
	return outcome;
}

/* ---- the log ------------------------------------------------------------- */

static void log_decision(const struct group *group, const struct facts *facts,
			 const struct decision *decision, const char *what, uint64_t written)
{
	char *name = escaped(group->path, " \"=");

	printf("cgroup=/%s decision=%s bytes=%" PRIu64 " written=%" PRIu64, name, what,
	       decision->bytes, written);
	printf(" stored=%" PRIu64 " cold=%" PRIu64 " refaults=%.3f%%/min", facts->sample.stored,
	       decision->cold, decision->refaults);
	printf(" memory_psi=%.2f/%.2f io_psi=%.2f/%.2f budget_left=%" PRIu64,
	       facts->memory_psi.avg10, facts->memory_psi.avg60, facts->io_psi.avg10,
	       facts->io_psi.avg60, facts->budget_left);
	free(name);
}

static void log_outcome(const struct outcome *outcome)
{
	if (outcome->pressure)
		printf(" stopped=pressure");
	if (outcome->trigger_err)
		printf(" trigger_error=\"%s\"", strerror(-outcome->trigger_err));
	if (outcome->words)
		printf(" error=\"%s\"", outcome->words);
	putchar('\n');
	fflush(stdout);
}

/* ---- the pass ------------------------------------------------------------ */

/*
 * A cgroup that went away, or had less than was thought, is no failure, and neither
 * are the freezer and SIGCONT, which end a call: what is left is for the next pass.
 */
static bool is_failure(const struct outcome *outcome)
{
	return outcome->err && outcome->err != -EAGAIN && outcome->err != -ENOENT &&
	       outcome->err != -ENODEV && outcome->err != -EINTR;
}

static void handle(struct pass *pass, const struct group *group, const struct class *class)
{
	struct agent *agent = pass->agent;
	struct watched *watched = watch(agent, group);
	struct facts facts = gather(pass, group);
	struct decision decision = decide(&class->rules, watched, &facts);
	bool dry = agent->policy->dry_run;
	struct outcome outcome = { };
	const char *what = verdict_text(decision.verdict);

	if (decision.verdict == WRITE && dry)
		what = "would-write";
	else if (decision.verdict == WRITE)
		outcome = write_back(pass, group, &class->rules, decision.bytes);
	if (is_failure(&outcome) || outcome.pressure)
		back_off(&class->rules, watched, pass->now);
	else if (decision.verdict == WRITE)
		ease(watched);
	log_decision(group, &facts, &decision, what, outcome.written);
	log_outcome(&outcome);
	free(outcome.words);
}

/* What a cgroup's class does, it does for all that is below it */
static void visit(struct pass *pass, size_t i)
{
	const struct group *group = &pass->tree.groups[i];
	const struct class *class = policy_class(pass->agent->policy, group->path);

	if (group->parent >= 0 && pass->covered[group->parent]) {
		pass->covered[i] = true;
		return;
	}
	if (!class)
		return;
	pass->covered[i] = true;
	if (class->enabled)
		handle(pass, group, class);
}

static void visit_all(struct pass *pass)
{
	struct agent *agent = pass->agent;

	pass->covered = calloc(pass->tree.nr, sizeof(*pass->covered));
	if (!pass->covered)
		errx(EXIT_FAILURE, "out of memory");
	for (size_t i = 0; i < pass->tree.nr && !must_stop(agent); i++)
		visit(pass, i);
	if (!must_stop(agent))
		forget_unseen(agent);
	free(pass->covered);
}

void agent_pass(struct agent *agent)
{
	struct pass pass = {
		.agent = agent,
		.now = host_clock(agent->host, CLOCK_BOOTTIME),
		.trigger = -1,
	};
	struct tm local;
	int ret;

	local_time(agent->host, &local);
	pass.minute = local.tm_hour * 60 + local.tm_min;
	budget_day(&agent->budget, today(agent->host));
	ret = tree_read(agent->host, "", &pass.tree);
	if (ret) {
		warnx("%s: %s: nothing is written in this pass", agent->host->cgroups,
		      strerror(-ret));
	} else {
		visit_all(&pass);
		tree_free(&pass.tree);
	}
	if (pass.trigger >= 0)
		close(pass.trigger);
	agent->passes++;
}
