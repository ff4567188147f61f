// SPDX-License-Identifier: GPL-2.0
/* Numbers and names as people write and read them */
#include <string.h>
#include <stdlib.h>
#include <stdio.h>

#include "fake.h"
#include "../text.h"

static void sizes(void **state)
{
	static const char * const bad[] = {
		"", "M", "-1", "1Q", "1M x", "0x10", "nan", "inf", " 1", "1e30", "1.2.3", "99999999T",
	};
	uint64_t bytes;

	(void)state;
	assert_int_equal(parse_size("4096", &bytes), 0);
	assert_int_equal(bytes, 4096);
	assert_int_equal(parse_size("1.5G", &bytes), 0);
	assert_int_equal(bytes, 3ULL << 29);
	assert_int_equal(parse_size("100MiB\n", &bytes), 0);
	assert_int_equal(bytes, 100 * MIB);
	assert_int_equal(parse_rate("50M/s", &bytes), 0);
	assert_int_equal(bytes, 50 * MIB);
	assert_int_not_equal(parse_rate("0", &bytes), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!parse_size(bad[i], &bytes))
			fail_msg("\"%s\" was taken for a size", bad[i]);
}

static void times_and_percents(void **state)
{
	uint64_t seconds;
	double percent;

	(void)state;
	assert_int_equal(parse_time("90", &seconds), 0);
	assert_int_equal(seconds, 90);
	assert_int_equal(parse_time("1.5h", &seconds), 0);
	assert_int_equal(seconds, 5400);
	assert_int_not_equal(parse_time("1 day", &seconds), 0);
	assert_int_not_equal(parse_time("400d", &seconds), 0);
	assert_int_equal(parse_percent("0.2%", &percent), 0);
	assert_true(percent > 0.199 && percent < 0.201);
	assert_int_not_equal(parse_percent("101", &percent), 0);
	assert_int_not_equal(parse_percent("-1", &percent), 0);
}

static void numbers(void **state)
{
	uint64_t value;

	(void)state;
	assert_int_equal(parse_number("max\n", &value), 0);
	assert_true(value == UINT64_MAX);
	assert_int_equal(parse_number("17\n", &value), 0);
	assert_int_equal(value, 17);
	assert_int_not_equal(parse_number("", &value), 0);
	assert_int_not_equal(parse_number("17 18", &value), 0);
	assert_int_not_equal(parse_number("maximum", &value), 0);
	assert_int_not_equal(parse_number("99999999999999999999999", &value), 0);
	assert_int_equal(parse_count("1", &value), 0);
	assert_int_not_equal(parse_count("0", &value), 0);
	assert_int_not_equal(parse_count("max", &value), 0);
}

/* zswpwb is not zswpwb_proactive, in whatever order they come */
static void keys(void **state)
{
	static const char text[] = "zswpwb_proactive 3\nxzswpwb 9\nzswpwb 5\nbad x\n"
		"negative -5\njunk 12junk\ntoo_much 99999999999999999999\nZswap:  10 kB\nlast 7";
	static const char * const bad[] = { "bad", "negative", "junk", "too_much", "none" };
	uint64_t value;

	(void)state;
	assert_int_equal(find_key(text, "zswpwb", &value), 0);
	assert_int_equal(value, 5);
	assert_int_equal(find_key(text, "last", &value), 0);
	assert_int_equal(value, 7);
	assert_int_equal(find_key(text, "Zswap:", &value), 0);
	assert_int_equal(value, 10);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!find_key(text, bad[i], &value))
			fail_msg("\"%s\" was taken for a number", bad[i]);
}

static void read_back(uint64_t bytes, const char *want)
{
	char buf[SIZE_TEXT];

	assert_string_equal(size_text(buf, bytes), want);
}

static void printed(void **state)
{
	char buf[SIZE_TEXT];

	(void)state;
	read_back(0, "0");
	read_back(1023, "1023");
	read_back(1024, "1.0K");
	read_back(MIB - 1, "1.0M");
	read_back(100 * MIB, "100.0M");
	read_back(UINT64_MAX - 1, "16.0E");
	read_back(UINT64_MAX, "max");
	assert_string_equal(time_text(buf, 200), "3m20s");
	assert_string_equal(time_text(buf, 7500), "2h05m");
	assert_string_equal(time_text(buf, 100000 * 3600), "99999h00m");
}

static void escapes(const char *name, const char *want)
{
	char *text = escaped(name, "\""), *back;

	assert_string_equal(text, want);
	back = unescaped(text);
	assert_string_equal(back, name);
	free(back);
	free(text);
}

static void names(void **state)
{
	(void)state;
	escapes("plain name", "plain name");
	escapes("new\nline", "new\\x0aline");
	escapes("esc\033[31m", "esc\\x1b[31m");
	escapes("back\\slash\"", "back\\x5cslash\\x22");
	escapes("Gr\303\274\303\237e \342\202\254 \360\237\220\247", "Gr\303\274\303\237e \342\202\254 \360\237\220\247");
	escapes("bad \377 cut \303", "bad \\xff cut \\xc3");
	escapes("overlong \300\257", "overlong \\xc0\\xaf");
	escapes("c1 \302\233", "c1 \\xc2\\x9b");
	escapes("surrogate \355\240\200", "surrogate \\xed\\xa0\\x80");
	escapes("looks so \\x41 \\x", "looks so \\x5cx41 \\x5cx");
	assert_true(is_utf8("\342\202\254 \n"));
	assert_false(is_utf8("a \377"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(times_and_percents),
		cmocka_unit_test(numbers),
		cmocka_unit_test(keys),
		cmocka_unit_test(printed),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
