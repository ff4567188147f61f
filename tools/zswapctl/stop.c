// SPDX-License-Identifier: GPL-2.0
#include "stop.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "host.h"

volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

/* As nohup leaves it, for what is to go on when its terminal is gone */
static bool hangups_are_ignored(void)
{
	struct sigaction before;

	return !sigaction(SIGHUP, NULL, &before) && before.sa_handler == SIG_IGN;
}

void catch_stops(void)
{
	/* Without SA_RESTART */
	struct sigaction action = { .sa_handler = stop };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (!hangups_are_ignored())
		sigaction(SIGHUP, &action, NULL);
}

void wait_for_stop(int64_t ns)
{
	struct timespec time = { ns / NSEC_PER_SEC, ns % NSEC_PER_SEC };
	sigset_t all, before, waiting;

	/* Or one that comes after the look, but before the wait, would not end it */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	waiting = before;
	/* Whoever catches it has it blocked but for waits, so that none is missed */
	sigdelset(&waiting, SIGWINCH);
	if (!stopped)
		ppoll(NULL, 0, &time, &waiting);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
