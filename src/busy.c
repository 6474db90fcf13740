/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/busy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libmount/libmount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ntfs-punch/loop.h"
#include "ntfs-punch/name.h"
#include "sysfs.h"

/* What holds a block device: what is ours, and the first that isn't, by its dm or kernel name. */
struct holders {
	bool ours;
	char other[256];
};

static int read_holders(dev_t number, struct holders *holders)
{
	char path[512], number_text[NP_DEVICE_NUMBER_SIZE], line[256];
	struct dirent *entry;
	DIR *directory;

	*holders = (struct holders){ 0 };
	np_device_format_number(number, number_text);
	snprintf(path, sizeof(path), "/sys/dev/block/%s/holders", number_text);
	directory = opendir(path);
	if (!directory)
		return -errno; /* every block device has the folder: without sysfs nothing can be known */
	while ((entry = readdir(directory))) {
		if (*entry->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/block/%s/dm/uuid", entry->d_name);
		np_sysfs_read_line(path, line, sizeof(line));
		if (np_uuid_is_ours(line)) {
			holders->ours = true;
			continue;
		}
		snprintf(path, sizeof(path), "/sys/block/%s/dm/name", entry->d_name);
		np_sysfs_read_line(path, line, sizeof(line));
		snprintf(holders->other, sizeof(holders->other), "%s", *line ? line : entry->d_name);
	}
	closedir(directory);
	return 0;
}

bool np_busy_is_ours(dev_t number)
{
	struct holders holders;

	return !read_holders(number, &holders) && holders.ours;
}

/* A FUSE filesystem without a block device of its own (ntfs-3g on an image file) names its source only. */
static bool is_source(struct libmnt_fs *filesystem, dev_t number, ino_t inode)
{
	const char *type = mnt_fs_get_fstype(filesystem), *source = mnt_fs_get_source(filesystem);
	struct stat status;

	if (!type || strncmp(type, "fuse", 4) || !source || *source != '/' || stat(source, &status) < 0)
		return false;
	if (S_ISBLK(status.st_mode))
		return status.st_rdev == number;
	return inode && status.st_dev == number && status.st_ino == inode;
}

/* Where a block device (`inode` 0), or a file of the filesystem `number`, is mounted. -ENOENT: nowhere. */
static int find_mount(dev_t number, ino_t inode, char *target, size_t size)
{
	struct libmnt_table *mounts = mnt_new_table_from_file("/proc/self/mountinfo");
	struct libmnt_iter *iterator = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *filesystem;
	int r = mounts && iterator ? -ENOENT : -EIO;

	while (r == -ENOENT && !mnt_table_next_fs(mounts, iterator, &filesystem)) {
		bool is_device = !inode && mnt_fs_get_devno(filesystem) == number;

		if (!is_device && !is_source(filesystem, number, inode))
			continue;
		snprintf(target, size, "%s", mnt_fs_get_target(filesystem));
		r = 0;
	}
	mnt_free_iter(iterator);
	mnt_unref_table(mounts);
	return r;
}

bool np_busy_describe(dev_t number, char *text, size_t size)
{
	struct holders holders;
	char target[256];

	if (!find_mount(number, 0, target, sizeof(target)))
		snprintf(text, size, "mounted at %s", target);
	else if (!read_holders(number, &holders) && *holders.other)
		snprintf(text, size, "used by %s", holders.other);
	else
		return false;
	return true;
}

static void say_mounted(const char *path, const char *target, struct np_busy *busy)
{
	snprintf(busy->who, sizeof(busy->who), "%s is mounted at %s", path, target);
	snprintf(busy->remedy, sizeof(busy->remedy), "`umount %s`", target);
}

/* Mounted in another namespace, or swapped to: no list shows it, but nobody else may open it. */
static void try_exclusively(const char *path, struct np_busy *busy)
{
	int fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC);

	if (fd < 0 && errno == EBUSY) {
		snprintf(busy->who, sizeof(busy->who),
			 "%s is in use by something that can't be seen from here, such as a mount in another namespace",
			 path);
		snprintf(busy->remedy, sizeof(busy->remedy),
			 "`lsblk` shows what lies on its disk, "
			 "`grep -l %s /proc/*/mountinfo` who has it mounted elsewhere",
			 path);
	}
	if (fd >= 0)
		close(fd);
}

static int look_at_loops(const struct np_device *device, struct np_busy *busy);

static int look_at_block(dev_t number, const char *path, struct np_busy *busy)
{
	struct holders holders;
	char target[256];
	int r = read_holders(number, &holders);

	if (r < 0)
		return r;
	r = find_mount(number, 0, target, sizeof(target));
	if (!r) {
		say_mounted(path, target, busy);
		return 0;
	}
	if (r != -ENOENT)
		return r;
	if (*holders.other) {
		snprintf(busy->who, sizeof(busy->who), "%s is in use by %s", path, holders.other);
		snprintf(busy->remedy, sizeof(busy->remedy), "`lsblk %s` shows what lies on it; stop that first", path);
		return 0;
	}
	if (!holders.ours)
		try_exclusively(path, busy);
	/* A loop device on top of it is no holder and claims nothing. */
	return *busy->who ? 0 : look_at_loops(&(struct np_device){ .is_block = true, .number = number }, busy);
}

static int look_at_loops(const struct np_device *device, struct np_busy *busy)
{
	dev_t *numbers = NULL;
	size_t count = 0;
	int r = np_loop_find(device, &numbers, &count);

	for (size_t i = 0; i < count && !r && !*busy->who; i++) {
		char path[NP_DEVICE_NODE_SIZE];

		/* One that is gone meanwhile keeps nobody busy. */
		if (!np_device_node(numbers[i], path))
			r = look_at_block(numbers[i], path, busy);
	}
	free(numbers);
	return r;
}

static int look_at_image(const struct np_device *image, struct np_busy *busy)
{
	char target[256];
	int r = find_mount(image->number, image->inode, target, sizeof(target));

	if (r)
		return r == -ENOENT ? look_at_loops(image, busy) : r;
	say_mounted(image->path, target, busy);
	return 0;
}

int np_busy_find(const struct np_device *device, const struct np_log *log, struct np_busy *ret_busy)
{
	struct np_busy busy = { .who = "" };
	int r = device->is_block ? look_at_block(device->number, device->path, &busy) : look_at_image(device, &busy);

	if (r < 0) {
		np_log_message(log, NP_LOG_ERROR, device->path, NULL, "can't find out who uses it: %s", strerror(-r));
		return r;
	}
	*ret_busy = busy;
	return 0;
}
