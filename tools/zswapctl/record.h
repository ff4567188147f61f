/* SPDX-License-Identifier: GPL-2.0 */
/* Files of JSON that outlive the program */
#ifndef ZSWAPCTL_RECORD_H
#define ZSWAPCTL_RECORD_H

#include <json-c/json.h>
#include <stdint.h>

/*
 * Puts @object, which it frees, into @file: that is the old or the new one, whenever
 * the power goes. 0 or a negative errno
 */
int record_replace(const char *file, struct json_object *object);

/* What @object has as @key; -EINVAL if that is no whole number from 0 on */
int record_number(struct json_object *object, const char *key, uint64_t *number);

#endif
