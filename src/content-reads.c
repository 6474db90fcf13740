/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "content-reads.h"

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "reader.h"

static int watched = -1;
static bool failed;
static const struct np_extent_map *watched_map;
static struct np_reader *watched_reader;
static uint64_t position;

void np_content_reads_watch(int fd, const struct np_extent_map *map, struct np_reader *reader)
{
	watched = fd;
	failed = false;
	watched_map = map;
	watched_reader = reader;
	position = 0;
}

bool np_content_reads_failed(void)
{
	watched = -1;
	return failed;
}

static ssize_t read_all(int fd, char *data, size_t size)
{
	size_t have = 0;

	while (have < size) {
		ssize_t n = syscall(SYS_read, fd, data + have, size - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) /* it asks for nothing past the end */
			failed = true;
		if (n < 0)
			return n;
		if (!n)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

static ssize_t read_map(char *data, size_t size)
{
	int r = np_reader_read_map(watched_reader, watched_map, false, data, size, position);

	if (r < 0) {
		failed = true;
		errno = -r;
		return -1;
	}
	position += size;
	return (ssize_t)size;
}

ssize_t read(int fd, void *data, size_t size)
{
	if (fd != watched)
		return syscall(SYS_read, fd, data, size);
	return watched_map ? read_map(data, size) : read_all(fd, data, size);
}

off_t lseek(int fd, off_t offset, int whence)
{
	off_t where;

	if (fd == watched && watched_map && whence == SEEK_SET && offset >= 0) {
		position = (uint64_t)offset;
		return offset;
	}
	where = syscall(SYS_lseek, fd, offset, whence);
	if (where < 0 && fd == watched)
		failed = true;
	return where;
}
