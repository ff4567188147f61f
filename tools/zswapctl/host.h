/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The machine: where its files are, its clock, and the ways in which anything
 * is written to it. A test puts a directory, a clock and a writer of
 * its own in their place.
 */
#ifndef ZSWAPCTL_HOST_H
#define ZSWAPCTL_HOST_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define NSEC_PER_SEC	1000000000LL

struct host {
	char *root;		/* before every path, "" for the machine itself */
	char *cgroups;		/* where cgroup2 is mounted, with root */
	unsigned int factor;	/* how many times faster the clocks run... */
	int64_t since[3];	/* ...from here: wall clock, since boot, the same but awake */
	int (*write)(const struct host *host, const char *path, const char *text);
	int64_t (*clock)(const struct host *host, clockid_t id);
	/* A descriptor of a pressure file that took @text, or a negative errno */
	int (*trigger)(const struct host *host, const char *path, const char *text);
	void *private;		/* of a test */
};

void host_init(struct host *host, const char *root);
void host_free(struct host *host);
/* Ends the program where cgroup2 is not mounted */
void need_cgroups(const struct host *host);

/* Both return a negative errno on failure; a longer file is cut */
__attribute__((format(printf, 3, 4)))
int read_text(char *buf, size_t size, const char *fmt, ...);
__attribute__((format(printf, 2, 3)))
int read_number(uint64_t *value, const char *fmt, ...);

/* One write() of @text to the existing file @path; 0 or a negative errno */
int host_write(const struct host *host, const char *path, const char *text);

void host_speed_up(struct host *host, unsigned int factor);
/* Nanoseconds */
int64_t host_clock(const struct host *host, clockid_t id);

uint64_t page_size(void);

#endif
