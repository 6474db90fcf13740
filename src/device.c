/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "sysfs.h"

void np_device_close(struct np_device *device)
{
	if (device->fd >= 0)
		close(device->fd);
	free(device->path);
	*device = NP_DEVICE_INIT;
}

static int measure_block(struct np_device *device)
{
	int block_size = 0, read_only = 0;

	if (ioctl(device->fd, BLKGETSIZE64, &device->size_bytes) < 0 || ioctl(device->fd, BLKSSZGET, &block_size) < 0 ||
	    ioctl(device->fd, BLKROGET, &read_only) < 0)
		return -errno;
	/* What every kernel gives (Linux, block/blk-settings.c): a power of two, at least 512. */
	if (block_size < 512 || block_size & (block_size - 1))
		return -EINVAL;
	device->logical_block_size = (uint32_t)block_size;
	device->read_only = read_only;
	return 0;
}

/*
 * A read-only filesystem or an immutable file can't be written by anybody. Missing permission is another matter: whoever
 * may look at the image needn't be the one who maps it.
 */
static int measure_file(struct np_device *device, const struct stat *status)
{
	device->size_bytes = (uint64_t)status->st_size;
	device->logical_block_size = 512;
	device->read_only =
		faccessat(AT_FDCWD, device->path, W_OK, AT_EACCESS) < 0 && (errno == EROFS || errno == EPERM);
	return 0;
}

static int open_and_measure(struct np_device *device)
{
	struct stat status;
	char link[64];

	/* First without reading: which kind it is decides how. */
	device->fd = open(device->path, O_PATH | O_CLOEXEC);
	if (device->fd < 0 || fstat(device->fd, &status) < 0)
		return -errno;
	if (!S_ISBLK(status.st_mode) && !S_ISREG(status.st_mode))
		return -ENOTBLK;
	device->is_block = S_ISBLK(status.st_mode);
	device->number = device->is_block ? status.st_rdev : status.st_dev;
	device->inode = status.st_ino;

	/* Through the descriptor, so that it is the same file again. */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", device->fd);
	int fd = open(link, O_RDONLY | O_CLOEXEC | (device->is_block ? O_DIRECT : 0));

	if (fd < 0)
		return -errno;
	close(device->fd);
	device->fd = fd;
	return device->is_block ? measure_block(device) : measure_file(device, &status);
}

int np_device_try(const char *path, struct np_device *ret_device)
{
	struct np_device device = NP_DEVICE_INIT;
	int r;

	device.path = realpath(path, NULL);
	r = device.path ? open_and_measure(&device) : -errno;
	if (r < 0) {
		np_device_close(&device);
		return r;
	}
	*ret_device = device;
	return 0;
}

int np_device_open(const char *path, const struct np_log *log, struct np_device *ret_device)
{
	int r = np_device_try(path, ret_device);

	if (r == -ENOTBLK)
		np_log_message(log, NP_LOG_ERROR, path, "`lsblk -f` shows the block devices and what is on them",
			       "it is neither a block device nor a regular file");
	else if (r < 0)
		np_log_message(
			log, NP_LOG_ERROR, path,
			r == -EACCES ? "run it as root" :
			r == -ENOENT ? "`lsblk -f` shows the block devices; /dev/disk has them by UUID and label" :
				       NULL,
			"can't open it: %s", strerror(-r));
	return r;
}

void np_device_format_number(dev_t number, char *text)
{
	snprintf(text, NP_DEVICE_NUMBER_SIZE, "%u:%u", major(number), minor(number));
}

/* device-mapper's devices are known by their names, not by numbers. */
static bool read_dm_name(const char *folder, char *path)
{
	char file_path[128], name[NP_DEVICE_NODE_SIZE - 16];

	snprintf(file_path, sizeof(file_path), "%s/dm/name", folder);
	if (!np_sysfs_read_line(file_path, name, sizeof(name)))
		return false;
	snprintf(path, NP_DEVICE_NODE_SIZE, "/dev/mapper/%s", name);
	return true;
}

int np_device_node(dev_t number, char *path)
{
	char link[64] = "/sys/dev/block/", target[4096];
	ssize_t length;

	np_device_format_number(number, link + strlen(link));
	length = readlink(link, target, sizeof(target) - 1);
	if (length < 0)
		return -errno;
	target[length] = '\0';
	if (read_dm_name(link, path))
		return 0;
	return np_sysfs_parse_link(target, path, NP_DEVICE_NODE_SIZE);
}
