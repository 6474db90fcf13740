/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/cdrom.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "node.h"
#include "ntfs-punch/device.h"
#include "number.h"
#include "sysfs.h"
#include "users.h"

/* A drive without a disk opens, and /proc/partitions has a size for it all the same. */
static bool is_empty_drive(int fd)
{
	int status;

	if (ioctl(fd, CDROM_GET_CAPABILITY, 0) < 0)
		return false;
	status = ioctl(fd, CDROM_DRIVE_STATUS, CDSL_CURRENT);
	return status == CDS_NO_DISC || status == CDS_TRAY_OPEN;
}

/* Without waiting for a medium, and not past the page cache: libblkid's reads aren't aligned. */
static int open_node(dev_t number, const char *path, int *ret_fd)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;

	if (fd < 0)
		return errno == ENOENT || errno == ENXIO || errno == ENOMEDIUM ? -ENODEV : -errno;
	if (fstat(fd, &status) < 0 || !S_ISBLK(status.st_mode) || status.st_rdev != number || is_empty_drive(fd)) {
		close(fd);
		return -ENODEV;
	}
	*ret_fd = fd;
	return 0;
}

/* It, or a device that it lies on. */
static bool is_suspended(dev_t number, int depth)
{
	struct np_node node = { .is_block = true, .number = number }, below;
	char line[16];
	dev_t *slaves;
	size_t count;
	bool found = false;

	if (np_sysfs_read_attribute(number, "dm/suspended", line, sizeof(line)) && !strcmp(line, "1"))
		return true;
	if (depth == NP_USERS_DEPTH)
		return false;
	/* Of a file, its filesystem's device. */
	if (np_node_below(&node, &below))
		return is_suspended(below.number, depth + 1);
	if (np_sysfs_list_of(number, "slaves", "dev", &slaves, &count) < 0)
		return false;
	for (size_t i = 0; i < count && !found; i++)
		found = is_suspended(slaves[i], depth + 1);
	free(slaves);
	return found;
}

int np_disk_probe(dev_t number, enum np_log_level level, const struct np_log *log, struct np_content *ret_content)
{
	char path[NP_DEVICE_NODE_SIZE] = "";
	int fd = -1, r = np_device_node(number, path) < 0 ? -ENODEV : 0;

	if (!r && is_suspended(number, 0)) {
		np_log_message(log, level, path, NULL, "can't look at it: it is suspended, or what it lies on");
		return -EBUSY;
	}
	if (!r)
		r = open_node(number, path, &fd);
	if (r < 0) {
		np_log_message(log, level, path, NULL, "can't look at it: %s", strerror(-r));
		return r;
	}
	r = np_probe(fd, 0, 0, path, level, log, ret_content);
	close(fd);
	return r;
}

bool np_disk_parse_line(const char *line, dev_t *ret_number)
{
	uint64_t major_number, minor_number;

	line += strspn(line, " ");
	if (!np_number_take(&line, NP_NUMBER_MAJOR_MAX, &major_number) || *line != ' ')
		return false;
	line += strspn(line, " ");
	if (!np_number_take(&line, NP_NUMBER_MINOR_MAX, &minor_number) || *line != ' ')
		return false;
	*ret_number = makedev((unsigned)major_number, (unsigned)minor_number);
	return true;
}

int np_disk_each(np_disk_fn *function, void *context)
{
	FILE *list = fopen("/proc/partitions", "re");
	char line[256];
	int r = list ? 0 : -errno;

	while (!r && fgets(line, sizeof(line), list)) {
		dev_t number;

		if (np_disk_parse_line(line, &number))
			r = function(number, context);
	}
	if (!r && ferror(list))
		r = -EIO;
	if (list)
		fclose(list);
	return r;
}
