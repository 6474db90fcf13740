/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

/* How many bytes the character at `text` has, or 0 if it is none that a terminal may be given. */
static size_t printable_length(const unsigned char *text)
{
	uint32_t character = *text;
	size_t length = character < 0x80 ? 1 :
			character < 0xc2 ? 0 :
			character < 0xe0 ? 2 :
			character < 0xf0 ? 3 :
			character < 0xf5 ? 4 :
					   0;

	if (length > 1)
		character &= 0x7fu >> length;
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80) /* also where the text ends */
			return 0;
		character = character << 6 | (text[i] & 0x3f);
	}
	/* Overlong, surrogates, past Unicode's end. */
	if ((length == 3 && (character < 0x800 || (character >= 0xd800 && character < 0xe000))) ||
	    (length == 4 && (character < 0x10000 || character > 0x10ffff)))
		return 0;
	if (character < 0x20 || (character >= 0x7f && character < 0xa0))
		return 0;
	/* Characters that turn the direction of writing, and can make a name look like another. */
	if (character == 0x61c || (character >= 0x200e && character <= 0x200f) ||
	    (character >= 0x202a && character <= 0x202e) || (character >= 0x2066 && character <= 0x2069))
		return 0;
	return length;
}

void np_escape(const char *text, char *escaped, size_t size)
{
	const unsigned char *position = (const unsigned char *)text;
	size_t used = 0, cut = 0; /* `cut`: the last place where the mark of what is left out still fits */

	while (*position) {
		size_t length = printable_length(position), need = length ? length : 4;

		if (used + need >= size) {
			for (used = cut; used < cut + 3 && used + 1 < size; used++)
				escaped[used] = '.';
			break;
		}
		if (length)
			memcpy(escaped + used, position, length);
		else
			snprintf(escaped + used, size - used, "\\x%02x", *position);
		used += need;
		position += length ? length : 1;
		if (used + sizeof("...") <= size)
			cut = used;
	}
	escaped[used] = '\0';
}

void np_print_message(const struct np_log *log, enum np_log_level level, const char *subject, const char *message,
		      const char *remedy)
{
	char escaped_subject[1024], escaped_message[4096], escaped_remedy[2048];

	(void)log;
	np_escape(subject, escaped_subject, sizeof(escaped_subject));
	np_escape(message, escaped_message, sizeof(escaped_message));
	np_escape(remedy ? remedy : "", escaped_remedy, sizeof(escaped_remedy));
	fprintf(stderr, "ntfs-punch: %s: %s%s\n", escaped_subject, level == NP_LOG_WARNING ? "warning: " : "",
		escaped_message);
	if (remedy)
		fprintf(stderr, "  remedy: %s\n", escaped_remedy);
}

enum np_exit np_flush_output(const struct np_log *log)
{
	if (!fflush(stdout) && !ferror(stdout))
		return NP_EXIT_DONE;
	np_log_message(log, NP_LOG_ERROR, "standard output", NULL, "can't write: %s", strerror(errno));
	return NP_EXIT_FAILED;
}
