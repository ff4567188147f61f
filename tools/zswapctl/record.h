/* SPDX-License-Identifier: GPL-2.0 */
/* Files of JSON that outlive the program */
#ifndef ZSWAPCTL_RECORD_H
#define ZSWAPCTL_RECORD_H

#include <json-c/json.h>
#include <stdint.h>
#include <stdio.h>

/* A line with @object, which is freed */
void record_print(FILE *into, struct json_object *object);

/*
 * Puts into @file what @print prints of @of: that is the old or the new file, whenever
 * the power goes. 0 or a negative errno
 */
typedef void (*record_printer)(FILE *into, const void *of);
int record_replace(const char *file, record_printer print, const void *of);

/* What @object has as @key; -EINVAL if that is no whole number from 0 on */
int record_number(struct json_object *object, const char *key, uint64_t *number);

#endif
