/* SPDX-License-Identifier: GPL-2.0 */
/* Ages and pauses of cgroups, which the agent keeps across restarts */
#ifndef ZSWAPCTL_STATE_H
#define ZSWAPCTL_STATE_H

#include "agent.h"

/*
 * In a file beside the budget: when the agent ends and when one begins. Of another
 * boot they mean nothing, and without them all begins anew, so that what fails is
 * said, and no more.
 */
void state_keep(const struct agent *agent);
void state_load(struct agent *agent);

#endif
