/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as the reply of the child that looks for partitions and tags.
 *
 * An input is how much of the reply comes, and then the reply with its texts shortened. The sandbox is replaced: its child
 * replies just that.
 */
#include "input.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "ntfs-punch/probe.h"
#include "reply-fd.h"

static void take_content(struct fuzz_input *input, struct np_content *content)
{
	fuzz_take_text(input, content->type, sizeof(content->type));
	fuzz_take_text(input, content->uuid, sizeof(content->uuid));
	fuzz_take_text(input, content->label, sizeof(content->label));
	fuzz_take_text(input, content->raid, sizeof(content->raid));
	fuzz_take_text(input, content->table, sizeof(content->table));
	fuzz_take(input, &content->unreadable, sizeof(content->unreadable));
	fuzz_take(input, &content->partition_count, sizeof(content->partition_count));
	for (size_t i = 0; i < NP_PARTITIONS_MAX && input->size; i++) {
		struct np_partition *partition = &content->partitions[i];

		fuzz_take(input, partition, offsetof(struct np_partition, uuid));
		fuzz_take_text(input, partition->uuid, sizeof(partition->uuid));
		fuzz_take_text(input, partition->type, sizeof(partition->type));
		fuzz_take_text(input, partition->name, sizeof(partition->name));
	}
}

static bool ends(const char *text, size_t size)
{
	return memchr(text, '\0', size);
}

static bool is_sound(const struct np_content *content)
{
	if (!ends(content->type, sizeof(content->type)) || !ends(content->uuid, sizeof(content->uuid)) ||
	    !ends(content->label, sizeof(content->label)) || !ends(content->raid, sizeof(content->raid)) ||
	    !ends(content->table, sizeof(content->table)) || content->partition_count > NP_PARTITIONS_MAX)
		return false;
	for (size_t i = 0; i < content->partition_count; i++) {
		const struct np_partition *partition = &content->partitions[i];
		uint64_t end;

		if (!ends(partition->uuid, sizeof(partition->uuid)) ||
		    !ends(partition->type, sizeof(partition->type)) ||
		    !ends(partition->name, sizeof(partition->name)) || !partition->number ||
		    __builtin_add_overflow(partition->start_bytes, partition->size_bytes, &end) || end > INT64_MAX)
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct np_content sent, received;
	struct fuzz_input input = { data, size };
	unsigned flags = fuzz_take_number(&input, 1);
	size_t cut = flags & 1 ? fuzz_take_number(&input, 2) % sizeof(sent) : 0;
	int r;

	memset(&sent, 0, sizeof(sent));
	take_content(&input, &sent);
	if (ftruncate(reply_fd, 0) < 0 ||
	    pwrite(reply_fd, &sent, sizeof(sent) - cut, 0) != (ssize_t)(sizeof(sent) - cut) ||
	    (flags & 2 && ftruncate(reply_fd, sizeof(sent) + 1) < 0))
		abort();
	r = np_probe(reply_fd, 0, 0, "disk", NP_LOG_ERROR, &np_log_silent, &received);
	if (r && r != -EBADMSG)
		abort();
	if (!r && (cut || flags & 2 || memcmp(&sent, &received, sizeof(sent)) || !is_sound(&received)))
		abort();
	return 0;
}
