/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "content-reads.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

static int watched = -1;
static bool failed;

void np_content_reads_watch(int fd)
{
	watched = fd;
	failed = false;
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

ssize_t read(int fd, void *data, size_t size)
{
	return fd == watched ? read_all(fd, data, size) : syscall(SYS_read, fd, data, size);
}

off_t lseek(int fd, off_t offset, int whence)
{
	off_t position = syscall(SYS_lseek, fd, offset, whence);

	if (position < 0 && fd == watched)
		failed = true;
	return position;
}
