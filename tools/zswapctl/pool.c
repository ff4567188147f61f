// SPDX-License-Identifier: GPL-2.0
#include "pool.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

static void read_word(const struct host *host, const char *name, char *word, size_t size)
{
	if (read_text(word, size, "%s/sys/module/zswap/parameters/%s", host->root, name) < 0)
		*word = 0;
	word[strcspn(word, "\n")] = 0;
}

static bool read_flag(const struct host *host, const char *name)
{
	char word[8];

	read_word(host, name, word, sizeof(word));
	return *word == 'Y';
}

static uint64_t read_percent(const struct host *host, const char *name)
{
	uint64_t value;

	if (read_number(&value, "%s/sys/module/zswap/parameters/%s", host->root, name))
		return 0;
	return value;
}

static void read_settings(const struct host *host, struct pool *pool)
{
	read_word(host, "compressor", pool->compressor, sizeof(pool->compressor));
	pool->present = *pool->compressor;
	pool->enabled = read_flag(host, "enabled");
	pool->shrinker = read_flag(host, "shrinker_enabled");
	pool->max_percent = read_percent(host, "max_pool_percent");
	pool->accept_percent = read_percent(host, "accept_threshold_percent");
}

int memory_info(const struct host *host, const char *key, uint64_t *bytes)
{
	char text[8192];
	int ret;

	ret = read_text(text, sizeof(text), "%s/proc/meminfo", host->root);
	if (ret >= 0)
		ret = find_key(text, key, bytes);
	*bytes = ret ? 0 : *bytes * 1024;
	return ret;
}

static void read_sizes(const struct host *host, struct pool *pool)
{
	uint64_t total;

	memory_info(host, "Zswap:", &pool->size);
	memory_info(host, "Zswapped:", &pool->stored);
	memory_info(host, "MemTotal:", &total);
	pool->limit = total / 100 * pool->max_percent;
}

static void read_swaps(const struct host *host, struct pool *pool)
{
	uint64_t size, used;
	char text[8192];
	char *line;

	if (read_text(text, sizeof(text), "%s/proc/swaps", host->root) < 0)
		return;
	for (line = strchr(text, '\n'); line; line = strchr(line + 1, '\n')) {
		if (sscanf(line, " %*s %*s %" SCNu64 " %" SCNu64, &size, &used) != 2)
			continue;
		pool->swap_devices++;
		pool->swap_size += size * 1024;
		pool->swap_used += used * 1024;
	}
}

static void read_counters(const struct host *host, struct pool *pool)
{
	char text[32768];

	if (read_text(text, sizeof(text), "%s/proc/vmstat", host->root) < 0)
		return;
	find_key(text, "zswpwb", &pool->written);
	find_key(text, "zswpin", &pool->loaded);
	find_key(text, "zswpout", &pool->taken_in);
	find_key(text, "zswpwb_failed", &pool->failed);
	/* It came with the key */
	pool->key = !find_key(text, "zswpwb_proactive", &pool->proactive);
}

void pool_read(const struct host *host, struct pool *pool)
{
	*pool = (struct pool) { };
	read_settings(host, pool);
	read_sizes(host, pool);
	read_swaps(host, pool);
	read_counters(host, pool);
}

uint64_t pool_proactive(const struct host *host)
{
	struct pool pool = { };

	read_counters(host, &pool);
	return pool.proactive;
}
