// SPDX-License-Identifier: GPL-2.0
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

char *format(const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	return checked(text);
}

char *without_slashes(const char *path)
{
	size_t len = strlen(path);

	while (len && path[len - 1] == '/')
		len--;
	return format("%.*s", (int)len, path);
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t\n");
}

/* No sign; @end is set to what follows the number */
static int parse_digits(const char *text, uint64_t *value, const char **end)
{
	char *after;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &after, 10);
	*end = after;
	return errno ? -EINVAL : 0;
}

int parse_number(const char *text, uint64_t *value)
{
	const char *end;

	if (!strncmp(text, "max", 3)) {
		*value = UINT64_MAX;
		return *skip_blanks(text + 3) ? -EINVAL : 0;
	}
	return parse_digits(text, value, &end) || *skip_blanks(end) ? -EINVAL : 0;
}

int parse_count(const char *text, uint64_t *value)
{
	return parse_number(text, value) || !*value || *value == UINT64_MAX ? -EINVAL : 0;
}

/* No sign, no exponent, no 0x; @end is set to what follows the number */
static int parse_decimal(const char *text, double *value, const char **end)
{
	size_t len = strspn(text, "0123456789.");
	char digits[32], *after;

	if (!isdigit((unsigned char)*text) || len >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, text, len);
	digits[len] = 0;
	*value = strtod(digits, &after);
	*end = text + len;
	return *after ? -EINVAL : 0;
}

/* K, M, G, T, each with or without B or iB */
static double size_unit(const char **text)
{
	static const char units[] = "KMGT";
	const char *unit = **text ? strchr(units, toupper((unsigned char)**text)) : NULL;
	double factor = 1;

	if (!unit)
		return 1;
	for (const char *at = units; at <= unit; at++)
		factor *= 1024;
	*text += 1;
	if (!strncmp(*text, "iB", 2))
		*text += 2;
	else if (**text == 'B')
		*text += 1;
	return factor;
}

int parse_size(const char *text, uint64_t *bytes)
{
	const char *end;
	double value;

	if (parse_decimal(text, &value, &end))
		return -EINVAL;
	value *= size_unit(&end);
	if (*skip_blanks(end) || value >= 0x1p63)
		return -EINVAL;
	*bytes = value;
	return 0;
}

int parse_some(const char *text, uint64_t *bytes)
{
	return parse_size(text, bytes) || !*bytes ? -EINVAL : 0;
}

int parse_rate(const char *text, uint64_t *bytes)
{
	size_t len = strlen(text);
	char size[32];

	if (len > 2 && !strcmp(text + len - 2, "/s"))
		len -= 2;
	if (len >= sizeof(size))
		return -EINVAL;
	memcpy(size, text, len);
	size[len] = 0;
	return parse_some(size, bytes);
}

int parse_time(const char *text, uint64_t *seconds)
{
	static const struct { char letter; unsigned int seconds; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
	};
	unsigned int factor = 1;
	const char *end;
	double value;

	if (parse_decimal(text, &value, &end))
		return -EINVAL;
	for (size_t i = 0; *end && i < sizeof(units) / sizeof(*units); i++) {
		if (units[i].letter == *end) {
			factor = units[i].seconds;
			end++;
			break;
		}
	}
	if (*skip_blanks(end) || value * factor > 366.0 * 86400)
		return -EINVAL;
	*seconds = value * factor;
	return 0;
}

int parse_percent(const char *text, double *percent)
{
	const char *end;

	if (parse_decimal(text, percent, &end))
		return -EINVAL;
	if (*end == '%')
		end++;
	return *skip_blanks(end) || *percent > 100 ? -EINVAL : 0;
}

/* A number, and nothing after it but a unit, as the kB of /proc/meminfo */
static int parse_value(const char *text, uint64_t *value)
{
	const char *end;

	text += strspn(text, " \t");
	return parse_digits(text, value, &end) || (*end && !strchr(" \t\n", *end)) ?
	       -EINVAL : 0;
}

int find_key(const char *text, const char *key, uint64_t *value)
{
	size_t len = strlen(key);
	const char *line = text;

	while (line) {
		if (!strncmp(line, key, len) && line[len] == ' ')
			return parse_value(line + len, value);
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return -ENOENT;
}

char *size_text(char buf[SIZE_TEXT], uint64_t bytes)
{
	static const char units[] = "KMGTPE";
	const char *unit = units;
	double value = bytes;

	if (bytes == UINT64_MAX) {
		snprintf(buf, SIZE_TEXT, "max");
	} else if (bytes < 1024) {
		snprintf(buf, SIZE_TEXT, "%" PRIu64, bytes);
	} else {
		value /= 1024;
		while (value >= 1023.95) {
			value /= 1024;
			unit++;
		}
		snprintf(buf, SIZE_TEXT, "%.1f%c", value, *unit);
	}
	return buf;
}

char *time_text(char buf[SIZE_TEXT], uint64_t seconds)
{
	unsigned int hours = seconds / 3600, minutes = seconds / 60 % 60;

	if (hours > 99999)
		hours = 99999;
	if (hours)
		snprintf(buf, SIZE_TEXT, "%uh%02um", hours, minutes);
	else if (minutes)
		snprintf(buf, SIZE_TEXT, "%um%02us", minutes, (unsigned int)(seconds % 60));
	else
		snprintf(buf, SIZE_TEXT, "%us", (unsigned int)seconds);
	return buf;
}

/* The length of the well-formed UTF-8 character at @at, or 0 */
static size_t utf8_length(const unsigned char *at)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = at[0] < 0x80 ? 1 : at[0] >> 5 == 6 ? 2 : at[0] >> 4 == 14 ? 3 :
		     at[0] >> 3 == 30 ? 4 : 0;
	uint32_t code;

	if (len < 2)
		return len;
	code = at[0] & (0x7f >> len);
	for (size_t i = 1; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	return len;
}

/* What a terminal or a log takes as it is; C1 controls are two bytes long */
static size_t plain_length(const unsigned char *at, const char *also)
{
	size_t len = utf8_length(at);

	if (len == 1 && (*at < ' ' || *at == 0x7f || *at == '\\' || strchr(also, *at)))
		return 0;
	if (len == 2 && at[0] == 0xc2 && at[1] < 0xa0)
		return 0;
	return len;
}

char *escaped(const char *name, const char *also)
{
	const unsigned char *at = (const unsigned char *)name;
	char *text = checked(malloc(4 * strlen(name) + 1)), *to = text;

	while (*at) {
		size_t len = plain_length(at, also);

		if (len) {
			memcpy(to, at, len);
			to += len;
			at += len;
		} else {
			to += sprintf(to, "\\x%02x", *at++);
		}
	}
	*to = 0;
	return text;
}

/* The byte that \xNN at @at stands for, or 0 */
static char escaped_byte(const char *at)
{
	char digits[3] = { };

	if (at[0] != '\\' || at[1] != 'x' || !isxdigit((unsigned char)at[2]) ||
	    !isxdigit((unsigned char)at[3]))
		return 0;
	memcpy(digits, at + 2, 2);
	return strtoul(digits, NULL, 16);
}

char *unescaped(const char *text)
{
	char *name = format("%s", text), *to = name;

	for (const char *at = text; *at; to++) {
		char byte = escaped_byte(at);

		*to = byte ? byte : *at;
		at += byte ? 4 : 1;
	}
	*to = 0;
	return name;
}

bool is_utf8(const char *name)
{
	const unsigned char *at = (const unsigned char *)name;
	size_t len;

	while (*at && (len = utf8_length(at)))
		at += len;
	return !*at;
}
