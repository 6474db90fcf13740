/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-write.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ntfs-punch/device.h"
#include "ntfs-punch/plan.h"

static int open_store(dev_t number, int flags, char *path)
{
	int r = np_device_node(number, path), fd;

	if (r < 0)
		return r;
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int write_all(int fd, const void *data, size_t size, off_t offset)
{
	ssize_t n = pwrite(fd, data, size, offset);

	if (n != (ssize_t)size)
		return n < 0 ? -errno : -EIO;
	return fsync(fd) < 0 ? -errno : 0;
}

int np_store_write(dev_t number, const struct np_store *header, bool begin, const struct np_log *log)
{
	static const uint8_t zeros[NP_SNAPSHOT_CHUNK_SECTORS * NP_SECTOR_SIZE];
	uint8_t sector[NP_STORE_SECTOR];
	char path[NP_DEVICE_NODE_SIZE] = "";
	int fd = open_store(number, O_RDWR, path), r = fd < 0 ? fd : 0;

	if (!r && begin)
		r = write_all(fd, zeros, sizeof(zeros), NP_STORE_HEADER_BYTES);
	np_store_format(header, sector);
	if (!r)
		r = write_all(fd, sector, sizeof(sector), 0);
	if (fd >= 0 && close(fd) < 0 && !r)
		r = -errno;
	if (r < 0)
		np_log_message(log, NP_LOG_ERROR, path, "does `dmesg` tell of a failing disk?",
			       "can't write the overlay's header: %s", strerror(-r));
	return r < 0 ? -EIO : 0;
}

int np_store_read(dev_t number, const struct np_log *log, struct np_store *ret_header)
{
	uint8_t sector[NP_STORE_SECTOR];
	char path[NP_DEVICE_NODE_SIZE] = "";
	int fd = open_store(number, O_RDONLY, path), r = fd < 0 ? fd : 0;
	ssize_t n = r ? 0 : pread(fd, sector, sizeof(sector), 0);

	if (!r && n != (ssize_t)sizeof(sector))
		r = n < 0 ? -errno : -EIO;
	if (fd >= 0)
		close(fd);
	if (!r)
		np_store_parse(sector, ret_header);
	if (r < 0)
		np_log_message(log, NP_LOG_ERROR, path, "does `dmesg` tell of a failing disk?",
			       "can't read the overlay's header: %s", strerror(-r));
	else if (ret_header->state == NP_STORE_NONE)
		np_log_message(log, NP_LOG_ERROR, path, NULL, "the overlay's header is gone: somebody wrote over it");
	return r < 0 ? -EIO : ret_header->state == NP_STORE_NONE ? -ENODATA : 0;
}
