// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "call.h"
#include "group.h"
#include "pool.h"
#include "text.h"

/* Whoever may make cgroups chooses their names: fit for a terminal and a quoted log */
static char *shown(char *name)
{
	char *text = escaped(name, "\"");

	free(name);
	return text;
}

/* Every cgroup with a memory controller has this file, whatever the kernel */
static bool has_memory(const struct host *host, const char *path)
{
	char *file = group_file(host, path, "memory.stat");
	bool ret = !access(file, F_OK);

	free(file);
	return ret;
}

/* The file is not there, or what it is in */
static char *no_file(const struct host *host, const struct target *target,
		     enum status *status)
{
	char *file = shown(target_file(host, target)), *dir, *name, *text;

	if (!target->path) {
		*status = STATUS_NO_KERNEL;
		text = format("there is no file %s: the node does not exist, or the kernel is older than 6.17 or without NUMA; name a cgroup instead",
			      file);
		free(file);
		return text;
	}
	dir = format("%s/%s", host->cgroups, target->path);
	if (access(dir, F_OK)) {
		*status = STATUS_NO_GROUP;
		name = shown(format("%s", dir));
		text = format("there is no cgroup %s; `zswapctl status` lists them", name);
		free(name);
	} else if (!*target->path) {
		*status = STATUS_NO_KERNEL;
		text = format("there is no file %s: the memory controller is not of cgroup v2 (boot with cgroup_no_v1=all), or the kernel is older than 5.19",
			      file);
	} else if (!has_memory(host, target->path)) {
		*status = STATUS_NO_GROUP;
		text = format("there is no file %s: switch the memory controller on with `echo +memory > cgroup.subtree_control` in the cgroup above",
			      file);
	} else {
		*status = STATUS_NO_KERNEL;
		text = format("there is no file %s: the kernel is older than 5.19", file);
	}
	free(dir);
	free(file);
	return text;
}

static char *no_key(const struct host *host, const struct target *target,
		    enum status *status)
{
	char *file = shown(target_file(host, target)), *text;

	*status = STATUS_NO_KERNEL;
	text = format("%s does not know the key " KEY ": this kernel is without the series that brings it; nothing was done. Boot a kernel that has it",
		      file);
	free(file);
	return text;
}

/* Among what "cgroup.memory=" says, with commas between */
static bool booted_nokmem(const struct host *host)
{
	static const char name[] = "cgroup.memory=";
	char command_line[4096], *words, *word, *value;

	if (read_text(command_line, sizeof(command_line), "%s/proc/cmdline", host->root) <= 0)
		return false;
	for (words = command_line; (word = strsep(&words, " \n"));) {
		if (strncmp(word, name, sizeof(name) - 1))
			continue;
		for (word += sizeof(name) - 1; (value = strsep(&word, ","));)
			if (!strcmp(value, "nokmem"))
				return true;
	}
	return false;
}

static char *not_supported(const struct host *host, const struct target *target,
			   enum status *status)
{
	char *by = NULL, *text, *name;
	struct pool pool;

	*status = STATUS_NO_KERNEL;
	pool_read(host, &pool);
	if (!pool.present)
		return format(WITHOUT_ZSWAP);
	if (target->path)
		group_writeback(host, target->path, &by);
	if (by) {
		*status = STATUS_WRITEBACK_OFF;
		name = shown(by);
		text = format("memory.zswap.writeback is 0 in /%s: its pages are to be kept off the disk. Name another cgroup, or ask whoever set it",
			      name);
		free(name);
		return text;
	}
	if (booted_nokmem(host))
		return format("the kernel was booted with cgroup.memory=nokmem and does not know whose pages are in zswap: boot without it");
	return format("the kernel says that this cannot be done here: look at memory.zswap.writeback of the cgroup and of those above it, and try again");
}

static char *too_little(const struct host *host, enum status *status)
{
	struct pool pool;

	pool_read(host, &pool);
	if (!pool.present) {
		*status = STATUS_NO_KERNEL;
		return format(WITHOUT_ZSWAP);
	}
	if (!pool.swap_devices) {
		*status = STATUS_NO_SWAP;
		return format("there is no swap device to write to: add one with swapon");
	}
	*status = STATUS_LESS;
	if (!pool.enabled && !pool.stored)
		return format("zswap is switched off and empty: echo Y > /sys/module/zswap/parameters/enabled");
	return format("there was less than that to write, and it is written: cgroups below their memory.min, or with memory.zswap.writeback 0, keep what they have. Asking again at once finds nothing more");
}

static int may_write(const struct host *host, const struct target *target)
{
	char *file = target_file(host, target);
	int err = faccessat(AT_FDCWD, file, W_OK, AT_EACCESS) ? -errno : 0;

	free(file);
	return err;
}

/* memory.zswap.writeback counts as long as zswap is enabled */
static bool is_kept_back(const struct host *host, const struct target *target,
			 const struct pool *pool)
{
	if (!target->path || !pool->enabled)
		return false;
	return writeback_is_off(group_writeback(host, target->path, NULL));
}

int foresee(const struct host *host, const struct target *target)
{
	struct pool pool;
	int err;

	err = may_write(host, target);
	if (err)
		return err;
	pool_read(host, &pool);
	if (!pool.present)
		return -EOPNOTSUPP;
	if (!pool.key)
		return -EINVAL;
	if (is_kept_back(host, target, &pool) || booted_nokmem(host))
		return -EOPNOTSUPP;
	return pool.swap_devices ? 0 : -EAGAIN;
}

char *explain(const struct host *host, const struct target *target, int err,
	      enum status *status)
{
	switch (-err) {
	case ENOENT:
	case ENOTDIR:
	/* Removed after its file was opened */
	case ENODEV:
		return no_file(host, target, status);
	case EACCES:
	case EPERM:
		*status = STATUS_NOT_ALLOWED;
		return format("only root and the cgroup's owner may do that: try sudo, or give the service the capability CAP_DAC_OVERRIDE");
	case EROFS:
		*status = STATUS_NOT_ALLOWED;
		return format("the cgroup tree is mounted read-only here, as it is in most containers: run this on the host");
	case EINVAL:
		return no_key(host, target, status);
	case EOPNOTSUPP:
		return not_supported(host, target, status);
	case EAGAIN:
		return too_little(host, status);
	case ETIME:
		*status = STATUS_LESS;
		return format("what was written back freed less memory than that: the oldest pages compress much better than the rest. `zswapctl status` shows what is still stored; ask again for more of it");
	case EIO:
		*status = STATUS_DEVICE;
		return format("the swap device failed to take some pages; they are still in zswap. See zswpwb_failed in memory.stat and the kernel's log");
	case ENOMEM:
		*status = STATUS_NO_MEMORY;
		return format("there was no memory to uncompress a page into: raise memory.max of the cgroup by 512K for the call, or free some");
	case EBUSY:
		*status = STATUS_BUSY;
		return format("the node is being reclaimed already: try again later");
	case EINTR:
		*status = STATUS_INTERRUPTED;
		return format("interrupted");
	default:
		*status = STATUS_FAILED;
		return format("the kernel refused: %s. See its log; nothing more is known here", strerror(-err));
	}
}
