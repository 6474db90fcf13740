/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "block.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "sysfs.h"

#define FOLDER_SIZE 64

static void folder_of(dev_t number, char *folder)
{
	snprintf(folder, FOLDER_SIZE, "/sys/dev/block/%u:%u", major(number), minor(number));
}

/* The number in a file "dev". */
static int read_number(const char *path, dev_t *ret_number)
{
	unsigned major_number, minor_number;
	char line[64];

	if (!np_sysfs_read_line(path, line, sizeof(line)) || sscanf(line, "%u:%u", &major_number, &minor_number) != 2)
		return -ENOENT;
	*ret_number = makedev(major_number, minor_number);
	return 0;
}

dev_t np_block_disk(dev_t number)
{
	char folder[FOLDER_SIZE], path[FOLDER_SIZE + 16], line[32];
	dev_t disk;

	folder_of(number, folder);
	snprintf(path, sizeof(path), "%s/partition", folder);
	if (!np_sysfs_read_line(path, line, sizeof(line)))
		return number;
	/* A partition's folder lies in its disk's. */
	snprintf(path, sizeof(path), "%s/../dev", folder);
	return read_number(path, &disk) < 0 ? number : disk;
}

void np_block_dm_uuid(dev_t number, char *uuid, size_t size)
{
	char path[FOLDER_SIZE + 16];

	folder_of(number, path);
	strcat(path, "/dm/uuid");
	np_sysfs_read_line(path, uuid, size);
}

/* Calls `visit` for each entry of a folder until it returns something else than 0, which is returned. */
static int for_each_entry(const char *folder, int (*visit)(const char *folder, const char *name, void *context),
			  void *context)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;
	int r = 0;

	while (directory && !r && (entry = readdir(directory)))
		if (*entry->d_name != '.')
			r = visit(folder, entry->d_name, context);
	if (directory)
		closedir(directory);
	return r;
}

struct wanted {
	uint64_t partition;
	char uuid[192]; /* kpartx's: "part3-mpath-…" */
	dev_t number;
};

static int is_kernel_partition(const char *folder, const char *name, void *context)
{
	struct wanted *wanted = context;
	char path[512], line[32];

	snprintf(path, sizeof(path), "%s/%s/partition", folder, name);
	if (!np_sysfs_read_line(path, line, sizeof(line)) || strtoull(line, NULL, 10) != wanted->partition)
		return 0;
	snprintf(path, sizeof(path), "%s/%s/dev", folder, name);
	return read_number(path, &wanted->number) == 0;
}

static int is_mapped_partition(const char *folder, const char *name, void *context)
{
	struct wanted *wanted = context;
	char path[512], line[192];

	snprintf(path, sizeof(path), "%s/%s/dm/uuid", folder, name);
	if (!np_sysfs_read_line(path, line, sizeof(line)) || strcmp(line, wanted->uuid))
		return 0;
	snprintf(path, sizeof(path), "%s/%s/dev", folder, name);
	return read_number(path, &wanted->number) == 0;
}

int np_block_partition(dev_t disk, uint64_t partition, dev_t *ret_number)
{
	struct wanted wanted = { .partition = partition };
	char folder[FOLDER_SIZE], holders[FOLDER_SIZE + 16], uuid[130];

	folder_of(disk, folder);
	if (for_each_entry(folder, is_kernel_partition, &wanted)) {
		*ret_number = wanted.number;
		return 0;
	}
	np_block_dm_uuid(disk, uuid, sizeof(uuid));
	if (!*uuid)
		return -ENOENT;
	snprintf(wanted.uuid, sizeof(wanted.uuid), "part%llu-%s", (unsigned long long)partition, uuid);
	snprintf(holders, sizeof(holders), "%s/holders", folder);
	if (!for_each_entry(holders, is_mapped_partition, &wanted))
		return -ENOENT;
	*ret_number = wanted.number;
	return 0;
}

static int is_assembly(const char *folder, const char *name, void *context)
{
	char path[512], line[192];

	(void)context;
	snprintf(path, sizeof(path), "%s/%s/md/level", folder, name);
	if (np_sysfs_read_line(path, line, sizeof(line)))
		return 1;
	snprintf(path, sizeof(path), "%s/%s/dm/uuid", folder, name);
	np_sysfs_read_line(path, line, sizeof(line));
	return !strncmp(line, "mpath-", 6) || !strncmp(line, "DMRAID-", 7);
}

bool np_block_is_leg(dev_t number)
{
	char holders[FOLDER_SIZE + 16];

	folder_of(number, holders);
	strcat(holders, "/holders");
	return for_each_entry(holders, is_assembly, NULL);
}
