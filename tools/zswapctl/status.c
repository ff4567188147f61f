// SPDX-License-Identifier: GPL-2.0
/* zswapctl status: which cgroups have what in zswap */
#include "status.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "exit.h"
#include "memory.h"
#include "stop.h"
#include "terminal.h"
#include "text.h"

struct options {
	struct view view;
	bool json;
	bool all;
	uint64_t watch;		/* seconds, 0: once */
	size_t nr;
	char **names;
};

struct order {
	const struct tree *tree;
	enum column sort;
};

static int compare(const void *a, const void *b, void *data)
{
	const struct order *order = data;
	const struct group *groups = order->tree->groups;

	return column_compare(&groups[*(const size_t *)a], &groups[*(const size_t *)b],
			      order->sort);
}

size_t *sorted(const struct tree *tree, enum column sort)
{
	struct order order = { tree, sort };
	size_t *numbers = checked(calloc(tree->nr + 1, sizeof(*numbers)));

	for (size_t i = 0; i < tree->nr; i++)
		numbers[i] = i;
	qsort_r(numbers, tree->nr, sizeof(*numbers), compare, &order);
	return numbers;
}

static void print_settings(const struct pool *pool, const struct view *view)
{
	const char *parts[] = {
		pool->enabled ? "enabled" : "disabled", pool->compressor,
		pool->shrinker ? "shrinker on" : "shrinker off",
		pool->key ? "writeback on request possible" :
			    "writeback on request not in this kernel",
		NULL
	};

	print_parts(view->out, view->width, "zswap: ", parts);
}

static void print_sizes(const struct pool *pool, const struct view *view)
{
	char a[SIZE_TEXT], b[SIZE_TEXT], limit[64], accepts[32], stored[32], ratio[32];
	const char *parts[] = { limit, accepts, stored, ratio, NULL };

	snprintf(limit, sizeof(limit), "%s of at most %s (%" PRIu64 "%%)",
		 size_text(a, pool->size), size_text(b, pool->limit), pool->max_percent);
	snprintf(accepts, sizeof(accepts), "accepts again below %" PRIu64 "%%",
		 pool->accept_percent);
	snprintf(stored, sizeof(stored), "has %s of pages", size_text(a, pool->stored));
	snprintf(ratio, sizeof(ratio), "ratio %.2f",
		 pool->size ? (double)pool->stored / pool->size : 0);
	print_parts(view->out, view->width, "pool:  ", parts);
}

static void print_swap(const struct pool *pool, const struct view *view)
{
	char a[SIZE_TEXT], b[SIZE_TEXT], used[64], devices[32];
	const char *parts[] = { used, devices, NULL };

	snprintf(used, sizeof(used), "%s of %s used", size_text(a, pool->swap_used),
		 size_text(b, pool->swap_size));
	snprintf(devices, sizeof(devices), "%u device%s", pool->swap_devices,
		 pool->swap_devices == 1 ? "" : "s");
	print_parts(view->out, view->width, "swap:  ", parts);
}

static void print_pool(const struct pool *pool, const struct view *view)
{
	if (pool->present) {
		print_settings(pool, view);
		print_sizes(pool, view);
		print_swap(pool, view);
	} else {
		fputs("zswap: not in this kernel\n", view->out);
	}
	fputc('\n', view->out);
}

/* Drops groups of no interest; an ancestor of one that stays has its figures */
static void drop_others(struct tree *tree)
{
	ssize_t *now = checked(calloc(tree->nr + 1, sizeof(*now)));
	size_t kept = 0;

	for (size_t i = 0; i < tree->nr; i++) {
		struct group *group = &tree->groups[i];

		if (i && (!group_is_of_interest(group) || now[group->parent] < 0)) {
			free(group->path);
			now[i] = -1;
			continue;
		}
		if (group->parent >= 0)
			group->parent = now[group->parent];
		now[i] = kept;
		tree->groups[kept++] = *group;
	}
	tree->nr = kept;
	free(now);
}

/* In the place of its table, if that is on a screen: it would be cleared elsewhere */
static void say_missing(const struct host *host, const struct view *view, const char *name,
			int err)
{
	fprintf(view->out == stdout ? stderr : view->out,
		"%s: there is no cgroup \"%s\" with memory.stat below %s (%s): its memory controller must be on, and of cgroup v2\n",
		program_invocation_short_name, name, host->cgroups, strerror(-err));
}

/* Into @json, or without one as a table */
static int show_tree(const struct host *host, const struct options *options,
		     const char *name, struct json_object *json)
{
	char *path = group_path(host, name);
	struct tree tree;
	int ret;

	ret = path ? tree_read(host, path, &tree) : -ENOENT;
	free(path);
	if (ret) {
		say_missing(host, &options->view, name, ret);
		return STATUS_NO_GROUP;
	}
	if (!options->all)
		drop_others(&tree);
	if (json)
		json_add(json, &tree, &options->view);
	else
		table_print(&tree, &options->view);
	tree_free(&tree);
	return STATUS_OK;
}

static int show_trees(const struct host *host, const struct options *options,
		      struct json_object *json)
{
	int status = STATUS_OK, ret;

	if (!options->nr)
		return show_tree(host, options, "/", json);
	for (size_t i = 0; i < options->nr; i++) {
		ret = show_tree(host, options, options->names[i], json);
		if (ret)
			status = ret;
	}
	return status;
}

static int show(const struct host *host, const struct options *options)
{
	struct json_object *json = NULL;
	struct pool pool;
	int status;

	pool_read(host, &pool);
	if (options->json)
		json = json_begin(&pool);
	else
		print_pool(&pool, &options->view);
	status = show_trees(host, options, json);
	if (json)
		json_print(json, &options->view);
	return status;
}

/* 0 where it does not matter */
static unsigned int width_of_output(void)
{
	return isatty(STDOUT_FILENO) ? terminal_of(STDOUT_FILENO).columns : 0;
}

/* One screen, made as a whole so that what has no room does not scroll the top away */
static int show_screen(const struct host *host, const struct options *options)
{
	struct options drawn = *options;
	char *text = NULL;
	size_t len;
	int status;

	drawn.view.out = checked(open_memstream(&text, &len));
	drawn.view.width = width_of_output();
	status = show(host, &drawn);
	fclose(drawn.view.out);
	fputs("\033[H\033[J", stdout);
	print_screen(stdout, terminal_of(STDOUT_FILENO).rows, text);
	free(text);
	return status;
}

static void redraw(int signal)
{
	(void)signal;
}

/* That it is caught ends a wait */
static void catch_resizes(void)
{
	struct sigaction action = { .sa_handler = redraw };
	sigset_t resizes;

	sigaction(SIGWINCH, &action, NULL);
	sigemptyset(&resizes);
	sigaddset(&resizes, SIGWINCH);
	sigprocmask(SIG_BLOCK, &resizes, NULL);
}

static int watch(const struct host *host, const struct options *options)
{
	int status = STATUS_OK;

	catch_stops();
	catch_resizes();
	while (!stopped) {
		if (isatty(STDOUT_FILENO) && !options->json)
			status = show_screen(host, options);
		else
			status = show(host, options);
		if (fflush(stdout))
			break;
		wait_for_stop(options->watch * NSEC_PER_SEC);
	}
	return status;
}

static bool terminal_has_colours(void)
{
	const char *none = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(none && *none) && terminal && strcmp(terminal, "dumb");
}

static const struct argp_option arguments[] = {
	{ "all", 'a', 0, 0, "Also cgroups that have nothing to do with zswap", 0 },
	{ "json", 'j', 0, 0, "Print JSON, sizes in bytes", 0 },
	{ "sort", 's', "COLUMN", 0, "Sort by a column, the largest first; by name if it is cgroup", 0 },
	{ "tree", 't', 0, 0, "Show which cgroup lies in which", 0 },
	{ "watch", 'w', "SECONDS", OPTION_ARG_OPTIONAL, "Again and again, every 2 s", 0 },
	{ }
};

static void no_column(struct argp_state *state, const char *name)
{
	char *names = column_names();

	argp_error(state, "there is no column \"%s\", but %s", name, names);
	free(names);
}

/* What may be left out has to be joined to its option; by itself it is a cgroup's name */
static void refuse_word_of_time(struct argp_state *state)
{
	const char *word = state->next < state->argc ? state->argv[state->next] : "";
	uint64_t time;

	if (!parse_time(word, &time))
		argp_error(state, "write --watch=%s, or /%s for a cgroup of that name", word, word);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	int column;

	switch (key) {
	case 'a':
		options->all = true;
		break;
	case 'j':
		options->json = true;
		break;
	case 's':
		column = column_of(arg);
		if (column < 0)
			no_column(state, arg);
		options->view.sort = column;
		break;
	case 't':
		options->view.as_tree = true;
		break;
	case 'w':
		options->watch = 2;
		if (arg)
			parse_or_fail(state, parse_time, arg, &options->watch, "time");
		else
			refuse_word_of_time(state);
		if (!options->watch)
			argp_error(state, "--watch takes a second at least");
		break;
	case ARGP_KEY_ARGS:
		options->names = state->argv + state->next;
		options->nr = state->argc - state->next;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

int status_command(struct host *host, int argc, char **argv)
{
	static const struct argp argp = {
		arguments, parse, "[CGROUP...]",
		"Shows what the cgroups, or those named and all below them, have in zswap.",
		NULL, NULL, NULL
	};
	struct options options = { .view = { .out = stdout, .sort = C_STORED } };

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	need_cgroups(host);
	options.view.width = width_of_output();
	options.view.colour = terminal_has_colours();
	options.view.one_line = options.watch;
	if (options.json && options.view.as_tree)
		errx(STATUS_USAGE, "--json has the whole path of each cgroup; --tree is for the table");
	return options.watch ? watch(host, &options) : show(host, &options);
}
