/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/member.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "disk.h"
#include "node.h"
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

static void say(struct np_member *member, enum np_membership membership, const char *what)
{
	member->membership = membership;
	snprintf(member->what, sizeof(member->what), "%s", what);
}

/* What was found on `path`, or what kept it from being found. -errno, where this system is to blame. */
static int judge(int probed, const struct np_content *content, const char *path, struct np_member *member)
{
	const char *pool = probed ? NULL : pool_name(content);

	if (!probed && *content->raid)
		say(member, NP_MEMBERSHIP_LEG, raid_name(content->raid));
	else if (pool)
		say(member, NP_MEMBERSHIP_LEG, pool);
	else if (probed == -EACCES || probed == -EPERM)
		say(member, NP_MEMBERSHIP_DENIED, path);
	else if (probed == -EBADMSG || probed == -EIO || (!probed && content->unreadable))
		say(member, NP_MEMBERSHIP_UNREADABLE, path);
	else
		return probed;
	return 0;
}

/* What the kernel calls the disk, "sda", and its world-wide name. */
static bool read_identity(const char *name, char *identity, size_t size)
{
	static const char *const places[] = { "device/wwid", "wwid" }; /* SCSI's and NVMe's */

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		char path[320];

		snprintf(path, sizeof(path), "/sys/block/%s/%s", name, places[i]);
		if (np_sysfs_read_line(path, identity, size) && np_block_is_identity(identity))
			return true;
	}
	return false;
}

/* Another disk of the same name in the world is the same disk, by another path. */
static void look_for_paths(dev_t disk, struct np_member *member)
{
	char node[NP_DEVICE_NODE_SIZE], mine[256], other[256], words[sizeof(member->what)];
	const char *name = np_device_node(disk, node) < 0 ? "" : node + strlen("/dev/");
	DIR *directory = read_identity(name, mine, sizeof(mine)) ? opendir("/sys/block") : NULL;
	struct dirent *entry;

	while (directory && !member->membership && (entry = readdir(directory)))
		if (strcmp(entry->d_name, name) && read_identity(entry->d_name, other, sizeof(other)) &&
		    !strcmp(mine, other)) {
			snprintf(words, sizeof(words),
				 "a disk with several paths (multipath): %.64s is the same one as %.64s", name,
				 entry->d_name);
			say(member, NP_MEMBERSHIP_LEG, words);
		}
	if (directory)
		closedir(directory);
}

/* More devices, one on the other, than anybody has: it is a circle. */
#define DEPTH_MAX 32

static int look_below(dev_t number, int depth, struct np_content *content, const struct np_log *log,
		      struct np_member *member);

/* A device, and what it lies on. */
static int look_at(dev_t number, int depth, struct np_content *content, const struct np_log *log,
		   struct np_member *member)
{
	char path[NP_DEVICE_NODE_SIZE] = "a disk below it";
	int r;

	if (depth == DEPTH_MAX)
		return -ELOOP;
	if (np_block_is_leg(number)) {
		say(member, NP_MEMBERSHIP_LEG, "a RAID or multipath device that is assembled");
		return 0;
	}
	/* An array is whole, whatever its legs are. */
	if (np_block_is_assembly(number))
		return 0;
	np_device_node(number, path);
	r = judge(np_disk_probe(number, NP_LOG_DEBUG, log, content), content, path, member);
	if (!r && !member->membership)
		look_for_paths(number, member);
	return r || member->membership ? r : look_below(number, depth, content, log, member);
}

static int look_below(dev_t number, int depth, struct np_content *content, const struct np_log *log,
		      struct np_member *member)
{
	struct np_node node = { .is_block = true, .number = number }, below;
	dev_t *slaves;
	size_t count;
	int r = 0;

	/* A partition's disk, a loop device's: one below. Of a file as a disk nobody makes an array. */
	if (np_node_below(&node, &below))
		return below.is_block ? look_at(below.number, depth + 1, content, log, member) : 0;
	if (np_sysfs_list_of(number, "slaves", "dev", &slaves, &count) < 0)
		return 0;
	for (size_t i = 0; i < count && !r && !member->membership; i++)
		r = look_at(slaves[i], depth + 1, content, log, member);
	free(slaves);
	return r;
}

/* Of an image both the volume's place and all of it. */
static int look_at_image(const struct np_device *image, struct np_content *content, const struct np_log *log,
			 struct np_member *member)
{
	int r = np_probe(image->fd, 0, 0, image->path, NP_LOG_DEBUG, log, content);

	r = judge(r, content, image->path, member);
	if (r || member->membership || !image->start_bytes)
		return r;
	r = np_probe(image->fd, image->start_bytes, image->size_bytes, image->path, NP_LOG_DEBUG, log, content);
	return judge(r, content, image->path, member);
}

int np_member_find(const struct np_device *device, const struct np_log *log, struct np_member *ret_member)
{
	struct np_content *content = malloc(sizeof(*content));
	struct np_member member = { .membership = NP_MEMBERSHIP_NONE };
	int r = -ENOMEM;

	if (content)
		r = device->is_block ? look_at(device->number, 0, content, log, &member) :
				       look_at_image(device, content, log, &member);
	free(content);
	if (r < 0) {
		np_log_message(log, NP_LOG_ERROR, device->path,
			       r == -EBUSY ? "`dmsetup info` shows which device is suspended; `dmsetup resume` it" :
					     NULL,
			       "can't tell whether its disk is a leg of an array: %s",
			       r == -EBUSY ? "it is suspended, or what it lies on" : strerror(-r));
		return -EIO; /* -ENODEV and the like are about DEVICE */
	}
	*ret_member = member;
	return 0;
}
