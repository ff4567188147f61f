// SPDX-License-Identifier: GPL-2.0
#include <langinfo.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "memory.h"
#include "status.h"
#include "text.h"

/* Whether the column is shown if the terminal is so wide */
static bool fits(enum column column, unsigned int width)
{
	unsigned int needed = 0;

	for (int other = 0; other < NR_COLUMNS; other++)
		if (columns[other].rank <= columns[column].rank)
			needed += columns[other].width + 1;
	return !width || column <= C_STORED || needed <= width;
}

static void add_columns(struct libscols_table *table, const struct view *view,
			bool shown[NR_COLUMNS])
{
	for (int column = 0; column < NR_COLUMNS; column++) {
		char *name = format("%s", columns[column].name);
		int flags = SCOLS_FL_RIGHT;

		shown[column] = fits(column, view->width);
		if (column == C_NAME)
			flags = view->as_tree ? SCOLS_FL_TREE | SCOLS_FL_TRUNC : SCOLS_FL_TRUNC;
		for (char *at = name; *at; at++)
			*at -= *at >= 'a' && *at <= 'z' ? 'a' - 'A' : 0;
		if (shown[column])
			checked(scols_table_new_column(table, name, column == C_NAME ? 0.3 : 0,
						       flags));
		free(name);
	}
}

/* libsmartcols makes \xNN of what a terminal must not get */
static const char *name_of(const struct group *group)
{
	return *group->path ? group->path : "/";
}

/* Of one that is drawn below the others of its path */
static const char *last_name_of(const struct group *group)
{
	const char *last = strrchr(group->path, '/');

	return group->parent >= 0 && last ? last + 1 : name_of(group);
}

/* What keeps pages off the disk, and what failed, is to be seen at once */
static const char *colour_of(const struct group *group, enum column column)
{
	if (column == C_FAILED && group_value(group, F_FAILED))
		return "red";
	if (column == C_WRITEBACK && group->writeback > WRITEBACK_ON)
		return "yellow";
	return NULL;
}

static size_t widest_of(const struct tree *tree, enum column column)
{
	size_t widest = strlen(columns[column].name);
	char text[32];

	for (size_t i = 0; i < tree->nr; i++) {
		size_t width = strlen(column_text(text, &tree->groups[i], column));

		widest = width > widest ? width : widest;
	}
	return widest;
}

/* Columns of the terminal that the others leave to names */
static size_t room_for_names(const struct tree *tree, const struct view *view,
			     const bool shown[NR_COLUMNS])
{
	size_t taken = 0;

	if (!view->width)
		return SIZE_MAX;
	for (int column = 0; column < NR_COLUMNS; column++)
		if (shown[column] && column != C_NAME)
			taken += widest_of(tree, column) + 1;
	return taken + columns[C_NAME].width < view->width ? view->width - taken :
							    columns[C_NAME].width;
}

/* What drawing it below those above it takes of that */
static size_t indentation(const struct tree *tree, const struct group *group)
{
	size_t depth = 0;

	for (; group->parent >= 0; group = &tree->groups[group->parent])
		depth++;
	return 2 * depth;
}

/*
 * The bytes of the character at @at; @width gets what it takes of the terminal, where
 * libsmartcols makes \xNN of each byte of what cannot be printed, and of a backslash
 * that would look as if it began one.
 */
static size_t measure(const char *at, size_t *width)
{
	mbstate_t state = { };
	wchar_t character;
	size_t len = mbrtowc(&character, at, MB_CUR_MAX, &state);
	bool whole = len <= MB_CUR_MAX;

	if (!whole)
		len = 1;
	if (whole && iswprint(character) && strncmp(at, "\\x", 2))
		*width = wcwidth(character);
	else
		*width = 4 * len;
	return len;
}

static size_t printed_width(const char *text)
{
	size_t sum = 0, width;

	for (; *text; sum += width)
		text += measure(text, &width);
	return sum;
}

/* The names of neighbours begin alike, and end differently: without its beginning. To be freed */
static char *shortened(const char *name, size_t room)
{
	const char *mark = strcmp(nl_langinfo(CODESET), "UTF-8") ? "<" : "…";
	size_t needed = printed_width(name), width;

	if (needed <= room)
		return format("%s", name);
	/* The mark takes one */
	for (; *name && needed >= room; needed -= width)
		name += measure(name, &width);
	return format("%s%s", mark, name);
}

static void set_name(struct libscols_line *line, size_t at, const char *name, size_t room)
{
	char *text = shortened(name, room);

	scols_line_set_data(line, at, text);
	free(text);
}

static void fill_line(struct libscols_line *line, const struct group *group,
		      const struct view *view, const bool shown[NR_COLUMNS], size_t room)
{
	size_t at = 0;
	char text[32];

	for (int column = 0; column < NR_COLUMNS; column++) {
		const char *colour = colour_of(group, column);

		if (!shown[column])
			continue;
		if (column == C_NAME)
			set_name(line, at, view->as_tree ? last_name_of(group) : name_of(group), room);
		else
			scols_line_set_data(line, at, column_text(text, group, column));
		if (colour)
			scols_cell_set_color(scols_line_get_cell(line, at), colour);
		at++;
	}
}

/* Lines are made parents first, and handed to the table in the order wanted */
static void add_lines(struct libscols_table *table, const struct tree *tree,
		      const struct view *view, const bool shown[NR_COLUMNS])
{
	struct libscols_line **lines = checked(calloc(tree->nr, sizeof(struct libscols_line *)));
	size_t *order = sorted(tree, view->sort), room = room_for_names(tree, view, shown);

	for (size_t i = 0; i < tree->nr; i++)
		lines[i] = checked(scols_new_line());
	for (size_t i = 0; i < tree->nr; i++) {
		const struct group *group = &tree->groups[order[i]];
		struct libscols_line *line = lines[order[i]];

		scols_table_add_line(table, line);
		fill_line(line, group, view, shown,
			  view->as_tree ? less(room, indentation(tree, group)) : room);
		if (view->as_tree && group->parent >= 0)
			scols_line_add_child(lines[group->parent], line);
	}
	for (size_t i = 0; i < tree->nr; i++)
		scols_unref_line(lines[i]);
	free(order);
	free(lines);
}

void table_print(const struct tree *tree, const struct view *view)
{
	struct libscols_table *table = checked(scols_new_table());
	bool shown[NR_COLUMNS];

	scols_table_set_stream(table, view->out);
	scols_table_enable_colors(table, view->colour);
	if (view->width) {
		scols_table_set_termforce(table, SCOLS_TERMFORCE_ALWAYS);
		scols_table_set_termwidth(table, view->width);
	}
	add_columns(table, view, shown);
	add_lines(table, tree, view, shown);
	scols_print_table(table);
	scols_unref_table(table);
}
