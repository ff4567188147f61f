// SPDX-License-Identifier: GPL-2.0
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host.h"
#include "terminal.h"
#include "text.h"

#define HALF_SECOND	(500 * 1000 * 1000LL)

static unsigned int room_for_bar(unsigned int width, size_t taken)
{
	if (width < taken + 6)
		return 0;
	return width - taken - 4 < 40 ? width - taken - 4 : 40;
}

static void print_bar(double share, unsigned int room)
{
	unsigned int filled = share * room;

	fputs("\r\033[K", stderr);
	if (!room)
		return;
	fputc('[', stderr);
	for (unsigned int i = 0; i < room; i++)
		fputc(i < filled ? '#' : '.', stderr);
	fputs("] ", stderr);
}

/* Rounded: what is nearly a second is not none */
static char *time_left(char buf[SIZE_TEXT], double share, int64_t ns, int64_t wait)
{
	double left = ns / share * (1 - share) + wait;

	return time_text(buf, (left + HALF_SECOND) / NSEC_PER_SEC);
}

void progress_show(const struct progress *progress, uint64_t done, uint64_t written,
		   int64_t ns, int64_t wait)
{
	char size[SIZE_TEXT], rate[SIZE_TEXT], freed[SIZE_TEXT], left[SIZE_TEXT], text[160];
	double share = progress->total ? (double)done / progress->total : 0;
	double seconds = (double)ns / NSEC_PER_SEC;
	uint64_t per_second = seconds > 0 ? written / seconds : 0;
	unsigned int width = terminal_of(STDERR_FILENO).columns;
	size_t len;

	if (!progress->shown)
		return;
	if (share > 1)
		share = 1;
	len = snprintf(text, sizeof(text), "%" PRIu64 " pages, %s, %s/s, %s freed",
		       written / page_size(), size_text(size, written),
		       size_text(rate, per_second), size_text(freed, written / progress->ratio));
	if (progress->total)
		len += snprintf(text + len, sizeof(text) - len, ", %s left",
				share > 0 ? time_left(left, share, ns, wait) : "?");
	print_bar(share, progress->total ? room_for_bar(width, len) : 0);
	/* Of a line that goes on in the next, only the end could be drawn over */
	fprintf(stderr, "%.*s", width - 1, text);
	fflush(stderr);
}

void progress_clear(const struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
}
