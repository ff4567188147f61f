// SPDX-License-Identifier: GPL-2.0
#include "age.h"

#include <stdlib.h>

#include "group.h"
#include "memory.h"

/* A change of passes begins anew: that errs on the safe side */
static void make_room(struct age *age, size_t room)
{
	if (age->room == room)
		return;
	free(age->ring);
	*age = (struct age) { .ring = checked(calloc(room, sizeof(*age->ring))), .room = room };
}

static void remember(struct age *age, uint64_t taken_in)
{
	age->ring[age->next] = taken_in;
	if (++age->next == age->room)
		age->next = 0;
	if (age->nr < age->room)
		age->nr++;
}

/*
 * The kernel does not say how old an entry is, but of one cgroup it writes the oldest
 * first. What was taken in since then is younger; all else that is stored now is
 * older, whatever was loaded, freed or written back meanwhile. With several memory
 * nodes it does so on each, which gives in proportion to what it has: how old the
 * entries of one are, and how many there are, is nowhere to be read.
 */
uint64_t age_cold(struct age *age, uint64_t passes, uint64_t stored, uint64_t taken_in)
{
	uint64_t then, young;

	make_room(age, passes + 1);
	remember(age, taken_in);
	if (age->nr < age->room)
		return 0;
	/* The ring is full: the oldest is where the next one goes */
	then = age->ring[age->next];
	young = less(taken_in, then) * page_size();
	return less(stored, young);
}
