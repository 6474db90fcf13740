/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ntfs-punch/name.h"
#include "number.h"
#include "punchtab-internal.h"

/* As many digits as `map --wait` takes. */
#define SECONDS_MAX 999999999u

enum value { VALUE_NONE, VALUE_MAY, VALUE_MUST };

struct kind {
	const char *name;
	enum value value;
	bool repeatable;
	/* Of an option that isn't one of `map`. -EINVAL. */
	int (*take)(struct np_punchtab_entry *entry, const char *value, const char **ret_why);
};

static int take_no_fail(struct np_punchtab_entry *entry, const char *value, const char **ret_why)
{
	(void)value, (void)ret_why;
	entry->no_fail = true;
	return 0;
}

static int take_no_auto(struct np_punchtab_entry *entry, const char *value, const char **ret_why)
{
	(void)value, (void)ret_why;
	entry->no_auto = true;
	return 0;
}

static int take_in_initrd(struct np_punchtab_entry *entry, const char *value, const char **ret_why)
{
	(void)value, (void)ret_why;
	entry->in_initrd = true;
	return 0;
}

static int take_nothing(struct np_punchtab_entry *entry, const char *value, const char **ret_why)
{
	(void)entry, (void)value, (void)ret_why;
	return 0;
}

static int take_timeout(struct np_punchtab_entry *entry, const char *value, const char **ret_why)
{
	uint64_t seconds;

	if (!np_number_parse(value, SECONDS_MAX, &seconds)) {
		*ret_why = "timeout= takes a number of seconds";
		return -EINVAL;
	}
	entry->has_timeout = true;
	entry->timeout_seconds = (unsigned)seconds;
	return 0;
}

/*
 * What can't work from one boot to the next is left out: --overlay-init would throw the overlay away each time. The values of
 * map's own options are map's to judge.
 */
/* clang-format off: a line each */
static const struct kind kinds[] = {
	{ "read-only", VALUE_NONE, false, NULL },
	{ "partitions", VALUE_NONE, false, NULL },
	{ "volume", VALUE_MUST, false, NULL },
	{ "blind", VALUE_MAY, false, NULL },
	{ "overlay", VALUE_MUST, false, NULL },
	{ "append", VALUE_MUST, true, NULL },
	{ "partition", VALUE_MUST, false, NULL },
	{ "format", VALUE_MUST, false, NULL },
	{ "allow", VALUE_MUST, true, NULL },
	{ "nofail", VALUE_NONE, false, take_no_fail },
	{ "noauto", VALUE_NONE, false, take_no_auto },
	{ "timeout", VALUE_MUST, false, take_timeout },
	{ "x-initrd.attach", VALUE_NONE, false, take_in_initrd },
	{ "defaults", VALUE_NONE, false, take_nothing },
};
/* clang-format on */

#define KIND_COUNT (sizeof(kinds) / sizeof(*kinds))

/* KIND_COUNT: there is none. */
static size_t find_kind(const char *option)
{
	size_t length = strcspn(option, "="), i = 0;

	while (i < KIND_COUNT && (strncmp(kinds[i].name, option, length) || kinds[i].name[length]))
		i++;
	return i;
}

static const char *judge(const struct kind *kind, const char *value)
{
	if (value && kind->value == VALUE_NONE)
		return "this option takes no value";
	if (!value && kind->value == VALUE_MUST)
		return "this option needs a value";
	return value && !*value ? "the option's value is empty" : NULL;
}

/* Of `map`: the same word with dashes. */
static int add_word(struct np_punchtab_entry *entry, const char *option, const char **ret_why)
{
	size_t size = strlen(option) + 3;
	char **options = realloc(entry->options, (entry->option_count + 1) * sizeof(*options));

	if (!options)
		return -ENOMEM;
	entry->options = options;
	options[entry->option_count] = malloc(size);
	if (!options[entry->option_count])
		return -ENOMEM;
	option = memcpy(options[entry->option_count++] + 2, option, size - 2);
	memcpy(options[entry->option_count - 1], "--", 2);

	entry->partitions |= !strcmp(option, "partitions");
	if (!strncmp(option, "volume=", 7)) {
		entry->volume = option + 7;
		*ret_why = np_name_problem(entry->volume);
		return *ret_why ? -EINVAL : 0;
	}
	return 0;
}

static int take_option(char *option, np_punchtab_decode *decode, struct np_punchtab_entry *entry, unsigned *seen,
		       const char **ret_why)
{
	size_t i = find_kind(option);
	char *value = strchr(option, '=');

	if (!*option)
		*ret_why = "an option is empty";
	else if (i == KIND_COUNT)
		*ret_why = "there is no such option";
	else if (*seen & 1u << i && !kinds[i].repeatable)
		*ret_why = "this option is given twice";
	else
		*ret_why = value ? decode(value + 1) : NULL;
	if (*ret_why)
		return -EINVAL;
	*seen |= 1u << i;
	value = value ? value + 1 : NULL;
	*ret_why = judge(&kinds[i], value);
	if (*ret_why)
		return -EINVAL;
	return kinds[i].take ? kinds[i].take(entry, value, ret_why) : add_word(entry, option, ret_why);
}

int np_punchtab_take_options(char *options, np_punchtab_decode *decode, struct np_punchtab_entry *entry,
			     const char **ret_why, const char **ret_word)
{
	unsigned seen = 0;
	char *option = options, *end;
	int r = 0;

	if (!strcmp(options, "-") || !strcmp(options, "none"))
		option = NULL;
	while (option && !r) {
		end = strchr(option, ',');
		if (end)
			*end = '\0';
		*ret_word = option;
		r = take_option(option, decode, entry, &seen, ret_why);
		option = end ? end + 1 : NULL;
	}
	snprintf(entry->wait_option, sizeof(entry->wait_option), "--wait=%u",
		 entry->has_timeout ? entry->timeout_seconds : NP_PUNCHTAB_TIMEOUT);
	return r;
}
