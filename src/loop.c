/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ntfs-punch/busy.h"
#include "sysfs.h"

#define DEVICES "/dev/loop"

static bool same_file(const struct loop_info64 *info, const struct np_device *image)
{
	if (image->is_block)
		return info->lo_rdevice == image->number;
	return info->lo_device == image->number && info->lo_inode == image->inode;
}

/* An open loop device's state; -ENXIO where nothing is attached. */
static int read_info(const char *path, struct loop_info64 *ret_info, dev_t *ret_number)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC), r = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) < 0 || ioctl(fd, LOOP_GET_STATUS64, ret_info) < 0)
		r = -errno;
	else
		*ret_number = status.st_rdev;
	close(fd);
	return r;
}

/* For who may not open the node: sysfs has the backing file's path. */
static bool has_path(const char *sysfs_path, const struct np_device *image)
{
	char line[PATH_MAX];

	return np_sysfs_read_line(sysfs_path, line, sizeof(line)) && !strcmp(line, image->path);
}

/* "/sys/block/loop7/loop/backing_file" to "/dev/loop7". */
static void node_path(const char *sysfs_path, char *path, size_t size)
{
	int number = -1;

	sscanf(sysfs_path, "/sys/block/loop%d/", &number);
	snprintf(path, size, DEVICES "%d", number);
}

int np_loop_find(const struct np_device *image, dev_t **ret_numbers, size_t *ret_count)
{
	glob_t attached;
	dev_t *numbers;
	size_t count = 0;

	/* Without sysfs nothing can be known. */
	if (access("/sys/block", F_OK) < 0)
		return -errno;
	/* No match leaves an empty list. */
	if (glob("/sys/block/loop*/loop/backing_file", 0, NULL, &attached))
		attached.gl_pathc = 0;
	numbers = calloc(attached.gl_pathc + 1, sizeof(*numbers));
	for (size_t i = 0; numbers && i < attached.gl_pathc; i++) {
		struct loop_info64 info;
		struct stat status;
		char path[32];
		dev_t number;
		int r;

		node_path(attached.gl_pathv[i], path, sizeof(path));
		r = read_info(path, &info, &number);
		if (!r && same_file(&info, image))
			numbers[count++] = number;
		if (r == -EACCES && has_path(attached.gl_pathv[i], image) && !stat(path, &status))
			numbers[count++] = status.st_rdev;
	}
	globfree(&attached);
	if (!numbers)
		return -ENOMEM;
	*ret_numbers = numbers;
	*ret_count = count;
	return 0;
}

bool np_loop_is_whole(dev_t number, const struct np_device *image)
{
	struct loop_info64 info;
	char path[NP_DEVICE_NODE_SIZE];
	dev_t found;

	return !np_device_node(number, path) && !read_info(path, &info, &found) && found == number &&
	       same_file(&info, image) && !info.lo_offset && !info.lo_sizelimit;
}

/* Opens a loop device, then looks again whether it still is the image's: autoclear may have come between. */
static int reuse(dev_t number, const struct np_device *image, struct np_device *ret_loop)
{
	struct np_device loop = NP_DEVICE_INIT;
	char path[NP_DEVICE_NODE_SIZE];
	int r = np_device_node(number, path);

	if (!r)
		r = np_device_try(path, &loop);
	if (r < 0)
		return r;
	if (!np_loop_is_whole(number, image) || loop.read_only) {
		np_device_close(&loop);
		return -ENOENT;
	}
	*ret_loop = loop;
	return 0;
}

static int configure(int loop_fd, const struct np_device *image)
{
	struct loop_config config = { .info = { .lo_flags = LO_FLAGS_AUTOCLEAR } };
	int fd = open(image->path, O_RDWR | O_CLOEXEC), r = 0;
	struct stat status;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) < 0)
		r = -errno;
	else if (status.st_dev != image->number || status.st_ino != image->inode)
		r = -ESTALE; /* not the file that was examined */
	snprintf((char *)config.info.lo_file_name, LO_NAME_SIZE, "%s", image->path);
	config.fd = (__u32)fd;
	if (!r && ioctl(loop_fd, LOOP_CONFIGURE, &config) < 0)
		r = -errno;
	close(fd);
	return r;
}

/* A free loop device; -EBUSY if somebody else was faster to configure it. */
static int attach_free(const struct np_device *image, struct np_device *ret_loop)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), number, fd, r;
	char path[32];

	if (control < 0)
		return -errno;
	number = ioctl(control, LOOP_CTL_GET_FREE);
	r = number < 0 ? -errno : 0;
	close(control);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), DEVICES "%d", number);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = configure(fd, image);
	/* Opened again before the first descriptor goes, with which autoclear would set in. */
	if (!r)
		r = np_device_try(path, ret_loop);
	close(fd);
	return r;
}

int np_loop_attach(const struct np_device *image, const struct np_log *log, struct np_device *ret_loop)
{
	dev_t *numbers;
	size_t count;
	int r = np_loop_find(image, &numbers, &count);

	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++)
		if (np_busy_is_ours(numbers[i]) && !reuse(numbers[i], image, ret_loop)) {
			free(numbers);
			return 0;
		}
	free(numbers);
	for (int attempt = 0; attempt < 16; attempt++) {
		r = attach_free(image, ret_loop);
		if (r != -EBUSY)
			break;
	}
	if (r < 0)
		np_log_message(log, NP_LOG_ERROR, image->path, r == -ENOENT ? "`modprobe loop`" : NULL,
			       "can't attach a loop device: %s", strerror(-r));
	return r < 0 ? -EIO : 0; /* the image is there, and nobody has it */
}
