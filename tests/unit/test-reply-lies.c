/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replies that lie: each one is refused for what is wrong with it.
 */
#include "replies.h"
#include "sample.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Offset and width of a field. */
#define FIELD(base, type, member) (base) + offsetof(struct type, member), sizeof(((struct type *)NULL)->member)
#define HEADER(member)            FIELD(0, np_reply_header, member)
#define VOLUME(member)            FIELD(REPLY_AT_VOLUME, np_volume_facts, member)
#define FILE_(member)             FIELD(REPLY_AT_FILE, np_file_facts, member)
#define EXTENT(number, member)                                                                                         \
	FIELD(REPLY_AT_EXTENTS + (number) * sizeof(struct np_reply_extent), np_reply_extent, member)
#define SYSTEM(number, member)                                                                                         \
	FIELD(REPLY_AT_SYSTEM + (number) * sizeof(struct np_reply_extent), np_reply_extent, member)

#define TOO_LARGE ((uint64_t)INT64_MAX + 1)
#define END_OF(x) ((SAMPLE_LCN_##x + SAMPLE_COUNT_##x) * (uint64_t)SAMPLE_CLUSTER)

/* One number changed. */
struct lie {
	const char *name;
	size_t offset, width;
	uint64_t value;
	const char *why;
};

static void assert_refused(const char *name, const struct reply *reply, const char *expected_why)
{
	struct np_facts untouched = { .message_count = 77 };
	const char *why = NULL;
	int r = reply_receive(reply, &untouched, &why);

	if (r != -EBADMSG || !why || !strstr(why, expected_why))
		fail_msg("case '%s': %d, '%s' instead of '%s'", name, r, why ? why : "", expected_why);
	assert_in_case(name, untouched.message_count == 77);
}

static void assert_lies_refused(const struct lie *lies, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct reply reply;

		reply_make_sample(&reply);
		reply_put(&reply, lies[i].offset, lies[i].width, lies[i].value);
		assert_refused(lies[i].name, &reply, lies[i].why);
		reply_release(&reply);
	}
}

static void test_header(void **state)
{
	static const struct lie lies[] = {
		{ "magic 0", HEADER(magic), 0, "magic" },
		{ "magic of another version", HEADER(magic), NP_REPLY_MAGIC + (1ULL << 56), "magic" },
		{ "version 0", HEADER(version), 0, "version" },
		{ "version 1", HEADER(version), 1, "version" },
		{ "outcome 0", HEADER(outcome), 0, "outcome" },
		{ "outcome 6", HEADER(outcome), 6, "outcome" },
		{ "outcome 99", HEADER(outcome), 99, "outcome" },
		{ "outcome 2^32 - 1", HEADER(outcome), UINT32_MAX, "outcome" },
		{ "extents: one too many", HEADER(extent_count), NP_EXTENT_MAX + 1, "too many extents" },
		{ "extents: 2^60", HEADER(extent_count), 1ULL << 60, "too many extents" },
		{ "extents: 2^64 - 1", HEADER(extent_count), UINT64_MAX, "too many extents" },
		{ "system: one too many", HEADER(system_count), NP_EXTENT_MAX + 1, "too many extents" },
		{ "system: 2^60", HEADER(system_count), 1ULL << 60, "too many extents" },
		{ "system: 2^64 - 1", HEADER(system_count), UINT64_MAX, "too many extents" },
		{ "messages: one too many", HEADER(message_count), NP_REPLY_MESSAGES_MAX + 1, "too many messages" },
		{ "messages: 2^55", HEADER(message_count), 1ULL << 55, "too many messages" },
		{ "messages: 2^64 - 1", HEADER(message_count), UINT64_MAX, "too many messages" },
		{ "more messages than there are", HEADER(message_count), REPLY_MESSAGES + 1, "ends early" },
		{ "fewer messages than there are", HEADER(message_count), REPLY_MESSAGES - 1, "past its end" },
		{ "no messages", HEADER(message_count), 0, "past its end" },
		{ "as many extents as may be", HEADER(extent_count), NP_EXTENT_MAX, "" },
		{ "an extent fewer", HEADER(extent_count), REPLY_EXTENTS - 1, "don't add up" },
		{ "no extents", HEADER(extent_count), 0, "don't add up" },
		{ "no system extents", HEADER(system_count), 0, "don't add up" },
		{ "not NTFS", HEADER(outcome), NP_OUTCOME_NOT_NTFS, "didn't find" },
		{ "no metadata", HEADER(outcome), NP_OUTCOME_METADATA, "didn't find" },
		{ "no file", HEADER(outcome), NP_OUTCOME_NO_FILE, "didn't find" },
		{ "ambiguous", HEADER(outcome), NP_OUTCOME_AMBIGUOUS, "didn't find" },
	};

	(void)state;
	assert_lies_refused(lies, COUNT_OF(lies));
}

static void test_volume(void **state)
{
	static const struct lie lies[] = {
		{ "cluster size 0", VOLUME(cluster_size), 0, "cluster size" },
		{ "cluster size 3", VOLUME(cluster_size), 3, "cluster size" },
		{ "cluster size 128", VOLUME(cluster_size), 128, "cluster size" },
		{ "cluster size 4095", VOLUME(cluster_size), 4095, "cluster size" },
		{ "cluster size 6144", VOLUME(cluster_size), 6144, "cluster size" },
		{ "cluster size 4 MiB", VOLUME(cluster_size), 4u << 20, "cluster size" },
		{ "cluster size 2^31", VOLUME(cluster_size), 1u << 31, "cluster size" },
		{ "sector size 0", VOLUME(sector_size), 0, "sector size" },
		{ "sector size 128", VOLUME(sector_size), 128, "sector size" },
		{ "sector size 513", VOLUME(sector_size), 513, "sector size" },
		{ "sector size 8192", VOLUME(sector_size), 8192, "sector size" },
		{ "half a cluster at its end", VOLUME(size_bytes), SAMPLE_VOLUME_BYTES + 2048, "made of clusters" },
		{ "2^63 bytes", VOLUME(size_bytes), TOO_LARGE, "made of clusters" },
		{ "hibernation 0", VOLUME(hibernation), 0, "volume's state" },
		{ "hibernation 4", VOLUME(hibernation), 4, "volume's state" },
		{ "dirty 2", VOLUME(dirty), 2, "volume's state" },
		{ "dirty 255", VOLUME(dirty), UINT8_MAX, "volume's state" },
		{ "shadow copies 0", VOLUME(shadow_copies), 0, "volume's state" },
		{ "shadow copies 4", VOLUME(shadow_copies), NP_SHADOW_COPIES_PRESENT + 1, "volume's state" },
		{ "journal state 0", VOLUME(journal_state), 0, "journal" },
		{ "journal state 5", VOLUME(journal_state), NP_JOURNAL_BROKEN + 1, "journal" },
		{ "a broken journal without a trouble", VOLUME(journal_state), NP_JOURNAL_BROKEN, "journal" },
		{ "a trouble of a journal that isn't broken", VOLUME(journal_trouble), 1, "journal" },
		{ "no such trouble", VOLUME(journal_trouble), NP_JOURNAL_TROUBLE_TOO_MUCH + 1, "journal" },
		{ "journal version 65536.0", VOLUME(journal_major), 65536, "journal" },
		{ "journal version 2.65536", VOLUME(journal_minor), 65536, "journal" },
		{ "shadow copies 255", VOLUME(shadow_copies), UINT8_MAX, "volume's state" },
	};

	(void)state;
	assert_lies_refused(lies, COUNT_OF(lies));
}

static void test_file(void **state)
{
	static const struct lie lies[] = {
		{ "kind 0", FILE_(kind), 0, "file's state" },
		{ "kind 4", FILE_(kind), NP_FILE_REPARSE_POINT + 1, "file's state" },
		{ "kind 2^32 - 1", FILE_(kind), UINT32_MAX, "file's state" },
		{ "system reason 0", FILE_(system_reason), 0, "file's state" },
		{ "system reason 8", FILE_(system_reason), NP_SYSTEM_SWAPFILE + 1, "file's state" },
		{ "system reason 2^32 - 1", FILE_(system_reason), UINT32_MAX, "file's state" },
		{ "runlist problem 0", FILE_(runlist_problem), 0, "file's state" },
		{ "runlist problem 8", FILE_(runlist_problem), NP_RUNLIST_END + 1, "file's state" },
		{ "a fifth flag", FILE_(flags), 16, "file's state" },
		{ "the last flag", FILE_(flags), 1u << 31, "file's state" },
		{ "two streams", FILE_(has_stream), 2, "file's state" },
		{ "image 0", FILE_(image), 0, "file's state" },
		{ "image 6", FILE_(image), NP_IMAGE_VHDX + 1, "file's state" },
		{ "image 2^32 - 1", FILE_(image), UINT32_MAX, "file's state" },
		{ "a log without an image", FILE_(image_log_pending), 1, "file's state" },
		{ "journal reason 9", FILE_(journal_reason), NP_JOURNAL_UNKNOWN + 1, "journal" },
		{ "journal operation 0x26", FILE_(journal_operation), NP_JOURNAL_OPERATION_MAX + 1, "journal" },
		{ "record 2^48", FILE_(record), 1ULL << 48, "MFT reference" },
		{ "record 2^64 - 1", FILE_(record), UINT64_MAX, "MFT reference" },
		{ "sequence 2^16", FILE_(sequence), 1u << 16, "MFT reference" },
		{ "data size 2^63", FILE_(data_size), TOO_LARGE, "sizes" },
		{ "data size 2^64 - 1", FILE_(data_size), UINT64_MAX, "sizes" },
		{ "allocated size 2^63", FILE_(allocated_size), TOO_LARGE, "sizes" },
		{ "initialized size 2^63", FILE_(initialized_size), TOO_LARGE, "sizes" },
		{ "stale bytes: a whole block", FILE_(stale_bytes), 4096, "stale" },
		{ "stale bytes 2^64 - 1", FILE_(stale_bytes), UINT64_MAX, "stale" },
	};

	(void)state;
	assert_lies_refused(lies, COUNT_OF(lies));
}

/* Only a VHDX has a log, and one. */
static void test_image_log(void **state)
{
	struct reply reply;

	(void)state;
	reply_make_sample(&reply);
	reply_put(&reply, FILE_(image_log_pending), 1);
	for (uint32_t image = NP_IMAGE_UNKNOWN; image < NP_IMAGE_VHDX; image++) {
		reply_put(&reply, FILE_(image), image);
		assert_refused("a log of what has none", &reply, "file's state");
	}
	reply_put(&reply, FILE_(image), NP_IMAGE_VHDX);
	reply_put(&reply, FILE_(image_log_pending), 2);
	assert_refused("two logs", &reply, "file's state");
	reply_release(&reply);
}

/* Only what is unclean has something pending, and what can't be followed says so of every file. */
static void test_journal(void **state)
{
	struct reply reply;

	(void)state;
	reply_make_sample(&reply);
	reply_put(&reply, FILE_(journal_reason), NP_JOURNAL_RECORD);
	reply_put(&reply, VOLUME(journal_state), NP_JOURNAL_EMPTY);
	assert_refused("an empty journal with a change", &reply, "journal");
	reply_put(&reply, VOLUME(journal_state), NP_JOURNAL_CLEAN);
	assert_refused("a clean journal with a change", &reply, "journal");
	reply_put(&reply, VOLUME(journal_state), NP_JOURNAL_BROKEN);
	reply_put(&reply, VOLUME(journal_trouble), NP_JOURNAL_TROUBLE_TORN);
	assert_refused("a broken journal with a change", &reply, "journal");
	reply_put(&reply, FILE_(journal_reason), NP_JOURNAL_NOTHING);
	assert_refused("a broken journal that is fine", &reply, "journal");
	reply_put(&reply, FILE_(journal_reason), NP_JOURNAL_UNKNOWN);
	reply_put(&reply, FILE_(kind), NP_FILE_NONE);
	assert_refused("a reason of no file", &reply, "journal");
	reply_release(&reply);
}

static void test_extents(void **state)
{
	static const struct lie lies[] = {
		{ "length 0", EXTENT(1, length), 0, "made of clusters" },
		{ "length 1", EXTENT(1, length), 1, "made of clusters" },
		{ "length 4097", EXTENT(0, length), 4097, "made of clusters" },
		{ "at byte 1", EXTENT(2, physical), 1, "made of clusters" },
		{ "at byte 2^64 - 2", EXTENT(2, physical), UINT64_MAX - 1, "made of clusters" },
		{ "in half a larger cluster", VOLUME(cluster_size), 16384, "made of clusters" },
		{ "at 2^63", EXTENT(0, physical), TOO_LARGE, "out of bounds" },
		{ "ends at 2^63", EXTENT(2, physical), TOO_LARGE - SAMPLE_COUNT_C * SAMPLE_CLUSTER, "out of bounds" },
		{ "at the last cluster of 2^64", EXTENT(0, physical), UINT64_MAX - 4095, "out of bounds" },
		{ "length 2^63", EXTENT(0, length), TOO_LARGE, "out of bounds" },
		{ "length 2^64 - 4096", EXTENT(0, length), UINT64_MAX - 4095, "out of bounds" },
		{ "one goes on where the last ends", EXTENT(1, physical), END_OF(A), "coalesced" },
		{ "the last one does", EXTENT(2, physical), END_OF(B), "coalesced" },
		{ "system: length 0", SYSTEM(0, length), 0, "made of clusters" },
		{ "system: at byte 1", SYSTEM(11, physical), 1, "made of clusters" },
		{ "system: at 2^63", SYSTEM(0, physical), TOO_LARGE, "out of bounds" },
		{ "system: goes on", SYSTEM(1, physical), (SAMPLE_SYSTEM_LCN(0) + 2) * SAMPLE_CLUSTER, "coalesced" },
		{ "system: a cluster more", SYSTEM(3, length), 3 * SAMPLE_CLUSTER, "don't add up" },
		{ "system: a cluster less", SYSTEM(3, length), SAMPLE_CLUSTER, "don't add up" },
	};
	struct reply reply;

	(void)state;
	assert_lies_refused(lies, COUNT_OF(lies));
	reply_make_sample(&reply);
	reply_put(&reply, EXTENT(1, physical), NP_EXTENT_HOLE);
	reply_put(&reply, EXTENT(2, physical), NP_EXTENT_HOLE);
	assert_refused("two holes side by side", &reply, "coalesced");
	/* Each fits, together they don't. */
	reply_put(&reply, EXTENT(1, length), TOO_LARGE - SAMPLE_CLUSTER);
	assert_refused("a hole of nearly all", &reply, "out of bounds");
	reply_release(&reply);
}

static void test_system_ends(void **state)
{
	const uint64_t each = 2 * SAMPLE_CLUSTER;
	struct reply reply;

	(void)state;
	reply_make_sample(&reply);
	for (size_t i = 0; i < NP_OWNERS; i++) {
		size_t offset = offsetof(struct np_reply_header, system_end) + i * 8;
		bool last = i == NP_OWNERS - 1;

		reply_put(&reply, offset, 8, (i + 1) * each - each - 1);
		/* The first one's is then 2^64 - 1. */
		assert_refused("an end before the last one's", &reply, "overlap");
		reply_put(&reply, offset, 8, (i + 2) * each + 1);
		assert_refused("an end past the next one's", &reply, last ? "don't add up" : "overlap");
		reply_put(&reply, offset, 8, UINT64_MAX);
		assert_refused("no end", &reply, last ? "don't add up" : "overlap");
		reply_put(&reply, offset, 8, (i + 1) * each);
	}
	memset(reply.bytes + offsetof(struct np_reply_header, system_end), 0, 8 * NP_OWNERS);
	assert_refused("no ends", &reply, "don't add up");
	reply_release(&reply);
}

/* Of a file that wasn't found, neither. */
static void test_system_ends_without_file(void **state)
{
	struct np_facts facts = { .outcome = NP_OUTCOME_NOT_NTFS };
	struct reply reply;

	(void)state;
	facts.system_end[NP_OWNERS - 1] = 4096;
	reply_make(&facts, &reply);
	assert_refused("ends of nothing", &reply, "don't add up");
	reply_release(&reply);
}

static void test_texts(void **state)
{
	static const struct {
		const char *name;
		size_t offset, size;
		const char *why;
	} texts[] = {
		{ "reason", HEADER(reason), "reason" },
		{ "label", VOLUME(label), "a text" },
		{ "content", VOLUME(content), "a text" },
		{ "first message", REPLY_AT_MESSAGES, NP_TEXT_SIZE, "a message" },
		{ "last message", REPLY_AT_MESSAGES + (REPLY_MESSAGES - 1) * NP_TEXT_SIZE, NP_TEXT_SIZE, "a message" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct np_facts facts;
		const char *why = NULL;
		struct reply reply;

		reply_make_sample(&reply);
		memset(reply.bytes + texts[i].offset, 'x', texts[i].size);
		assert_refused(texts[i].name, &reply, texts[i].why);
		reply.bytes[texts[i].offset + texts[i].size - 1] = '\0';
		assert_in_case(texts[i].name, !reply_receive(&reply, &facts, &why));
		np_facts_release(&facts);
		reply_release(&reply);
	}
}

/* Cut off at every byte; and one that is too many. */
static void test_length(void **state)
{
	struct reply reply, part;

	(void)state;
	reply_make_sample(&reply);
	for (part = reply; part.size > 0; part.size--)
		if (part.size < reply.size)
			assert_refused("cut off", &part, "ends early");
	assert_refused("nothing", &part, "ends early");
	reply.bytes = realloc(reply.bytes, reply.size + 1);
	assert_non_null(reply.bytes);
	reply.bytes[reply.size++] = 0;
	assert_refused("a byte more", &reply, "past its end");
	reply_release(&reply);
}

/* A lie in the header is enough: whoever tells it isn't listened to any further. */
static void test_header_alone(void **state)
{
	struct np_facts untouched;
	const char *why = NULL;
	struct reply reply;
	int fds[2];

	(void)state;
	reply_make_sample(&reply);
	reply_put(&reply, HEADER(extent_count), NP_EXTENT_MAX + 1);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], reply.bytes, REPLY_AT_VOLUME), REPLY_AT_VOLUME);
	/* The pipe stays open, so that waiting for more would end in -ETIMEDOUT. */
	assert_int_equal(np_reply_receive(fds[0], 1000, &untouched, &why), -EBADMSG);
	close(fds[0]);
	close(fds[1]);
	reply_release(&reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),       cmocka_unit_test(test_volume),
		cmocka_unit_test(test_file),         cmocka_unit_test(test_image_log),
		cmocka_unit_test(test_journal),      cmocka_unit_test(test_extents),
		cmocka_unit_test(test_system_ends),  cmocka_unit_test(test_system_ends_without_file),
		cmocka_unit_test(test_texts),        cmocka_unit_test(test_length),
		cmocka_unit_test(test_header_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
