/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/reply.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pipe.h"

/* Both ends move extents in blocks of this many, so that neither needs a second copy of a long map. */
#define BLOCK_EXTENTS 4096u

/* What is sent as it lies in memory has no padding. */
_Static_assert(sizeof(struct np_reply_header) == 40 + 8 * NP_OWNERS + NP_TEXT_SIZE, "padding");
_Static_assert(sizeof(struct np_volume_facts) == 64 + NP_LABEL_SIZE + 64, "padding");
_Static_assert(sizeof(struct np_file_facts) == 12 * 8 + 12 * 4, "padding");

static int send_extents(int fd, const struct np_extent_map *map)
{
	struct np_reply_extent block[BLOCK_EXTENTS];
	size_t fill = 0;

	for (size_t i = 0; i < map->count; i++) {
		block[fill++] = (struct np_reply_extent){ map->extents[i].physical, map->extents[i].length };
		if (fill == BLOCK_EXTENTS || i + 1 == map->count) {
			int r = np_pipe_write(fd, block, fill * sizeof(*block));

			if (r < 0)
				return r;
			fill = 0;
		}
	}
	return 0;
}

int np_reply_send(int fd, const struct np_facts *facts)
{
	struct np_reply_header header = {
		.magic = NP_REPLY_MAGIC,
		.version = NP_REPLY_VERSION,
		.outcome = facts->outcome,
		.extent_count = facts->extents.count,
		.system_count = facts->system.count,
		.message_count = facts->message_count,
	};
	int r;

	memcpy(header.system_end, facts->system_end, sizeof(header.system_end));
	memcpy(header.reason, facts->reason, sizeof(header.reason));
	r = np_pipe_write(fd, &header, sizeof(header));
	if (!r)
		r = np_pipe_write(fd, &facts->volume, sizeof(facts->volume));
	if (!r)
		r = np_pipe_write(fd, &facts->file, sizeof(facts->file));
	if (!r)
		r = send_extents(fd, &facts->extents);
	if (!r)
		r = send_extents(fd, &facts->system);
	if (!r)
		r = np_pipe_write(fd, facts->messages, facts->message_count * sizeof(*facts->messages));
	return r;
}

struct receiver {
	struct np_pipe_reader pipe;
	const char *why;
};

static int lie(struct receiver *receiver, const char *why)
{
	receiver->why = why;
	return -EBADMSG;
}

static int read_all(struct receiver *receiver, void *data, size_t size)
{
	int r = np_pipe_read(&receiver->pipe, data, size);

	return r == -ENODATA ? lie(receiver, "it ends early") : r;
}

static bool terminated(const char *text, size_t size)
{
	return memchr(text, '\0', size);
}

static bool between(uint64_t value, uint64_t first, uint64_t last)
{
	return value >= first && value <= last;
}

static bool power_of_two(uint64_t value)
{
	return value && !(value & (value - 1));
}

static int check_header(struct receiver *receiver, const struct np_reply_header *header)
{
	if (header->magic != NP_REPLY_MAGIC || header->version != NP_REPLY_VERSION)
		return lie(receiver, "its magic number or version is wrong");
	if (!between(header->outcome, NP_OUTCOME_COMPLETE, NP_OUTCOME_AMBIGUOUS))
		return lie(receiver, "its outcome is none");
	if (header->extent_count > NP_EXTENT_MAX || header->system_count > NP_EXTENT_MAX)
		return lie(receiver, "it announces too many extents");
	if (header->message_count > NP_REPLY_MESSAGES_MAX)
		return lie(receiver, "it announces too many messages");
	if (!terminated(header->reason, sizeof(header->reason)))
		return lie(receiver, "its reason doesn't end");
	return 0;
}

static int check_volume(struct receiver *receiver, const struct np_volume_facts *volume)
{
	if (!terminated(volume->label, sizeof(volume->label)) || !terminated(volume->content, sizeof(volume->content)))
		return lie(receiver, "a text doesn't end");
	return 0;
}

static bool journal_makes_sense(const struct np_volume_facts *volume, const struct np_file_facts *file)
{
	bool broken = volume->journal_state == NP_JOURNAL_BROKEN;

	if (!between(volume->journal_state, NP_JOURNAL_EMPTY, NP_JOURNAL_BROKEN) ||
	    volume->journal_trouble > NP_JOURNAL_TROUBLE_TOO_MUCH || broken != !!volume->journal_trouble ||
	    volume->journal_major > UINT16_MAX || volume->journal_minor > UINT16_MAX ||
	    file->journal_reason > NP_JOURNAL_UNKNOWN || file->journal_operation > NP_JOURNAL_OPERATION_MAX)
		return false;
	/* What can't be followed says nothing of any file, and only what is unclean has something to say. */
	if (file->kind == NP_FILE_NONE)
		return !file->journal_reason;
	if (broken)
		return file->journal_reason == NP_JOURNAL_UNKNOWN;
	return !file->journal_reason || volume->journal_state == NP_JOURNAL_UNCLEAN;
}

/* Only a complete scan's numbers are used, so only they must make sense. */
static int check_complete(struct receiver *receiver, const struct np_volume_facts *volume,
			  const struct np_file_facts *file)
{
	/* 256 bytes is the smallest sector libntfs-3g takes; 2 MiB the largest cluster of Windows. */
	if (!power_of_two(volume->cluster_size) || !between(volume->cluster_size, 256, 2u << 20))
		return lie(receiver, "its cluster size is none");
	if (!power_of_two(volume->sector_size) || !between(volume->sector_size, 256, 4096))
		return lie(receiver, "its sector size is none");
	if (volume->size_bytes > INT64_MAX || volume->size_bytes % volume->cluster_size)
		return lie(receiver, "its volume isn't made of clusters");
	if (!between(volume->hibernation, NP_HIBERNATION_UNKNOWN, NP_HIBERNATION_YES) || volume->dirty > 1 ||
	    !between(volume->shadow_copies, NP_SHADOW_COPIES_UNKNOWN, NP_SHADOW_COPIES_PRESENT))
		return lie(receiver, "its volume's state is none");
	if (!between(file->kind, NP_FILE_NONE, NP_FILE_REPARSE_POINT) ||
	    !between(file->system_reason, NP_SYSTEM_NONE, NP_SYSTEM_SWAPFILE) ||
	    !between(file->runlist_problem, NP_RUNLIST_SOUND, NP_RUNLIST_END) || file->flags & ~NP_FILE_FLAGS ||
	    file->has_stream > 1 || !between(file->image, NP_IMAGE_UNKNOWN, NP_IMAGE_VHDX) ||
	    file->image_log_pending > (file->image == NP_IMAGE_VHDX))
		return lie(receiver, "its file's state is none");
	if (!journal_makes_sense(volume, file))
		return lie(receiver, "its journal's state is none");
	if (file->record >= 1ULL << 48 || file->sequence > UINT16_MAX)
		return lie(receiver, "its MFT reference is none");
	if (file->data_size > INT64_MAX || file->allocated_size > INT64_MAX || file->initialized_size > INT64_MAX)
		return lie(receiver, "its file's sizes are none");
	if (file->stale_bytes >= NP_STALE_BLOCK)
		return lie(receiver, "its stale bytes are too many");
	return 0;
}

static int receive_extents(struct receiver *receiver, uint64_t count, uint32_t cluster_size, struct np_extent_map *map)
{
	struct np_reply_extent block[BLOCK_EXTENTS];

	for (uint64_t done = 0; done < count;) {
		size_t part = count - done < BLOCK_EXTENTS ? (size_t)(count - done) : BLOCK_EXTENTS;
		int r = read_all(receiver, block, part * sizeof(*block));

		for (size_t i = 0; i < part && !r; i++) {
			bool hole = block[i].physical == NP_EXTENT_HOLE;

			if (!block[i].length || block[i].length % cluster_size ||
			    (!hole && block[i].physical % cluster_size))
				return lie(receiver, "an extent isn't made of clusters");
			r = np_extent_map_append(map, block[i].physical, block[i].length);
		}
		if (r == -EOVERFLOW || r == -E2BIG)
			return lie(receiver, "its extents are out of bounds");
		if (r < 0)
			return r;
		done += part;
	}
	/* The sender's map was coalesced: one that isn't was made by hand. */
	return map->count == count ? 0 : lie(receiver, "its extents aren't coalesced");
}

static int check_system_ends(struct receiver *receiver, const struct np_facts *facts)
{
	uint64_t end = 0;

	for (size_t i = 0; i < NP_OWNERS; i++) {
		if (facts->system_end[i] < end)
			return lie(receiver, "its system files overlap");
		end = facts->system_end[i];
	}
	if (end != np_extent_map_total(&facts->system))
		return lie(receiver, "its system files don't add up");
	return 0;
}

static int receive_messages(struct receiver *receiver, uint64_t count, struct np_facts *facts)
{
	int r;

	if (!count)
		return 0;
	facts->messages = calloc(count, sizeof(*facts->messages));
	if (!facts->messages)
		return -ENOMEM;
	facts->message_count = count;
	r = read_all(receiver, facts->messages, count * sizeof(*facts->messages));
	for (size_t i = 0; i < count && !r; i++)
		if (!terminated(facts->messages[i], sizeof(facts->messages[i])))
			r = lie(receiver, "a message doesn't end");
	return r;
}

static int receive_facts(struct receiver *receiver, struct np_facts *facts)
{
	struct np_reply_header header;
	int r;

	r = read_all(receiver, &header, sizeof(header));
	if (!r)
		r = check_header(receiver, &header);
	if (!r)
		r = read_all(receiver, &facts->volume, sizeof(facts->volume));
	if (!r)
		r = read_all(receiver, &facts->file, sizeof(facts->file));
	if (!r)
		r = check_volume(receiver, &facts->volume);
	if (r)
		return r;

	facts->outcome = header.outcome;
	memcpy(facts->reason, header.reason, sizeof(facts->reason));
	memcpy(facts->system_end, header.system_end, sizeof(facts->system_end));
	if (facts->outcome == NP_OUTCOME_COMPLETE)
		r = check_complete(receiver, &facts->volume, &facts->file);
	else if (header.extent_count || header.system_count)
		r = lie(receiver, "it has extents of a file that it didn't find");
	if (!r)
		r = receive_extents(receiver, header.extent_count, facts->volume.cluster_size, &facts->extents);
	if (!r)
		r = receive_extents(receiver, header.system_count, facts->volume.cluster_size, &facts->system);
	if (!r)
		r = check_system_ends(receiver, facts);
	if (!r)
		r = receive_messages(receiver, header.message_count, facts);
	if (r)
		return r;

	r = np_pipe_read_end(&receiver->pipe);
	return r == -EMSGSIZE ? lie(receiver, "it goes on past its end") : r;
}

int np_reply_receive(int fd, int timeout_ms, struct np_facts *ret_facts, const char **ret_why)
{
	struct receiver receiver = { .pipe = np_pipe_reader_init(fd, timeout_ms) };
	struct np_facts facts = { 0 };
	int r = receive_facts(&receiver, &facts);

	if (r < 0) {
		np_facts_release(&facts);
		*ret_why = receiver.why;
		return r;
	}
	*ret_facts = facts;
	return 0;
}
