// SPDX-License-Identifier: GPL-2.0
#include "decide.h"

#include "host.h"

const char *verdict_text(enum verdict verdict)
{
	static const char * const words[] = {
		[WRITE] = "write",
		[WRITEBACK_IS_OFF] = "writeback-off",
		[WRITEBACK_IS_UNKNOWN] = "writeback-unknown",
		[PROTECTED] = "protected",
		[QUIET_HOURS] = "quiet-hours",
		[PRESSURE_UNKNOWN] = "pressure-unknown",
		[REFAULTS_UNKNOWN] = "refaults-unknown",
		[MEMORY_PRESSURE] = "memory-pressure",
		[IO_PRESSURE] = "io-pressure",
		[REFAULTS] = "refaults",
		[BACKING_OFF] = "backing-off",
		[BUDGET_SPENT] = "budget-spent",
		[NOT_COLD] = "not-cold",
	};

	return words[verdict];
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Below every ceiling where there is nothing to reckon it from, as in a first pass */
static double refault_rate(const struct watched *watched, const struct facts *facts)
{
	double minutes, bytes;

	if (!watched->awake || facts->awake <= watched->awake || !facts->memory ||
	    !facts->refaults_known)
		return -1;
	minutes = (facts->awake - watched->awake) / (60.0 * NSEC_PER_SEC);
	bytes = (double)less(facts->refaults, watched->refaults) * page_size();
	return bytes / facts->memory * 100 / minutes;
}

/* More may come back in a minute than the cgroup has memory */
static bool too_many_refaults(const struct rules *rules, double rate)
{
	return rules->refault_ceiling < 100 && rate > rules->refault_ceiling;
}

void begin_pause(const struct rules *rules, struct pause *pause, int64_t now)
{
	pause->seconds *= 2;
	/* What has been eased by some passes may be less than the shortest */
	if (pause->seconds < rules->backoff)
		pause->seconds = rules->backoff;
	if (pause->seconds > rules->backoff_max)
		pause->seconds = rules->backoff_max;
	pause->until = now + pause->seconds * NSEC_PER_SEC;
}

void back_off(const struct rules *rules, struct watched *watched, int64_t now)
{
	begin_pause(rules, &watched->pause, now);
	watched->pass = 0;
}

void ease(struct watched *watched)
{
	watched->pause.seconds /= 2;
}

static bool above(const struct psi *psi, double avg10, double avg60)
{
	return (avg10 < 100 && psi->avg10 > avg10) || (avg60 < 100 && psi->avg60 > avg60);
}

static bool unknown(const struct psi *psi, double avg10, double avg60)
{
	return !psi->known && (avg10 < 100 || avg60 < 100);
}

enum verdict pressure_verdict(const struct rules *rules, const struct psi *memory,
			      const struct psi *io)
{
	if (unknown(memory, rules->memory_avg10, rules->memory_avg60) ||
	    unknown(io, rules->io_avg10, rules->io_avg60))
		return PRESSURE_UNKNOWN;
	if (above(memory, rules->memory_avg10, rules->memory_avg60))
		return MEMORY_PRESSURE;
	if (above(io, rules->io_avg10, rules->io_avg60))
		return IO_PRESSURE;
	return WRITE;
}

/* Who holds it back, WRITE if nobody does */
static enum verdict veto(const struct rules *rules, const struct watched *watched,
			 const struct facts *facts)
{
	enum verdict pressure;

	if (writeback_is_off(facts->writeback))
		return WRITEBACK_IS_OFF;
	if (facts->writeback != WRITEBACK_ON)
		return WRITEBACK_IS_UNKNOWN;
	if (facts->protected)
		return PROTECTED;
	if (facts->quiet)
		return QUIET_HOURS;
	if (facts->pressed)
		return MEMORY_PRESSURE;
	pressure = pressure_verdict(rules, &facts->memory_psi, &facts->io_psi);
	if (pressure != WRITE)
		return pressure;
	if (rules->refault_ceiling < 100 && !(facts->refaults_known && facts->memory))
		return REFAULTS_UNKNOWN;
	if (facts->when < watched->pause.until)
		return BACKING_OFF;
	if (facts->cold < rules->min_pass || facts->cold < page_size())
		return NOT_COLD;
	if (facts->budget_left < rules->min_pass || facts->budget_left < page_size())
		return BUDGET_SPENT;
	return WRITE;
}

/* Each pass that did no harm makes room for one twice its size */
static uint64_t pass_bytes(const struct rules *rules, struct watched *watched,
			   const struct facts *facts)
{
	uint64_t pass = watched->pass > rules->min_pass ? watched->pass : rules->min_pass;

	if (pass < page_size())
		pass = page_size();
	pass = least(pass, rules->max_pass);
	watched->pass = 2 * pass;
	return least(least(pass, facts->cold), facts->budget_left);
}

uint64_t backoff_left(const struct watched *watched, int64_t now)
{
	int64_t left = watched->pause.until - now;

	return left > 0 ? (left + NSEC_PER_SEC - 1) / NSEC_PER_SEC : 0;
}

struct decision decide(const struct rules *rules, struct watched *watched,
		       const struct facts *facts)
{
	struct decision decision = { .refaults = refault_rate(watched, facts) };
	bool backing_off = facts->when < watched->pause.until;

	if (too_many_refaults(rules, decision.refaults) && !backing_off) {
		back_off(rules, watched, facts->when);
		decision.verdict = REFAULTS;
	} else {
		decision.verdict = veto(rules, watched, facts);
	}
	if (decision.verdict == WRITE)
		decision.bytes = pass_bytes(rules, watched, facts);
	/* Else all that ever was would be of the next interval */
	if (facts->refaults_known) {
		watched->awake = facts->awake;
		watched->refaults = facts->refaults;
	}
	return decision;
}
