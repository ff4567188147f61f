// SPDX-License-Identifier: GPL-2.0
#include "terminal.h"

#include <sys/ioctl.h>

struct terminal terminal_of(int fd)
{
	struct winsize size = { };

	ioctl(fd, TIOCGWINSZ, &size);
	return (struct terminal) {
		.columns = size.ws_col ? size.ws_col : 80,
		.rows = size.ws_row ? size.ws_row : 24,
	};
}
