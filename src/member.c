/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/member.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "block.h"
#include "ntfs-punch/probe.h"
#include "sysfs.h"

/* libblkid's names of RAIDs' superblocks, where another one says more. */
static const char *raid_name(const char *type)
{
	static const char *const names[][2] = {
		{ "isw_raid_member", "an Intel firmware RAID (IMSM)" },
		{ "ddf_raid_member", "a firmware RAID (DDF)" },
		{ "linux_raid_member", "a RAID of Linux (md)" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(type, names[i][0]))
			return names[i][1];
	return type;
}

/* Partition types: Microsoft's "PARTITION_INFORMATION_GPT structure", and 0x42, an MBR's SFS. */
static const char *pool_name(const struct np_content *content)
{
	static const char *const names[][2] = {
		{ "5808c8aa-7e8f-42e0-85d2-e1e90434cfb3", "a dynamic disk of Windows (LDM)" },
		{ "af9b60a0-1431-4f62-bc68-3311714a69ad", "a dynamic disk of Windows (LDM)" },
		{ "0x42", "a dynamic disk of Windows (LDM)" },
		{ "e75caf8f-f680-4cee-afa3-b001e56efc2d", "a storage pool of Windows (Storage Spaces)" },
	};

	for (size_t i = 0; i < content->partition_count; i++)
		for (size_t j = 0; j < sizeof(names) / sizeof(*names); j++)
			if (!strcmp(content->partitions[i].type, names[j][0]))
				return names[j][1];
	return NULL;
}

static int look_at(int fd, const char *path, const struct np_log *log, char *what)
{
	struct np_content *content = malloc(sizeof(*content));
	const char *pool;
	int r = content ? np_probe(fd, path, NP_LOG_DEBUG, log, content) : -ENOMEM;

	pool = r ? NULL : pool_name(content);
	if (!r && *content->raid)
		snprintf(what, NP_MEMBER_SIZE, "%s", raid_name(content->raid));
	else if (pool)
		snprintf(what, NP_MEMBER_SIZE, "%s", pool);
	else if (r == -EBADMSG)
		snprintf(what, NP_MEMBER_SIZE, "something that can't be read (libblkid failed on it)");
	free(content);
	return r == -EBADMSG ? 0 : r;
}

/* A block device again, not past the page cache: libblkid's reads aren't aligned. */
static int look_at_block(dev_t number, const struct np_log *log, char *what)
{
	char path[NP_DEVICE_NODE_SIZE];
	int r = np_device_node(number, path), fd;

	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	r = look_at(fd, path, log, what);
	close(fd);
	return r;
}

/* What the kernel calls the disk, "sda", and its world-wide name, where that is one: NAA or EUI, not a vendor's text. */
static bool read_identity(const char *name, char *identity, size_t size)
{
	char path[320];

	snprintf(path, sizeof(path), "/sys/block/%s/device/wwid", name);
	return np_sysfs_read_line(path, identity, size) &&
	       (!strncmp(identity, "naa.", 4) || !strncmp(identity, "eui.", 4));
}

/* Another disk of the same name in the world is the same disk, by another path. */
static void look_for_paths(dev_t disk, char *what)
{
	char node[NP_DEVICE_NODE_SIZE], mine[256], other[256];
	const char *name = np_device_node(disk, node) < 0 ? "" : node + strlen("/dev/");
	DIR *directory = read_identity(name, mine, sizeof(mine)) ? opendir("/sys/block") : NULL;
	struct dirent *entry;

	while (directory && !*what && (entry = readdir(directory)))
		if (strcmp(entry->d_name, name) && read_identity(entry->d_name, other, sizeof(other)) &&
		    !strcmp(mine, other))
			snprintf(what, NP_MEMBER_SIZE,
				 "a disk with several paths (multipath): %.48s is the same one as %.48s", name,
				 entry->d_name);
	if (directory)
		closedir(directory);
}

static int find(const struct np_device *device, const struct np_log *log, char *what)
{
	dev_t disk;
	int r;

	if (!device->is_block)
		return look_at(device->fd, device->path, log, what);
	disk = np_block_disk(device->number);
	if (np_block_is_leg(device->number) || (disk && np_block_is_leg(disk))) {
		snprintf(what, NP_MEMBER_SIZE, "a RAID or multipath device that is assembled");
		return 0;
	}
	r = look_at_block(device->number, log, what);
	if (!r && !*what && disk)
		r = look_at_block(disk, log, what);
	if (!r && !*what)
		look_for_paths(disk ? disk : device->number, what);
	return r;
}

int np_member_find(const struct np_device *device, const struct np_log *log, char *what)
{
	int r;

	*what = '\0';
	r = find(device, log, what);
	/* Who may look at a partition, but not at its disk, isn't the one who maps it. */
	if (r < 0)
		np_log_message(log, r == -EACCES ? NP_LOG_WARNING : NP_LOG_ERROR, device->path, NULL,
			       "can't tell whether its disk is part of a RAID: %s", strerror(-r));
	return r == -EACCES ? 0 : r;
}
