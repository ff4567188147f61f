// SPDX-License-Identifier: GPL-2.0
/* zswapctl: see, write back and manage what cgroups have in zswap */
#include <err.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "exit.h"
#include "text.h"

const char *argp_program_version = "zswapctl " VERSION;

static const struct command {
	const char *name;
	int (*run)(struct host *host, int argc, char **argv);
} commands[] = {
	{ "status", status_command },
	{ "writeback", writeback_command },
	{ "agent", agent_command },
	{ "metrics", metrics_command },
	{ "plot", plot_command },
};

struct options {
	const char *root;
	int at;			/* where the command stands in argv */
};

static const struct argp_option arguments[] = {
	{ "root", 'R', "DIR", 0, "Look for /proc and /sys below DIR", 0 },
	{ }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'R':
		options->root = arg;
		break;
	case ARGP_KEY_ARG:
		/* All that follows is the command's */
		options->at = state->next - 1;
		state->next = state->argc;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct command *command_of(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

/* Help and complaints name the command along with the program */
static int run(const struct command *command, struct host *host, int argc, char **argv)
{
	char *name = format("zswapctl %s", command->name);
	int status;

	argv[0] = name;
	status = command->run(host, argc, argv);
	if (fflush(stdout)) {
		warn("standard output");
		status = STATUS_FAILED;
	} else if (ferror(stdout)) {
		/* What was to be written then is gone, and the reason with it */
		warnx("standard output: not all of it could be written");
		status = STATUS_FAILED;
	}
	free(name);
	return status;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		arguments, parse, "[COMMAND [ARGUMENT...]]",
		"See, write back and manage what cgroups have in zswap.\v"
		"status     table of cgroups (what happens without a command)\n"
		"writeback  write so much of a cgroup from zswap to the swap device\n"
		"agent      do that in the background, as a policy says\n"
		"metrics    print OpenMetrics text\n"
		"plot       draw pool size and writeback over time\n\n"
		"Each command has --help; zswapctl(1) says more.",
		NULL, NULL, NULL
	};
	struct options options = { .root = "" };
	const struct command *command = &commands[0];
	struct host host;
	int status;

	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	argp_err_exit_status = STATUS_USAGE;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &options);
	if (options.at)
		command = command_of(argv[options.at]);
	if (!command)
		errx(STATUS_USAGE, "there is no command %s, see zswapctl --help",
		     argv[options.at]);
	host_init(&host, options.root);
	if (options.at)
		status = run(command, &host, argc - options.at, argv + options.at);
	else
		status = run(command, &host, 1, argv);
	host_free(&host);
	return status;
}
