/* SPDX-License-Identifier: GPL-2.0 */
/* Pressure stall information: shares of time in which somebody waited */
#ifndef ZSWAPCTL_PSI_H
#define ZSWAPCTL_PSI_H

#include <stdbool.h>

#include "host.h"

struct psi {
	bool known;
	double avg10;	/* percent, "some" */
	double avg60;
};

/* @what is "memory" or "io" */
struct psi psi_system(const struct host *host, const char *what);
struct psi psi_group(const struct host *host, const char *path, const char *what);

/*
 * A descriptor that polls as POLLPRI when tasks waited for memory for more than
 * @percent of two seconds, the shortest window that needs no capability; -1
 * where there is no such thing.
 */
int psi_trigger(const struct host *host, double percent);
bool psi_fired(int fd);

#endif
