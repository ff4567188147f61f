/* SPDX-License-Identifier: GPL-2.0 */
/* What the agent keeps in files across restarts */
#ifndef ZSWAPCTL_STATE_H
#define ZSWAPCTL_STATE_H

#include <json-c/json.h>

#include "agent.h"

/*
 * Puts @object, which it frees, into @file: that is the old or the new one, whenever
 * the power goes. 0 or a negative errno
 */
int state_replace(const char *file, struct json_object *object);

/*
 * Ages and pauses of cgroups, beside the budget: when the agent ends and when one
 * begins. Of another boot they mean nothing, and without them all begins anew, so
 * that what fails is said, and no more.
 */
void state_keep(const struct agent *agent);
void state_load(struct agent *agent);

#endif
