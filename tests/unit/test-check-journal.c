/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The check of the journal: its words, and what can be allowed.
 */
#include "sample.h"

#include <string.h>

#define NEWEST 0x106d26u /* the sample's */

static void pend(struct sample *sample, enum np_journal_reason reason)
{
	sample->facts.file.journal_reason = reason;
	sample->facts.file.journal_operation = 9;
	sample->facts.file.journal_lsn = 0x106d00;
	sample->facts.file.journal_target = 4711;
}

static void test_states(void **state)
{
	static const struct {
		enum np_journal_state state;
		const char *message;
	} states[] = {
		{ NP_JOURNAL_EMPTY, "is empty" },
		{ NP_JOURNAL_CLEAN, "is clean" },
		{ NP_JOURNAL_UNCLEAN, "is unclean, version 2.0, newest LSN 0x106d26: nothing in it is pending" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(states); i++) {
		struct sample sample;

		sample_init(&sample);
		sample.facts.volume.journal_state = states[i].state;
		sample_check(&sample);
		sample_assert_verdict(&sample, NP_CHECK_JOURNAL, NP_VERDICT_OK);
		sample_assert_message(&sample, NP_CHECK_JOURNAL, states[i].message);
		/* What a hibernated Windows has in its memory, no journal tells. */
		sample.facts.volume.hibernation = NP_HIBERNATION_YES;
		sample_check(&sample);
		sample_assert_verdict(&sample, NP_CHECK_JOURNAL, NP_VERDICT_WARN);
		sample_assert_message(&sample, NP_CHECK_JOURNAL, states[i].message);
		sample_assert_message(&sample, NP_CHECK_JOURNAL, "since its last full shutdown or restart");
		sample_assert_remedy(&sample, NP_CHECK_JOURNAL, "not: shut down");
		sample_release(&sample);
	}
}

static void test_reasons(void **state)
{
	static const struct {
		enum np_journal_reason reason;
		const char *message;
	} reasons[] = {
		{ NP_JOURNAL_RECORD, "changes MFT record 4711, which is the file's" },
		{ NP_JOURNAL_LOSER, "undone with the unfinished transaction 4711" },
		{ NP_JOURNAL_ATTRIBUTE_LIST, "attribute list of MFT record 4711" },
		{ NP_JOURNAL_EXTENSION, "makes MFT record 4711 a part of the file" },
		{ NP_JOURNAL_CLUSTERS, "write to cluster 4711" },
		{ NP_JOURNAL_MFT, "where the MFT lies (record or cluster 4711)" },
		{ NP_JOURNAL_BITMAP, "frees cluster 4711" },
		{ NP_JOURNAL_UNKNOWN, "MFT record 4711 has LSN 0x106d00" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(reasons); i++) {
		struct sample sample;

		sample_init(&sample);
		pend(&sample, reasons[i].reason);
		sample_check(&sample);
		sample_assert_refused_only_by(&sample, NP_CHECK_JOURNAL);
		sample_assert_message(&sample, NP_CHECK_JOURNAL, reasons[i].message);
		sample_assert_message(&sample, NP_CHECK_JOURNAL, "LSN 0x106d00");
		if (reasons[i].reason != NP_JOURNAL_UNKNOWN)
			sample_assert_message(&sample, NP_CHECK_JOURNAL, "UpdateMappingPairs");
		sample_assert_remedy(&sample, NP_CHECK_JOURNAL, "--allow journal:0x106d26");
		sample_release(&sample);
	}
}

/* Each trouble has words of its own, and what there is a number for has it. */
static void test_troubles(void **state)
{
	char messages[NP_JOURNAL_TROUBLE_TOO_MUCH + 1][NP_FINDING_SIZE] = { "" };

	(void)state;
	for (uint32_t trouble = 1; trouble <= NP_JOURNAL_TROUBLE_TOO_MUCH; trouble++) {
		struct sample sample;

		sample_init(&sample);
		pend(&sample, NP_JOURNAL_UNKNOWN);
		sample.facts.volume.journal_state = NP_JOURNAL_BROKEN;
		sample.facts.volume.journal_trouble = trouble;
		sample.facts.volume.journal_trouble_at = 0x1234;
		sample_check(&sample);
		sample_assert_refused_only_by(&sample, NP_CHECK_JOURNAL);
		sample_assert_remedy(&sample, NP_CHECK_JOURNAL, "chkdsk");
		strcpy(messages[trouble], sample.findings.of[NP_CHECK_JOURNAL].message);
		assert_in_case(messages[trouble], strstr(messages[trouble], "can't be followed: "));
		if (trouble != NP_JOURNAL_TROUBLE_RESTART && trouble != NP_JOURNAL_TROUBLE_VERSION &&
		    trouble != NP_JOURNAL_TROUBLE_CHKDSK)
			assert_in_case(messages[trouble],
				       strstr(messages[trouble], "0x1234") || strstr(messages[trouble], "4660"));
		for (uint32_t other = 1; other < trouble; other++)
			assert_string_not_equal(messages[trouble], messages[other]);
		sample_release(&sample);
	}
}

/* Only with the newest LSN, and only where there is one. */
static void test_allowed(void **state)
{
	static const struct {
		uint64_t newest, allowed;
		enum np_verdict verdict;
	} cases[] = {
		{ NEWEST, 0, NP_VERDICT_REFUSE },
		{ NEWEST, NEWEST, NP_VERDICT_WARN },
		{ NEWEST, NEWEST - 1, NP_VERDICT_REFUSE },
		{ NEWEST, NEWEST + 1, NP_VERDICT_REFUSE },
		{ 0, 0, NP_VERDICT_REFUSE },
		{ 0, NEWEST, NP_VERDICT_REFUSE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct sample sample;

		sample_init(&sample);
		pend(&sample, NP_JOURNAL_RECORD);
		sample.facts.volume.journal_lsn = cases[i].newest;
		sample.input.allow = UINT32_MAX; /* of other checks' names */
		sample.input.allow_journal_lsn = cases[i].allowed;
		sample_check(&sample);
		sample_assert_verdict(&sample, NP_CHECK_JOURNAL, cases[i].verdict);
		if (!cases[i].newest)
			assert_null(strstr(sample.findings.of[NP_CHECK_JOURNAL].remedy, "--allow"));
		sample_release(&sample);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_troubles),
		cmocka_unit_test(test_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
