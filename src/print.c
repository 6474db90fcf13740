/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "utf8.h"

void np_escape(const char *text, char *escaped, size_t size)
{
	const char *position = text;
	size_t used = 0, cut = 0; /* `cut`: the last place where the mark of what is left out still fits */

	while (*position) {
		uint32_t character;
		size_t length = np_utf8_decode(position, &character), need;

		length = length && np_utf8_is_printable(character) ? length : 0;
		need = length ? length : strlen("\\xHH");

		if (used + need >= size) {
			for (used = cut; used < cut + 3 && used + 1 < size; used++)
				escaped[used] = '.';
			break;
		}
		if (length)
			memcpy(escaped + used, position, length);
		else
			snprintf(escaped + used, size - used, "\\x%02x", (unsigned char)*position);
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
