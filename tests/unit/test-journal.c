/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the journal says of a file. Usage: test-journal FOLDER, with what `make-log --files FOLDER` makes. */
#include "journals.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *folder;

/* Each kind: the reason that its generator says, or none. */
static void examine_kind(struct journal *journal)
{
	struct np_journal_result result;

	journal_examine(journal, &result);
	if (result.reason != journal->reason)
		fail_msg("%s: reason %d instead of %d, trouble %d at 0x%llx", journal->name, result.reason,
			 journal->reason, result.trouble.what, (unsigned long long)result.trouble.at);
	if (strstr(journal->name, "clean"))
		assert_in_case(journal->name, result.status.state == NP_JOURNAL_CLEAN);
	else if (result.status.state != NP_JOURNAL_BROKEN)
		assert_in_case(journal->name, result.newest_lsn == journal->newest_lsn);
	if (strncmp(journal->name, "8-version", 9))
		assert_in_case(journal->name, result.status.major == (strstr(journal->name, "-v1") ? 1 : 2));
}

static void test_kinds(void **state)
{
	(void)state;
	journal_for_each(folder, examine_kind);
}

static void examine(const char *name, struct np_journal_result *ret_result)
{
	struct journal journal;

	journal_init(&journal, folder, name);
	journal_examine(&journal, ret_result);
	journal_release(&journal);
}

/* The operation, the LSN and the target are named. */
static void test_what_is_named(void **state)
{
	static const struct {
		const char *name;
		uint32_t operation;
		uint64_t target;
	} changes[] = {
		{ "1", 9, 64 },
		{ "1-extension", 9, 71 },
		{ "2", 9, 0x18 + 0x28 * 50 },
		{ "3", 8, 64 },
		{ "4", 2, 100 },
		{ "5", 8, 40000 },
		{ "5-dirty", 0x1f, 1001 },
		{ "6", 9, 0 },
		{ "6-lcn", 7, 99 },
		{ "6-list", 8, 0 },
		{ "7", 0x16, 40001 },
		{ "7-left", 0x16, 40001 },
		{ "7-right", 0x16, 40003 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(changes); i++)
		for (unsigned version = 1; version <= 2; version++) {
			struct np_journal_result result;
			char name[64];

			snprintf(name, sizeof(name), "%s-v%u", changes[i].name, version);
			examine(name, &result);
			assert_in_case(name, result.operation == changes[i].operation);
			assert_in_case(name, result.target == changes[i].target);
			assert_in_case(name, result.lsn && result.lsn <= result.newest_lsn);
		}
}

/* What can't be followed says why. */
static void test_troubles(void **state)
{
	static const struct {
		const char *name;
		enum np_journal_trouble trouble;
	} troubles[] = {
		{ "8-torn", NP_JOURNAL_TROUBLE_TORN },           { "8-end", NP_JOURNAL_TROUBLE_PAST_END },
		{ "8-short", NP_JOURNAL_TROUBLE_SHORT },         { "8-version", NP_JOURNAL_TROUBLE_VERSION },
		{ "8-operation", NP_JOURNAL_TROUBLE_OPERATION }, { "8-slot", NP_JOURNAL_TROUBLE_SLOT },
		{ "8-notmft", NP_JOURNAL_TROUBLE_SLOT },         { "8-hotfix", NP_JOURNAL_TROUBLE_HOTFIX },
		{ "8-chkdsk", NP_JOURNAL_TROUBLE_CHKDSK },       { "8-lost", NP_JOURNAL_TROUBLE_TORN },
		{ "8-tables", NP_JOURNAL_TROUBLE_VERSION },      { "8-nocheckpoint", NP_JOURNAL_TROUBLE_RECORD },
		{ "8-hits", NP_JOURNAL_TROUBLE_TOO_MUCH },       { "8-cleared", NP_JOURNAL_TROUBLE_TOO_MUCH },
		{ "8-ahead", NP_JOURNAL_TROUBLE_NONE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(troubles); i++)
		for (unsigned version = 1; version <= 2; version++) {
			struct np_journal_result result;
			char name[64];

			snprintf(name, sizeof(name), "%s-v%u", troubles[i].name, version);
			examine(name, &result);
			if (result.trouble.what != troubles[i].trouble)
				fail_msg("%s: trouble %d at 0x%llx", name, result.trouble.what,
					 (unsigned long long)result.trouble.at);
		}
}

/* Of the volume alone, only the log's own state is known. */
static void examine_without_file(struct journal *journal)
{
	struct np_journal_result with, without;

	journal_examine(journal, &with);
	journal->input.file_record_count = 0;
	journal->input.file_clusters = NULL;
	journal_examine(journal, &without);
	assert_in_case(journal->name, without.reason == NP_JOURNAL_NOTHING);
	if (with.trouble.what == NP_JOURNAL_TROUBLE_TOO_MUCH) /* of what is the file's */
		return;
	assert_in_case(journal->name, without.status.state == with.status.state);
	assert_in_case(journal->name, without.newest_lsn == with.newest_lsn);
}

static void test_without_file(void **state)
{
	(void)state;
	journal_for_each(folder, examine_without_file);
}

/* Changes the journal by its name, and expects a state and a trouble. */
static void assert_changed(const char *name, const char *what, void (*change)(struct journal *journal),
			   enum np_journal_state state, enum np_journal_trouble trouble)
{
	struct np_journal_result result;
	struct journal journal;

	journal_init(&journal, folder, name);
	change(&journal);
	journal_examine(&journal, &result);
	if (result.status.state != state || result.trouble.what != trouble)
		fail_msg("%s, %s: state %d, trouble %d", name, what, result.status.state, result.trouble.what);
	journal_release(&journal);
}

static void empty(struct journal *journal)
{
	memset(journal->log, 0xff, journal->size);
}

static void nearly_empty(struct journal *journal)
{
	empty(journal);
	journal->log[journal->size - 4097] = 0xfe;
}

static void no_restart(struct journal *journal)
{
	memset(journal->log, 0, 8192);
}

static void one_restart(struct journal *journal)
{
	memset(journal->log, 0xff, 4096);
}

static void torn_restart(struct journal *journal)
{
	journal->log[4096 + 510] ^= 1;
	one_restart(journal);
}

static void no_log(struct journal *journal)
{
	journal->input.log.size_bytes = 0;
}

static void page_short(struct journal *journal)
{
	journal->input.log.size_bytes -= 4096;
}

static void too_large(struct journal *journal)
{
	journal->input.log.size_bytes = NP_LOGFILE_SIZE_MAX + 1;
}

static void unreadable(struct journal *journal)
{
	journal->unreadable = true;
}

/* Windows NT's way to say that it is closed. */
static void no_client(struct journal *journal)
{
	memset(journal->log + 0x3c, 0xff, 2);
	memset(journal->log + 4096 + 0x3c, 0xff, 2);
}

static void other_client(struct journal *journal)
{
	journal->log[0x90] = 'X';
	journal->log[4096 + 0x90] = 'X';
}

static void no_checkpoint(struct journal *journal)
{
	memset(journal->log + 0x78, 0, 8);
	memset(journal->log + 4096 + 0x78, 0, 8);
}

static void zeros(struct journal *journal)
{
	memset(journal->log, 0, journal->size);
}

static void set_in_both(struct journal *journal, size_t offset, uint16_t value)
{
	memcpy(journal->log + offset, &value, sizeof(value));
	memcpy(journal->log + 4096 + offset, &value, sizeof(value));
}

static void wrong_sequence_bits(struct journal *journal)
{
	set_in_both(journal, 0x40, 40);
}

static void client_far_away(struct journal *journal)
{
	set_in_both(journal, 0x3c, 0x7fff);
}

/* An older restart page says clean, at 0x3e; its LSN, at 0x30, is lower. */
static void older_first(struct journal *journal)
{
	journal->log[0x3e] = 2;
	journal->log[0x30]--;
}

static void older_second(struct journal *journal)
{
	journal->log[4096 + 0x3e] = 2;
	journal->log[4096 + 0x30]--;
}

static void test_states(void **state)
{
	static const struct {
		const char *what;
		void (*change)(struct journal *journal);
		enum np_journal_state state;
		enum np_journal_trouble trouble;
	} changes[] = {
		{ "all 0xff", empty, NP_JOURNAL_EMPTY, NP_JOURNAL_TROUBLE_NONE },
		{ "nearly all 0xff", nearly_empty, NP_JOURNAL_BROKEN, NP_JOURNAL_TROUBLE_RESTART },
		{ "zeros for restart pages", no_restart, NP_JOURNAL_BROKEN, NP_JOURNAL_TROUBLE_RESTART },
		{ "one restart page", one_restart, NP_JOURNAL_UNCLEAN, NP_JOURNAL_TROUBLE_NONE },
		{ "one restart page, torn", torn_restart, NP_JOURNAL_BROKEN, NP_JOURNAL_TROUBLE_RESTART },
		{ "no bytes", no_log, NP_JOURNAL_BROKEN, NP_JOURNAL_TROUBLE_RESTART },
		{ "a page less", page_short, NP_JOURNAL_BROKEN, NP_JOURNAL_TROUBLE_RESTART },
		{ "too large", too_large, NP_JOURNAL_BROKEN, NP_JOURNAL_TROUBLE_TOO_LARGE },
		{ "unreadable", unreadable, NP_JOURNAL_BROKEN, NP_JOURNAL_TROUBLE_UNREADABLE },
		{ "no client", no_client, NP_JOURNAL_CLEAN, NP_JOURNAL_TROUBLE_NONE },
		{ "another client", other_client, NP_JOURNAL_BROKEN, NP_JOURNAL_TROUBLE_RESTART },
		{ "all zeros", zeros, NP_JOURNAL_BROKEN, NP_JOURNAL_TROUBLE_RESTART },
		{ "wrong bits", wrong_sequence_bits, NP_JOURNAL_BROKEN, NP_JOURNAL_TROUBLE_RESTART },
		{ "a client far away", client_far_away, NP_JOURNAL_BROKEN, NP_JOURNAL_TROUBLE_RESTART },
		{ "the first is older", older_first, NP_JOURNAL_UNCLEAN, NP_JOURNAL_TROUBLE_NONE },
		{ "the second is older", older_second, NP_JOURNAL_UNCLEAN, NP_JOURNAL_TROUBLE_NONE },
		{ "no checkpoint", no_checkpoint, NP_JOURNAL_BROKEN, NP_JOURNAL_TROUBLE_RECORD },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(changes); i++) {
		assert_changed("plain-v1", changes[i].what, changes[i].change, changes[i].state, changes[i].trouble);
		assert_changed("plain-v2", changes[i].what, changes[i].change, changes[i].state, changes[i].trouble);
	}
}

/* A record that was to become the file's and has been written since isn't pending. */
static void test_extension_on_disk(void **state)
{
	struct np_journal_result result;
	struct journal journal;

	(void)state;
	journal_init(&journal, folder, "4-v1");
	journal.record_lsn = journal.newest_lsn;
	journal_examine(&journal, &result);
	assert_int_equal(result.reason, NP_JOURNAL_NOTHING);
	journal.record_lsn = 0;
	journal.input.file_reference += 1ULL << 48; /* it calls an older file its base */
	journal_examine(&journal, &result);
	assert_int_equal(result.reason, NP_JOURNAL_NOTHING);
	journal_release(&journal);
}

/* The MFT's own record is newer than the journal: then nothing can be compared. */
static void test_mft_ahead(void **state)
{
	struct np_journal_result result;
	struct journal journal;

	(void)state;
	journal_init(&journal, folder, "plain-v1");
	journal.mft_records[0].lsn = journal.newest_lsn;
	journal_examine(&journal, &result);
	assert_int_equal(result.reason, NP_JOURNAL_NOTHING);
	journal.mft_records[0].lsn++;
	journal_examine(&journal, &result);
	assert_int_equal(result.reason, NP_JOURNAL_UNKNOWN);
	assert_int_equal(result.lsn, journal.newest_lsn + 1);
	journal_release(&journal);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),     cmocka_unit_test(test_what_is_named),
		cmocka_unit_test(test_troubles),  cmocka_unit_test(test_without_file),
		cmocka_unit_test(test_states),    cmocka_unit_test(test_extension_on_disk),
		cmocka_unit_test(test_mft_ahead),
	};

	if (argc != 2)
		return 2;
	folder = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
