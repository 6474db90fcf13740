/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replies: what is sent arrives.
 */
#include "replies.h"
#include "sample.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void assert_round_trip(const struct np_facts *facts)
{
	struct np_facts received;
	const char *why = NULL;
	struct reply reply;

	reply_make(facts, &reply);
	assert_int_equal(reply_receive(&reply, &received, &why), 0);
	reply_assert_same(&received, facts);
	np_facts_release(&received);
	reply_release(&reply);
}

static void test_round_trip(void **state)
{
	struct np_facts facts;

	(void)state;
	sample_facts(&facts);
	assert_round_trip(&facts);
	facts.file.has_stream = 1;
	facts.file.stream_hash = 0xdeadbeef;
	memset(facts.volume.label, 'L', sizeof(facts.volume.label) - 1);
	memset(facts.reason, 'r', sizeof(facts.reason) - 1);
	reply_add_messages(&facts, 3);
	memset(facts.messages[1], 'm', sizeof(facts.messages[1]) - 1);
	assert_round_trip(&facts);
	free(facts.messages);
	reply_add_messages(&facts, NP_REPLY_MESSAGES_MAX);
	assert_round_trip(&facts);
	np_facts_release(&facts);
}

static void test_incomplete(void **state)
{
	(void)state;
	for (uint32_t outcome = NP_OUTCOME_NOT_NTFS; outcome <= NP_OUTCOME_AMBIGUOUS; outcome++) {
		struct np_facts facts = { .outcome = outcome, .reason = "for a reason" };

		/* A scan that broke off has numbers of which nothing is asked. */
		memset(&facts.file, 0xff, sizeof(facts.file));
		memset(&facts.volume, 0xff, sizeof(facts.volume));
		memset(facts.volume.label, 0, sizeof(facts.volume.label));
		strcpy(facts.volume.content, "ReFS");
		reply_add_messages(&facts, 2);
		assert_round_trip(&facts);
		np_facts_release(&facts);
	}
}

/* Around the blocks of 4096 in which extents travel. */
static void test_many_extents(void **state)
{
	static const uint64_t counts[][2] = { { 0, 0 },       { 1, 0 },       { 0, 1 },       { 4095, 4097 },
					      { 4096, 4096 }, { 4097, 4095 }, { 8192, 8191 }, { 20000, 3 } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		struct np_facts facts;

		reply_many_extents(&facts, counts[i][0], counts[i][1]);
		assert_int_equal(facts.extents.count, counts[i][0]);
		assert_round_trip(&facts);
		np_facts_release(&facts);
	}
}

/* The largest that can be true. */
static void test_extremes(void **state)
{
	struct np_facts facts = { .outcome = NP_OUTCOME_COMPLETE };

	(void)state;
	facts.volume = (struct np_volume_facts){
		.serial = UINT64_MAX,
		.size_bytes = INT64_MAX - 255,
		.cluster_size = 256,
		.sector_size = 256,
		.journal_lsn = UINT64_MAX,
		.journal_trouble_at = UINT64_MAX,
		.journal_state = NP_JOURNAL_BROKEN,
		.journal_trouble = NP_JOURNAL_TROUBLE_TOO_MUCH,
		.journal_major = UINT16_MAX,
		.journal_minor = UINT16_MAX,
		.hibernation = NP_HIBERNATION_YES,
		.dirty = 1,
		.shadow_copies = NP_SHADOW_COPIES_PRESENT,
	};
	facts.file = (struct np_file_facts){
		.record = (1ULL << 48) - 1,
		.journal_lsn = UINT64_MAX,
		.journal_target = UINT64_MAX,
		.journal_reason = NP_JOURNAL_UNKNOWN,
		.journal_operation = NP_JOURNAL_OPERATION_MAX,
		.allocated_size = INT64_MAX,
		.data_size = INT64_MAX,
		.initialized_size = INT64_MAX,
		.sequence = UINT16_MAX,
		.kind = NP_FILE_REPARSE_POINT,
		.system_reason = NP_SYSTEM_SWAPFILE,
		.flags = NP_FILE_FLAGS,
		.runlist_problem = NP_RUNLIST_END,
		.has_stream = 1,
		.image = NP_IMAGE_VHDX,
		.image_log_pending = 1,
	};
	assert_int_equal(np_extent_map_append(&facts.extents, INT64_MAX - 511, 256), 0);
	assert_int_equal(np_extent_map_append(&facts.extents, NP_EXTENT_HOLE, INT64_MAX - 511), 0);
	assert_round_trip(&facts);
	np_extent_map_release(&facts.extents);
	facts.volume.cluster_size = 2u << 20;
	facts.volume.sector_size = 4096;
	facts.volume.size_bytes = (uint64_t)INT64_MAX + 1 - (2u << 20);
	assert_round_trip(&facts);
}

static void test_errors(void **state)
{
	struct np_facts facts, untouched = { .message_count = 77 };
	const char *why = NULL;
	int fds[2], full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	sample_facts(&facts);
	assert_int_equal(np_reply_send(-1, &facts), -EBADF);
	assert_int_equal(np_reply_send(full, &facts), -ENOSPC);
	assert_int_equal(np_reply_receive(full, REPLY_TIMEOUT_MS, &untouched, &why), -EBADF);
	close(full);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	assert_int_equal(np_reply_send(fds[1], &facts), -EPIPE);
	close(fds[1]);
	assert_int_equal(untouched.message_count, 77);
	np_facts_release(&facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),   cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_many_extents), cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
