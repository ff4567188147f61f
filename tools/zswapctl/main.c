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
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* An option that is not one of these is for status, which needs no name */
static bool is_own(const char *word)
{
	static const char * const own[] = { "--root", "--help", "--usage", "--version" };
	size_t len = strcspn(word, "=");

	if (word[0] != '-' || !word[1])
		return false;
	if (strchr("R?V", word[1]))
		return true;
	/* The beginning of a name will do, as everywhere; "--" is one of any */
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (!strncmp(word, own[i], len))
			return true;
	return false;
}

static bool takes_next_word(const char *word)
{
	return !strcmp(word, "-R") || (!strncmp(word, "--r", 3) && !strchr(word, '='));
}

/* Where the words begin that are not ours */
static int own_words(int argc, char **argv)
{
	int at = 1;

	while (at < argc && is_own(argv[at]))
		at += takes_next_word(argv[at]) ? 2 : 1;
	return at < argc ? at : argc;
}

static const struct command *command_of(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	errx(STATUS_USAGE, "there is no command %s, see zswapctl --help; of a cgroup, zswapctl status has the figures",
	     name);
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
		arguments, parse, "[OPTION OF status...]\nCOMMAND [ARGUMENT...]",
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
	int at, status;

	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	argp_err_exit_status = STATUS_USAGE;
	at = own_words(argc, argv);
	argp_parse(&argp, at, argv, 0, NULL, &options);
	/* Without a command, the word before is where its name goes */
	if (at == argc || *argv[at] == '-')
		at--;
	else
		command = command_of(argv[at]);
	host_init(&host, options.root);
	status = run(command, &host, argc - at, argv + at);
	host_free(&host);
	return status;
}
