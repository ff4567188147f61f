/* SPDX-License-Identifier: GPL-2.0 */
/* ^C and its like, for commands that end in good order */
#ifndef ZSWAPCTL_STOP_H
#define ZSWAPCTL_STOP_H

#include <signal.h>
#include <stdint.h>

/* Set by SIGINT, SIGTERM and, unless it was ignored, SIGHUP, once they are caught */
extern volatile sig_atomic_t stopped;

/* What waits is not gone on with: the kernel ends its call within the batch */
void catch_stops(void);

/* Until @ns nanoseconds are over or one of them came; some other signals end it, too */
void wait_for_stop(int64_t ns);

#endif
