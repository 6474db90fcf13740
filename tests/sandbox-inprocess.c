/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other sandbox.h: no sandbox, one process, for sanitizers, valgrind and fuzzing. For tests only.
 */
#include "ntfs-punch/sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int np_sandbox_start(np_sandbox_prepare_fn *prepare, np_sandbox_fn *function, int device_fd, void *context,
		     struct np_sandbox *ret_sandbox)
{
	int fd = memfd_create("reply", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	/* In a process of its own this would be an exit status. */
	ret_sandbox->pid = prepare ? prepare(device_fd, context) : 0;
	if (!ret_sandbox->pid)
		ret_sandbox->pid = function(device_fd, fd, context);
	ret_sandbox->reply_fd = fd;
	lseek(fd, 0, SEEK_SET);
	return 0;
}

int np_sandbox_end(struct np_sandbox *sandbox, bool kill_it, char *why, size_t why_size)
{
	(void)kill_it;
	close(sandbox->reply_fd);
	if (!sandbox->pid)
		return 0;
	snprintf(why, why_size, "it failed");
	return -ECHILD;
}
