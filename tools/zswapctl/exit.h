/* SPDX-License-Identifier: GPL-2.0 */
/* What the program's exit status means; zswapctl(1) has the same list */
#ifndef ZSWAPCTL_EXIT_H
#define ZSWAPCTL_EXIT_H

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,	/* none of the others */
	STATUS_USAGE = 2,
	STATUS_NOT_ALLOWED = 3,
	STATUS_NO_KERNEL = 4,	/* no zswap, or none with the key */
	STATUS_NO_SWAP = 5,
	STATUS_WRITEBACK_OFF = 6,
	STATUS_LESS = 7,	/* there was less than asked for */
	STATUS_DEVICE = 8,	/* the swap device failed */
	STATUS_NO_MEMORY = 9,
	STATUS_BUSY = 10,
	STATUS_NO_GROUP = 11,
	STATUS_INTERRUPTED = 130,
};

#endif
