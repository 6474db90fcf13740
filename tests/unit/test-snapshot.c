/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel says of a snapshot.
 */
#include "unit.h"

#include <string.h>

#include "ntfs-punch/snapshot.h"

static void test_numbers(void **state)
{
	struct np_snapshot snapshot;

	(void)state;
	assert_true(np_snapshot_parse("snapshot", "2104/40832 24", &snapshot));
	assert_true(snapshot.is_snapshot);
	assert_false(snapshot.merging || snapshot.invalid || snapshot.overflowed || snapshot.merge_failed);
	assert_int_equal(snapshot.used, 2104);
	assert_int_equal(snapshot.total, 40832);
	assert_int_equal(snapshot.metadata, 24);
	assert_true(np_snapshot_parse("snapshot-merge", "16/40832 16", &snapshot));
	assert_true(snapshot.is_snapshot && snapshot.merging);
	assert_int_equal(snapshot.used, snapshot.metadata);
	assert_true(np_snapshot_parse("snapshot", "9223372036854775807/9223372036854775807 9223372036854775807",
				      &snapshot));
	assert_true(snapshot.used == INT64_MAX && snapshot.total == INT64_MAX && snapshot.metadata == INT64_MAX);
}

static void test_words(void **state)
{
	struct np_snapshot snapshot;

	(void)state;
	assert_true(np_snapshot_parse("snapshot", "Invalid", &snapshot));
	assert_true(snapshot.invalid && !snapshot.overflowed && !snapshot.merge_failed && !snapshot.used);
	assert_true(np_snapshot_parse("snapshot", "Overflow", &snapshot));
	assert_true(!snapshot.invalid && snapshot.overflowed && !snapshot.merge_failed);
	assert_true(np_snapshot_parse("snapshot-merge", "Merge failed", &snapshot));
	assert_true(!snapshot.invalid && !snapshot.overflowed && snapshot.merge_failed && snapshot.merging);
}

/* Another target's status says nothing. */
static void test_others(void **state)
{
	static const char *const types[] = { "linear", "snapshot-origin", "snap", "" };
	struct np_snapshot snapshot;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		memset(&snapshot, 0xff, sizeof(snapshot));
		assert_in_case(types[i], np_snapshot_parse(types[i], "Overflow", &snapshot));
		assert_in_case(types[i], !snapshot.is_snapshot && !snapshot.merging && !snapshot.overflowed);
		assert_in_case(types[i], !np_snapshot_is_full(&snapshot));
	}
}

static void test_nonsense(void **state)
{
	static const char *const wrong[] = { "",
					     " ",
					     "Unknown",
					     "invalid",
					     "Invalid ",
					     "Overflow 1",
					     "1/2",
					     "1/2 ",
					     "1 2 3",
					     "/2 3",
					     "1/ 3",
					     "1/2 3 ",
					     "1/2  3",
					     " 1/2 3",
					     "-1/2 3",
					     "01/2 3",
					     "1/2 3x",
					     "1/2\t3",
					     "1/2 3/4",
					     "0x1/2 3",
					     "Merge failed ",
					     "Merge",
					     "9223372036854775808/2 3",
					     "1/9223372036854775808 3",
					     "1/2 9223372036854775808",
					     "99999999999999999999/2 3" };
	struct np_snapshot snapshot, untouched;

	(void)state;
	memset(&snapshot, 0x5a, sizeof(snapshot));
	untouched = snapshot;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		assert_in_case(wrong[i], !np_snapshot_parse("snapshot", wrong[i], &snapshot));
		assert_in_case(wrong[i], !np_snapshot_parse("snapshot-merge", wrong[i], &snapshot));
		assert_in_case(wrong[i], !memcmp(&snapshot, &untouched, sizeof(snapshot)));
	}
}

static void test_full(void **state)
{
	static const struct {
		const char *text;
		bool is_full;
	} cases[] = {
		{ "16/40832 16", false },    { "40816/40832 100", false }, { "40824/40832 100", false },
		{ "40825/40832 100", true }, { "40832/40832 100", true },  { "Overflow", true },
		{ "Invalid", false },        { "Merge failed", false },
	};
	struct np_snapshot snapshot;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_true(np_snapshot_parse("snapshot", cases[i].text, &snapshot));
		assert_in_case(cases[i].text, np_snapshot_is_full(&snapshot) == cases[i].is_full);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),  cmocka_unit_test(test_words), cmocka_unit_test(test_others),
		cmocka_unit_test(test_nonsense), cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
