// SPDX-License-Identifier: GPL-2.0
#include "terminal.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "text.h"

/* 0 if there is nothing, or what no terminal could say of itself */
static unsigned int columns_wanted(void)
{
	const char *text = getenv("COLUMNS");
	uint64_t columns;

	if (!text || parse_count(text, &columns) || columns > USHRT_MAX)
		return 0;
	return columns;
}

struct terminal terminal_of(int fd)
{
	unsigned int wanted = columns_wanted();
	struct winsize size = { };

	ioctl(fd, TIOCGWINSZ, &size);
	return (struct terminal) {
		.columns = wanted ? wanted : size.ws_col ? size.ws_col : 80,
		.rows = size.ws_row ? size.ws_row : 24,
	};
}

void print_parts(FILE *out, unsigned int columns, const char *label, const char * const *parts)
{
	size_t at = fprintf(out, "%s", label), indent = at;

	for (size_t i = 0; parts[i]; i++) {
		size_t needed = strlen(parts[i]) + (parts[i + 1] ? 1 : 0);

		if (i && columns && at + 1 + needed > columns) {
			fprintf(out, "\n%*s", (int)indent, "");
			at = indent;
		} else if (i) {
			at += fprintf(out, " ");
		}
		at += fprintf(out, "%s%s", parts[i], parts[i + 1] ? "," : "");
	}
	fputc('\n', out);
}

static unsigned int lines_of(const char *text)
{
	unsigned int lines = 0;

	for (; (text = strchr(text, '\n')); text++)
		lines++;
	return lines;
}

void print_screen(FILE *out, unsigned int rows, const char *text)
{
	unsigned int lines = lines_of(text);
	const char *end = text;

	/* The cursor stands on a row of its own after the last line */
	if (lines < rows) {
		fputs(text, out);
		return;
	}
	for (unsigned int i = 0; i < rows - 1; i++)
		end = strchr(end, '\n') + 1;
	fprintf(out, "%.*s... and %u lines more", (int)(end - text), text, lines - rows + 1);
}
