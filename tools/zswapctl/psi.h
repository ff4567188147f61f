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
 * Gives @fd a descriptor that polls as POLLPRI when tasks waited for memory for
 * more than @percent of two seconds, the shortest window that needs no
 * capability. The kernel looks once in as long.
 * -1 if that is a ceiling that nothing reaches, or on failure.
 * Return: 0 or a negative errno.
 */
int psi_trigger(const struct host *host, double percent, int *fd);
bool psi_fired(int fd);

#endif
