/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ntfs-punch/busy.h"
#include "number.h"
#include "sysfs.h"

/* From the device itself. */
static int read_info(const char *path, struct np_loop *loop)
{
	struct loop_info64 info;
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC), r = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) < 0 || ioctl(fd, LOOP_GET_STATUS64, &info) < 0)
		r = -errno;
	else if (status.st_rdev != loop->number)
		r = -ENODEV;
	close(fd);
	if (r < 0)
		return r;
	/* lo_device is the filesystem's that has the file, or the node (Linux, drivers/block/loop.c, loop_get_status). */
	loop->is_block = info.lo_rdevice;
	loop->backing = loop->is_block ? info.lo_rdevice : info.lo_device;
	loop->inode = info.lo_inode;
	loop->offset_bytes = info.lo_offset;
	loop->limited = info.lo_sizelimit;
	return 0;
}

/* For who can't open the node: by the path of what it is backed by. -ENXIO: that doesn't tell. */
static int read_path(struct np_loop *loop)
{
	char path[PATH_MAX], line[32];
	struct stat status;

	if (!np_sysfs_read_attribute(loop->number, "loop/backing_file", path, sizeof(path)) || stat(path, &status) < 0)
		return -ENXIO;
	loop->is_block = S_ISBLK(status.st_mode);
	loop->backing = loop->is_block ? status.st_rdev : status.st_dev;
	loop->inode = status.st_ino;
	if (!np_sysfs_read_attribute(loop->number, "loop/offset", line, sizeof(line)) ||
	    !np_number_parse(line, UINT64_MAX, &loop->offset_bytes) ||
	    !np_sysfs_read_attribute(loop->number, "loop/sizelimit", line, sizeof(line)))
		return -ENXIO;
	loop->limited = strcmp(line, "0");
	return 0;
}

int np_loop_read(dev_t number, struct np_loop *ret_loop)
{
	struct np_loop loop = { .number = number };
	char path[NP_DEVICE_NODE_SIZE];
	int r = np_device_node(number, path);

	if (!r)
		r = read_info(path, &loop);
	if (r < 0 && r != -ENXIO && r != -EMFILE && r != -ENFILE && r != -ENOMEM)
		r = read_path(&loop);
	if (r < 0)
		return r;
	*ret_loop = loop;
	return 0;
}

int np_loop_list(struct np_loop **ret_loops, size_t *ret_count)
{
	struct np_loop *loops;
	size_t count, found = 0;
	dev_t *numbers;
	int r = np_sysfs_list("/sys/block", "loop/backing_file", &numbers, &count);

	if (r < 0)
		return r;
	loops = calloc(count + 1, sizeof(*loops));
	r = loops ? 0 : -ENOMEM;
	for (size_t i = 0; !r && i < count; i++) {
		r = np_loop_read(numbers[i], &loops[found]);
		/* One that is gone meanwhile is none. */
		found += !r;
		r = r == -ENXIO ? 0 : r;
	}
	free(numbers);
	if (r < 0) {
		free(loops);
		return r;
	}
	*ret_loops = loops;
	*ret_count = found;
	return 0;
}

bool np_loop_is_on(const struct np_loop *loop, bool is_block, dev_t number, ino_t inode)
{
	return loop->is_block == is_block && loop->backing == number && (is_block || loop->inode == inode);
}

bool np_loop_is_whole(dev_t number, const struct np_device *image)
{
	struct np_loop loop;

	return !np_loop_read(number, &loop) && np_loop_is_on(&loop, image->is_block, image->number, image->inode) &&
	       !loop.offset_bytes && !loop.limited;
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
	if (!np_loop_is_whole(number, image) || loop.read_only != image->read_only ||
	    loop.logical_block_size != image->logical_block_size) {
		np_device_close(&loop);
		return -ENOENT;
	}
	*ret_loop = loop;
	return 0;
}

static int configure(int loop_fd, int fd, const char *name, bool read_only)
{
	struct loop_config config = {
		.fd = (__u32)fd,
		.info = { .lo_flags = LO_FLAGS_AUTOCLEAR | (read_only ? LO_FLAGS_READ_ONLY : 0) },
	};

	snprintf((char *)config.info.lo_file_name, LO_NAME_SIZE, "%s", name);
	return ioctl(loop_fd, LOOP_CONFIGURE, &config) < 0 ? -errno : 0;
}

static int configure_image(int loop_fd, const struct np_device *image)
{
	int fd = open(image->path, (image->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC), r = 0;
	struct stat status;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) < 0)
		r = -errno;
	else if (status.st_dev != image->number || status.st_ino != image->inode)
		r = -ESTALE; /* not the file that was examined */
	if (!r)
		r = configure(loop_fd, fd, image->path, image->read_only);
	close(fd);
	return r;
}

/* A free loop device for the image, or without one for the memory; -EBUSY if somebody else was faster to configure it. */
static int attach_free(const struct np_device *image, int memory_fd, struct np_device *ret_loop)
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
	snprintf(path, sizeof(path), "/dev/loop%d", number);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = image ? configure_image(fd, image) : configure(fd, memory_fd, "memory", false);
	/* Opened again before the first descriptor goes, with which autoclear would set in. */
	if (!r)
		r = np_device_try(path, ret_loop);
	close(fd);
	return r;
}

static int attach(const struct np_device *image, int memory_fd, const char *subject, const struct np_log *log,
		  struct np_device *ret_loop)
{
	int r = -EBUSY;

	for (int attempt = 0; attempt < 16 && r == -EBUSY; attempt++)
		r = attach_free(image, memory_fd, ret_loop);
	if (r < 0)
		np_log_message(log, NP_LOG_ERROR, subject, r == -ENOENT ? "`modprobe loop`" : NULL,
			       "can't attach a loop device: %s", strerror(-r));
	return r < 0 ? -EIO : 0; /* what is attached is there, and nobody has it */
}

int np_loop_attach(const struct np_device *image, const struct np_log *log, struct np_device *ret_loop)
{
	struct np_loop *loops;
	size_t count;
	int r = np_loop_list(&loops, &count);

	if (r < 0) {
		np_log_message(log, NP_LOG_ERROR, image->path, NULL, "can't list the loop devices: %s", strerror(-r));
		return -EIO;
	}
	for (size_t i = 0; i < count; i++)
		if (np_loop_is_on(&loops[i], false, image->number, image->inode) && np_busy_is_ours(loops[i].number) &&
		    !reuse(loops[i].number, image, ret_loop)) {
			free(loops);
			return 0;
		}
	free(loops);
	return attach(image, -1, image->path, log, ret_loop);
}

int np_loop_attach_memory(uint64_t bytes, const struct np_log *log, struct np_device *ret_loop)
{
	int fd = memfd_create("ntfs-punch", MFD_CLOEXEC), r = 0;

	if (fd < 0 || ftruncate(fd, (off_t)bytes) < 0)
		r = -errno;
	if (r < 0)
		np_log_message(log, NP_LOG_ERROR, "memory", NULL, "can't have %" PRIu64 " bytes of it: %s", bytes,
			       strerror(-r));
	else
		r = attach(NULL, fd, "memory", log, ret_loop);
	if (fd >= 0)
		close(fd);
	return r;
}
