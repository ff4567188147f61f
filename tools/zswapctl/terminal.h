/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZSWAPCTL_TERMINAL_H
#define ZSWAPCTL_TERMINAL_H

#include <stdio.h>

struct terminal {
	unsigned int columns;
	unsigned int rows;
};

/*
 * The size of the terminal that is @fd, 80 by 24 if it does not say; but as wide as the
 * environment's COLUMNS, which is what its user wants
 */
struct terminal terminal_of(int fd);

/*
 * @parts up to a NULL as one line after @label: divided by commas, or by a new line
 * where there is no room; @columns 0 is room for all.
 */
void print_parts(FILE *out, unsigned int columns, const char *label, const char * const *parts);

/* Of @text only as many lines as there are rows, the last of them to say how many more */
void print_screen(FILE *out, unsigned int rows, const char *text);

#endif
