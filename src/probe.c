/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/probe.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "content.h"
#include "ntfs-punch/sandbox.h"
#include "pipe.h"

#define TIMEOUT_MS 60000

static int prepare(int device_fd, void *context)
{
	return np_content_prepare(device_fd, context);
}

/* In the child. The reply is np_content as it lies in memory: both ends are one program. */
static int read_and_reply(int device_fd, int reply_fd, void *context)
{
	struct np_content_probe *probe = *(struct np_content_probe **)context;
	struct np_content *content = calloc(1, sizeof(*content));
	int r = -ENOMEM;

	(void)device_fd;
	if (content) {
		np_content_read(probe, content);
		r = np_pipe_write(reply_fd, content, sizeof(*content));
	}
	free(content);
	np_content_free(probe);
	return r;
}

static bool terminated(const char *text, size_t size)
{
	return memchr(text, '\0', size);
}

static bool is_sound(const struct np_content *content)
{
	if (!terminated(content->type, sizeof(content->type)) || !terminated(content->uuid, sizeof(content->uuid)) ||
	    !terminated(content->label, sizeof(content->label)) || !terminated(content->raid, sizeof(content->raid)) ||
	    !terminated(content->table, sizeof(content->table)) || content->partition_count > NP_PARTITIONS_MAX)
		return false;
	for (size_t i = 0; i < content->partition_count; i++) {
		const struct np_partition *partition = &content->partitions[i];

		if (!terminated(partition->uuid, sizeof(partition->uuid)) ||
		    !terminated(partition->type, sizeof(partition->type)) ||
		    !terminated(partition->name, sizeof(partition->name)) || !partition->number ||
		    partition->start_bytes > INT64_MAX || partition->size_bytes > INT64_MAX - partition->start_bytes)
			return false;
	}
	return true;
}

int np_probe(int fd, const char *subject, enum np_log_level level, const struct np_log *log,
	     struct np_content *ret_content)
{
	struct np_content_probe *probe = NULL;
	struct np_content *content = calloc(1, sizeof(*content));
	struct np_pipe_reader reader;
	struct np_sandbox sandbox;
	char why[128] = "";
	int received, ended;

	ended = content ? np_sandbox_start(prepare, read_and_reply, fd, &probe, &sandbox) : -ENOMEM;
	if (ended < 0) {
		np_log_message(log, level, subject, NULL, "can't start the scanner: %s", strerror(-ended));
		free(content);
		return ended;
	}
	reader = np_pipe_reader_init(sandbox.reply_fd, TIMEOUT_MS);
	received = np_pipe_read(&reader, content, sizeof(*content));
	if (!received)
		received = np_pipe_read_end(&reader);
	ended = np_sandbox_end(&sandbox, received < 0, why, sizeof(why));
	if (ended < 0 || received < 0 || !is_sound(content)) {
		np_log_message(log, level, subject, NULL, "the scanner was not to be trusted with what lies on it: %s",
			       *why                   ? why :
			       received == -ETIMEDOUT ? "no reply" :
							"its reply is not sound");
		free(content);
		return -EBADMSG;
	}
	*ret_content = *content;
	free(content);
	return 0;
}
