// SPDX-License-Identifier: GPL-2.0
/*
 * Sentences for memory.reclaim, the node's reclaim, memory.zswap.max and
 * memory.zswap.writeback, drawn from the grammar of Documentation/input.md and
 * then spoilt, most of them. A model of the grammar says what each must get.
 *
 *	grammar [--seed N] [--count N]
 *
 * All go to a group that nobody is in, while nothing is in zswap: a valid request
 * finds nothing, and no page may be written. --count is for each file. Then some go
 * to the same group while somebody in it has pages in zswap, and as many have to be
 * written as the sentence says. A sentence that gets something else is printed,
 * escaped, with the seed. Prints KTAP.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "random.h"

#define GROUP		"/sys/fs/cgroup/grammar"
#define NODE_FILE	"/sys/devices/system/node/node0/reclaim"
#define KEY		"zswap_writeback_only"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Page, junk and what mutations add to them */
#define ROOM		32768

struct sentence {
	size_t len;
	unsigned char at[ROOM];
};

static unsigned long seed = 1;
static unsigned long count = 100000;
static uint64_t rng;
static size_t page_size;
static bool failed;

static void give_up(const char *what)
{
	fprintf(stderr, "grammar: %s: %s\n", what, strerror(errno));
	exit(2);
}

static unsigned long below(unsigned long limit)
{
	return (next_random(&rng) >> 16) % limit;
}

/* ---- the model ---------------------------------------------------------- */

/*
 * What a sentence says. Texts are held by their two ends, so that there is one
 * place that knows of NUL.
 */
struct text {
	const unsigned char *from, *to;
};

static bool is_blank(unsigned char c)
{
	return (c >= '\t' && c <= '\r') || c == ' ' || c == 0xa0;
}

static struct text strip(struct text t)
{
	while (t.from < t.to && is_blank(*t.from))
		t.from++;
	while (t.from < t.to && is_blank(t.to[-1]))
		t.to--;
	return t;
}

static bool is(struct text t, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(t.to - t.from) == len && !memcmp(t.from, word, len);
}

static struct text visible(const struct sentence *s, size_t most)
{
	size_t len = s->len < most ? s->len : most;

	return (struct text){ s->at, s->at + strnlen((const char *)s->at, len) };
}

#define TOO_MUCH	((unsigned __int128)1 << 64)

/* 16 for no digit, so that it is none in any radix */
static unsigned int digit(const struct text *t, size_t i)
{
	unsigned char c = t->from + i < t->to ? t->from[i] : 0;

	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10u : 16;
}

/*
 * Takes the longest number at the beginning of the text off it.
 *
 * Return: false if there is none. Otherwise *value is it, or TOO_MUCH.
 */
static bool take_number(struct text *t, unsigned __int128 *value)
{
	unsigned int radix = 10;
	size_t digits = 0;

	if (digit(t, 0) == 0) {
		radix = 8;
		if (t->to - t->from > 2 && (t->from[1] | 0x20) == 'x' && digit(t, 2) < 16) {
			radix = 16;
			t->from += 2;
		}
	}
	for (*value = 0; digit(t, digits) < radix; digits++) {
		*value = *value * radix + digit(t, digits);
		if (*value > TOO_MUCH)
			*value = TOO_MUCH;
	}
	t->from += digits;
	return digits;
}

/* The same, with a unit. What is too much is as much as there can be. */
static bool take_amount(struct text *t, uint64_t *bytes)
{
	static const char *const units = "kmgtpe";
	unsigned __int128 value;
	const char *unit;

	if (!take_number(t, &value))
		return false;
	if (t->from < t->to && *t->from) {
		unit = strchr(units, *t->from | 0x20);
		if (unit && *unit && *t->from >= 'A') {
			value <<= 10 * (unit - units + 1);
			t->from++;
		}
	}
	*bytes = value >= TOO_MUCH ? UINT64_MAX : (uint64_t)value;
	return true;
}

/* A number too long is none; a sign alone is 0, and numbers wrap at 64 bits */
static bool is_swappiness(struct text t)
{
	unsigned __int128 value = 0;
	uint64_t wrapped;
	bool minus;

	if (is(t, "max"))
		return true;
	if (t.to - t.from >= 24)
		return false;
	minus = t.from < t.to && *t.from == '-';
	t.from += minus;
	if ((!take_number(&t, &value) && !minus) || t.from < t.to)
		return false;
	wrapped = value == TOO_MUCH ? UINT64_MAX : (uint64_t)value;
	if (minus)
		wrapped = -wrapped;
	return wrapped <= 200;
}

/* What a sentence is due, and what the file shows afterwards */
struct verdict {
	int error;
	size_t written;
	bool works;		/* asks for reclaim of pages that may exist */
	uint64_t pages;		/* to be written back */
	bool sets;
	uint64_t value;
};

static struct verdict refused(int error)
{
	return (struct verdict){ .error = error };
}

static struct text next_word(struct text *rest)
{
	struct text word = { rest->from, rest->from };

	while (word.to < rest->to && *word.to != ' ')
		word.to++;
	rest->from = word.to < rest->to ? word.to + 1 : word.to;
	return word;
}

static struct verdict reclaim_verdict(struct text t, size_t written)
{
	static const char option[] = "swappiness=";
	struct verdict v = { .written = written };
	unsigned int keys = 0, options = 0;
	uint64_t bytes;

	t = strip(t);
	if (!take_amount(&t, &bytes))
		return refused(EINVAL);
	t = strip(t);
	while (t.from < t.to) {
		struct text word = next_word(&t);

		if (is(word, ""))
			continue;
		if (is(word, KEY)) {
			keys++;
			continue;
		}
		if ((size_t)(word.to - word.from) < strlen(option) ||
		    memcmp(word.from, option, strlen(option)))
			return refused(EINVAL);
		word.from += strlen(option);
		if (!is_swappiness(word))
			return refused(EINVAL);
		options++;
	}
	if (keys > 1 || (keys && options))
		return refused(EINVAL);
	if (bytes >= page_size)
		v.error = EAGAIN;
	v.works = v.error && !keys;
	v.pages = keys ? bytes / page_size : 0;
	return v;
}

static struct verdict group_verdict(const struct sentence *s)
{
	if (!s->len)
		return (struct verdict){ };
	if (s->len > page_size)
		return refused(E2BIG);
	return reclaim_verdict(visible(s, page_size), s->len);
}

/* No sentence is too long: the file takes its first page, and says so */
static struct verdict node_verdict(const struct sentence *s)
{
	if (!s->len)
		return (struct verdict){ };
	return reclaim_verdict(visible(s, page_size), s->len < page_size ? s->len : page_size);
}

#define NO_LIMIT	UINT64_MAX

static struct verdict max_verdict(const struct sentence *s)
{
	struct verdict v = { .written = s->len, .sets = true };
	struct text t = strip(visible(s, page_size));

	if (!s->len)
		return (struct verdict){ };
	if (s->len > page_size)
		return refused(E2BIG);
	if (is(t, "max")) {
		v.value = NO_LIMIT;
		return v;
	}
	/* No words at all are a limit of 0 */
	take_amount(&t, &v.value);
	if (t.from < t.to)
		return refused(EINVAL);
	v.value -= v.value % page_size;
	if (v.value / page_size >= LONG_MAX / page_size)
		v.value = NO_LIMIT;
	return v;
}

static struct verdict writeback_verdict(const struct sentence *s)
{
	struct verdict v = { .written = s->len, .sets = true };
	struct text t = strip(visible(s, page_size));
	unsigned __int128 value;
	bool minus;

	if (!s->len)
		return (struct verdict){ };
	if (s->len > page_size)
		return refused(E2BIG);
	minus = t.from < t.to && *t.from == '-';
	t.from += minus || (t.from < t.to && *t.from == '+');
	if (!take_number(&t, &value))
		return refused(EINVAL);
	if (value == TOO_MUCH)
		return refused(ERANGE);
	if (t.from < t.to)
		return refused(EINVAL);
	if (value > (unsigned int)INT_MAX + minus)
		return refused(ERANGE);
	if (value > 1 || (value && minus))
		return refused(EINVAL);
	v.value = value;
	return v;
}

/* ---- sentences ---------------------------------------------------------- */

static void put_bytes(struct sentence *s, const void *bytes, size_t len)
{
	if (len > ROOM - s->len)
		len = ROOM - s->len;
	memcpy(s->at + s->len, bytes, len);
	s->len += len;
}

static void put(struct sentence *s, const char *text)
{
	put_bytes(s, text, strlen(text));
}

static const char *one_of(const char *const *texts, size_t nr)
{
	return texts[below(nr)];
}

#define ONE_OF(...) ({						\
	static const char *const texts[] = { __VA_ARGS__ };	\
	one_of(texts, ARRAY_SIZE(texts));			\
})

static void draw_blanks(struct sentence *s)
{
	while (below(3) == 0)
		put(s, ONE_OF(" ", " ", " ", "\t", "\n", "\v", "\f", "\r", "\xa0"));
}

/* Numbers at the limits that the parsers know, and others */
static void draw_number(struct sentence *s)
{
	char text[64];
	uint64_t value = next_random(&rng);

	switch (below(8)) {
	case 0:
		put(s, ONE_OF("0", "1", "4095", "4096", "4097", "200", "201",
			      "2147483647", "2147483648", "4294967295", "4294967296",
			      "9223372036854775807", "9223372036854775808",
			      "18446744073709551615", "18446744073709551616",
			      "99999999999999999999999999", "00000000000000000000000001"));
		return;
	case 1:
		put(s, ONE_OF("0x0", "0X1", "0x1000", "0xffffffffffffffff",
			      "0x10000000000000000", "010", "07777", "010000",
			      "01777777777777777777777", "02000000000000000000000",
			      "08", "0x", "0xg", "1e"));
		return;
	case 2:
		value = 0;
		break;
	case 3:
		value >>= below(64);
		break;
	default:
		value >>= 40 + below(24);
		break;
	}
	snprintf(text, sizeof(text), ONE_OF("%llu", "%llu", "%llu", "%llu", "0x%llx", "0%llo"),
		 (unsigned long long)value);
	put(s, text);
}

static void draw_amount(struct sentence *s)
{
	draw_number(s);
	put(s, ONE_OF("", "", "", "K", "M", "G", "T", "P", "E",
		      "k", "m", "g", "t", "p", "e", "B", "KB", "i"));
}

static void draw_swappiness(struct sentence *s)
{
	put(s, "swappiness=");
	switch (below(6)) {
	case 0:
		put(s, "max");
		break;
	case 1:
		put(s, "-");
		if (below(2))
			draw_number(s);
		break;
	case 2:
		put(s, ONE_OF("60", "0", "200", "201", "0x3c", "074", "min", "MAX", "", "+1",
			      "-18446744073709551556", "000000000000000000000060"));
		break;
	default:
		draw_number(s);
	}
}

/* Half of the sentences are the request itself */
static void draw_reclaim(struct sentence *s)
{
	draw_blanks(s);
	draw_amount(s);
	if (below(4))
		put(s, " ");
	draw_blanks(s);
	if (below(10))
		put(s, KEY);
	while (below(4) == 0) {
		put(s, ONE_OF(" ", " ", " ", "  ", "\t", "", ","));
		if (below(3))
			draw_swappiness(s);
		else
			put(s, KEY);
	}
	draw_blanks(s);
}

static void draw_max(struct sentence *s)
{
	draw_blanks(s);
	if (below(4))
		draw_amount(s);
	else
		put(s, ONE_OF("max", "max", "MAX", "", "-1", "+1", "K"));
	draw_blanks(s);
}

static void draw_writeback(struct sentence *s)
{
	draw_blanks(s);
	put(s, ONE_OF("", "", "", "+", "-", "+-", "--"));
	if (below(3))
		put(s, ONE_OF("0", "1", "2", "00", "01", "0x1", "0X0", "on", "max", ""));
	else
		draw_number(s);
	draw_blanks(s);
}

/* Room for @len more at @at */
static bool widen(struct sentence *s, size_t at, size_t len)
{
	if (s->len + len > ROOM)
		return false;
	memmove(s->at + at + len, s->at + at, s->len - at);
	s->len += len;
	return true;
}

static unsigned char draw_byte(void)
{
	static const char likely[] = "\0 \t\n=-+x0189aefkKMGTPE_sz,\xa0\xff";

	if (below(4))
		return likely[below(sizeof(likely) - 1)];
	return below(256);
}

/* To a page, and a bit less or more */
static void lengthen(struct sentence *s)
{
	size_t want = page_size - 2 + below(5);
	int filler = below(3) ? ' ' : draw_byte();

	if (below(8) == 0)
		want = 2 * page_size;
	if (s->len < want) {
		size_t at = below(3) ? s->len : below(s->len + 1);
		size_t len = want - s->len;

		if (widen(s, at, len))
			memset(s->at + at, filler, len);
	}
}

static void mutate(struct sentence *s)
{
	size_t at = below(s->len + 1), len;

	switch (below(9)) {
	case 0:
		if (at < s->len)
			s->at[at] ^= 0x20;
		break;
	case 1:
		if (at < s->len)
			s->at[at] = draw_byte();
		break;
	case 2:
	case 3:
		if (widen(s, at, 1))
			s->at[at] = draw_byte();
		break;
	case 4:
		if (at < s->len) {
			memmove(s->at + at, s->at + at + 1, s->len - at - 1);
			s->len--;
		}
		break;
	case 5:
		/* Part of the sentence again */
		len = s->len - at;
		len = len ? below(len) + 1 : 0;
		put_bytes(s, s->at + at, len);
		break;
	case 6:
		s->len = at;
		break;
	case 7:
		if (below(8) == 0)
			lengthen(s);
		break;
	case 8:
		for (size_t i = 0; i < s->len; i++)
			if (s->at[i] >= 'a' && s->at[i] <= 'z' && below(2))
				s->at[i] ^= 0x20;
		break;
	}
}

/* ---- files -------------------------------------------------------------- */

struct file {
	const char *name;
	const char *path;
	void (*draw)(struct sentence *s);
	struct verdict (*verdict)(const struct sentence *s);
	/* The file shows what was written to it */
	bool readable;
	bool spares_memory;
	uint64_t value;
	unsigned long tried, valid;
};

enum { GROUP_FILE, NODE, ZSWAP_MAX, ZSWAP_WRITEBACK, NR_FILES };

static struct file files[NR_FILES] = {
	[GROUP_FILE] = {
		.name = "group",
		.path = GROUP "/memory.reclaim",
		.draw = draw_reclaim,
		.verdict = group_verdict,
	},
	[NODE] = {
		.name = "node",
		.path = NODE_FILE,
		.draw = draw_reclaim,
		.verdict = node_verdict,
		.spares_memory = true,
	},
	[ZSWAP_MAX] = {
		.name = "zswap_max",
		.path = GROUP "/memory.zswap.max",
		.draw = draw_max,
		.verdict = max_verdict,
		.readable = true,
		.value = NO_LIMIT,
	},
	[ZSWAP_WRITEBACK] = {
		.name = "zswap_writeback",
		.path = GROUP "/memory.zswap.writeback",
		.draw = draw_writeback,
		.verdict = writeback_verdict,
		.readable = true,
		.value = 1,
	},
};

static void print_escaped(const struct sentence *s)
{
	size_t repeated;

	putchar('"');
	for (size_t i = 0; i < s->len; i += repeated) {
		unsigned char c = s->at[i];

		for (repeated = 1; i + repeated < s->len && s->at[i + repeated] == c;)
			repeated++;
		/* A page of blanks helps nobody */
		if (repeated < 16)
			repeated = 1;
		if (c > ' ' && c < 127 && c != '"' && c != '\\')
			putchar(c);
		else if (c == ' ')
			putchar(' ');
		else
			printf("\\x%02x", c);
		if (repeated > 1)
			printf("{%zu times}", repeated);
	}
	putchar('"');
}

/* Begins a line of what went wrong */
static void report(const struct file *file, const struct sentence *s)
{
	failed = true;
	printf("# seed %lu, %s, sentence %lu: ", seed, file->name, file->tried);
	print_escaped(s);
}

static uint64_t shown(int fd, const struct file *file)
{
	char text[64];
	ssize_t got = pread(fd, text, sizeof(text) - 1, 0);

	if (got <= 0)
		give_up(file->path);
	text[got] = 0;
	return !strcmp(text, "max\n") ? NO_LIMIT : strtoull(text, NULL, 10);
}

static const char *error_name(int error)
{
	return error ? strerrorname_np(error) : "success";
}

static int open_file(const struct file *file)
{
	return open(file->path, (file->readable ? O_RDWR : O_WRONLY) | O_CLOEXEC);
}

/* The sentence is written, and gets what it is due */
static void try(int fd, struct file *file, const struct sentence *s, struct verdict due)
{
	ssize_t written;
	int error;

	file->tried++;
	file->valid += due.error == 0 || due.error == EAGAIN;
	written = pwrite(fd, s->at, s->len, 0);
	error = written < 0 ? errno : 0;
	if (error != due.error) {
		report(file, s);
		printf(": %s instead of %s\n", error_name(error), error_name(due.error));
	} else if (!error && (size_t)written != due.written) {
		report(file, s);
		printf(": %zd bytes taken instead of %zu\n", written, due.written);
	}
	if (due.sets)
		file->value = due.value;
	if (file->readable && shown(fd, file) != file->value) {
		report(file, s);
		printf(": the file shows 0x%llx instead of 0x%llx\n",
		       (unsigned long long)shown(fd, file), (unsigned long long)file->value);
	}
}

/* ---- what must not happen ----------------------------------------------- */

static const char *const counters[] = {
	"zswpwb", "zswpwb_proactive", "zswpwb_failed", "pswpout",
};

static unsigned long before[ARRAY_SIZE(counters)];
static int kmsg;

/* ULONG_MAX for a counter that the kernel does not have */
static unsigned long value_in(const char *path, const char *key)
{
	FILE *file = fopen(path, "re");
	unsigned long value, found = ULONG_MAX;
	char name[64], line[256];

	if (!file)
		give_up(path);
	while (found == ULONG_MAX && fgets(line, sizeof(line), file))
		if (sscanf(line, "%63s %lu", name, &value) == 2 && !strcmp(name, key))
			found = value;
	fclose(file);
	return found;
}

static void read_counters(unsigned long *values)
{
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
		values[i] = value_in("/proc/vmstat", counters[i]);
}

static void check_counters(void)
{
	unsigned long now[ARRAY_SIZE(counters)];

	read_counters(now);
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		if (now[i] == before[i] && now[i] != ULONG_MAX)
			continue;
		failed = true;
		if (now[i] == ULONG_MAX)
			printf("# there is no counter %s\n", counters[i]);
		else
			printf("# seed %lu: %s went from %lu to %lu\n", seed, counters[i],
			       before[i], now[i]);
	}
}

static void open_log(void)
{
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg < 0 || lseek(kmsg, 0, SEEK_END) < 0)
		give_up("/dev/kmsg");
}

/* What others have to say meanwhile, as of a timer that was late, is not its answer */
static bool is_of_writeback(const char *line)
{
	static const char *const words[] = { "zswap", "memory", "memcg", "cgroup", "reclaim", "swap" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcasestr(line, words[i]))
			return true;
	return false;
}

/* The boot goes on for a while; what it says is information, level 6 and above */
static void check_log(void)
{
	char line[8192];
	ssize_t got;

	while ((got = read(kmsg, line, sizeof(line) - 1)) > 0) {
		line[got] = 0;
		if ((strtoul(line, NULL, 10) & 7) >= 6 || !is_of_writeback(line))
			continue;
		line[strcspn(line, "\n")] = 0;
		failed = true;
		printf("# seed %lu: the kernel said: %s\n", seed, line);
	}
	if (got < 0 && errno != EAGAIN) {
		failed = true;
		printf("# seed %lu: the kernel's log is lost: %s\n", seed, strerror(errno));
	}
}

/* ---- the tests ---------------------------------------------------------- */

#define EXAMPLE(file, error, text)	{ file, error, text, sizeof(text) - 1 }

/*
 * The table of Documentation/input.md: what people may type. The errors are
 * written down here, not asked of the model, which is held against them too.
 */
static const struct {
	unsigned int file;
	int error;
	const char *text;
	size_t len;
} examples[] = {
	EXAMPLE(GROUP_FILE, EAGAIN, "100M " KEY),
	EXAMPLE(GROUP_FILE, EAGAIN, "100M " KEY "\n"),
	EXAMPLE(GROUP_FILE, EAGAIN, "  100M\t\n " KEY "  \n"),
	EXAMPLE(GROUP_FILE, EAGAIN, "100M" KEY),
	EXAMPLE(GROUP_FILE, EAGAIN, "0x1000" KEY),
	EXAMPLE(GROUP_FILE, EAGAIN, "010000 " KEY),
	EXAMPLE(GROUP_FILE, EAGAIN, "99999999999999999999E " KEY),
	EXAMPLE(GROUP_FILE, EAGAIN, "1G " KEY "\0 and more"),
	EXAMPLE(GROUP_FILE, 0, "0 " KEY),
	EXAMPLE(GROUP_FILE, 0, "4095 " KEY),
	EXAMPLE(GROUP_FILE, 0, "07777 " KEY),
	EXAMPLE(GROUP_FILE, 0, ""),
	EXAMPLE(GROUP_FILE, EINVAL, KEY),
	EXAMPLE(GROUP_FILE, EINVAL, KEY " 100M"),
	EXAMPLE(GROUP_FILE, EINVAL, "-1 " KEY),
	EXAMPLE(GROUP_FILE, EINVAL, "+1 " KEY),
	EXAMPLE(GROUP_FILE, EINVAL, "M " KEY),
	EXAMPLE(GROUP_FILE, EINVAL, "08 " KEY),
	EXAMPLE(GROUP_FILE, EINVAL, "1.5G " KEY),
	EXAMPLE(GROUP_FILE, EINVAL, "100MB " KEY),
	EXAMPLE(GROUP_FILE, EINVAL, "100MiB " KEY),
	EXAMPLE(GROUP_FILE, EINVAL, "100M ZSWAP_WRITEBACK_ONLY"),
	EXAMPLE(GROUP_FILE, EINVAL, "100M " KEY "=1"),
	EXAMPLE(GROUP_FILE, EINVAL, "100M " KEY " " KEY),
	EXAMPLE(GROUP_FILE, EINVAL, "100M " KEY "," KEY),
	EXAMPLE(GROUP_FILE, EINVAL, "100M " KEY " swappiness=60"),
	EXAMPLE(GROUP_FILE, EINVAL, "100M swappiness=60 " KEY),
	EXAMPLE(GROUP_FILE, EINVAL, "100M swappiness=max " KEY),
	EXAMPLE(GROUP_FILE, EINVAL, "0 swappiness=60 " KEY),
	EXAMPLE(GROUP_FILE, EINVAL, "100M " KEY "\tswappiness=60"),
	EXAMPLE(GROUP_FILE, EINVAL, " \n"),
	EXAMPLE(GROUP_FILE, EINVAL, "\0" "100M " KEY),
	EXAMPLE(GROUP_FILE, EAGAIN, "100M"),
	EXAMPLE(GROUP_FILE, EAGAIN, "100M swappiness=60"),
	EXAMPLE(GROUP_FILE, EAGAIN, "100M swappiness=max"),
	EXAMPLE(GROUP_FILE, EAGAIN, "100M swappiness=-"),
	EXAMPLE(GROUP_FILE, EAGAIN, "100M swappiness=-18446744073709551556"),
	EXAMPLE(GROUP_FILE, EINVAL, "100M swappiness=201"),
	EXAMPLE(GROUP_FILE, EINVAL, "100M swappiness=-1"),
	EXAMPLE(GROUP_FILE, EINVAL, "100M swappiness="),
	EXAMPLE(GROUP_FILE, EINVAL, "100M swappiness=000000000000000000000060"),
	EXAMPLE(ZSWAP_MAX, 0, "max"),
	EXAMPLE(ZSWAP_MAX, 0, "1G\n"),
	EXAMPLE(ZSWAP_MAX, 0, " "),
	EXAMPLE(ZSWAP_MAX, EINVAL, "MAX"),
	EXAMPLE(ZSWAP_MAX, EINVAL, "-1"),
	EXAMPLE(ZSWAP_MAX, EINVAL, "1GB"),
	EXAMPLE(ZSWAP_MAX, EINVAL, "1 G"),
	EXAMPLE(ZSWAP_WRITEBACK, 0, "0"),
	EXAMPLE(ZSWAP_WRITEBACK, 0, "+1\n"),
	EXAMPLE(ZSWAP_WRITEBACK, 0, "-0"),
	EXAMPLE(ZSWAP_WRITEBACK, EINVAL, "2"),
	EXAMPLE(ZSWAP_WRITEBACK, EINVAL, "-1"),
	EXAMPLE(ZSWAP_WRITEBACK, EINVAL, "\n"),
	EXAMPLE(ZSWAP_WRITEBACK, EINVAL, "on"),
	EXAMPLE(ZSWAP_WRITEBACK, ERANGE, "2147483648"),
	EXAMPLE(ZSWAP_WRITEBACK, ERANGE, "99999999999999999999 and more"),
};

static void run_example(struct file *file, const char *text, size_t len, int error)
{
	static struct sentence s;
	struct verdict due;
	int fd = open_file(file);

	if (fd < 0)
		give_up(file->path);
	s.len = 0;
	put_bytes(&s, text, len);
	due = file->verdict(&s);
	if (due.error != error) {
		report(file, &s);
		printf(": the model says %s instead of %s\n", error_name(due.error),
		       error_name(error));
	}
	due.error = error;
	try(fd, file, &s, due);
	close(fd);
}

static void run_examples(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++)
		run_example(&files[examples[i].file], examples[i].text, examples[i].len,
			    examples[i].error);
	/* As it was, or the key is not even looked at */
	run_example(&files[ZSWAP_WRITEBACK], "1", 1, 0);
}

static struct verdict draw(struct file *file, struct sentence *s)
{
	struct verdict due;

	do {
		s->len = 0;
		file->draw(s);
		for (unsigned long nr = below(4); nr > 1; nr--)
			mutate(s);
		due = file->verdict(s);
	} while (file->spares_memory && due.works);
	return due;
}

/* Return: false if there is no such file */
static bool run_file(struct file *file)
{
	static struct sentence s;
	int fd = open_file(file);

	if (fd < 0 && errno == ENOENT)
		return false;
	if (fd < 0)
		give_up(file->path);
	file->tried = 0;
	file->valid = 0;
	rng = (seed + (file - files)) * 0x9e3779b97f4a7c15 | 1;
	while (file->tried < count && !failed) {
		struct verdict due = draw(file, &s);

		try(fd, file, &s, due);
	}
	close(fd);
	printf("# %s: %lu sentences, %lu of them valid\n", file->name, file->tried, file->valid);
	return true;
}

/* ---- pages in zswap ------------------------------------------------------ */

#define OWNED		1024
#define REQUESTS	400

/* Somebody in the group, who pages out all that is his for each byte that he reads */
struct owner {
	pid_t pid;
	int commands, answers;
};

static uint64_t stamp(unsigned long round, size_t page)
{
	return round << 32 | (page + 1);
}

/* No page is of zeros: those have no place in zswap */
static bool stamp_all(unsigned char *pages, unsigned long round)
{
	bool good = true;

	for (size_t i = 0; i < OWNED; i++) {
		uint64_t *word = (uint64_t *)(pages + i * page_size);

		good = good && (!round || *word == stamp(round - 1, i));
		*word = stamp(round, i);
	}
	return good;
}

static void own(int commands, int answers)
{
	unsigned char *pages = mmap(NULL, OWNED * page_size, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long round = 0;
	bool good;
	char byte;

	if (pages == MAP_FAILED)
		give_up("mmap");
	while (read(commands, &byte, 1) == 1) {
		good = stamp_all(pages, round++);
		if (madvise(pages, OWNED * page_size, MADV_PAGEOUT))
			give_up("MADV_PAGEOUT");
		if (write(answers, good ? "y" : "n", 1) != 1)
			give_up("answer");
	}
	_exit(0);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		give_up(path);
	close(fd);
}

static struct owner start_owner(void)
{
	int commands[2], answers[2];
	struct owner owner;

	if (pipe2(commands, O_CLOEXEC) || pipe2(answers, O_CLOEXEC))
		give_up("pipe");
	fflush(stdout);
	owner.pid = fork();
	if (owner.pid < 0)
		give_up("fork");
	if (!owner.pid) {
		close(commands[1]);
		close(answers[0]);
		write_file(GROUP "/cgroup.procs", "0");
		own(commands[0], answers[1]);
	}
	close(commands[0]);
	close(answers[1]);
	owner.commands = commands[1];
	owner.answers = answers[0];
	return owner;
}

static void end_owner(const struct owner *owner)
{
	close(owner->commands);
	close(owner->answers);
	waitpid(owner->pid, NULL, 0);
}

static void page_out(const struct owner *owner)
{
	char answer = 0;

	if (write(owner->commands, "p", 1) != 1 || read(owner->answers, &answer, 1) != 1)
		give_up("the owner of pages has gone");
	if (answer == 'y')
		return;
	failed = true;
	printf("# seed %lu: a page came back with other content\n", seed);
}

static uint64_t pages_in_zswap(void)
{
	return value_in("/proc/meminfo", "Zswapped:") * 1024 / page_size;
}

static uint64_t pages_written(void)
{
	return value_in("/proc/vmstat", "zswpwb_proactive");
}

/* What is due to the sentence of @due with @stored pages in zswap */
static struct verdict with_stored(struct verdict due, uint64_t stored)
{
	if (due.error == EAGAIN && due.pages <= stored)
		due.error = 0;
	return due;
}

/* Return: pages that it had written */
static uint64_t try_with_pages(int fd, struct file *file, const struct sentence *s,
			       struct verdict due, uint64_t stored)
{
	uint64_t written = pages_written();
	uint64_t want = due.pages < stored ? due.pages : stored;

	try(fd, file, s, with_stored(due, stored));
	stored -= pages_in_zswap();
	written = pages_written() - written;
	if (written == want && stored == want)
		return want;
	report(file, s);
	printf(": %llu pages written and %llu gone from zswap instead of %llu\n",
	       (unsigned long long)written, (unsigned long long)stored,
	       (unsigned long long)want);
	return written;
}

static void run_with_pages(struct file *file, const struct owner *owner, int fd)
{
	static struct sentence s;
	unsigned long all = 0, part = 0;

	rng = (seed + NR_FILES + (file - files)) * 0x9e3779b97f4a7c15 | 1;
	file->tried = 0;
	while (file->tried < REQUESTS && !failed) {
		struct verdict due = draw(file, &s);
		uint64_t stored = pages_in_zswap(), written;

		/* Reclaim has its own idea of what it may take */
		if (due.works)
			continue;
		if (stored < OWNED / 2) {
			page_out(owner);
			stored = pages_in_zswap();
		}
		written = try_with_pages(fd, file, &s, due, stored);
		all += written && written == stored;
		part += written && written < stored;
	}
	printf("# %s: %lu sentences, %lu wrote all that there was, %lu a part of it\n",
	       file->name, file->tried, all, part);
	if (failed || (all && part))
		return;
	failed = true;
	printf("# seed %lu: too few of them\n", seed);
}

/* Return: false if there is no such file */
static bool run_amounts(struct file *file)
{
	struct owner owner;
	int fd = open_file(file);

	if (fd < 0 && errno == ENOENT)
		return false;
	if (fd < 0)
		give_up(file->path);
	write_file(files[ZSWAP_MAX].path, "max");
	write_file(files[ZSWAP_WRITEBACK].path, "1");
	owner = start_owner();
	run_with_pages(file, &owner, fd);
	end_owner(&owner);
	close(fd);
	return true;
}

/* ---- all of them ---------------------------------------------------------- */

static unsigned int nr_tests, nr_passed, nr_skipped;

static void result(const char *name, const char *skip)
{
	bool good = !failed;

	nr_tests++;
	nr_passed += good && !skip;
	nr_skipped += good && skip;
	printf("%sok %u %s%s%s\n", good ? "" : "not ", nr_tests, name,
	       good && skip ? " # SKIP " : "", good && skip ? skip : "");
	fflush(stdout);
	failed = false;
}

static void set_up(void)
{
	page_size = sysconf(_SC_PAGESIZE);
	if (mkdir(GROUP, 0755))
		give_up(GROUP);
	read_counters(before);
	open_log();
}

static int run_all(void)
{
	set_up();
	printf("TAP version 13\n1..%zu\n", ARRAY_SIZE(files) + 5);
	run_examples();
	result("examples", NULL);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		result(files[i].name, run_file(&files[i]) ? NULL : "not on this machine");
	check_counters();
	result("nothing_written", NULL);
	result("group_amounts", run_amounts(&files[GROUP_FILE]) ? NULL : "not on this machine");
	result("node_amounts", run_amounts(&files[NODE]) ? NULL : "not on this machine");
	check_log();
	result("nothing_in_the_log", NULL);
	if (rmdir(GROUP))
		give_up("rmdir");
	printf("# Totals: pass:%u fail:%u xfail:0 xpass:0 skip:%u error:0\n", nr_passed,
	       nr_tests - nr_passed - nr_skipped, nr_skipped);
	return nr_passed + nr_skipped < nr_tests;
}

static unsigned long number_of(const char *text)
{
	char *rest;
	unsigned long value = strtoul(text, &rest, 10);

	if (*rest || rest == text) {
		fprintf(stderr, "grammar: \"%s\" is no number\n", text);
		exit(2);
	}
	return value;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "count", required_argument, NULL, 'c' },
		{ }
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (option) {
		case 's':
			seed = number_of(optarg);
			break;
		case 'c':
			count = number_of(optarg);
			break;
		default:
			fprintf(stderr, "usage: grammar [--seed N] [--count N]\n");
			return 2;
		}
	}
	return run_all();
}
