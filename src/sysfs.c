/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sysfs.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "number.h"

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

static void path_of(dev_t number, const char *name, char *path)
{
	snprintf(path, PATH_MAX, "/sys/dev/block/%u:%u/%s", major(number), minor(number), name);
}

bool np_sysfs_read_attribute(dev_t number, const char *attribute, char *line, size_t size)
{
	char path[PATH_MAX];

	path_of(number, attribute, path);
	return np_sysfs_read_line(path, line, size);
}

/* sysfs counts in sectors of 512 bytes, whatever the device's blocks are. */
bool np_sysfs_read_bytes(dev_t number, const char *attribute, uint64_t *ret_bytes)
{
	char line[32];
	uint64_t sectors;

	if (!np_sysfs_read_attribute(number, attribute, line, sizeof(line)) ||
	    !np_number_parse(line, UINT64_MAX / 512, &sectors))
		return false;
	*ret_bytes = sectors * 512;
	return true;
}

bool np_sysfs_parse_number(const char *line, dev_t *ret_number)
{
	uint64_t major_number, minor_number;

	if (!np_number_take(&line, NP_NUMBER_MAJOR_MAX, &major_number) || *line++ != ':' ||
	    !np_number_parse(line, NP_NUMBER_MINOR_MAX, &minor_number))
		return false;
	*ret_number = makedev((unsigned)major_number, (unsigned)minor_number);
	return true;
}

bool np_sysfs_read_number(dev_t number, const char *attribute, dev_t *ret_number)
{
	char line[32];

	return np_sysfs_read_attribute(number, attribute, line, sizeof(line)) &&
	       np_sysfs_parse_number(line, ret_number);
}

int np_sysfs_parse_link(const char *target, char *path, size_t size)
{
	const char *slash = strrchr(target, '/'), *name = slash ? slash + 1 : target;
	int length = snprintf(path, size, "/dev/%s", name);

	if (length < 0 || (size_t)length >= size)
		return -ENAMETOOLONG;
	for (char *mark = path; (mark = strchr(mark, '!'));)
		*mark = '/';
	return 0;
}

static int add(dev_t number, dev_t **numbers, size_t *count)
{
	dev_t *grown = reallocarray(*numbers, *count + 1, sizeof(**numbers));

	if (!grown)
		return -ENOMEM;
	grown[(*count)++] = number;
	*numbers = grown;
	return 0;
}

int np_sysfs_list(const char *folder, const char *having, dev_t **ret_numbers, size_t *ret_count)
{
	char path[PATH_MAX], line[32];
	struct dirent *entry;
	dev_t *numbers = NULL, number;
	size_t count = 0;
	DIR *directory = opendir(folder);
	int r = directory ? 0 : -errno;

	while (!r && (errno = 0, entry = readdir(directory))) {
		if (*entry->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s/%s", folder, entry->d_name, having);
		if (access(path, F_OK) < 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s/dev", folder, entry->d_name);
		/* One that is gone meanwhile is none. */
		if (np_sysfs_read_line(path, line, sizeof(line)) && np_sysfs_parse_number(line, &number))
			r = add(number, &numbers, &count);
	}
	if (!r)
		r = -errno;
	if (directory)
		closedir(directory);
	if (r < 0) {
		free(numbers);
		return r;
	}
	*ret_numbers = numbers;
	*ret_count = count;
	return 0;
}

int np_sysfs_list_of(dev_t number, const char *folder, const char *having, dev_t **ret_numbers, size_t *ret_count)
{
	char path[PATH_MAX];

	path_of(number, folder, path);
	return np_sysfs_list(path, having, ret_numbers, ret_count);
}
