/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers and names, as people write and read them */
#ifndef ZSWAPCTL_TEXT_H
#define ZSWAPCTL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As asprintf(), but ends the program when there is no memory */
__attribute__((format(printf, 1, 2)))
char *format(const char *fmt, ...);

/* @path without slashes at its end; to be freed */
char *without_slashes(const char *path);

/* A decimal number and nothing else, or "max": UINT64_MAX; 0 or -EINVAL */
int parse_number(const char *text, uint64_t *value);
/* The same from 1 on, and not "max" */
int parse_count(const char *text, uint64_t *value);
/* Bytes: 100M, 1.5G, 4096; powers of 1024; 0 or -EINVAL */
int parse_size(const char *text, uint64_t *bytes);
/* The same, but not nothing */
int parse_some(const char *text, uint64_t *bytes);
/* 90, 90s, 5m, 2h, 1d, in seconds; 0 or -EINVAL */
int parse_time(const char *text, uint64_t *seconds);
/* 0.2 or 0.2%, from 0 to 100; 0 or -EINVAL */
int parse_percent(const char *text, double *percent);
/* A rate: 50M or 50M/s; 0 or -EINVAL */
int parse_rate(const char *text, uint64_t *bytes);

/* The value of @key, a whole word at the start of a line of @text */
int find_key(const char *text, const char *key, uint64_t *value);

#define SIZE_TEXT	16
/* 4096, 37.2M, 1.5G; "max" for UINT64_MAX; returns @buf */
char *size_text(char buf[SIZE_TEXT], uint64_t bytes);
/* 40s, 3m20s, 2h05m; returns @buf */
char *time_text(char buf[SIZE_TEXT], uint64_t seconds);

/*
 * @name with control characters, backslashes, bytes that are no UTF-8 and those
 * in @also as \xNN. To be freed.
 */
char *escaped(const char *name, const char *also);
/* What escaped() was given; to be freed */
char *unescaped(const char *text);
bool is_utf8(const char *name);

#endif
