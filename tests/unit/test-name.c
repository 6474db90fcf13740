/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names and UUIDs of our devices.
 */
#include "unit.h"

#include <limits.h>
#include <string.h>

#include "ntfs-punch/name.h"

static void test_names(void **state)
{
	static const char *const good[] = {
		"linux", "l",        "Linux-2.img", "#+-.:=@_", "0",  "...",
		"-x",    "controls", "Control",     "a.",       ".a", "linux-part1",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++)
		assert_in_case(good[i], !np_name_problem(good[i]));
}

static void test_name_problems(void **state)
{
	static const struct {
		const char *name, *problem;
	} cases[] = {
		{ "", "empty" },          { ".", "taken" },     { "..", "taken" },         { "control", "taken" },
		{ " ", "made of" },       { "a b", "made of" }, { "a/b", "made of" },      { "../a", "made of" },
		{ "a\\x20b", "made of" }, { "a\n", "made of" }, { "\x1b[31m", "made of" }, { "\xc3\xbc", "made of" },
		{ "a%s", "made of" },     { "a,b", "made of" }, { "a;b", "made of" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *problem = np_name_problem(cases[i].name);

		assert_in_case(cases[i].name, problem && strstr(problem, cases[i].problem));
	}
}

/* Each byte by itself, against the words that a refusal has for what is allowed. */
static void test_name_characters(void **state)
{
	(void)state;
	for (int byte = 1; byte <= UCHAR_MAX; byte++) {
		bool allowed = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
			       (byte >= 'a' && byte <= 'z') || strchr("#+-.:=@_", byte);
		char name[] = { 'x', (char)byte, '\0' };

		assert_in_case(name, !np_name_problem(name) == allowed);
	}
}

static void test_name_length(void **state)
{
	char name[NP_NAME_SIZE + 1];
	const char *problem;

	(void)state;
	memset(name, 'a', sizeof(name));
	name[127] = '\0';
	assert_null(np_name_problem(name));
	name[127] = 'a';
	name[128] = '\0';
	problem = np_name_problem(name);
	assert_non_null(problem);
	assert_non_null(strstr(problem, "127"));
}

static void assert_uuid(const struct np_facts *facts, const char *expected)
{
	char uuid[NP_UUID_SIZE + 1];

	memset(uuid, '~', sizeof(uuid));
	np_uuid_format(facts, uuid);
	assert_string_equal(uuid, expected);
	assert_int_equal(strncmp(uuid, NP_UUID_PREFIX, strlen(NP_UUID_PREFIX)), 0);
	assert_int_equal(uuid[NP_UUID_SIZE], '~');
}

static void test_uuid(void **state)
{
	struct np_facts facts = { 0 };

	(void)state;
	assert_uuid(&facts, "NTFSPUNCH-0000000000000000-0-0");
	facts.volume.serial = 0x1a2b3c4d5e6fULL;
	facts.file.record = 4711;
	facts.file.sequence = 3;
	assert_uuid(&facts, "NTFSPUNCH-00001A2B3C4D5E6F-4711-3");
	/* A hash without a stream means nothing, one of zero a lot. */
	facts.file.stream_hash = 0xbeef;
	assert_uuid(&facts, "NTFSPUNCH-00001A2B3C4D5E6F-4711-3");
	facts.file.has_stream = 1;
	assert_uuid(&facts, "NTFSPUNCH-00001A2B3C4D5E6F-4711-3-0000beef");
	facts.file.stream_hash = 0;
	assert_uuid(&facts, "NTFSPUNCH-00001A2B3C4D5E6F-4711-3-00000000");
}

/* The longest that there are, and those that a fixed-width field would carry. */
static void test_uuid_full_width(void **state)
{
	struct np_facts facts = { 0 };
	char uuid[NP_UUID_SIZE];

	(void)state;
	facts.volume.serial = UINT64_MAX;
	facts.file.record = (1ULL << 48) - 1;
	facts.file.sequence = UINT16_MAX;
	facts.file.has_stream = 1;
	facts.file.stream_hash = UINT32_MAX;
	assert_uuid(&facts, "NTFSPUNCH-FFFFFFFFFFFFFFFF-281474976710655-65535-ffffffff");
	facts.file.record = UINT64_MAX;
	facts.file.sequence = UINT32_MAX;
	assert_uuid(&facts, "NTFSPUNCH-FFFFFFFFFFFFFFFF-18446744073709551615-4294967295-ffffffff");
	np_uuid_format(&facts, uuid);
	/* With room for the suffixes of devices below. */
	assert_in_range(strlen(uuid), 1, 128 - strlen("-seg4194304"));
}

static void test_uuid_is_ours(void **state)
{
	struct np_facts facts = { 0 };
	char uuid[NP_UUID_SIZE];

	(void)state;
	np_uuid_format(&facts, uuid);
	assert_true(np_uuid_is_ours(uuid));
	assert_true(np_uuid_is_ours("NTFSPUNCH-1A2B3C4D5E6F7081-volume"));
	assert_false(np_uuid_is_ours(""));
	assert_false(np_uuid_is_ours("NTFSPUNCH"));
	assert_false(np_uuid_is_ours("ntfspunch-1A2B3C4D5E6F7081-1-1"));
	assert_false(np_uuid_is_ours("LVM-NTFSPUNCH-1A2B3C4D5E6F7081-1-1"));
	assert_true(np_uuid_is_ours("part1-NTFSPUNCH-1A2B3C4D5E6F7081-1-1"));
	assert_false(np_uuid_is_ours("part-NTFSPUNCH-1A2B3C4D5E6F7081-1-1"));
	assert_false(np_uuid_is_ours("part1-LVM-1"));
}

static void test_uuid_roles(void **state)
{
	static const struct {
		const char *uuid;
		enum np_role role;
		unsigned partition;
		bool of_map;
	} cases[] = {
		{ "NTFSPUNCH-1A2B3C4D5E6F7081-64-1", NP_ROLE_MAP, 0, true },
		{ "NTFSPUNCH-1A2B3C4D5E6F7081-64-1-base", NP_ROLE_BASE, 0, true },
		{ "NTFSPUNCH-1A2B3C4D5E6F7081-64-1-store", NP_ROLE_STORE, 0, true },
		{ "NTFSPUNCH-1A2B3C4D5E6F7081-64-1-cow", NP_ROLE_COW, 0, true },
		{ "part1-NTFSPUNCH-1A2B3C4D5E6F7081-64-1", NP_ROLE_PARTITION, 1, true },
		{ "part255-NTFSPUNCH-1A2B3C4D5E6F7081-64-1", NP_ROLE_PARTITION, 255, true },
		/* Another stream of the same file, another sequence number, the volume. */
		{ "NTFSPUNCH-1A2B3C4D5E6F7081-64-1-0badcafe", NP_ROLE_MAP, 0, false },
		{ "NTFSPUNCH-1A2B3C4D5E6F7081-64-1-0badcafe-base", NP_ROLE_BASE, 0, false },
		{ "part1-NTFSPUNCH-1A2B3C4D5E6F7081-64-1-0badcafe", NP_ROLE_PARTITION, 1, false },
		{ "NTFSPUNCH-1A2B3C4D5E6F7081-64-11", NP_ROLE_MAP, 0, false },
		{ "NTFSPUNCH-1A2B3C4D5E6F7081-64-11-cow", NP_ROLE_COW, 0, false },
		{ "NTFSPUNCH-1A2B3C4D5E6F7081-volume", NP_ROLE_VOLUME, 0, false },
		{ "LVM-abc", NP_ROLE_NONE, 0, false },
	};
	static const char map[] = "NTFSPUNCH-1A2B3C4D5E6F7081-64-1";
	char uuid[NP_UUID_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_int_equal(np_uuid_role(cases[i].uuid), cases[i].role);
		assert_int_equal(np_uuid_partition(cases[i].uuid), cases[i].partition);
		assert_int_equal(np_uuid_is_of_map(cases[i].uuid, map), cases[i].of_map);
		assert_int_equal(np_uuid_same_volume(cases[i].uuid, map), cases[i].role != NP_ROLE_NONE);
		if (!cases[i].of_map)
			continue;
		np_uuid_format_role(map, cases[i].role, cases[i].partition, uuid);
		assert_string_equal(uuid, cases[i].uuid);
	}
	np_uuid_format_volume(0x1a2b3c4d5e6f7081, uuid);
	assert_string_equal(uuid, "NTFSPUNCH-1A2B3C4D5E6F7081-volume");
	assert_false(np_uuid_same_volume(map, "NTFSPUNCH-1A2B3C4D5E6F7082-64-1"));
}

/* What must not have one UUID: another volume, file, generation of a record, or stream. */
static void test_uuid_differs(void **state)
{
	struct np_facts facts[6] = { 0 };
	char uuids[6][NP_UUID_SIZE];

	(void)state;
	facts[1].volume.serial = 1;
	facts[2].file.record = 1;
	facts[3].file.sequence = 1;
	facts[4].file.has_stream = 1;
	facts[5].file.has_stream = 1;
	facts[5].file.stream_hash = 1;
	for (size_t i = 0; i < 6; i++)
		np_uuid_format(&facts[i], uuids[i]);
	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(uuids[i], uuids[j]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_name_problems),
		cmocka_unit_test(test_name_characters),
		cmocka_unit_test(test_name_length),
		cmocka_unit_test(test_uuid),
		cmocka_unit_test(test_uuid_full_width),
		cmocka_unit_test(test_uuid_differs),
		cmocka_unit_test(test_uuid_is_ours),
		cmocka_unit_test(test_uuid_roles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
