/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "punchtab-internal.h"

/* Carriage returns too: whoever writes it in Windows may leave them. */
#define BLANKS " \t\r"

static bool is_octal(char digit)
{
	return digit >= '0' && digit <= '7';
}

/*
 * As fstab(5) has them, but where that takes a backslash before anything else for itself, this refuses it: of C:\123.img, it
 * would make a file that nobody meant.
 */
static const char *decode_octal(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		unsigned code = 0;

		if (*from != '\\') {
			*to = *from++;
			continue;
		}
		for (int i = 1; i <= 3; i++) {
			if (!is_octal(from[i]))
				return "after a backslash come three octal digits: \\134 is a backslash, \\040 a space";
			code = code * 8 + (unsigned)(from[i] - '0');
		}
		if (!code || code > 255)
			return "there is no character of this number";
		*to = (char)code;
		from += 4;
	}
	*to = '\0';
	return NULL;
}

/* How many there are; the first ones in `fields`. */
static size_t split(char *line, char *fields[NP_PUNCHTAB_FIELDS])
{
	size_t count = 0;

	for (line += strspn(line, BLANKS); *line; line += strspn(line, BLANKS)) {
		if (count < NP_PUNCHTAB_FIELDS)
			fields[count] = line;
		count++;
		line += strcspn(line, BLANKS);
		if (*line)
			*line++ = '\0';
	}
	return count;
}

static int take_line(struct np_punchtab *table, unsigned number, char *line, size_t length)
{
	char *fields[NP_PUNCHTAB_FIELDS] = { NULL };
	size_t count;

	if (memchr(line, '\0', length))
		return np_punchtab_complain(table, number, "there is a NUL byte in this line", "");
	if (line[strspn(line, BLANKS)] == '#')
		return 0;
	count = split(line, fields);
	if (!count)
		return 0;
	if (count < NP_PUNCHTAB_FIELDS - 1)
		return np_punchtab_complain(table, number, "a line is NAME DEVICE FILE [OPTIONS]: something is missing",
					    "");
	if (count > NP_PUNCHTAB_FIELDS)
		return np_punchtab_complain(
			table, number, "a line is NAME DEVICE FILE [OPTIONS]: there is more; a space in one is \\040",
			"");
	return np_punchtab_add(table, number, fields, decode_octal);
}

int np_punchtab_parse(const char *text, size_t size, struct np_punchtab *ret_table)
{
	struct np_punchtab table = NP_PUNCHTAB_INIT;
	char *copy = malloc(size + 1), *line = copy, *end;
	unsigned number = 0;
	int r = copy ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	if (size)
		memcpy(copy, text, size);
	copy[size] = '\0';
	while (!r && line < copy + size) {
		end = memchr(line, '\n', (size_t)(copy + size - line));
		if (!end)
			end = copy + size;
		*end = '\0';
		r = take_line(&table, ++number, line, (size_t)(end - line));
		line = end + 1;
	}
	free(copy);
	if (r < 0)
		np_punchtab_release(&table);
	else
		*ret_table = table;
	return r;
}
