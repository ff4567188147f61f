// SPDX-License-Identifier: GPL-2.0
/*
 * swap_at PRIORITY DEVICE: swapon with a priority, which busybox' has not
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/swap.h>

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: swap_at PRIORITY DEVICE\n");
		return 2;
	}
	if (swapon(argv[2], SWAP_FLAG_PREFER | (atoi(argv[1]) & SWAP_FLAG_PRIO_MASK))) {
		perror(argv[2]);
		return 1;
	}
	return 0;
}
