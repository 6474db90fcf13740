/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pipe.h"

#define TIMEOUT_MS 60000

int np_ask(np_sandbox_prepare_fn *prepare, np_sandbox_fn *function, int device_fd, void *context,
	   np_ask_sound_fn *is_sound, void *reply, size_t reply_size, char *why, size_t why_size)
{
	struct np_pipe_reader reader;
	struct np_sandbox sandbox;
	int received, ended = np_sandbox_start(prepare, function, device_fd, context, &sandbox);

	if (ended < 0) {
		snprintf(why, why_size, "can't start the scanner: %s", strerror(-ended));
		return ended;
	}
	reader = np_pipe_reader_init(sandbox.reply_fd, TIMEOUT_MS);
	received = np_pipe_read(&reader, reply, reply_size);
	if (!received)
		received = np_pipe_read_end(&reader);
	ended = np_sandbox_end(&sandbox, received < 0, why, why_size);
	if (ended < 0)
		return ended == -ENOSYS ? ended : -EBADMSG;
	if (received < 0 || !is_sound(reply)) {
		snprintf(why, why_size, received == -ETIMEDOUT ? "no reply" : "its reply is not sound");
		return -EBADMSG;
	}
	return 0;
}
