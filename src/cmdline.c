/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "punchtab-internal.h"

/* What ends a word (Linux, lib/ctype.c, of ASCII's). */
#define BLANKS " \t\n\v\f\r"

static int digit_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit = (char)(digit | 0x20);
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static const char *decode_percent(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		int high, low;

		if (*from != '%') {
			*to = *from++;
			continue;
		}
		high = digit_value(from[1]);
		low = high < 0 ? -1 : digit_value(from[2]);
		if (low < 0)
			return "after a percent sign come two hexadecimal digits: %25 is a percent sign, %20 a space";
		if (!high && !low)
			return "there is no character of this number";
		*to = (char)(high * 16 + low);
		from += 3;
	}
	*to = '\0';
	return NULL;
}

/*
 * The first word of a text, and its value or NULL, as the kernel takes them apart: blanks between double quotes end no word;
 * the quotes around a word or a value are none of it; nothing escapes one. `*text` is what comes after it.
 */
static char *take_word(char **text, char **ret_value)
{
	bool quoted = **text == '"', in_quotes = quoted;
	char *word = *text + quoted, *equals = NULL, *end;

	for (end = word; *end && (in_quotes || !strchr(BLANKS, *end)); end++) {
		if (*end == '=' && !equals && end > word)
			equals = end;
		if (*end == '"')
			in_quotes = !in_quotes;
	}
	*text = *end ? end + 1 : end;
	*end = '\0';
	*ret_value = equals ? equals + 1 : NULL;
	if (equals)
		*equals = '\0';
	if (equals && equals[1] == '"') {
		++*ret_value;
		if (end[-1] == '"')
			end[-1] = '\0';
	}
	if (quoted && end > word && end[-1] == '"')
		end[-1] = '\0';
	return word;
}

static const char *split(char *value, char *fields[NP_PUNCHTAB_FIELDS])
{
	size_t count = 0;

	/* The boot loader takes them for itself, some one time and some twice. */
	if (strchr(value, '\\'))
		return "no backslashes here, they don't survive GRUB: FILE has slashes, and %HH is any other character";
	while (value && count < NP_PUNCHTAB_FIELDS) {
		char *colon = count + 1 < NP_PUNCHTAB_FIELDS ? strchr(value, ':') : NULL;

		fields[count++] = value;
		if (colon)
			*colon++ = '\0';
		value = colon;
	}
	if (count < NP_PUNCHTAB_FIELDS - 1)
		return "it is NAME:DEVICE:FILE[:OPTIONS], or 0: something is missing";
	if (*fields[2] != '/')
		return "FILE begins with a slash, and a colon in a field is %3A";
	/* An empty one is what scripts make. */
	if (fields[3] && !*fields[3])
		fields[3] = NULL;
	return NULL;
}

static int take_value(struct np_punchtab *table, unsigned number, char *value)
{
	char *fields[NP_PUNCHTAB_FIELDS] = { NULL };
	char *whole;
	const char *why;
	int r;

	if (!value || !strcmp(value, "0")) {
		table->is_off |= value != NULL;
		return value ? 0 :
			       np_punchtab_complain(table, number,
						    "it is NAME:DEVICE:FILE[:OPTIONS], or 0: it has no value", "");
	}
	whole = strdup(value);
	if (!whole)
		return -ENOMEM;
	why = split(value, fields);
	r = why ? np_punchtab_complain(table, number, why, whole) :
		  np_punchtab_add(table, number, fields, decode_percent);
	free(whole);
	return r;
}

char *np_cmdline_find(char *text, const char *name)
{
	char *found = NULL, *word, *value;

	for (text += strspn(text, BLANKS); *text; text += strspn(text, BLANKS)) {
		word = take_word(&text, &value);
		if (value && !strcmp(word, name))
			found = value;
	}
	return found;
}

int np_cmdline_parse(const char *text, size_t size, struct np_punchtab *ret_table)
{
	struct np_punchtab table = NP_PUNCHTAB_INIT;
	char *copy = strndup(text, size), *rest = copy, *word, *value;
	unsigned number = 0;
	int r = copy ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	for (rest += strspn(rest, BLANKS); !r && *rest; rest += strspn(rest, BLANKS)) {
		word = take_word(&rest, &value);
		if (!strcmp(word, "rd.ntfspunch"))
			r = take_value(&table, ++number, value);
	}
	free(copy);
	if (r < 0 || table.is_off) {
		np_punchtab_release(&table);
		table.is_off = r == 0;
	}
	if (!r)
		*ret_table = table;
	return r;
}
