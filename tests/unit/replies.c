/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replies.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sample.h"

void reply_make(const struct np_facts *facts, struct reply *ret_reply)
{
	int fd = memfd_create("reply", MFD_CLOEXEC);
	off_t size;

	assert_true(fd >= 0);
	assert_int_equal(np_reply_send(fd, facts), 0);
	size = lseek(fd, 0, SEEK_CUR);
	assert_true(size > 0);
	ret_reply->size = (size_t)size;
	ret_reply->bytes = malloc(ret_reply->size);
	assert_non_null(ret_reply->bytes);
	assert_int_equal(pread(fd, ret_reply->bytes, ret_reply->size, 0), size);
	close(fd);
}

void reply_release(struct reply *reply)
{
	free(reply->bytes);
	*reply = (struct reply){ 0 };
}

int reply_receive(const struct reply *reply, struct np_facts *ret_facts, const char **ret_why)
{
	int fd = memfd_create("reply", MFD_CLOEXEC), r;

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, reply->bytes, reply->size, 0), reply->size);
	r = np_reply_receive(fd, REPLY_TIMEOUT_MS, ret_facts, ret_why);
	close(fd);
	return r;
}

void reply_add_messages(struct np_facts *facts, size_t count)
{
	facts->messages = calloc(count, sizeof(*facts->messages));
	assert_non_null(facts->messages);
	facts->message_count = count;
	for (size_t i = 0; i < count; i++)
		snprintf(facts->messages[i], sizeof(facts->messages[i]), "message %zu", i);
}

static bool ends(const char *text, size_t size)
{
	return memchr(text, '\0', size);
}

static bool texts_end(const struct np_facts *facts)
{
	for (size_t i = 0; i < facts->message_count; i++)
		if (!ends(facts->messages[i], sizeof(facts->messages[i])))
			return false;
	return ends(facts->reason, sizeof(facts->reason)) && ends(facts->volume.label, sizeof(facts->volume.label)) &&
	       ends(facts->volume.content, sizeof(facts->volume.content));
}

static bool is_made_of_clusters(const struct np_extent_map *map, uint32_t cluster)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct np_extent *extent = &map->extents[i];

		if (extent->length % cluster || (extent->physical != NP_EXTENT_HOLE && extent->physical % cluster))
			return false;
	}
	return map->count <= NP_EXTENT_MAX && unit_map_is_canonical(map);
}

static bool volume_is_sound(const struct np_volume_facts *volume)
{
	uint32_t cluster = volume->cluster_size, sector = volume->sector_size;

	return cluster >= 256 && cluster <= 2u << 20 && !(cluster & (cluster - 1)) && sector >= 256 && sector <= 4096 &&
	       !(sector & (sector - 1)) && volume->size_bytes <= INT64_MAX && !(volume->size_bytes % cluster) &&
	       volume->hibernation >= NP_HIBERNATION_UNKNOWN && volume->hibernation <= NP_HIBERNATION_YES &&
	       volume->dirty <= 1 && volume->shadow_copies >= NP_SHADOW_COPIES_UNKNOWN &&
	       volume->shadow_copies <= NP_SHADOW_COPIES_PRESENT;
}

static bool file_is_sound(const struct np_file_facts *file)
{
	return file->kind >= NP_FILE_NONE && file->kind <= NP_FILE_REPARSE_POINT &&
	       file->system_reason >= NP_SYSTEM_NONE && file->system_reason <= NP_SYSTEM_SWAPFILE &&
	       file->runlist_problem >= NP_RUNLIST_SOUND && file->runlist_problem <= NP_RUNLIST_END &&
	       file->flags <= NP_FILE_FLAGS && file->has_stream <= 1 && file->record < 1ULL << 48 &&
	       file->sequence <= UINT16_MAX && file->data_size <= INT64_MAX && file->allocated_size <= INT64_MAX &&
	       file->initialized_size <= INT64_MAX && file->image >= NP_IMAGE_UNKNOWN && file->image <= NP_IMAGE_VHDX &&
	       file->image_log_pending <= 1 && (!file->image_log_pending || file->image == NP_IMAGE_VHDX);
}

bool reply_facts_are_sound(const struct np_facts *facts)
{
	uint64_t end = 0;

	if (facts->outcome < NP_OUTCOME_COMPLETE || facts->outcome > NP_OUTCOME_AMBIGUOUS || !texts_end(facts) ||
	    facts->message_count > NP_REPLY_MESSAGES_MAX)
		return false;
	for (size_t i = 0; i < NP_OWNERS; i++) {
		if (facts->system_end[i] < end)
			return false;
		end = facts->system_end[i];
	}
	if (end != np_extent_map_total(&facts->system))
		return false;
	if (facts->outcome != NP_OUTCOME_COMPLETE)
		return !facts->extents.count && !facts->system.count;
	return volume_is_sound(&facts->volume) && file_is_sound(&facts->file) &&
	       is_made_of_clusters(&facts->extents, facts->volume.cluster_size) &&
	       is_made_of_clusters(&facts->system, facts->volume.cluster_size);
}

void reply_assert_same(const struct np_facts *got, const struct np_facts *sent)
{
	assert_true(np_facts_equal(got, sent));
	assert_true(reply_facts_are_sound(got));
	assert_memory_equal(got->reason, sent->reason, sizeof(sent->reason));
	assert_int_equal(got->message_count, sent->message_count);
	for (size_t i = 0; i < sent->message_count; i++)
		assert_string_equal(got->messages[i], sent->messages[i]);
}

static void append_many(struct np_extent_map *map, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		uint64_t physical = i % 7 == 3 ? NP_EXTENT_HOLE : (count - i) * 2 * SAMPLE_CLUSTER;

		assert_int_equal(np_extent_map_append(map, physical, SAMPLE_CLUSTER), 0);
	}
}

void reply_many_extents(struct np_facts *ret_facts, uint64_t extents, uint64_t system)
{
	sample_facts(ret_facts);
	np_extent_map_release(&ret_facts->extents);
	np_extent_map_release(&ret_facts->system);
	append_many(&ret_facts->extents, extents);
	append_many(&ret_facts->system, system);
	for (size_t i = 0; i < NP_OWNERS; i++)
		ret_facts->system_end[i] = np_extent_map_total(&ret_facts->system);
}

void reply_make_sample(struct reply *ret_reply)
{
	struct np_facts facts;

	sample_facts(&facts);
	reply_add_messages(&facts, REPLY_MESSAGES);
	reply_make(&facts, ret_reply);
	assert_int_equal(ret_reply->size, REPLY_END);
	np_facts_release(&facts);
}

void reply_put(struct reply *reply, size_t offset, size_t width, uint64_t value)
{
	for (size_t i = 0; i < width; i++)
		reply->bytes[offset + i] = ((const unsigned char *)&value)[i];
}
