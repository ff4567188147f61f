// SPDX-License-Identifier: GPL-2.0
/* zswapctl metrics: OpenMetrics text for node_exporter's textfile collector */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "exit.h"
#include "group.h"
#include "memory.h"
#include "pool.h"
#include "status.h"
#include "text.h"

#define MOST_GROUPS	100

struct options {
	uint64_t limit;
	const char *match;
	const char *output;
};

static const struct family {
	const char *name;
	const char *unit;
	bool counter;
	enum field field;
	const char *help;
} families[] = {
	{ "zswap_cgroup_stored_bytes", "bytes", false, F_STORED,
	  "Pages in zswap before compression." },
	{ "zswap_cgroup_zswap_bytes", "bytes", false, F_ZSWAP,
	  "Memory that zswap has of the cgroup." },
	{ "zswap_cgroup_incompressible_bytes", "bytes", false, F_INCOMPRESSIBLE,
	  "Pages in zswap that are stored as they are." },
	{ "zswap_cgroup_written_back_pages", "pages", true, F_WRITTEN,
	  "Pages written from zswap to the swap device." },
	{ "zswap_cgroup_written_back_proactive_pages", "pages", true, F_PROACTIVE,
	  "Pages written from zswap to the swap device on request." },
	{ "zswap_cgroup_write_failures", NULL, true, F_FAILED,
	  "Times that a page could not be written back." },
	{ "zswap_cgroup_refaulted_pages", "pages", true, F_REFAULTS,
	  "Pages read from the swap device." },
};

/*
 * A counter's type is said of its name without _total: so says OpenMetrics. The
 * older text format, which node_exporter's collector reads, wants it of the name
 * with _total, which would be another family here. Untyped, the samples are
 * still what rate() takes.
 */
static void print_head(FILE *out, const char *name, const char *unit, const char *type,
		       const char *help)
{
	fprintf(out, "# TYPE %s %s\n", name, type);
	if (unit)
		fprintf(out, "# UNIT %s %s\n", name, unit);
	fprintf(out, "# HELP %s %s\n", name, help);
}

static void print_gauge(FILE *out, const char *name, const char *unit, uint64_t value,
			const char *help)
{
	print_head(out, name, unit, "gauge", help);
	fprintf(out, "%s %" PRIu64 "\n", name, value);
}

static void print_counter(FILE *out, const char *name, const char *unit, uint64_t value,
			  const char *help)
{
	print_head(out, name, unit, "counter", help);
	fprintf(out, "%s_total %" PRIu64 "\n", name, value);
}

/* Those of cgroups lack what the root's own processes have */
static void print_counters(FILE *out, const struct pool *pool)
{
	print_counter(out, "zswap_written_back_pages", "pages", pool->written,
		      "Pages written from zswap to the swap devices.");
	if (!pool->key)
		return;
	print_counter(out, "zswap_written_back_proactive_pages", "pages", pool->proactive,
		      "Pages written from zswap to the swap devices on request.");
	print_counter(out, "zswap_write_failures", NULL, pool->failed,
		      "Times that a page could not be written back.");
}

static void print_pool(FILE *out, const struct host *host)
{
	struct pool pool;

	pool_read(host, &pool);
	print_gauge(out, "zswap_enabled", NULL, pool.enabled, "Whether zswap takes pages in.");
	print_gauge(out, "zswap_writeback_key", NULL, pool.key,
		    "Whether the kernel writes back on request.");
	if (pool.present) {
		print_gauge(out, "zswap_pool_bytes", "bytes", pool.size, "Memory of the pool.");
		print_gauge(out, "zswap_pool_limit_bytes", "bytes", pool.limit,
			    "Memory that the pool may have.");
		print_gauge(out, "zswap_stored_bytes", "bytes", pool.stored,
			    "Pages in the pool before compression.");
		print_counters(out, &pool);
	}
	print_gauge(out, "zswap_swap_bytes", "bytes", pool.swap_size, "Size of the swap devices.");
	print_gauge(out, "zswap_swap_used_bytes", "bytes", pool.swap_used,
		    "Slots of the swap devices that are taken, in bytes.");
}

/* What OpenMetrics has in the place of an escaped byte */
static const char *label_of(const char *escape)
{
	static const char * const labels[][2] = {
		{ "\\x5c", "\\\\" }, { "\\x22", "\\\"" }, { "\\x0a", "\\n" },
	};

	for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++)
		if (!strncmp(escape, labels[i][0], 4))
			return labels[i][1];
	return NULL;
}

/*
 * Not with bytes that are no text, as the label is the name that other exporters have:
 * written in any other way, it could be another's.
 */
static bool has_label(const struct group *group)
{
	char *name = escaped(group->path, "\""), *at = name;

	while ((at = strchr(at, '\\')) && label_of(at))
		at += 4;
	free(name);
	return !at;
}

static void print_label(FILE *out, const char *path)
{
	char *name = escaped(path, "\"");

	fputs("{cgroup=\"/", out);
	for (const char *at = name; *at; at++) {
		if (*at == '\\') {
			fputs(label_of(at), out);
			at += 3;
		} else {
			fputc(*at, out);
		}
	}
	fputs("\"}", out);
	free(name);
}

static bool wanted(const struct options *options, const struct group *group)
{
	if (!options->match)
		return group_is_of_interest(group);
	return group_matches(group->path, options->match);
}

/* Puts the numbers of those that are printed first; returns how many there are */
static size_t choose(const struct options *options, const struct tree *tree, size_t *order,
		     size_t *omitted)
{
	size_t nr = 0;

	*omitted = 0;
	for (size_t i = 0; i < tree->nr; i++) {
		if (!wanted(options, &tree->groups[order[i]]))
			continue;
		if (nr < options->limit && has_label(&tree->groups[order[i]]))
			order[nr++] = order[i];
		else
			++*omitted;
	}
	return nr;
}

static void print_family(FILE *out, const struct family *family, const struct tree *tree,
			 const size_t *order, size_t nr)
{
	print_head(out, family->name, family->unit, family->counter ? "counter" : "gauge",
		   family->help);
	for (size_t i = 0; i < nr; i++) {
		const struct group *group = &tree->groups[order[i]];

		if (!group->has[family->field])
			continue;
		fprintf(out, "%s%s", family->name, family->counter ? "_total" : "");
		print_label(out, group->path);
		fprintf(out, " %" PRIu64 "\n", group->value[family->field]);
	}
}

static int print_all(FILE *out, const struct host *host, const struct options *options)
{
	size_t *order, nr, omitted;
	struct tree tree;
	int ret;

	ret = tree_read(host, "", &tree);
	if (ret) {
		warnx("%s/memory.stat: %s: the memory controller must be of cgroup v2",
		      host->cgroups, strerror(-ret));
		return STATUS_NO_GROUP;
	}
	order = sorted(&tree, C_STORED);
	nr = choose(options, &tree, order, &omitted);
	print_pool(out, host);
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
		print_family(out, &families[i], &tree, order, nr);
	print_gauge(out, "zswap_cgroups_omitted", NULL, omitted,
		    "Cgroups beyond the limit on their number, or with a name that is no text.");
	fputs("# EOF\n", out);
	free(order);
	tree_free(&tree);
	return STATUS_OK;
}

/* Also what could not be written earlier than now, of which the reason is gone */
static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t written = write(fd, text, len);

		if (written < 0)
			return -errno;
		text += written;
		len -= written;
	}
	return 0;
}

/* The collector sees the whole of the old file, or the whole of the new one */
static int replace(const char *file, const char *text, size_t len)
{
	char *new = format("%s.XXXXXX", file);
	int fd = mkostemp(new, O_CLOEXEC), ret = fd < 0 ? -errno : 0;

	if (!ret) {
		ret = write_all(fd, text, len);
		fchmod(fd, 0644);
		close(fd);
		if (!ret && rename(new, file))
			ret = -errno;
		if (ret)
			unlink(new);
	}
	free(new);
	return ret;
}

/* Whoever stops it is not to find half of it, again and again, beside the file */
static int replace_undisturbed(const char *file, const char *text, size_t len)
{
	sigset_t all, before;
	int ret;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	ret = replace(file, text, len);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ret;
}

static int print_to_file(const struct host *host, const struct options *options)
{
	char *text = NULL;
	size_t len;
	FILE *out = checked(open_memstream(&text, &len));
	int status = print_all(out, host, options), ret;

	fclose(out);
	ret = status ? 0 : replace_undisturbed(options->output, text, len);
	if (ret) {
		warnx("%s: %s", options->output, strerror(-ret));
		status = STATUS_FAILED;
	}
	free(text);
	return status;
}

static const struct argp_option arguments[] = {
	{ "limit", 'l', "COUNT", 0, "Most cgroups, those with most in zswap; 100", 0 },
	{ "match", 'm', "PATTERN", 0, "Only these, for example /system.slice/*", 0 },
	{ "output", 'o', "FILE", 0, "Replace FILE in one step", 0 },
	{ }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'l':
		parse_or_fail(state, parse_number, arg, &options->limit, "number");
		break;
	case 'm':
		options->match = arg;
		break;
	case 'o':
		options->output = arg;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

int metrics_command(struct host *host, int argc, char **argv)
{
	static const struct argp argp = {
		arguments, parse, NULL, "Prints OpenMetrics text.", NULL, NULL, NULL
	};
	struct options options = { .limit = MOST_GROUPS };

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	need_cgroups(host);
	if (options.output)
		return print_to_file(host, &options);
	return print_all(stdout, host, &options);
}
