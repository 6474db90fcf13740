/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "ntfs-punch/sandbox.h"

struct child child;
char child_said[256];

static void listen(const struct np_log *log, enum np_log_level level, const char *subject, const char *message,
		   const char *remedy)
{
	(void)log, (void)level, (void)remedy;
	snprintf(child_said, sizeof(child_said), "%s: %s", subject, message);
}

const struct np_log child_log = { .emit = listen, .most = NP_LOG_ERROR };

void child_write(int fd, const void *reply, size_t have, size_t size)
{
	const char *bytes = reply;

	for (size_t i = 0; i < size; i++)
		if (write(fd, i < have ? &bytes[i] : "x", 1) != 1)
			_exit(1);
}

int np_sandbox_start(np_sandbox_prepare_fn *prepare, np_sandbox_fn *function, int device_fd, void *context,
		     struct np_sandbox *ret_sandbox)
{
	int fds[2];

	assert_int_equal(!!prepare, child.prepares);
	assert_non_null(function);
	assert_int_equal(pipe(fds), 0);
	ret_sandbox->pid = fork();
	if (!ret_sandbox->pid) {
		if (!child.reply)
			_exit(!!function(device_fd, fds[1], context));
		child.reply(fds[1]);
		_exit(0);
	}
	close(fds[1]);
	ret_sandbox->reply_fd = fds[0];
	return ret_sandbox->pid < 0 ? -EAGAIN : 0;
}

int np_sandbox_end(struct np_sandbox *sandbox, bool kill_it, char *why, size_t why_size)
{
	if (kill_it)
		kill(sandbox->pid, SIGKILL);
	close(sandbox->reply_fd);
	waitpid(sandbox->pid, NULL, 0);
	if (child.end)
		snprintf(why, why_size, "it crashed");
	return child.end;
}
