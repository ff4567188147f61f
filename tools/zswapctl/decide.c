// SPDX-License-Identifier: GPL-2.0
#include "decide.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

const char *verdict_text(enum verdict verdict)
{
	static const char * const words[] = {
		[WRITE] = "write",
		[WRITEBACK_IS_OFF] = "writeback-off",
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

static uint64_t less(uint64_t from, uint64_t by)
{
	return from > by ? from - by : 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The sample taken @back passes before the one to come, NULL if there is none */
static const struct sample *earlier(const struct watched *watched, size_t back)
{
	if (back > watched->nr)
		return NULL;
	if (back > watched->next)
		return &watched->ring[watched->next + watched->room - back];
	return &watched->ring[watched->next - back];
}

/* A change of cold_passes begins anew: that errs on the safe side */
static void remember(const struct rules *rules, struct watched *watched,
		     const struct sample *sample)
{
	size_t room = rules->cold_passes + 1;

	if (watched->room != room) {
		free(watched->ring);
		watched->ring = calloc(room, sizeof(*watched->ring));
		if (!watched->ring)
			errx(EXIT_FAILURE, "out of memory");
		watched->room = room;
		watched->nr = watched->next = 0;
	}
	watched->ring[watched->next] = *sample;
	if (++watched->next == room)
		watched->next = 0;
	if (watched->nr < room)
		watched->nr++;
}

/*
 * The kernel does not say how old an entry is, but it writes the oldest first.
 * What was taken in since then is younger; all else that is stored now is older,
 * whatever was loaded, freed or written back meanwhile.
 */
static uint64_t cold_bytes(const struct rules *rules, const struct watched *watched,
			   const struct sample *now)
{
	const struct sample *then;

	if (watched->room != rules->cold_passes + 1)
		return 0;
	then = earlier(watched, rules->cold_passes);
	if (!rules->cold_passes)
		return now->stored;
	if (!then)
		return 0;
	return less(now->stored, less(now->taken_in, then->taken_in) * page_size());
}

static double refault_rate(const struct watched *watched, const struct facts *facts)
{
	const struct sample *last = watched->room ? earlier(watched, 1) : NULL;
	double minutes, bytes;

	if (!last || facts->sample.when <= last->when || !facts->memory)
		return 0;
	minutes = (facts->sample.when - last->when) / (60.0 * NSEC_PER_SEC);
	bytes = (double)less(facts->sample.refaults, last->refaults) * page_size();
	return bytes / facts->memory * 100 / minutes;
}

void back_off(const struct rules *rules, struct watched *watched, int64_t now)
{
	watched->backoff = watched->backoff ? 2 * watched->backoff : rules->backoff;
	if (watched->backoff > rules->backoff_max)
		watched->backoff = rules->backoff_max;
	watched->backoff_until = now + watched->backoff * NSEC_PER_SEC;
	watched->pass = 0;
}

void ease(struct watched *watched)
{
	watched->backoff /= 2;
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

	if (!facts->writeback)
		return WRITEBACK_IS_OFF;
	if (facts->quiet)
		return QUIET_HOURS;
	if (facts->pressed)
		return MEMORY_PRESSURE;
	pressure = pressure_verdict(rules, &facts->memory_psi, &facts->io_psi);
	if (pressure != WRITE)
		return pressure;
	if (rules->refault_ceiling < 100 && !(facts->refaults_known && facts->memory))
		return REFAULTS_UNKNOWN;
	if (facts->sample.when < watched->backoff_until)
		return BACKING_OFF;
	if (facts->budget_left < rules->min_pass || facts->budget_left < page_size())
		return BUDGET_SPENT;
	return WRITE;
}

/* Each pass that did no harm makes room for one twice its size */
static uint64_t pass_bytes(const struct rules *rules, struct watched *watched,
			   const struct facts *facts, uint64_t cold)
{
	uint64_t pass = watched->pass > rules->min_pass ? watched->pass : rules->min_pass;

	if (pass < page_size())
		pass = page_size();
	pass = least(pass, rules->max_pass);
	watched->pass = 2 * pass;
	return least(least(pass, cold), facts->budget_left);
}

struct decision decide(const struct rules *rules, struct watched *watched,
		       const struct facts *facts)
{
	struct decision decision = {
		.cold = cold_bytes(rules, watched, &facts->sample),
		.refaults = refault_rate(watched, facts),
	};
	bool backing_off = facts->sample.when < watched->backoff_until;

	if (decision.refaults > rules->refault_ceiling && !backing_off) {
		back_off(rules, watched, facts->sample.when);
		decision.verdict = REFAULTS;
	} else {
		decision.verdict = veto(rules, watched, facts);
	}
	if (decision.verdict == WRITE &&
	    (decision.cold < rules->min_pass || decision.cold < page_size()))
		decision.verdict = NOT_COLD;
	if (decision.verdict == WRITE)
		decision.bytes = pass_bytes(rules, watched, facts, decision.cold);
	remember(rules, watched, &facts->sample);
	return decision;
}
