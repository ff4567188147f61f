// SPDX-License-Identifier: GPL-2.0
#include "psi.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "group.h"
#include "text.h"

#define WINDOW_US	2000000

static struct psi read_psi(const char *path)
{
	struct psi psi = { };
	char text[256];

	if (read_text(text, sizeof(text), "%s", path) <= 0)
		return psi;
	psi.known = sscanf(text, "some avg10=%lf avg60=%lf", &psi.avg10, &psi.avg60) == 2;
	/* Not even "nan", which is above no ceiling */
	psi.known = psi.known && psi.avg10 >= 0 && psi.avg60 >= 0;
	return psi;
}

struct psi psi_system(const struct host *host, const char *what)
{
	char *path = format("%s/proc/pressure/%s", host->root, what);
	struct psi psi = read_psi(path);

	free(path);
	return psi;
}

struct psi psi_group(const struct host *host, const char *path, const char *what)
{
	char *name = format("%s.pressure", what), *file = group_file(host, path, name);
	struct psi psi = read_psi(file);

	/* The root of the machine may have no such file */
	if (!*path && access(file, F_OK))
		psi = psi_system(host, what);
	free(file);
	free(name);
	return psi;
}

int psi_trigger(const struct host *host, double percent, int *fd)
{
	char *path, line[64];
	int ret;

	*fd = -1;
	if (percent >= 100)
		return 0;
	path = format("%s/proc/pressure/memory", host->root);
	snprintf(line, sizeof(line), "some %d %d", (int)(WINDOW_US * percent / 100) + 1,
		 WINDOW_US);
	ret = host->trigger(host, path, line);
	free(path);
	if (ret < 0)
		return ret;
	*fd = ret;
	return 0;
}

bool psi_fired(int fd)
{
	struct pollfd waiting = { .fd = fd, .events = POLLPRI };

	return fd >= 0 && poll(&waiting, 1, 0) > 0 && waiting.revents & POLLPRI;
}
