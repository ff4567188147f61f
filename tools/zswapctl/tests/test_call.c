// SPDX-License-Identifier: GPL-2.0
/* Calls of the kernel's file, and the words for each of its errors */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "../call.h"

#define BELOW	"sys/fs/cgroup/"

static int setup(void **state)
{
	fake_setup(state);
	fake_group(*state, "job")->stored = 10 * MIB;
	return 0;
}

static char job[] = "job", gone[] = "gone";

/* The error is explained with that status and, among others, these words */
static void says(const struct fake *fake, char *path, int err, enum status want,
		 const char *words)
{
	struct target target = { .path = path };
	enum status status = STATUS_OK;
	char *text = explain(&fake->host, &target, err, &status);

	if (!strstr(text, words))
		fail_msg("\"%s\" is not in: %s", words, text);
	assert_int_equal(status, want);
	free(text);
}

static void asks_for_whole_pages(void **state)
{
	struct target target = { .path = job };
	struct fake *fake = *state;
	struct result result;

	result = call(&fake->host, &target, MIB + 5);
	assert_int_equal(result.err, 0);
	assert_int_equal(result.written, MIB);
	assert_string_equal(fake->last, "1048576 " KEY);
}

static void counts_a_part(void **state)
{
	struct target target = { .path = job };
	struct fake *fake = *state;
	struct result result;

	result = call(&fake->host, &target, 64 * MIB);
	assert_int_equal(result.err, -EAGAIN);
	assert_int_equal(result.written, 10 * MIB);
	result = call(&fake->host, &target, MIB);
	assert_int_equal(result.err, -EAGAIN);
	assert_int_equal(result.written, 0);
}

static void plain_errors(void **state)
{
	says(*state, job, -EACCES, STATUS_NOT_ALLOWED, "root");
	says(*state, job, -EROFS, STATUS_NOT_ALLOWED, "read-only");
	says(*state, job, -EIO, STATUS_DEVICE, "zswpwb_failed");
	says(*state, job, -ENOMEM, STATUS_NO_MEMORY, "memory.max");
	says(*state, job, -EBUSY, STATUS_BUSY, "again later");
	says(*state, job, -EINTR, STATUS_INTERRUPTED, "interrupted");
	says(*state, job, -E2BIG, STATUS_FAILED, "too long");
}

static void no_key(void **state)
{
	struct target target = { .path = job };
	struct fake *fake = *state;

	fake_without_key(fake);
	assert_int_equal(call(&fake->host, &target, MIB).err, -EINVAL);
	says(fake, job, -EINVAL, STATUS_NO_KERNEL, "job/memory.reclaim does not know the key");
}

static void missing(void **state)
{
	struct target node = { .node = 7 };
	struct fake *fake = *state;
	enum status status;
	char *text;

	says(fake, gone, -ENOENT, STATUS_NO_GROUP, "there is no cgroup");
	says(fake, job, -ENOENT, STATUS_NO_KERNEL, "older than 5.19");
	fake_remove(fake, BELOW "job/memory.stat");
	says(fake, job, -ENOENT, STATUS_NO_GROUP, "+memory");
	/* There is no cgroup above the root to switch it on in */
	says(fake, (char []) { "" }, -ENOENT, STATUS_NO_KERNEL, "cgroup_no_v1");
	text = explain(&fake->host, &node, -ENOENT, &status);
	assert_non_null(strstr(text, "node7/reclaim"));
	assert_int_equal(status, STATUS_NO_KERNEL);
	free(text);
}

/* A cgroup that goes while its file is open, or has lost its memory controller */
static void removed_meanwhile(void **state)
{
	says(*state, gone, -ENODEV, STATUS_NO_GROUP, "there is no cgroup");
	fake_remove(*state, BELOW "job/memory.stat");
	says(*state, job, -ENODEV, STATUS_NO_GROUP, "+memory");
}

static void not_supported(void **state)
{
	struct fake *fake = *state;

	fake_group(fake, "job/below");
	fake_file(fake, BELOW "job/memory.zswap.writeback", "0\n");
	says(fake, (char []) { "job/below" }, -EOPNOTSUPP, STATUS_WRITEBACK_OFF, "is 0 in /job:");
	fake_file(fake, BELOW "job/memory.zswap.writeback", "1\n");
	fake_file(fake, "proc/cmdline", "cgroup.memory=nokmem\n");
	says(fake, job, -EOPNOTSUPP, STATUS_NO_KERNEL, "nokmem");
	fake_remove(fake, "sys/module/zswap");
	says(fake, job, -EOPNOTSUPP, STATUS_NO_KERNEL, "without zswap");
}

/* Who makes cgroups is not who reads the log, or has the terminal */
static void strange_names(void **state)
{
	static char forged[] = "x\" ok\nagent: all is well\033[2J";
	static const int errors[] = { -ENOENT, -ENODEV, -EINVAL, -EOPNOTSUPP, -EACCES, -EAGAIN };
	struct fake *fake = *state;
	struct target target = { .path = forged };
	enum status status;

	for (size_t made = 0; made < 2; made++) {
		for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
			char *text = explain(&fake->host, &target, errors[i], &status);

			if (strpbrk(text, "\"\n\033"))
				fail_msg("not one plain line: %s", text);
			free(text);
		}
		fake_group(fake, forged);
		fake_file(fake, BELOW "x\" ok\nagent: all is well\033[2J/memory.zswap.writeback", "0\n");
	}
}

static void too_little(void **state)
{
	struct fake *fake = *state;

	says(fake, job, -EAGAIN, STATUS_LESS, "less than that");
	fake_file(fake, "proc/swaps", "Filename Type Size Used Priority\n");
	says(fake, job, -EAGAIN, STATUS_NO_SWAP, "swapon");
	fake_remove(fake, "sys/module/zswap");
	says(fake, job, -EAGAIN, STATUS_NO_KERNEL, "without zswap");
}

static void foreseen(void **state)
{
	struct target target = { .path = job }, nowhere = { .path = gone }, node = { .node = 7 };
	struct fake *fake = *state;

	assert_int_equal(foresee(&fake->host, &target), 0);
	assert_int_equal(foresee(&fake->host, &nowhere), -ENOENT);
	assert_int_equal(foresee(&fake->host, &node), -ENOENT);
	fake_file(fake, "sys/devices/system/node/node7/reclaim", "%s", "");
	assert_int_equal(foresee(&fake->host, &node), 0);
	fake_file(fake, "proc/swaps", "Filename Type Size Used Priority\n");
	assert_int_equal(foresee(&fake->host, &target), -EAGAIN);
	assert_int_equal(foresee(&fake->host, &node), -EAGAIN);
	fake_file(fake, "proc/cmdline", "quiet cgroup.memory=nosocket,nokmem\n");
	assert_int_equal(foresee(&fake->host, &node), -EOPNOTSUPP);
	fake_file(fake, "proc/cmdline", "x.cgroup.memory=nokmem nokmem cgroup.memory=nosocket\n");
	assert_int_equal(foresee(&fake->host, &node), -EAGAIN);
	fake_without_key(fake);
	assert_int_equal(foresee(&fake->host, &target), -EINVAL);
	fake_remove(fake, "sys/module/zswap");
	assert_int_equal(foresee(&fake->host, &target), -EOPNOTSUPP);
	assert_int_equal(fake->calls, 0);
}

static void foreseen_to_be_off(void **state)
{
	struct target above = { .path = job }, below = { .path = (char []) { "job/below" } };
	struct fake *fake = *state;

	fake_group(fake, below.path);
	fake_file(fake, BELOW "job/below/memory.zswap.writeback", "0\n");
	assert_int_equal(foresee(&fake->host, &below), -EOPNOTSUPP);
	assert_int_equal(foresee(&fake->host, &above), 0);
	fake_file(fake, BELOW "job/below/memory.zswap.writeback", "1\n");
	fake_file(fake, BELOW "job/memory.zswap.writeback", "0\n");
	assert_int_equal(foresee(&fake->host, &below), -EOPNOTSUPP);
	/* Then the kernel does not look at it */
	fake_file(fake, "sys/module/zswap/parameters/enabled", "N\n");
	assert_int_equal(foresee(&fake->host, &below), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(asks_for_whole_pages, setup, fake_teardown),
		cmocka_unit_test_setup_teardown(counts_a_part, setup, fake_teardown),
		cmocka_unit_test_setup_teardown(plain_errors, setup, fake_teardown),
		cmocka_unit_test_setup_teardown(no_key, setup, fake_teardown),
		cmocka_unit_test_setup_teardown(missing, setup, fake_teardown),
		cmocka_unit_test_setup_teardown(removed_meanwhile, setup, fake_teardown),
		cmocka_unit_test_setup_teardown(not_supported, setup, fake_teardown),
		cmocka_unit_test_setup_teardown(strange_names, setup, fake_teardown),
		cmocka_unit_test_setup_teardown(too_little, setup, fake_teardown),
		cmocka_unit_test_setup_teardown(foreseen, setup, fake_teardown),
		cmocka_unit_test_setup_teardown(foreseen_to_be_off, setup, fake_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
