// SPDX-License-Identifier: GPL-2.0
#include "group.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"
#include "text.h"

static const char * const stat_keys[NR_FIELDS] = {
	[F_STORED] = "zswapped",
	[F_ZSWAP] = "zswap",
	[F_INCOMPRESSIBLE] = "zswap_incomp",
	[F_WRITTEN] = "zswpwb",
	[F_PROACTIVE] = "zswpwb_proactive",
	[F_FAILED] = "zswpwb_failed",
	[F_REFAULTS] = "pswpin",
	[F_LOADED] = "zswpin",
	[F_TAKEN_IN] = "zswpout",
};

static const char * const own_files[NR_FIELDS] = {
	[F_MEMORY] = "memory.current",
	[F_LIMIT] = "memory.zswap.max",
};

uint64_t group_value(const struct group *group, enum field field)
{
	return group->has[field] ? group->value[field] : 0;
}

double group_ratio(const struct group *group)
{
	uint64_t zswap = group_value(group, F_ZSWAP);

	return zswap ? (double)group_value(group, F_STORED) / zswap : 0;
}

bool group_is_machine(const struct group *group)
{
	return !*group->path && !group->has[F_MEMORY];
}

bool group_is_of_interest(const struct group *group)
{
	return group_value(group, F_STORED) || group_value(group, F_TAKEN_IN);
}

bool group_is_protected(const struct host *host, const struct group *group)
{
	uint64_t min = 0, low = 0;

	read_number(&min, "%s/%s/memory.min", host->cgroups, group->path);
	read_number(&low, "%s/%s/memory.low", host->cgroups, group->path);
	return (min || low) && group_value(group, F_MEMORY) <= (min > low ? min : low);
}

static const char *slash(const char *path)
{
	return *path ? "/" : "";
}

char *group_file(const struct host *host, const char *path, const char *file)
{
	return format("%s/%s%s%s", host->cgroups, path, slash(path), file);
}

/* "." or ".." between slashes, neither of which is a cgroup's name */
static bool has_dots(const char *path)
{
	for (const char *at = path; at; at = strchr(at, '/')) {
		size_t len;

		at += *at == '/';
		len = strcspn(at, "/");
		if ((len == 1 || len == 2) && strspn(at, ".") >= len)
			return true;
	}
	return false;
}

bool group_matches(const char *path, const char *pattern)
{
	char *name;
	bool yes;

	/* An empty name would match "/" followed by a "*", and with it all be meant */
	if (!*path)
		return !strcmp(pattern, "/");
	name = format("/%s", path);
	yes = !fnmatch(pattern, name + (*pattern != '/'), FNM_PATHNAME | FNM_NOESCAPE);
	free(name);
	return yes;
}

static bool exists(const struct host *host, const char *path)
{
	char *file = group_file(host, path, "");
	bool yes = !access(file, F_OK);

	free(file);
	return yes;
}

/* A name that was copied from what escaped() printed; @path is freed */
static char *as_printed(const struct host *host, char *path)
{
	char *name = unescaped(path);

	if (exists(host, path) || has_dots(name) || !exists(host, name)) {
		free(name);
		return path;
	}
	free(path);
	return name;
}

/* What follows @mount in @name, NULL if that is not below it */
static const char *after(const char *name, const char *mount)
{
	size_t len = strlen(mount);

	return !strncmp(name, mount, len) && (!name[len] || name[len] == '/') ? name + len : NULL;
}

char *group_path(const struct host *host, const char *name)
{
	const char *rest = after(name, host->cgroups);

	if (!*name)
		return NULL;
	/* As the machine at root calls its own mount */
	if (!rest)
		rest = after(name, host->cgroups + strlen(host->root));
	if (rest)
		name = rest;
	if (has_dots(name))
		return NULL;
	return as_printed(host, without_slashes(name + strspn(name, "/")));
}

enum writeback group_writeback(const struct host *host, const char *path, char **by)
{
	char *at = format("%s", path), *cut;
	enum writeback result = WRITEBACK_UNKNOWN;
	uint64_t on;

	for (;;) {
		if (!read_number(&on, "%s/%s/memory.zswap.writeback", host->cgroups, at)) {
			if (!on) {
				result = strcmp(at, path) ? WRITEBACK_OFF_ABOVE : WRITEBACK_OFF;
				break;
			}
			result = WRITEBACK_ON;
		} else if (!*path) {
			/* The root of the machine has no such file, that of a container has */
			result = WRITEBACK_ON;
		}
		if (!*at)
			break;
		cut = strrchr(at, '/');
		*(cut ? cut : at) = 0;
	}
	if (by && writeback_is_off(result))
		*by = at;
	else
		free(at);
	return result;
}

static void read_own_files(const struct host *host, struct group *group)
{
	for (int field = 0; field < NR_FIELDS; field++)
		if (own_files[field])
			group->has[field] = !read_number(&group->value[field], "%s/%s%s%s",
							 host->cgroups, group->path,
							 slash(group->path), own_files[field]);
}

static int read_stat(const struct host *host, struct group *group)
{
	char text[32768];
	int ret;

	ret = read_text(text, sizeof(text), "%s/%s%smemory.stat", host->cgroups,
			group->path, slash(group->path));
	if (ret < 0)
		return ret;
	for (int field = 0; field < NR_FIELDS; field++)
		if (stat_keys[field])
			group->has[field] = !find_key(text, stat_keys[field],
						      &group->value[field]);
	return 0;
}

static enum writeback below(enum writeback above, enum writeback own)
{
	return writeback_is_off(above) ? WRITEBACK_OFF_ABOVE : own;
}

static void read_writeback(const struct host *host, const struct tree *tree,
			   struct group *group)
{
	uint64_t on;

	if (group->parent < 0) {
		group->writeback = group_writeback(host, group->path, NULL);
		return;
	}
	if (!read_number(&on, "%s/%s/memory.zswap.writeback", host->cgroups, group->path))
		group->writeback = on ? WRITEBACK_ON : WRITEBACK_OFF;
	group->writeback = below(tree->groups[group->parent].writeback, group->writeback);
}

static struct group *append(struct tree *tree)
{
	tree->groups = with_room(tree->groups, tree->nr, sizeof(*tree->groups));
	return &tree->groups[tree->nr];
}

/* 0 if the group is in the tree now; what is no cgroup with memory is not */
static int add_group(const struct host *host, struct tree *tree, char *path,
		     ssize_t parent, ino_t inode)
{
	struct group *group = append(tree);
	int ret;

	*group = (struct group) { .path = path, .parent = parent, .inode = inode };
	ret = read_stat(host, group);
	if (ret < 0) {
		free(path);
		return ret;
	}
	read_own_files(host, group);
	read_writeback(host, tree, group);
	tree->nr++;
	return 0;
}

static bool is_directory(int dir, const struct dirent *entry)
{
	struct stat st;

	if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
		return false;
	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return !fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode);
}

/* Adds the groups one level below group number @parent */
static void add_children(const struct host *host, struct tree *tree, size_t parent)
{
	char *path = group_file(host, tree->groups[parent].path, "");
	struct dirent *entry;
	DIR *dir = opendir(path);

	free(path);
	while (dir && (entry = readdir(dir))) {
		const char *above = tree->groups[parent].path;

		if (is_directory(dirfd(dir), entry))
			add_group(host, tree, format("%s%s%s", above, slash(above), entry->d_name),
				  parent, entry->d_ino);
	}
	if (dir)
		closedir(dir);
}

static ino_t inode_of(const struct host *host, const char *path)
{
	char *file = group_file(host, path, "");
	struct stat st = { };

	if (stat(file, &st))
		st.st_ino = 0;
	free(file);
	return st.st_ino;
}

int group_read_again(const struct host *host, struct group *group)
{
	int ret;

	if (inode_of(host, group->path) != group->inode)
		return -ENOENT;
	ret = read_stat(host, group);
	if (!ret)
		read_own_files(host, group);
	return ret;
}

int tree_read(const struct host *host, const char *path, struct tree *tree)
{
	int ret;

	*tree = (struct tree) { };
	ret = add_group(host, tree, format("%s", path), -1, inode_of(host, path));
	if (ret) {
		tree_free(tree);
		return ret;
	}
	for (size_t i = 0; i < tree->nr; i++)
		add_children(host, tree, i);
	return 0;
}

void tree_free(struct tree *tree)
{
	for (size_t i = 0; i < tree->nr; i++)
		free(tree->groups[i].path);
	free(tree->groups);
	*tree = (struct tree) { };
}
