/* SPDX-License-Identifier: GPL-2.0 */
/* The commands; each parses its own arguments and returns an exit status */
#ifndef ZSWAPCTL_COMMAND_H
#define ZSWAPCTL_COMMAND_H

#include <argp.h>

#include "host.h"

int status_command(struct host *host, int argc, char **argv);
int writeback_command(struct host *host, int argc, char **argv);
int agent_command(struct host *host, int argc, char **argv);
int metrics_command(struct host *host, int argc, char **argv);
int plot_command(struct host *host, int argc, char **argv);

/*
 * For the parsers: the value that @parse makes of @text, or the end of
 * the program with words about @what
 */
#define parse_or_fail(state, parse, text, value, what)				\
	do {									\
		if (parse(text, value))						\
			argp_error(state, "\"%s\" is no %s", text, what);	\
	} while (0)

#endif
