/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pipe.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <unistd.h>

int np_pipe_write(int fd, const void *data, size_t size)
{
	const char *position = data;

	while (size) {
		ssize_t n = write(fd, position, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		position += n;
		size -= (size_t)n;
	}
	return 0;
}

struct np_pipe_reader np_pipe_reader_init(int fd, int timeout_ms)
{
	struct np_pipe_reader reader = { .fd = fd };

	clock_gettime(CLOCK_MONOTONIC, &reader.deadline);
	reader.deadline.tv_sec += timeout_ms / 1000;
	reader.deadline.tv_nsec += timeout_ms % 1000 * 1000000L; /* may pass a second: only subtracted */
	return reader;
}

static int remaining_ms(const struct np_pipe_reader *reader)
{
	struct timespec now;
	int64_t ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (reader->deadline.tv_sec - now.tv_sec) * 1000 + (reader->deadline.tv_nsec - now.tv_nsec) / 1000000;
	return ms > 0 ? (int)ms : 0;
}

/* Up to `size` bytes; fewer only at the end. Returns their number or -errno. */
static ssize_t read_some(const struct np_pipe_reader *reader, void *data, size_t size)
{
	char *position = data;
	size_t have = 0;

	while (have < size) {
		struct pollfd pollfd = { .fd = reader->fd, .events = POLLIN };
		int left_ms = remaining_ms(reader), ready;
		ssize_t n;

		/* Also for a sender that never lets us wait. */
		ready = left_ms ? poll(&pollfd, 1, left_ms) : 0;
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready < 0)
			return -errno;
		if (!ready)
			return -ETIMEDOUT;
		n = read(reader->fd, position + have, size - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

int np_pipe_read(const struct np_pipe_reader *reader, void *data, size_t size)
{
	ssize_t n = read_some(reader, data, size);

	if (n < 0)
		return (int)n;
	return (size_t)n == size ? 0 : -ENODATA;
}

int np_pipe_read_end(const struct np_pipe_reader *reader)
{
	char more;
	ssize_t n = read_some(reader, &more, 1);

	return n > 0 ? -EMSGSIZE : (int)n;
}
