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
#include "member.h"
#include "memory.h"
#include "pool.h"
#include "state.h"
#include "text.h"

/* Small enough to stop soon, large enough for the kernel's batches */
#define PIECE	(4ULL << 20)

struct pass {
	struct agent *agent;
	struct tree tree;
	struct member *members;
	struct psi io;		/* of the machine and the root, before anything was written */
	int trigger;		/* -1: none yet, or none */
	int trigger_err;	/* why none can be */
	bool pressed;		/* it fired: the rest of the pass writes nothing */
	bool refused;		/* the budget had nothing left for somebody */
};

/* What became of a decision to write */
struct outcome {
	uint64_t written;	/* bytes of pages */
	unsigned int cgroups;	/* that were asked for some */
	int err;
	const char *at;		/* path of the cgroup that it is about, NULL: of none */
	bool again;		/* err is of one that failed the last time as well */
	int trigger_err;	/* why the kernel will not say that pressure rises */
	bool pressure;
	char *words;		/* of the error */
};

static void local_time(const struct host *host, struct tm *local)
{
	time_t now = host_clock(host, CLOCK_REALTIME) / NSEC_PER_SEC;

	/* localtime_r() alone stays in the zone that it found first */
	tzset();
	localtime_r(&now, local);
}

static unsigned int minute_of_day(const struct host *host)
{
	struct tm local;

	local_time(host, &local);
	return local.tm_hour * 60 + local.tm_min;
}

static uint32_t today(const struct host *host)
{
	struct tm local;

	local_time(host, &local);
	return (local.tm_year + 1900) * 10000 + (local.tm_mon + 1) * 100 + local.tm_mday;
}

/* A dry run keeps nothing, and may go on beside an agent that does */
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

static void begin_small(struct agent *agent)
{
	for (size_t i = 0; i < agent->nr_watched; i++)
		agent->watched[i].pass = 0;
}

int agent_set_policy(struct agent *agent, struct policy *policy)
{
	int ret = lock_state(agent, policy);
	bool first;

	if (ret)
		return ret;
	first = !agent->policy;
	/* What a dry run would have written has not shown that it does no harm */
	if (!first && agent->policy->dry_run && !policy->dry_run)
		begin_small(agent);
	policy_free(agent->policy);
	agent->policy = policy;
	if (first && !policy->dry_run)
		state_load(agent);
	budget_reload(agent_budget(agent), policy->dry_run ? NULL : policy->state,
		      policy->daily_budget, today(agent->host));
	agent->new_policy = true;
	return 0;
}

/* ---- what is remembered -------------------------------------------------- */

static void forget(struct watched *watched)
{
	free(watched->path);
	free(watched->age.ring);
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
	agent->watched = with_room(agent->watched, agent->nr_watched, sizeof(*watched));
	watched = &agent->watched[agent->nr_watched++];
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
	free(agent->turn);
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

static struct psi memory_pressure(const struct pass *pass, const struct group *group)
{
	const struct host *host = pass->agent->host;

	return worse(psi_system(host, "memory"), psi_group(host, group->path, "memory"));
}

/* The agent's own waits for the swap device are pressure of the machine, too */
static struct psi io_pressure(const struct pass *pass, const struct group *group)
{
	if (!*group->path)
		return pass->io;
	return worse(pass->io, psi_group(pass->agent->host, group->path, "io"));
}

/* Bytes, 0 if not known. The machine has no memory.current: all that is in use */
static uint64_t memory_of(const struct host *host, const struct group *group)
{
	uint64_t total, available;

	if (!group_is_machine(group))
		return group_value(group, F_MEMORY);
	if (memory_info(host, "MemTotal:", &total) ||
	    memory_info(host, "MemAvailable:", &available) || available > total)
		return 0;
	return total - available;
}

static uint64_t sum_of(const struct pass *pass, size_t head,
		       uint64_t (*value)(const struct member *member))
{
	uint64_t sum = 0;

	for (size_t i = head; i < pass->tree.nr; i++)
		if (pass->members[i].class && pass->members[i].head == head)
			sum += value(&pass->members[i]);
	return sum;
}

static uint64_t cold(const struct member *member)
{
	return member->cold;
}

static uint64_t left_alone(const struct member *member)
{
	return member->protected || member->unwanted ? member->stored : 0;
}

/*
 * A pass may have taken its time until now. What has left zswap since the last look,
 * loaded, freed or written back, counts as cold: young pages would be written in its
 * place, and so they would if one below it, which a call takes from as well, has taken
 * in any since then. False if the cgroup is gone.
 */
static bool look_again(struct pass *pass, size_t i)
{
	struct group *group = &pass->tree.groups[i];
	uint64_t stored = group_value(group, F_STORED), taken_in = group_value(group, F_TAKEN_IN);
	struct member *member = &pass->members[i];

	if (group_read_again(pass->agent->host, group)) {
		member->cold = 0;
		return false;
	}
	taken_in = less(group_value(group, F_TAKEN_IN), taken_in);
	stored += taken_in * page_size();
	member->protected = member->protected || group_is_protected(pass->agent->host, group);
	if (member->protected || (member->is_parent && taken_in))
		member->cold = 0;
	member->cold = less(member->cold, less(stored, group_value(group, F_STORED)));
	return true;
}

static struct facts gather(const struct pass *pass, size_t head)
{
	const struct group *group = &pass->tree.groups[head];
	const struct agent *agent = pass->agent;
	const struct host *host = agent->host;

	return (struct facts) {
		.when = host_clock(host, CLOCK_BOOTTIME),
		.awake = host_clock(host, CLOCK_MONOTONIC),
		.cold = sum_of(pass, head, cold),
		.refaults = group_value(group, F_REFAULTS),
		.refaults_known = group->has[F_REFAULTS],
		.memory = memory_of(host, group),
		.quiet = policy_quiet(agent->policy, minute_of_day(host)),
		.writeback = group->writeback,
		.protected = pass->members[head].protected,
		.pressed = pass->pressed,
		.memory_psi = memory_pressure(pass, group),
		.io_psi = io_pressure(pass, group),
		.budget_left = budget_left(agent_budget(pass->agent)),
	};
}

/* ---- writing ------------------------------------------------------------- */

static bool must_stop(const struct agent *agent)
{
	return agent->stop && agent->stop();
}

static void forget_error(struct outcome *outcome)
{
	free(outcome->words);
	outcome->words = NULL;
	outcome->at = NULL;
	outcome->err = 0;
}

/*
 * For the whole decision beforehand: each time costs the disk as much as a small call,
 * and there may be hundreds of these. 0, or -EIO after words in @outcome
 */
static int pay(struct agent *agent, uint64_t bytes, struct outcome *outcome)
{
	int ret = budget_take(&agent->budget, bytes);
	char *file;

	if (!ret)
		return 0;
	file = escaped(agent->budget.file, "\"");
	outcome->words = format("%s cannot be written (%s): without it the budget would not outlive a restart",
				file, strerror(-ret));
	free(file);
	/* Not what a cgroup would have said that is gone */
	return -EIO;
}

/* One call; 0 or a negative errno */
static int write_piece(struct agent *agent, const struct target *target, uint64_t bytes,
		       struct outcome *outcome)
{
	struct result result = call(agent->host, target, bytes);
	enum status status;

	outcome->written += result.written;
	agent->written += result.written;
	if (result.err) {
		outcome->words = explain(agent->host, target, result.err, &status);
		outcome->at = target->path;
	}
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

/* The kernel says so once */
static bool is_pressed(struct pass *pass)
{
	if (psi_fired(pass->trigger))
		pass->pressed = true;
	return pass->pressed;
}

/* Whether pressure rose since the decision was taken */
static bool pressure_rose(struct pass *pass, const struct group *group, const struct rules *rules)
{
	struct psi memory = memory_pressure(pass, group), io = io_pressure(pass, group);

	return is_pressed(pass) || pressure_verdict(rules, &memory, &io) != WRITE;
}

/* A cgroup that went away, or had less than was thought: others may have something */
static bool is_passed_over(int err)
{
	return err == -EAGAIN || err == -ENOENT || err == -ENODEV;
}

/* The one of a section with most that is cold; SIZE_MAX if none has a page of it */
static size_t coldest(const struct pass *pass, size_t head)
{
	const struct member *members = pass->members;
	size_t found = SIZE_MAX;

	for (size_t i = head; i < pass->tree.nr; i++)
		if (members[i].class && members[i].head == head &&
		    members[i].cold >= page_size() &&
		    (found == SIZE_MAX || members[i].cold > members[found].cold))
			found = i;
	return found;
}

/*
 * The freezer and SIGCONT end a call, too, but are no failure of it: what is left is
 * for the next pass.
 */
static bool is_failure(int err)
{
	return err && !is_passed_over(err) && err != -EINTR;
}

/* Of the one cgroup number @i, piece by piece */
static void write_of(struct pass *pass, size_t i, uint64_t bytes, struct outcome *outcome)
{
	const struct member *member = &pass->members[i];
	const struct group *head = &pass->tree.groups[member->head];
	struct target target = { .path = pass->tree.groups[i].path };
	uint64_t before = outcome->written, left = bytes;

	outcome->cgroups++;
	while (left >= page_size() && !outcome->err && !outcome->pressure &&
	       !must_stop(pass->agent)) {
		outcome->err = write_piece(pass->agent, &target, left < PIECE ? left : PIECE,
					   outcome);
		outcome->pressure = pressure_rose(pass, head, &member->class->rules);
		left = bytes - (outcome->written - before);
	}
}

/*
 * One that fails again and again is not to keep the others of its section from theirs. The
 * pause after the first failure is for all of them: it may be the device's.
 */
static void note_failure(struct pass *pass, size_t i, struct outcome *outcome)
{
	const struct member *member = &pass->members[i];
	struct watched *watched = watch(pass->agent, &pass->tree.groups[i]);

	if (!is_failure(outcome->err)) {
		watched->own = (struct pause) { };
	} else if (member->head != i) {
		outcome->again = watched->own.seconds;
		begin_pause(&member->class->rules, &watched->own,
			    host_clock(pass->agent->host, CLOCK_BOOTTIME));
	}
}

/* From the cgroups of a section that have most that is cold */
static void write_of_coldest(struct pass *pass, size_t head, uint64_t bytes,
			     struct outcome *outcome)
{
	size_t i;

	while (outcome->written + page_size() <= bytes && !outcome->pressure &&
	       !must_stop(pass->agent) && (i = coldest(pass, head)) != SIZE_MAX) {
		uint64_t left = bytes - outcome->written;
		struct member *member = &pass->members[i];

		forget_error(outcome);
		if (look_again(pass, i) && member->cold >= page_size()) {
			write_of(pass, i, left < member->cold ? left : member->cold, outcome);
			note_failure(pass, i, outcome);
		}
		member->cold = 0;
		if (outcome->err && !is_passed_over(outcome->err))
			break;
	}
}

static struct outcome write_back(struct pass *pass, size_t head, uint64_t bytes)
{
	struct outcome outcome = { };

	outcome.err = pay(pass->agent, bytes, &outcome);
	if (outcome.err)
		return outcome;
	set_trigger(pass);
	outcome.trigger_err = pass->trigger_err;
	/* The disk may have taken its time to keep the budget */
	outcome.pressure = is_pressed(pass);
	write_of_coldest(pass, head, bytes, &outcome);
	budget_give_back(&pass->agent->budget, bytes - outcome.written);
	return outcome;
}

/* ---- the log ------------------------------------------------------------- */

static const char *what_is_done(const struct pass *pass, enum verdict verdict)
{
	return verdict == WRITE && pass->agent->policy->dry_run ? "would-write" :
	       verdict_text(verdict);
}

static void log_name(const char *key, const char *path)
{
	char *name = escaped(path, " \"=");

	printf("%s/%s", key, name);
	free(name);
}

/* What is not known is no 0 */
static void log_psi(const char *key, const struct psi *psi)
{
	if (psi->known)
		printf(" %s=%.2f/%.2f", key, psi->avg10, psi->avg60);
	else
		printf(" %s=-", key);
}

static void log_refaults(double percent)
{
	if (percent >= 0)
		printf(" refaults=%.3f%%/min", percent);
	else
		printf(" refaults=-");
}

static void log_memory(uint64_t bytes)
{
	if (bytes)
		printf(" memory=%" PRIu64, bytes);
	else
		printf(" memory=-");
}

static void log_decision(const struct pass *pass, size_t head, const struct watched *watched,
			 const struct facts *facts, const struct decision *decision,
			 const struct outcome *outcome)
{
	const struct group *group = &pass->tree.groups[head];

	log_name("cgroup=", group->path);
	printf(" decision=%s", what_is_done(pass, decision->verdict));
	printf(" bytes=%" PRIu64 " written=%" PRIu64 " cgroups=%u", decision->bytes,
	       outcome->written, outcome->cgroups);
	printf(" stored=%" PRIu64 " cold=%" PRIu64 " left_alone=%" PRIu64,
	       group_value(group, F_STORED), facts->cold, sum_of(pass, head, left_alone));
	log_refaults(decision->refaults);
	log_memory(facts->memory);
	log_psi("memory_psi", &facts->memory_psi);
	log_psi("io_psi", &facts->io_psi);
	printf(" backoff=%" PRIu64 " budget_left=%" PRIu64,
	       backoff_left(watched, host_clock(pass->agent->host, CLOCK_BOOTTIME)),
	       facts->budget_left);
}

static void log_outcome(const struct pass *pass, const struct outcome *outcome)
{
	if (pass->pressed)
		printf(" trigger=fired");
	if (outcome->pressure)
		printf(" pressure=rose");
	if (outcome->trigger_err)
		printf(" trigger_error=\"%s\"", strerror(-outcome->trigger_err));
	if (outcome->at)
		log_name(" at=", outcome->at);
	if (outcome->words)
		printf(" error=\"%s\"", outcome->words);
	putchar('\n');
	fflush(stdout);
}

/* ---- the pass ------------------------------------------------------------ */

static bool needs_pause(const struct outcome *outcome)
{
	return outcome->pressure || (is_failure(outcome->err) && !outcome->again);
}

/* The first of a pass whom the budget refuses is the first of the next */
static void note_turn(struct pass *pass, size_t head, enum verdict verdict)
{
	if (verdict != BUDGET_SPENT || pass->refused)
		return;
	pass->refused = true;
	free(pass->agent->turn);
	pass->agent->turn = format("%s", pass->tree.groups[head].path);
}

/* Whose turn it is; the first if that is gone */
static size_t whose_turn(const struct pass *pass)
{
	const char *turn = pass->agent->turn;

	for (size_t i = 0; turn && i < pass->tree.nr; i++)
		if (!strcmp(pass->tree.groups[i].path, turn))
			return i;
	return 0;
}

/* What the section of cgroup number @head does, with it and all below */
static void handle(struct pass *pass, size_t head)
{
	struct agent *agent = pass->agent;
	const struct rules *rules = &pass->members[head].class->rules;
	struct watched *watched = watch(agent, &pass->tree.groups[head]);
	struct outcome outcome = { };
	struct decision decision;
	struct facts facts;

	/* A pass may take longer than what is left of the day, or than a cgroup lives */
	budget_day(agent_budget(agent), today(agent->host));
	if (!look_again(pass, head))
		return;
	is_pressed(pass);
	facts = gather(pass, head);
	decision = decide(rules, watched, &facts);
	note_turn(pass, head, decision.verdict);
	if (decision.verdict == WRITE && agent->policy->dry_run)
		budget_take(agent_budget(agent), decision.bytes);
	else if (decision.verdict == WRITE)
		outcome = write_back(pass, head, decision.bytes);
	if (needs_pause(&outcome))
		back_off(rules, watched, host_clock(agent->host, CLOCK_BOOTTIME));
	else if (decision.verdict == WRITE)
		ease(watched);
	log_decision(pass, head, watched, &facts, &decision, &outcome);
	log_outcome(pass, &outcome);
	free(outcome.words);
}

/* Before anything is written: who has what that is cold */
static void look_at(struct pass *pass, size_t i)
{
	const struct group *group = &pass->tree.groups[i];
	struct member *member = &pass->members[i];
	struct watched *watched;
	uint64_t bytes;

	if (!member->class || member->unwanted || !group->has[F_STORED] ||
	    !group->has[F_TAKEN_IN])
		return;
	watched = watch(pass->agent, group);
	bytes = age_cold(&watched->age, member->class->rules.cold_passes, member->stored,
			 member->taken_in);
	/* Protection comes and goes with what it has in memory; its pages age meanwhile */
	if (!member->protected &&
	    host_clock(pass->agent->host, CLOCK_BOOTTIME) >= watched->own.until)
		member->cold = bytes;
}

static bool matches_any(const struct pass *pass, const struct class *class)
{
	for (size_t i = 0; i < pass->tree.nr; i++)
		if (policy_class(pass->agent->policy, pass->tree.groups[i].path) == class)
			return true;
	return false;
}

/* A slip in a pattern is nothing to be seen by: what it was to exclude is written */
static void name_unmatched(const struct pass *pass)
{
	const struct policy *policy = pass->agent->policy;

	for (size_t i = 0; i < policy->nr_classes; i++) {
		char *pattern;

		if (matches_any(pass, &policy->classes[i]))
			continue;
		pattern = escaped(policy->classes[i].pattern, "\"");
		warnx("section \"%s\" of the policy has no cgroup now: is the pattern right, or does an earlier section match them?",
		      pattern);
		free(pattern);
	}
}

static void go_round(struct pass *pass)
{
	struct agent *agent = pass->agent;
	size_t first;

	if (agent->new_policy)
		name_unmatched(pass);
	agent->new_policy = false;
	pass->members = members_of(agent->host, &pass->tree, agent->policy);
	for (size_t i = 0; i < pass->tree.nr; i++)
		look_at(pass, i);
	members_guard(&pass->tree, pass->members);
	first = whose_turn(pass);
	for (size_t n = 0; n < pass->tree.nr && !must_stop(agent); n++) {
		size_t i = (first + n) % pass->tree.nr;
		const struct member *member = &pass->members[i];

		if (member->class && member->class->enabled && member->head == i)
			handle(pass, i);
	}
	if (!must_stop(agent))
		forget_unseen(agent);
	free(pass->members);
}

void agent_pass(struct agent *agent)
{
	struct pass pass = {
		.agent = agent,
		.io = worse(psi_system(agent->host, "io"), psi_group(agent->host, "", "io")),
		.trigger = -1,
	};
	int ret;

	agent->begun = host_clock(agent->host, CLOCK_BOOTTIME);
	ret = tree_read(agent->host, "", &pass.tree);
	if (ret) {
		warnx("%s/memory.stat: %s: the memory controller must be of cgroup v2; nothing is written in this pass",
		      agent->host->cgroups, strerror(-ret));
	} else {
		go_round(&pass);
		tree_free(&pass.tree);
	}
	if (pass.trigger >= 0)
		close(pass.trigger);
	agent->passes++;
}
