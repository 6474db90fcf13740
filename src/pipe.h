/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What both ends of the sandbox's pipe do: the child writes all of its reply, the parent reads it to its end, and waits no
 * longer than until a deadline.
 */
#ifndef NTFS_PUNCH_PIPE_H
#define NTFS_PUNCH_PIPE_H

#include <stddef.h>
#include <time.h>

/* Needs no system call but write(2). -errno. */
int np_pipe_write(int fd, const void *data, size_t size);

/* The receiving end: a descriptor, and the moment after which nobody waits for it. */
struct np_pipe_reader {
	int fd;
	struct timespec deadline;
};

struct np_pipe_reader np_pipe_reader_init(int fd, int timeout_ms);

/* All of `size` bytes. -ENODATA: it ends before. -ETIMEDOUT; -errno. */
int np_pipe_read(const struct np_pipe_reader *reader, void *data, size_t size);

/* Whether it ends here: -EMSGSIZE if there is more, -ETIMEDOUT, -errno, or 0. */
int np_pipe_read_end(const struct np_pipe_reader *reader);

#endif
