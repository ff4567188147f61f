// SPDX-License-Identifier: GPL-2.0
#include "stop.h"

#include <stddef.h>

volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

void catch_stops(void)
{
	/* Without SA_RESTART */
	struct sigaction action = { .sa_handler = stop };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}
