/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/probe.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "content.h"
#include "pipe.h"
#include "reader.h"

struct request {
	uint64_t start_bytes;
	uint64_t size_bytes;
	const struct np_extent_map *map; /* or NULL: those bytes of the device */
	uint64_t device_bytes;
	struct np_content_probe *probe;
};

static int prepare(int device_fd, void *context)
{
	struct request *request = context;

	return np_content_prepare(device_fd, request->start_bytes, request->size_bytes, &request->probe);
}

/* In the child. The reply is np_content as it lies in memory: both ends are one program. */
static int read_and_reply(int device_fd, int reply_fd, void *context)
{
	struct request *request = context;
	struct np_content *content = calloc(1, sizeof(*content));
	struct np_reader *reader = request->map ? np_reader_new(device_fd, 0, request->device_bytes) : NULL;
	int r = -ENOMEM;

	if (content && (reader || !request->map)) {
		np_content_read(request->probe, request->map, reader, content);
		r = np_pipe_write(reply_fd, content, sizeof(*content));
	}
	np_reader_free(reader);
	free(content);
	np_content_free(request->probe);
	return r;
}

static bool terminated(const char *text, size_t size)
{
	return memchr(text, '\0', size);
}

static bool is_sound(const void *reply)
{
	const struct np_content *content = reply;

	if (!terminated(content->type, sizeof(content->type)) || !terminated(content->uuid, sizeof(content->uuid)) ||
	    !terminated(content->label, sizeof(content->label)) || !terminated(content->raid, sizeof(content->raid)) ||
	    !terminated(content->table, sizeof(content->table)) || content->unreadable > 1 || content->backup > 1 ||
	    content->several > 1 || content->partition_count > NP_PARTITIONS_MAX)
		return false;
	for (size_t i = 0; i < content->partition_count; i++) {
		const struct np_partition *partition = &content->partitions[i];

		if (!terminated(partition->uuid, sizeof(partition->uuid)) ||
		    !terminated(partition->type, sizeof(partition->type)) ||
		    !terminated(partition->name, sizeof(partition->name)) || !partition->number ||
		    partition->number > NP_PARTITION_NUMBER_MAX || partition->start_bytes > INT64_MAX ||
		    partition->size_bytes > INT64_MAX - partition->start_bytes)
			return false;
	}
	return true;
}

static int probe(int fd, struct request *request, const char *subject, enum np_log_level level,
		 const struct np_log *log, struct np_content *ret_content)
{
	struct np_content *content = calloc(1, sizeof(*content));
	char why[192] = "";
	int r = content ? np_ask(prepare, read_and_reply, fd, request, is_sound, content, sizeof(*content), why,
				 sizeof(why)) :
			  -ENOMEM;

	if (r == -EBADMSG)
		np_log_message(log, level, subject, NULL, "the scanner was not to be trusted with what lies on it: %s",
			       why);
	else if (r < 0)
		np_log_message(log, level, subject, NULL, "%s", *why ? why : strerror(-r));
	else
		*ret_content = *content;
	free(content);
	return r;
}

int np_probe(int fd, uint64_t start_bytes, uint64_t size_bytes, const char *subject, enum np_log_level level,
	     const struct np_log *log, struct np_content *ret_content)
{
	struct request request = { .start_bytes = start_bytes, .size_bytes = size_bytes };

	return probe(fd, &request, subject, level, log, ret_content);
}

int np_probe_map(int fd, uint64_t device_bytes, const struct np_extent_map *map, const char *subject,
		 enum np_log_level level, const struct np_log *log, struct np_content *ret_content)
{
	struct request request = {
		.size_bytes = np_extent_map_total(map),
		.map = map,
		.device_bytes = device_bytes,
	};

	return probe(fd, &request, subject, level, log, ret_content);
}
