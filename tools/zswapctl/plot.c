// SPDX-License-Identifier: GPL-2.0
/*
 * zswapctl plot: pool size and writeback over time, drawn by gnuplot on the
 * terminal or as PNG, live or from a CSV file that an earlier run recorded.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "exit.h"
#include "memory.h"
#include "pool.h"
#include "stop.h"
#include "terminal.h"
#include "text.h"

#define HEAD	"seconds,pool_bytes,stored_bytes,written_back_bytes,on_request_bytes\n"
/* What a live chart shows: a day of samples every ten seconds */
#define MOST_SAMPLES	8640

struct point {
	double seconds;
	uint64_t pool, stored, written, on_request;
};

struct options {
	uint64_t interval;	/* seconds */
	uint64_t count;		/* 0: until ^C */
	const char *record;
	const char *png;
	const char *csv;
};

struct series {
	struct point *points;
	size_t nr;
};

static void add(struct series *series, struct point point)
{
	series->points = with_room(series->points, series->nr, sizeof(*series->points));
	series->points[series->nr++] = point;
}

/* ---- gnuplot ------------------------------------------------------------- */

static pid_t start_gnuplot(int in, int out)
{
	pid_t pid = fork();

	if (pid < 0)
		err(STATUS_FAILED, "fork");
	if (pid)
		return pid;
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	signal(SIGINT, SIG_IGN);
	/* Not as its user has it set up */
	execlp("gnuplot", "gnuplot", "-d", NULL);
	_exit(127);
}

/* A counter that is less than it was began anew, with the machine */
static uint64_t counted_since(uint64_t before, uint64_t now)
{
	return now < before ? now : now - before;
}

/* True if there was anything but zeros */
static bool print_samples(FILE *script, const struct series *series)
{
	double start = series->points[0].seconds, written = 0, on_request = 0;
	bool any = false;

	for (size_t i = 0; i < series->nr; i++) {
		const struct point *point = &series->points[i];

		if (i) {
			written += counted_since(point[-1].written, point->written);
			on_request += counted_since(point[-1].on_request, point->on_request);
		}
		fprintf(script, "%.3f %.6f %.6f %.6f %.6f\n", point->seconds - start,
			point->pool / 1048576.0, point->stored / 1048576.0, written / 1048576.0,
			on_request / 1048576.0);
		any = any || point->pool || point->stored || written > 0 || on_request > 0;
	}
	return any;
}

static void print_script(FILE *script, const struct series *series, const char *terminal)
{
	bool any;

	fprintf(script, "$data << EOD\n");
	any = print_samples(script, series);
	/* Of an idle pool gnuplot complains that its range is empty */
	fprintf(script, "EOD\n"
		"set terminal %s\n"
		"set title 'zswap'\nset xlabel 'seconds'\nset ylabel 'MiB'\n"
		"set yrange [0:%s]\nset key outside below\n"
		"plot $data using 1:2 with lines title 'pool', "
		"'' using 1:3 with lines title 'stored', "
		"'' using 1:4 with lines title 'written back', "
		"'' using 1:5 with lines title 'of that on request'\n",
		terminal, any ? "*" : "1");
}

/* No name from outside gets into the script: the picture comes out of a pipe */
static int draw(const struct series *series, const char *terminal, int out)
{
	int in[2], status;
	FILE *script;
	pid_t pid;

	if (pipe2(in, O_CLOEXEC))
		err(STATUS_FAILED, "pipe");
	pid = start_gnuplot(in[0], out);
	/* Where gnuplot does not read, how it ended says why */
	signal(SIGPIPE, SIG_IGN);
	close(in[0]);
	script = checked(fdopen(in[1], "w"));
	print_script(script, series, terminal);
	fclose(script);
	signal(SIGPIPE, SIG_DFL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status && WIFEXITED(status) && WEXITSTATUS(status) == 127)
		warnx("gnuplot is not installed: apt-get install gnuplot-nox");
	else if (status)
		warnx("gnuplot failed");
	return status ? STATUS_FAILED : STATUS_OK;
}

static int draw_on_terminal(const struct series *series)
{
	struct terminal size = terminal_of(STDOUT_FILENO);
	char terminal[64];

	/* On less there is nothing to be seen of a chart */
	snprintf(terminal, sizeof(terminal), "dumb size %u, %u",
		 size.columns > 40 ? size.columns - 1 : 79, size.rows > 12 ? size.rows - 2 : 22);
	fflush(stdout);
	return draw(series, terminal, STDOUT_FILENO);
}

/* All of @picture, from its start */
static int copy_to(const char *file, int picture)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ssize_t copied = fd;
	off_t at = 0;

	while (copied >= 0 && (copied = sendfile(fd, picture, &at, 1 << 20)) > 0)
		;
	if (copied < 0)
		warn("%s", file);
	if (fd >= 0)
		close(fd);
	return copied < 0 ? STATUS_FAILED : STATUS_OK;
}

/* An earlier picture stays until there is a new one */
static int draw_png(const struct series *series, const char *file)
{
	int picture = memfd_create("picture", MFD_CLOEXEC), status;

	if (picture < 0)
		err(STATUS_FAILED, "memfd_create");
	status = draw(series, "png size 900, 500", picture);
	if (!status)
		status = copy_to(file, picture);
	close(picture);
	return status;
}

/* ---- live ---------------------------------------------------------------- */

/* Without it, all figures are zeros, as if it were idle */
static bool has_zswap(const struct host *host)
{
	struct pool pool;

	pool_read(host, &pool);
	return pool.present;
}

static struct point take_sample(const struct host *host)
{
	struct pool pool;

	pool_read(host, &pool);
	return (struct point) {
		.seconds = (double)host_clock(host, CLOCK_REALTIME) / NSEC_PER_SEC,
		.pool = pool.size, .stored = pool.stored,
		.written = pool.written * page_size(),
		.on_request = pool.proactive * page_size(),
	};
}

/* An earlier recording is gone on with */
static FILE *open_record(const char *name)
{
	FILE *file = fopen(name, "ae");

	if (!file)
		err(STATUS_FAILED, "%s", name);
	if (!ftell(file))
		fputs(HEAD, file);
	return file;
}

static int record(FILE *file, const char *name, const struct point *point)
{
	fprintf(file, "%.3f,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n", point->seconds,
		point->pool, point->stored, point->written, point->on_request);
	if (!fflush(file))
		return STATUS_OK;
	warn("%s", name);
	return STATUS_FAILED;
}

/* The oldest makes room */
static void show_newest(struct series *series, struct point point)
{
	if (series->nr == MOST_SAMPLES)
		memmove(series->points, series->points + 1,
			(MOST_SAMPLES - 1) * sizeof(*series->points));
	else
		add(series, point);
	series->points[series->nr - 1] = point;
}

static int draw_again(const struct series *series)
{
	if (isatty(STDOUT_FILENO))
		fputs("\033[H\033[J", stdout);
	return series->nr > 1 ? draw_on_terminal(series) : STATUS_OK;
}

static int live(const struct host *host, const struct options *options, struct series *series)
{
	int status = STATUS_OK;
	FILE *file;

	if (!has_zswap(host)) {
		warnx(WITHOUT_ZSWAP);
		return STATUS_NO_KERNEL;
	}
	file = options->record ? open_record(options->record) : NULL;
	catch_stops();
	for (uint64_t n = 1; !stopped && !status; n++) {
		struct point point = take_sample(host);

		if (file) {
			status = record(file, options->record, &point);
		} else {
			show_newest(series, point);
			status = draw_again(series);
		}
		if (n == options->count)
			break;
		wait_for_stop(options->interval * NSEC_PER_SEC);
	}
	if (file)
		fclose(file);
	return status;
}

/* ---- recorded ------------------------------------------------------------ */

static int read_csv(const char *name, struct series *series)
{
	FILE *file = fopen(name, "re");
	char line[256];
	struct point point;

	if (!file) {
		warn("%s", name);
		return STATUS_FAILED;
	}
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%lf,%" SCNu64 ",%" SCNu64 ",%" SCNu64 ",%" SCNu64,
			   &point.seconds, &point.pool, &point.stored, &point.written,
			   &point.on_request) == 5)
			add(series, point);
	fclose(file);
	if (series->nr > 1)
		return STATUS_OK;
	warnx("%s has fewer than two samples", name);
	return STATUS_FAILED;
}

static int plot(const struct host *host, const struct options *options, struct series *series)
{
	int status;

	if (!options->csv)
		return live(host, options, series);
	status = read_csv(options->csv, series);
	if (status)
		return status;
	return options->png ? draw_png(series, options->png) : draw_on_terminal(series);
}

static const struct argp_option arguments[] = {
	{ "count", 'n', "COUNT", 0, "End after so many samples", 0 },
	{ "interval", 'i', "TIME", 0, "Time between samples; 2s", 0 },
	{ "png", 'o', "FILE", 0, "Draw what CSV has as PNG", 0 },
	{ "record", 'r', "CSV", 0, "Add samples to CSV instead of drawing them", 0 },
	{ }
};

static void check(struct options *options, struct argp_state *state)
{
	if (options->png && !options->csv)
		argp_error(state, "--png draws a recorded CSV: name it");
	if (options->csv && (options->count || options->interval || options->record))
		argp_error(state, "--count, --interval and --record are for new samples, and a CSV has its own");
	if (!options->interval)
		options->interval = 2;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'n':
		parse_or_fail(state, parse_count, arg, &options->count, "number from 1 on");
		break;
	case 'i':
		parse_or_fail(state, parse_time, arg, &options->interval, "time");
		if (!options->interval)
			argp_error(state, "--interval takes a second at least");
		break;
	case 'o':
		options->png = arg;
		break;
	case 'r':
		options->record = arg;
		break;
	case ARGP_KEY_ARG:
		if (options->csv)
			return ARGP_ERR_UNKNOWN;
		options->csv = arg;
		break;
	case ARGP_KEY_END:
		check(options, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

int plot_command(struct host *host, int argc, char **argv)
{
	static const struct argp argp = {
		arguments, parse, "[CSV]",
		"Draws the size of zswap's pool and what was written back.",
		NULL, NULL, NULL
	};
	struct options options = { };
	struct series series = { };
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	status = plot(host, &options, &series);
	free(series.points);
	return status;
}
