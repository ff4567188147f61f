// SPDX-License-Identifier: GPL-2.0
/* zswapctl writeback: so much of a cgroup, now */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "call.h"
#include "command.h"
#include "group.h"
#include "pool.h"
#include "progress.h"
#include "stop.h"
#include "text.h"

#define PIECE		(16ULL << 20)
#define LEAST_PIECE	(1ULL << 20)
/* The kernel brings memory.stat up to date every two seconds, later on an idle machine */
#define SETTLE_NS	(2200 * 1000 * 1000LL)
/* Rounds after which a goal is given up, and what each has to free of the rest of it */
#define MOST_ROUNDS	8
#define LEAST_PART	8
#define MOST_NODES	1024

struct options {
	const char *name;	/* of the cgroup, NULL with a node */
	const char *amount;	/* NULL: none was named, else in one of these two */
	uint64_t bytes;
	double percent;		/* of what is stored */
	bool all;
	bool by_node;
	bool dry_run;
	bool quiet;
	unsigned int node;
	uint64_t rate;		/* bytes a second, 0: as fast as it goes */
	uint64_t free;		/* bytes of memory to be freed, 0: no goal */
};

struct stock {
	uint64_t stored;	/* bytes of pages */
	uint64_t zswap;		/* bytes of memory */
	uint64_t kept;		/* bytes of pages that may not be written back */
	uint64_t loaded;	/* pages, ever */
	uint64_t taken_in;	/* pages, ever */
	double ratio;
};

struct job {
	const struct host *host;
	const struct options *options;
	struct target target;
	struct progress progress;
	struct stock before;
	uint64_t written;	/* bytes of pages */
	int64_t start;
	int64_t next;		/* when the rate allows the next call */
};

/* ---- what there is ------------------------------------------------------- */

static double ratio_of(uint64_t stored, uint64_t zswap)
{
	return zswap && stored > zswap ? (double)stored / zswap : 1;
}

/*
 * The topmost of those that are off have the figures of all below them, which may be
 * read later than the sum above. Without zswap enabled the kernel does not look at it.
 */
static uint64_t kept_back(const struct pool *pool, const struct tree *tree)
{
	uint64_t bytes = 0;

	for (size_t i = 1; i < tree->nr && pool->enabled; i++)
		if (tree->groups[i].writeback == WRITEBACK_OFF)
			bytes += group_value(&tree->groups[i], F_STORED);
	return bytes;
}

static int read_groups(const struct host *host, const char *path, const struct pool *pool,
		       struct stock *stock)
{
	struct tree tree;
	int ret;

	ret = tree_read(host, path, &tree);
	if (ret)
		return ret;
	if (!group_is_machine(&tree.groups[0])) {
		stock->stored = group_value(&tree.groups[0], F_STORED);
		stock->zswap = group_value(&tree.groups[0], F_ZSWAP);
		stock->loaded = group_value(&tree.groups[0], F_LOADED);
		stock->taken_in = group_value(&tree.groups[0], F_TAKEN_IN);
	}
	stock->kept = kept_back(pool, &tree);
	if (stock->kept > stock->stored)
		stock->kept = stock->stored;
	tree_free(&tree);
	return 0;
}

/* Of a node there is no figure: the most that it can have is all */
static int read_stock(const struct host *host, const struct target *target,
		      struct stock *stock)
{
	struct pool pool;
	int ret = 0;

	pool_read(host, &pool);
	*stock = (struct stock) {
		.stored = pool.stored, .zswap = pool.size, .loaded = pool.loaded,
		.taken_in = pool.taken_in,
	};
	if (target->path)
		ret = read_groups(host, target->path, &pool, stock);
	stock->ratio = ratio_of(stock->stored, stock->zswap);
	return ret;
}

/* ---- doing it ------------------------------------------------------------ */

static int64_t now(const struct job *job)
{
	return host_clock(job->host, CLOCK_BOOTTIME);
}

static void pause_until(const struct job *job, int64_t when)
{
	int64_t left;

	while (!stopped && (left = when - now(job)) > 0)
		wait_for_stop(left);
}

/*
 * One call where nothing has to be seen or waited for in between; with a rate, what it
 * allows in a tenth of a second
 */
static uint64_t piece_of(const struct job *job)
{
	uint64_t piece = job->options->rate / 10;

	if (!job->options->rate)
		return job->progress.shown ? PIECE : UINT64_MAX;
	if (piece > PIECE)
		piece = PIECE;
	return piece > LEAST_PIECE ? piece : LEAST_PIECE;
}

static uint64_t pages_for(uint64_t memory, double ratio)
{
	double bytes = memory * ratio;

	return bytes < 0x1p63 ? bytes : 1ULL << 63;
}

static uint64_t done_of(const struct job *job)
{
	return job->options->free ? job->written / job->progress.ratio : job->written;
}

/* What a rate still owes is of the time that it took, or the first pieces would look fast */
static void show(const struct job *job)
{
	int64_t when = now(job), wait = job->next > when ? job->next - when : 0;

	progress_show(&job->progress, done_of(job), job->written, when + wait - job->start, wait);
}

/*
 * Writes @bytes of pages; 0 or a negative errno. With less than a page there is
 * nothing to ask for, but it ends as the call would.
 */
static int write_pages(struct job *job, uint64_t bytes)
{
	uint64_t piece = piece_of(job), left = bytes;
	struct result result = { };

	if (bytes < page_size())
		return foresee(job->host, &job->target);
	while (left >= page_size() && !result.err) {
		int64_t begun;

		pause_until(job, job->next);
		if (stopped)
			return -EINTR;
		begun = now(job);
		result = call(job->host, &job->target, left < piece ? left : piece);
		job->written += result.written;
		left -= result.written;
		/* The freezer, or a SIGCONT: the rest is still to be done */
		if (result.err == -EINTR && !stopped)
			result.err = 0;
		if (job->options->rate)
			job->next = begun + result.written * (double)NSEC_PER_SEC /
				    job->options->rate;
		show(job);
	}
	return result.err;
}

/*
 * What zswap has less than it would have: a page that came in hides one that was
 * written, and one that was loaded is in memory still. How small these are nobody knows:
 * in doubt, less was freed. No page frees more than it has.
 */
static uint64_t freed(const struct job *job, const struct stock *stock)
{
	const struct stock *before = &job->before;
	double in = page_size() / (before->ratio > stock->ratio ? before->ratio : stock->ratio);
	double out = page_size() / (before->ratio < stock->ratio ? before->ratio : stock->ratio);
	double zswap = before->zswap + in * less(stock->taken_in, before->taken_in) -
		       out * less(stock->loaded, before->loaded);
	uint64_t bytes = zswap > stock->zswap ? zswap - stock->zswap : 0;

	return bytes < job->written ? bytes : job->written;
}

static uint64_t freed_so_far(const struct job *job)
{
	struct stock stock;

	if (read_stock(job->host, &job->target, &stock))
		return 0;
	return freed(job, &stock);
}

/* Waits until the counters show more than @was, twice as long if they do not yet */
static int settle(struct job *job, uint64_t was, struct stock *stock)
{
	int err = 0;

	for (int i = 0; i < 2 && !err; i++) {
		pause_until(job, now(job) + SETTLE_NS);
		err = read_stock(job->host, &job->target, stock);
		if (stopped || freed(job, stock) > was)
			break;
	}
	return err;
}

/*
 * Memory is what is wanted: asks for what the ratio says, looks at what came
 * of it when the counters have settled, and asks for the rest.
 */
static int free_memory(struct job *job)
{
	uint64_t goal = job->options->free, done = 0, was;
	struct stock stock = job->before;
	int ret, err;

	for (int round = 0; round < MOST_ROUNDS; round++) {
		/* A page more: what is left may be less than one */
		ret = write_pages(job, pages_for(goal - done, stock.ratio) + page_size());
		if (ret == -EINTR || (ret && !job->written))
			return ret;
		err = settle(job, done, &stock);
		if (err)
			return err;
		was = done;
		done = freed(job, &stock);
		if (done >= goal)
			return 0;
		if (stopped)
			return -EINTR;
		if (ret)
			return ret;
		/* What frees so little of what it should does not lead there */
		if (less(done, was) < (goal - was) / LEAST_PART)
			break;
	}
	return -ETIME;
}

static void name_kept(uint64_t kept)
{
	char text[SIZE_TEXT];

	if (kept)
		printf("%s stay: memory.zswap.writeback is 0 below\n", size_text(text, kept));
}

/* What was done, also if it was not all; without a goal nobody waits for counters */
static void report(const struct job *job, int err)
{
	char written[SIZE_TEXT], freed[SIZE_TEXT], *name;
	double seconds = (double)(now(job) - job->start) / NSEC_PER_SEC;
	bool measured = job->options->free && !stopped;

	progress_clear(&job->progress);
	if (job->options->quiet || (err && !job->written && !stopped))
		return;
	name = target_name(&job->target);
	printf("%s: %" PRIu64 " pages (%s) written back in %.2f s, %s%s of memory freed\n",
	       name, job->written / page_size(), size_text(written, job->written), seconds,
	       measured ? "" : "about ",
	       size_text(freed, measured ? freed_so_far(job) :
			 job->written / job->progress.ratio));
	free(name);
}

static int complain(const struct job *job, int err)
{
	enum status status;
	char *text = explain(job->host, &job->target, err, &status);

	warnx("%s", text);
	free(text);
	return status;
}

/* All of it is all that there is: the kernel's "less" is the end wanted */
static int judge(const struct job *job, int err)
{
	struct pool pool;

	if (err == -EAGAIN && job->options->all) {
		pool_read(job->host, &pool);
		if (pool.present && pool.swap_devices)
			return STATUS_OK;
	}
	return err ? complain(job, err) : STATUS_OK;
}

static int run(struct job *job, uint64_t bytes)
{
	int err;

	catch_stops();
	job->start = now(job);
	err = job->options->free ? free_memory(job) : write_pages(job, bytes);
	/* The last piece has its time, too */
	pause_until(job, job->next);
	report(job, err);
	if (job->options->all && !job->options->quiet)
		name_kept(job->before.kept);
	return judge(job, err);
}

/* How much of the stock is of a node, the kernel does not say */
static void promise(const struct job *job, uint64_t asked, uint64_t possible)
{
	const struct stock *stock = &job->before;
	char would[SIZE_TEXT], memory[SIZE_TEXT], stored[SIZE_TEXT];
	char piece[SIZE_TEXT], *file, *shown;

	if (!asked) {
		puts("less than a page: nothing would be written");
		return;
	}
	file = target_file(job->host, &job->target);
	shown = escaped(file, "");
	printf("would write \"%" PRIu64 " " KEY "\" to %s", asked, shown);
	if (asked > piece_of(job))
		printf(", in pieces of %s", size_text(piece, piece_of(job)));
	puts(":");
	printf("%s%" PRIu64 " pages (%s) of %s, about %s of memory freed\n",
	       job->target.path ? "" : "at most ", possible / page_size(),
	       size_text(would, possible), size_text(stored, stock->stored),
	       size_text(memory, possible / stock->ratio));
	name_kept(stock->kept);
	free(shown);
	free(file);
}

/* Ends as the call itself would */
static int dry_run(const struct job *job, uint64_t bytes)
{
	bool goal = job->options->free;
	uint64_t all = job->before.stored - job->before.kept, asked;
	int err = foresee(job->host, &job->target);

	if (err)
		return complain(job, err);
	/* As the call rounds it */
	asked = (bytes + (goal ? page_size() : 0)) / page_size() * page_size();
	if (!job->options->quiet)
		promise(job, asked, asked < all ? asked : all);
	/* A goal may be reached with less than is asked for */
	if (job->options->all || (goal ? bytes : asked) <= all)
		return STATUS_OK;
	warnx("there is less than that to write");
	return STATUS_LESS;
}

/* ---- what was asked for -------------------------------------------------- */

static bool is_percentage(const char *amount)
{
	size_t len = strlen(amount);

	return len && amount[len - 1] == '%';
}

static uint64_t amount_of(const struct options *options, const struct stock *stock)
{
	if (options->all)
		return stock->stored + PIECE;
	if (options->free)
		return pages_for(options->free, stock->ratio);
	if (is_percentage(options->amount))
		return stock->stored * (options->percent / 100);
	return options->bytes;
}

/* What the progress is a share of, 0: not known, as all that is of a node */
static uint64_t total_of(const struct options *options, const struct stock *stock,
			 uint64_t bytes)
{
	if (options->free)
		return options->free;
	if (options->all)
		return options->by_node ? 0 : stock->stored - stock->kept;
	return bytes;
}

static int start(struct job *job)
{
	const struct stock *stock = &job->before;
	uint64_t bytes;
	int ret;

	ret = read_stock(job->host, &job->target, &job->before);
	if (ret)
		return complain(job, ret);
	bytes = amount_of(job->options, stock);
	job->progress = (struct progress) {
		.shown = isatty(STDERR_FILENO) && !job->options->quiet,
		.total = total_of(job->options, stock, bytes),
		.ratio = stock->ratio,
	};
	if (job->options->dry_run)
		return dry_run(job, bytes);
	return run(job, bytes);
}

static const struct argp_option arguments[] = {
	{ "all", 'a', 0, 0, "All that there is", 0 },
	{ "dry-run", 'n', 0, 0, "Only say what would be written", 0 },
	{ "free", 'f', "SIZE", 0, "As much as frees so much memory", 0 },
	{ "node", 'N', "NODE", 0, "Of all cgroups, what was stored from this memory node", 0 },
	{ "quiet", 'q', 0, 0, "Print errors only", 0 },
	{ "rate", 'r', "SIZE/s", 0, "No faster than that", 0 },
	{ }
};

/* The kernel has 1024 nodes at most, and "max" is none of them */
static int parse_node(const char *text, unsigned int *node)
{
	uint64_t number;

	if (parse_number(text, &number) || number >= MOST_NODES)
		return -EINVAL;
	*node = number;
	return 0;
}

static void take_word(struct options *options, char *word, struct argp_state *state)
{
	bool needs_amount = !options->all && !options->free;

	if (!options->by_node && !options->name)
		options->name = word;
	else if (needs_amount && !options->amount)
		options->amount = word;
	else
		argp_error(state, "\"%s\" is one word too many", word);
}

static bool goes_by_stock(const struct options *options)
{
	return options->free || (options->amount && is_percentage(options->amount));
}

static void check(const struct options *options, struct argp_state *state)
{
	if (!options->by_node && !options->name)
		argp_error(state, "which cgroup? / is all of them");
	if (options->all && options->free)
		argp_error(state, "--all and --free exclude each other");
	if (!options->all && !options->free && !options->amount)
		argp_error(state, "how much? An amount as 100M or 50%%, --all or --free");
	if (options->by_node && goes_by_stock(options))
		argp_error(state, "the kernel does not say what a node has in zswap, so that --free and %% have nothing to go by: with --node, give an amount as 100M, or --all");
}

static void parse_amount(struct options *options, struct argp_state *state)
{
	const char *amount = options->amount;

	if (is_percentage(amount))
		parse_or_fail(state, parse_percent, amount, &options->percent, "percentage");
	else
		parse_or_fail(state, parse_size, amount, &options->bytes, "amount, as 100M or 50%");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'a':
		options->all = true;
		break;
	case 'n':
		options->dry_run = true;
		break;
	case 'f':
		parse_or_fail(state, parse_some, arg, &options->free, "size to be freed");
		break;
	case 'N':
		parse_or_fail(state, parse_node, arg, &options->node, "number of a node");
		options->by_node = true;
		break;
	case 'q':
		options->quiet = true;
		break;
	case 'r':
		parse_or_fail(state, parse_rate, arg, &options->rate, "rate");
		break;
	case ARGP_KEY_ARGS:
		while (state->next < state->argc)
			take_word(options, state->argv[state->next++], state);
		break;
	case ARGP_KEY_END:
		check(options, state);
		if (options->amount)
			parse_amount(options, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

int writeback_command(struct host *host, int argc, char **argv)
{
	static const struct argp argp = {
		arguments, parse, "CGROUP AMOUNT\nCGROUP --all\nCGROUP --free SIZE\n--node N AMOUNT\n--node N --all",
		"Writes pages of a cgroup and all below it from zswap to the swap device.\v"
		"AMOUNT counts pages before compression: 100M, 1.5G, or, of a cgroup, 50% of what is stored.",
		NULL, NULL, NULL
	};
	struct options options = { };
	struct job job = { .host = host, .options = &options };
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	need_cgroups(host);
	if (options.by_node)
		job.target.node = options.node;
	else
		job.target.path = group_path(host, options.name);
	if (!options.by_node && !job.target.path)
		errx(STATUS_NO_GROUP, "a cgroup has a name below the mount, and no \".\" or \"..\" in it: \"%s\"; / is all of them",
		     options.name);
	status = start(&job);
	free(job.target.path);
	return status;
}
