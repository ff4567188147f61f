/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZSWAPCTL_TERMINAL_H
#define ZSWAPCTL_TERMINAL_H

struct terminal {
	unsigned int columns;
	unsigned int rows;
};

/* The size of the terminal that is @fd, 80 by 24 if it does not say */
struct terminal terminal_of(int fd);

#endif
