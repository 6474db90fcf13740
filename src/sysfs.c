/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sysfs.h"

#include <stdio.h>
#include <string.h>

bool np_sysfs_read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");
	bool found;

	*line = '\0';
	if (!file)
		return false;
	found = fgets(line, (int)size, file);
	if (!found)
		*line = '\0';
	line[strcspn(line, "\n")] = '\0';
	fclose(file);
	return found;
}
