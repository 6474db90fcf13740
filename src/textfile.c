/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "textfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int np_textfile_read(const char *path, size_t most, char **ret_text, size_t *ret_size)
{
	char *text = malloc(most + 2);
	FILE *file = text ? fopen(path, "re") : NULL;
	size_t size = 0;
	int r = !text ? -ENOMEM : !file ? -errno : 0;

	if (!r) {
		errno = 0;
		size = fread(text, 1, most + 1, file);
		if (ferror(file))
			r = errno ? -errno : -EIO;
		else if (size > most)
			r = -EFBIG;
	}
	if (file)
		fclose(file);
	if (r < 0) {
		free(text);
		return r;
	}
	text[size] = '\0';
	*ret_text = text;
	*ret_size = size;
	return 0;
}
