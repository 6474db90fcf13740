/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of a partition table becomes devices, and what is refused; next to each refusal what is just not.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ntfs-punch/partitions.h"

#define UUID "NTFSPUNCH-1A2B3C4D5E6F7081-64-1"
#define MAP  (16u << 20)
#define MIB  (1u << 20)

static struct np_content content;
static struct np_plan plan;
static char said[512];

static void listen(const struct np_log *log, enum np_log_level level, const char *subject, const char *message,
		   const char *remedy)
{
	(void)log, (void)level, (void)remedy;
	snprintf(said, sizeof(said), "%s: %s", subject, message);
}

static void add(uint64_t number, uint64_t start, uint64_t size, const char *type)
{
	struct np_partition *partition = &content.partitions[content.partition_count++];

	*partition = (struct np_partition){ .number = number, .start_bytes = start, .size_bytes = size };
	snprintf(partition->type, sizeof(partition->type), "%s", type);
}

static void build(const char *name)
{
	struct np_extent_map extents = NP_EXTENT_MAP_INIT;
	const struct np_plan_input input = { .name = name, .uuid = UUID, .extents = &extents };

	assert_int_equal(np_extent_map_append(&extents, 64u << 20, MAP), 0);
	assert_int_equal(np_plan_build(&input, &plan), 0);
	np_extent_map_release(&extents);
}

/* Two partitions of an MBR, of a MiB each. */
static int setup(void **state)
{
	(void)state;
	memset(&content, 0, sizeof(content));
	snprintf(content.table, sizeof(content.table), "dos");
	add(1, MIB, MIB, "0x83");
	add(2, 4 * MIB, MIB, "0x07");
	build("linux");
	*said = '\0';
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	np_plan_release(&plan);
	return 0;
}

static int run(void)
{
	const struct np_log log = { .emit = listen, .most = NP_LOG_ERROR };

	return np_partitions_plan(&content, &log, &plan);
}

static void assert_taken(size_t count)
{
	assert_int_equal(run(), 0);
	assert_string_equal(said, "");
	assert_int_equal(plan.count, 1 + count);
}

static void assert_refused(int error, const char *words)
{
	assert_int_equal(run(), error);
	if (!strstr(said, words))
		fail_msg("'%s' doesn't say '%s'", said, words);
}

static void test_taken(void **state)
{
	(void)state;
	assert_taken(2);
	assert_string_equal(plan.devices[1].name, "linux-part1");
	assert_string_equal(plan.devices[2].name, "linux-part2");
	assert_string_equal(plan.devices[2].uuid, "part2-" UUID);
	assert_int_equal(plan.devices[2].table.targets[0].offset_sector, 4 * MIB / 512);
	assert_int_equal(plan.devices[2].table.targets[0].length_sectors, MIB / 512);
}

static void test_unreadable(void **state)
{
	(void)state;
	content.unreadable = 1;
	assert_refused(-EBADMSG, "linux: not all of it could be read");
	assert_int_equal(plan.count, 1);
}

static void test_table(void **state)
{
	(void)state;
	snprintf(content.table, sizeof(content.table), "sun");
	assert_refused(-EBADMSG, "neither a GPT nor an MBR");
	*content.table = '\0';
	assert_refused(-EBADMSG, "no sound partition table");
	snprintf(content.table, sizeof(content.table), "gpt");
	content.backup = 1;
	assert_refused(-EBADMSG, "damaged");
	assert_int_equal(plan.count, 1);
	content.backup = 0;
	*said = '\0';
	assert_taken(2);
}

static void test_end(void **state)
{
	(void)state;
	content.partitions[1].size_bytes = MAP - 4 * MIB + 512;
	assert_refused(-EBADMSG, "partition 2 ends past the image");
}

static void test_end_within(void **state)
{
	(void)state;
	content.partitions[1].size_bytes = MAP - 4 * MIB;
	assert_taken(2);
}

static void test_start_past_end(void **state)
{
	(void)state;
	content.partitions[1].start_bytes = (uint64_t)1 << 62;
	assert_refused(-EBADMSG, "partition 2 ends past the image");
}

static void test_empty(void **state)
{
	(void)state;
	content.partitions[1].size_bytes = 0;
	assert_refused(-EBADMSG, "partition 2 is empty");
}

static void test_one_sector(void **state)
{
	(void)state;
	content.partitions[1].size_bytes = 512;
	assert_taken(2);
}

static void test_overlap(void **state)
{
	static const struct {
		const char *name;
		uint64_t start, size;
		bool overlaps;
	} cases[] = {
		{ "just before", MIB - 512, 512, false },
		{ "into the first sector", MIB - 512, 1024, true },
		{ "the first sector", MIB, 512, true },
		{ "within", MIB + 512, 512, true },
		{ "the same", MIB, MIB, true },
		{ "around", 512, 4 * MIB, true },
		{ "the last sector", 2 * MIB - 512, 512, true },
		{ "just behind", 2 * MIB, 512, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		teardown(NULL);
		setup(NULL);
		content.partitions[1].start_bytes = cases[i].start;
		content.partitions[1].size_bytes = cases[i].size;
		assert_in_case(cases[i].name, run() == (cases[i].overlaps ? -EBADMSG : 0));
		assert_in_case(cases[i].name, !strstr(said, "partitions 1 and 2 overlap") == !cases[i].overlaps);
	}
}

static void test_same_number(void **state)
{
	(void)state;
	content.partitions[1].number = 1;
	assert_int_equal(run(), -EBADMSG);
}

/* Logical partitions lie in the extended one, which gets no device, whatever its type is called. */
static void test_extended(void **state)
{
	static const char *const types[] = { "0x05", "0x0f", "0x85" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		teardown(NULL);
		setup(NULL);
		add(3, 8 * MIB, 4 * MIB, types[i]);
		add(5, 9 * MIB, MIB, "0x83");
		add(6, 10 * MIB + 512, MIB, "0x83");
		assert_in_case(types[i], !run());
		assert_in_case(types[i], plan.count == 5);
		assert_in_case(types[i], !strcmp(plan.devices[4].name, "linux-part6"));
	}
	/* Of a GPT they mean nothing. */
	teardown(NULL);
	setup(NULL);
	snprintf(content.table, sizeof(content.table), "gpt");
	snprintf(content.partitions[1].type, sizeof(content.partitions[1].type), "0x05");
	assert_taken(2);
	teardown(NULL);
	setup(NULL);
	add(3, 8 * MIB, 4 * MIB, "0x06");
	add(5, 9 * MIB, MIB, "0x83");
	assert_refused(-EBADMSG, "partitions 3 and 5 overlap");
}

static void test_long_name(void **state)
{
	char name[NP_NAME_SIZE];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - sizeof("-part1")] = '\0';
	np_plan_release(&plan);
	build(name);
	assert_taken(2);
	name[strlen(name)] = 'x';
	name[sizeof(name) - sizeof("-part1") + 1] = '\0';
	np_plan_release(&plan);
	build(name);
	assert_refused(-ENAMETOOLONG, "names would be too long");
}

static void test_all_of_them(void **state)
{
	(void)state;
	snprintf(content.table, sizeof(content.table), "gpt");
	content.partition_count = 0;
	for (unsigned i = 0; i < NP_PARTITIONS_MAX; i++)
		add(i + 1, MIB + i * 512u, 512, "");
	assert_taken(NP_PARTITIONS_MAX);
	assert_string_equal(plan.devices[NP_PARTITIONS_MAX].name, "linux-part256");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_taken),       TEST(test_unreadable),     TEST(test_table),    TEST(test_end),
		TEST(test_end_within),  TEST(test_start_past_end), TEST(test_empty),    TEST(test_one_sector),
		TEST(test_overlap),     TEST(test_same_number),    TEST(test_extended), TEST(test_long_name),
		TEST(test_all_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
