// SPDX-License-Identifier: GPL-2.0
/* Recorded trees: thousands of cgroups, and all that may be wrong with them */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "../column.h"
#include "../status.h"
#include "../text.h"

#define BELOW	"sys/fs/cgroup/"

static const struct group *find(const struct tree *tree, const char *path)
{
	for (size_t i = 0; i < tree->nr; i++)
		if (!strcmp(tree->groups[i].path, path))
			return &tree->groups[i];
	return NULL;
}

static void thousands(void **state)
{
	struct fake *fake = *state;
	struct tree tree;
	size_t *order;

	for (int i = 0; i < 50; i++) {
		for (int j = 0; j < 60; j++) {
			char path[96];

			snprintf(path, sizeof(path), BELOW "s%d/g%d/memory.stat", i, j);
			fake_file(fake, path, "zswap %d\nzswapped %d\n", i * 60 + j, 2 * (i * 60 + j));
			snprintf(path, sizeof(path), BELOW "s%d/memory.stat", i);
			fake_file(fake, path, "zswapped 0\n");
		}
	}
	assert_int_equal(tree_read(&fake->host, "", &tree), 0);
	assert_int_equal(tree.nr, 1 + 50 + 3000);
	for (size_t i = 1; i < tree.nr; i++)
		assert_true(tree.groups[i].parent >= 0 && (size_t)tree.groups[i].parent < i);
	order = sorted(&tree, C_STORED);
	assert_string_equal(tree.groups[order[0]].path, "s49/g59");
	for (size_t i = 1; i < tree.nr; i++)
		assert_true(group_value(&tree.groups[order[i - 1]], F_STORED) >=
			    group_value(&tree.groups[order[i]], F_STORED));
	free(order);
	tree_free(&tree);
}

static void missing_files(void **state)
{
	struct fake *fake = *state;
	const struct group *group;
	struct tree tree;

	fake_file(fake, BELOW "no-controller/cgroup.procs", "%s", "");
	fake_file(fake, BELOW "no-controller/below/memory.stat", "zswap 1\n");
	fake_file(fake, BELOW "old/memory.stat", "zswap 10\n");
	assert_int_equal(tree_read(&fake->host, "", &tree), 0);
	assert_null(find(&tree, "no-controller"));
	assert_null(find(&tree, "no-controller/below"));
	group = find(&tree, "old");
	assert_non_null(group);
	assert_true(group->has[F_ZSWAP]);
	assert_false(group->has[F_STORED] || group->has[F_PROACTIVE] || group->has[F_MEMORY]);
	assert_int_equal(group->writeback, WRITEBACK_UNKNOWN);
	tree_free(&tree);
	assert_int_equal(tree_read(&fake->host, "nowhere", &tree), -ENOENT);
}

static void garbage(void **state)
{
	struct fake *fake = *state;
	const struct group *group;
	struct tree tree;

	fake_file(fake, BELOW "bad/memory.stat",
		  "zswap\nzswapped x\n\n\nzswpwb -\nzswpwb_proactive 12junk\npswpin 3");
	fake_file(fake, BELOW "bad/memory.current", "many\n");
	fake_file(fake, BELOW "bad/memory.zswap.max", "%s", "");
	fake_file(fake, BELOW "bad/memory.zswap.writeback", "yes\n");
	fake_file(fake, BELOW "empty/memory.stat", "%s", "");
	assert_int_equal(tree_read(&fake->host, "", &tree), 0);
	group = find(&tree, "bad");
	assert_non_null(group);
	for (int field = 0; field < NR_FIELDS; field++)
		if (field != F_REFAULTS)
			assert_false(group->has[field]);
	assert_int_equal(group_value(group, F_REFAULTS), 3);
	assert_int_equal(group->writeback, WRITEBACK_UNKNOWN);
	assert_non_null(find(&tree, "empty"));
	tree_free(&tree);
}

static void strange_names(void **state)
{
	static const char * const names[] = {
		"with space", "new\nline", "tab\there", "quote\"", "..hidden", "%s%n", "\377\376",
		"-option",
	};
	struct fake *fake = *state;
	struct tree tree;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char *path = format(BELOW "%s/memory.stat", names[i]);

		fake_file(fake, path, "zswap 1\nzswapped 4096\n");
		free(path);
	}
	assert_int_equal(tree_read(&fake->host, "", &tree), 0);
	assert_int_equal(tree.nr, 1 + sizeof(names) / sizeof(*names));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_non_null(find(&tree, names[i]));
	tree_free(&tree);
}

static void paths(void **state)
{
	static const char * const forms[] = { "job", "/job", "//job/", "/sys/fs/cgroup/job", "job///" };
	struct fake *fake = *state;
	char *path, *name;

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		path = group_path(&fake->host, forms[i]);
		assert_string_equal(path, "job");
		free(path);
	}
	path = group_file(&fake->host, "job", "");
	name = group_path(&fake->host, path);
	assert_string_equal(name, "job");
	free(name);
	free(path);
	path = group_path(&fake->host, "/sys/fs/cgroups/job");
	assert_string_equal(path, "sys/fs/cgroups/job");
	free(path);
	path = group_path(&fake->host, "/");
	assert_string_equal(path, "");
	free(path);
	/* As it is printed, unless there is one that is called so */
	fake_group(fake, "sl/a\\x2db\n");
	path = group_path(&fake->host, "/sl/a\\x5cx2db\\x0a");
	assert_string_equal(path, "sl/a\\x2db\n");
	free(path);
	fake_group(fake, "sl/a-b");
	fake_group(fake, "sl/a\\x2db");
	path = group_path(&fake->host, "sl/a\\x2db");
	assert_string_equal(path, "sl/a\\x2db");
	free(path);
	path = group_path(&fake->host, "sl/\\x2e./sl");
	assert_string_equal(path, "sl/\\x2e./sl");
	free(path);
	assert_null(group_path(&fake->host, ""));
	assert_null(group_path(&fake->host, "../etc"));
	assert_null(group_path(&fake->host, "job/../../x"));
	assert_null(group_path(&fake->host, "."));
	assert_null(group_path(&fake->host, "./job"));
	assert_null(group_path(&fake->host, "job/."));
	path = group_path(&fake->host, "a..b/..c/.d/...");
	assert_string_equal(path, "a..b/..c/.d/...");
	free(path);
}

static void mounted_at(const struct fake *fake, const char *mounts, const char *want)
{
	char *dir = format("%s%s", fake->dir, want), *root = format("%s/", fake->dir);
	struct host host;

	fake_file(fake, "proc/self/mounts", "proc /proc proc rw 0 0\n%s", mounts);
	/* As completed by a shell, and as typed */
	for (const char *typed = root; typed; typed = typed == root ? fake->dir : NULL) {
		host_init(&host, typed);
		assert_string_equal(host.cgroups, dir);
		host_free(&host);
	}
	free(root);
	free(dir);
}

/* Of the machine, or of a container that has it below a directory, in any order */
static void mounts(void **state)
{
	static const char own[] = "cgroup /sys/fs/cgroup cgroup2 ro 0 0\n";
	struct fake *fake = *state;
	char *other = format("cgroup2 %s/sys/fs/cgroup cgroup2 rw 0 0\n", fake->dir);
	char *first = format("%s%s", other, own), *last = format("%s%s", own, other);

	fake_file(fake, BELOW "unified/memory.stat", "%s", "");
	mounted_at(fake, "", "/sys/fs/cgroup");
	mounted_at(fake, "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n", "/sys/fs/cgroup/unified");
	mounted_at(fake, first, "/sys/fs/cgroup");
	mounted_at(fake, last, "/sys/fs/cgroup");
	free(first);
	free(last);
	free(other);
}

static void writeback_off(void **state)
{
	struct fake *fake = *state;
	char *by = NULL;
	struct tree tree;

	fake_group(fake, "a");
	fake_group(fake, "a/b");
	fake_group(fake, "a/b/c");
	fake_file(fake, BELOW "a/memory.zswap.writeback", "0\n");
	assert_int_equal(tree_read(&fake->host, "", &tree), 0);
	assert_int_equal(find(&tree, "a")->writeback, WRITEBACK_OFF);
	assert_int_equal(find(&tree, "a/b/c")->writeback, WRITEBACK_OFF_ABOVE);
	assert_int_equal(find(&tree, "")->writeback, WRITEBACK_ON);
	tree_free(&tree);
	/* Also where the tree that is read begins below it */
	assert_int_equal(tree_read(&fake->host, "a/b", &tree), 0);
	assert_int_equal(tree.groups[0].writeback, WRITEBACK_OFF_ABOVE);
	tree_free(&tree);
	assert_int_equal(group_writeback(&fake->host, "a/b/c", &by), WRITEBACK_OFF_ABOVE);
	assert_string_equal(by, "a");
	free(by);
}

static atomic_bool racing;

static void *come_and_go(void *data)
{
	const struct fake *fake = data;

	while (racing) {
		for (int i = 0; i < 20; i++) {
			char path[64];

			snprintf(path, sizeof(path), BELOW "r%d/x/memory.stat", i);
			fake_file(fake, path, "zswapped 4096\n");
			snprintf(path, sizeof(path), BELOW "r%d/memory.stat", i);
			fake_file(fake, path, "zswapped 4096\n");
		}
		for (int i = 0; i < 20; i++) {
			char path[64];

			snprintf(path, sizeof(path), BELOW "r%d", i);
			fake_remove(fake, path);
		}
	}
	return NULL;
}

/* The same name may be another cgroup a moment later */
static void read_again(void **state)
{
	struct fake *fake = *state;
	struct fake_group *job = fake_group(fake, "job");
	struct tree tree;

	assert_int_equal(tree_read(&fake->host, "job", &tree), 0);
	job->stored = 4096;
	fake_flush(fake, job);
	assert_int_equal(group_read_again(&fake->host, tree.groups), 0);
	assert_int_equal(group_value(tree.groups, F_STORED), 4096);
	tree.groups->inode++;
	assert_int_equal(group_read_again(&fake->host, tree.groups), -ENOENT);
	tree.groups->inode--;
	fake_remove(fake, "sys/fs/cgroup/job");
	assert_int_equal(group_read_again(&fake->host, tree.groups), -ENOENT);
	tree_free(&tree);
}

static void races(void **state)
{
	struct fake *fake = *state;
	size_t least = SIZE_MAX, most = 0;
	pthread_t thread;
	struct tree tree;

	fake_group(fake, "stays");
	racing = true;
	pthread_create(&thread, NULL, come_and_go, fake);
	for (int i = 0; i < 2000 || (most == least && i < 100000); i++) {
		assert_int_equal(tree_read(&fake->host, "", &tree), 0);
		assert_non_null(find(&tree, "stays"));
		least = tree.nr < least ? tree.nr : least;
		most = tree.nr > most ? tree.nr : most;
		tree_free(&tree);
	}
	racing = false;
	pthread_join(thread, NULL);
	/* There was a race to be seen */
	assert_true(most > least);
}

static void cells(void **state)
{
	struct group group = { .path = "g" };
	char text[32];

	(void)state;
	assert_string_equal(column_text(text, &group, C_STORED), "-");
	assert_string_equal(column_text(text, &group, C_RATIO), "-");
	group.has[F_STORED] = group.has[F_ZSWAP] = group.has[F_WRITTEN] = true;
	group.value[F_STORED] = 30 * MIB;
	group.value[F_ZSWAP] = 10 * MIB;
	group.value[F_WRITTEN] = 256;
	assert_string_equal(column_text(text, &group, C_RATIO), "3.00");
	assert_string_equal(column_text(text, &group, C_STORED), "30.0M");
	assert_string_equal(column_text(text, &group, C_WRITTEN), "1.0M");
}

/* The root of a container is a cgroup like others, and above all that it sees */
static void container(void **state)
{
	struct fake *fake = *state;
	char *by;

	fake_file(fake, BELOW "memory.zswap.writeback", "1\n");
	fake_file(fake, BELOW "a/memory.zswap.writeback", "1\n");
	assert_int_equal(group_writeback(&fake->host, "", NULL), WRITEBACK_ON);
	fake_file(fake, BELOW "memory.zswap.writeback", "0\n");
	assert_int_equal(group_writeback(&fake->host, "", NULL), WRITEBACK_OFF);
	assert_int_equal(group_writeback(&fake->host, "a", &by), WRITEBACK_OFF_ABOVE);
	assert_string_equal(by, "");
	free(by);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(thousands, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(missing_files, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(garbage, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(strange_names, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(paths, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(mounts, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(writeback_off, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(container, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(read_again, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(races, fake_setup, fake_teardown),
		cmocka_unit_test(cells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
