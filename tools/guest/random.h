/* SPDX-License-Identifier: GPL-2.0 */
/* Random numbers that a seed decides, the same in every run */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>

/* xorshift64; the state must not be 0 */
static inline uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#endif
