// SPDX-License-Identifier: GPL-2.0
#include "policy.h"

#include <confuse.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "group.h"
#include "memory.h"
#include "text.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof(*(array)))
#define STATE	"/var/lib/zswapctl/budget.json"
#define DAY	(24 * 60)

enum kind { SIZE, TIME, COUNT, PERCENT };

/* The rules: their names, and where a class that does not set them gets them */
static const struct rule {
	const char *name;
	enum kind kind;
	size_t offset;
} rules[] = {
	{ "min_pass", SIZE, offsetof(struct rules, min_pass) },
	{ "max_pass", SIZE, offsetof(struct rules, max_pass) },
	{ "cold_passes", COUNT, offsetof(struct rules, cold_passes) },
	{ "memory_avg10", PERCENT, offsetof(struct rules, memory_avg10) },
	{ "memory_avg60", PERCENT, offsetof(struct rules, memory_avg60) },
	{ "io_avg10", PERCENT, offsetof(struct rules, io_avg10) },
	{ "io_avg60", PERCENT, offsetof(struct rules, io_avg60) },
	{ "refault_ceiling", PERCENT, offsetof(struct rules, refault_ceiling) },
	{ "backoff", TIME, offsetof(struct rules, backoff) },
	{ "backoff_max", TIME, offsetof(struct rules, backoff_max) },
};

static cfg_opt_t class_options[] = {
	CFG_BOOL("enabled", cfg_true, CFGF_NONE),
	CFG_STR("min_pass", NULL, CFGF_NODEFAULT),
	CFG_STR("max_pass", NULL, CFGF_NODEFAULT),
	CFG_STR("cold_passes", NULL, CFGF_NODEFAULT),
	CFG_STR("memory_avg10", NULL, CFGF_NODEFAULT),
	CFG_STR("memory_avg60", NULL, CFGF_NODEFAULT),
	CFG_STR("io_avg10", NULL, CFGF_NODEFAULT),
	CFG_STR("io_avg60", NULL, CFGF_NODEFAULT),
	CFG_STR("refault_ceiling", NULL, CFGF_NODEFAULT),
	CFG_STR("backoff", NULL, CFGF_NODEFAULT),
	CFG_STR("backoff_max", NULL, CFGF_NODEFAULT),
	CFG_END()
};

static cfg_opt_t options[] = {
	CFG_STR("interval", "5m", CFGF_NONE),
	CFG_STR("daily_budget", "1G", CFGF_NONE),
	CFG_BOOL("dry_run", cfg_true, CFGF_NONE),
	CFG_STR("state", STATE, CFGF_NONE),
	CFG_STR_LIST("quiet", NULL, CFGF_NONE),
	CFG_STR("min_pass", "1M", CFGF_NONE),
	CFG_STR("max_pass", "64M", CFGF_NONE),
	CFG_STR("cold_passes", "12", CFGF_NONE),
	CFG_STR("memory_avg10", "0.1%", CFGF_NONE),
	CFG_STR("memory_avg60", "0.1%", CFGF_NONE),
	CFG_STR("io_avg10", "1%", CFGF_NONE),
	CFG_STR("io_avg60", "1%", CFGF_NONE),
	CFG_STR("refault_ceiling", "0.2%", CFGF_NONE),
	CFG_STR("backoff", "10m", CFGF_NONE),
	CFG_STR("backoff_max", "4h", CFGF_NONE),
	CFG_SEC("cgroup", class_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_END()
};

static int parse_window(const char *text, struct window *window)
{
	unsigned int h1, m1, h2, m2;
	int end = 0;

	if (sscanf(text, "%2u:%2u-%2u:%2u%n", &h1, &m1, &h2, &m2, &end) != 4 || text[end] ||
	    h1 > 23 || m1 > 59 || m2 > 59)
		return -EINVAL;
	*window = (struct window) { h1 * 60 + m1, h2 * 60 + m2 };
	/* Whoever writes 00:00-00:00 may mean the whole day, or none of it */
	return window->to > DAY || window->to == window->from ? -EINVAL : 0;
}

static int parse_rule(enum kind kind, const char *text, void *value)
{
	switch (kind) {
	case SIZE:
		return parse_size(text, value);
	case TIME:
		return parse_time(text, value);
	case PERCENT:
		return parse_percent(text, value);
	default:
		return parse_number(text, value);
	}
}

static const struct rule *rule_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (!strcmp(rules[i].name, name))
			return &rules[i];
	return NULL;
}

/* libconfuse names the line; all but the list holds one value */
static int check_rule(cfg_t *cfg, cfg_opt_t *option)
{
	const char *text = cfg_opt_getnstr(option, 0);
	union { uint64_t number; double percent; } value;

	if (!parse_rule(rule_of(option->name)->kind, text, &value))
		return 0;
	cfg_error(cfg, "%s = \"%s\" is not understood", option->name, text);
	return -1;
}

static int check_size(cfg_t *cfg, cfg_opt_t *option)
{
	uint64_t value;

	if (!parse_size(cfg_opt_getnstr(option, 0), &value))
		return 0;
	cfg_error(cfg, "%s = \"%s\" is no size", option->name, cfg_opt_getnstr(option, 0));
	return -1;
}

static int check_interval(cfg_t *cfg, cfg_opt_t *option)
{
	uint64_t value;

	if (!parse_time(cfg_opt_getnstr(option, 0), &value) && value)
		return 0;
	cfg_error(cfg, "interval = \"%s\" is no time of a second or more",
		  cfg_opt_getnstr(option, 0));
	return -1;
}

static int check_quiet(cfg_t *cfg, cfg_opt_t *option)
{
	const char *text = cfg_opt_getnstr(option, cfg_opt_size(option) - 1);
	struct window window;

	if (!parse_window(text, &window))
		return 0;
	cfg_error(cfg, "quiet: \"%s\" is not of the form 08:00-20:30, or 00:00-24:00 for all day", text);
	return -1;
}

/* The agent may be started anywhere */
static int check_state(cfg_t *cfg, cfg_opt_t *option)
{
	if (*cfg_opt_getnstr(option, 0) == '/')
		return 0;
	cfg_error(cfg, "state = \"%s\" is no path that begins with a slash",
		  cfg_opt_getnstr(option, 0));
	return -1;
}

static void set_checks(cfg_t *cfg)
{
	cfg_set_validate_func(cfg, "interval", check_interval);
	cfg_set_validate_func(cfg, "daily_budget", check_size);
	cfg_set_validate_func(cfg, "quiet", check_quiet);
	cfg_set_validate_func(cfg, "state", check_state);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		char *inner = format("cgroup|%s", rules[i].name);

		cfg_set_validate_func(cfg, rules[i].name, check_rule);
		cfg_set_validate_func(cfg, inner, check_rule);
		free(inner);
	}
}

/* All values were checked by now */
static void take_rules(cfg_t *cfg, cfg_t *section, struct rules *into)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		const char *text = cfg_getstr(section, rules[i].name);

		parse_rule(rules[i].kind, text ? text : cfg_getstr(cfg, rules[i].name),
			   (char *)into + rules[i].offset);
	}
}

/* What is wrong with @own, where @where they are */
static bool sensible(const struct policy *policy, const struct rules *own, bool enabled,
		     const char *where)
{
	if (own->min_pass > own->max_pass)
		warnx("%s: min_pass is more than max_pass", where);
	else if (policy->daily_budget && own->min_pass > policy->daily_budget && enabled)
		warnx("%s: min_pass is more than daily_budget, so that nothing would ever be written",
		      where);
	else if (own->cold_passes > MOST_COLD_PASSES)
		warnx("%s: cold_passes is more than %d", where, MOST_COLD_PASSES);
	else if (own->backoff > own->backoff_max)
		warnx("%s: backoff is more than backoff_max", where);
	else
		return true;
	return false;
}

static bool take_class(cfg_t *cfg, cfg_t *section, struct policy *policy)
{
	struct class *class = &policy->classes[policy->nr_classes++];
	bool ret;
	char *where;

	class->pattern = format("%s", cfg_title(section));
	class->enabled = cfg_getbool(section, "enabled");
	take_rules(cfg, section, &class->rules);
	where = format("cgroup \"%s\"", class->pattern);
	ret = sensible(policy, &class->rules, class->enabled, where);
	free(where);
	return ret;
}

static bool take_classes(cfg_t *cfg, struct policy *policy)
{
	size_t nr = cfg_size(cfg, "cgroup");
	struct rules common;

	/* Also for a section that is not there yet */
	take_rules(cfg, cfg, &common);
	if (!sensible(policy, &common, false, "rules for all cgroups"))
		return false;
	policy->classes = checked(calloc(nr + 1, sizeof(*policy->classes)));
	for (size_t i = 0; i < nr; i++)
		if (!take_class(cfg, cfg_getnsec(cfg, "cgroup", i), policy))
			return false;
	return true;
}

static void take_quiet(cfg_t *cfg, struct policy *policy)
{
	policy->nr_quiet = cfg_size(cfg, "quiet");
	policy->quiet = checked(calloc(policy->nr_quiet + 1, sizeof(*policy->quiet)));
	for (size_t i = 0; i < policy->nr_quiet; i++)
		parse_window(cfg_getnstr(cfg, "quiet", i), &policy->quiet[i]);
}

static struct policy *take(cfg_t *cfg)
{
	struct policy *policy = checked(calloc(1, sizeof(*policy)));

	parse_time(cfg_getstr(cfg, "interval"), &policy->interval);
	parse_size(cfg_getstr(cfg, "daily_budget"), &policy->daily_budget);
	policy->dry_run = cfg_getbool(cfg, "dry_run");
	policy->state = format("%s", cfg_getstr(cfg, "state"));
	take_quiet(cfg, policy);
	if (take_classes(cfg, policy))
		return policy;
	policy_free(policy);
	return NULL;
}

static void say_unread(const char *path, int err)
{
	warnx("%s: %s", path, strerror(err));
	if (err != ENOENT)
		return;
	if (strcmp(path, POLICY))
		warnx("an example of a policy is installed as " POLICY);
	else
		warnx("an installation puts an example there; --policy names another file");
}

struct policy *policy_read(const char *path)
{
	cfg_t *cfg = checked(cfg_init(options, CFGF_NONE));
	struct policy *policy = NULL;

	set_checks(cfg);
	switch (cfg_parse(cfg, path)) {
	case CFG_SUCCESS:
		policy = take(cfg);
		break;
	case CFG_FILE_ERROR:
		say_unread(path, errno);
		break;
	default:
		break;
	}
	cfg_free(cfg);
	return policy;
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	for (size_t i = 0; i < policy->nr_classes; i++)
		free(policy->classes[i].pattern);
	free(policy->classes);
	free(policy->quiet);
	free(policy->state);
	free(policy);
}

const struct class *policy_class(const struct policy *policy, const char *path)
{
	for (size_t i = 0; i < policy->nr_classes; i++)
		if (group_matches(path, policy->classes[i].pattern))
			return &policy->classes[i];
	return NULL;
}

bool policy_quiet(const struct policy *policy, unsigned int minute)
{
	for (size_t i = 0; i < policy->nr_quiet; i++) {
		const struct window *window = &policy->quiet[i];
		bool after = minute >= window->from, before = minute < window->to;

		if (window->from <= window->to ? after && before : after || before)
			return true;
	}
	return false;
}
