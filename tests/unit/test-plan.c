/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plans: which devices, in which order, on what.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ntfs-punch/plan.h"

#define UUID  "NTFSPUNCH-1A2B3C4D5E6F7081-64-1"
#define MAP   (1u << 20)
#define STORE (3u << 20)

struct fixture {
	struct np_extent_map extents;
	struct np_extent_map store;
	struct np_plan_input input;
	struct np_plan plan;
};

static void setup(struct fixture *fixture)
{
	*fixture = (struct fixture){ .extents = NP_EXTENT_MAP_INIT };
	assert_int_equal(np_extent_map_append(&fixture->extents, 8u << 20, MAP / 4), 0);
	assert_int_equal(np_extent_map_append(&fixture->extents, 2u << 20, MAP / 4 * 3), 0);
	assert_int_equal(np_extent_map_append(&fixture->store, 32u << 20, STORE), 0);
	fixture->input = (struct np_plan_input){ .name = "linux", .uuid = UUID, .extents = &fixture->extents };
}

static void teardown(struct fixture *fixture)
{
	np_plan_release(&fixture->plan);
	np_extent_map_release(&fixture->extents);
	np_extent_map_release(&fixture->store);
}

/* A device in words: "NAME UUID ro|rw BELOW STORE: TARGET; TARGET". */
static void assert_device(const struct fixture *fixture, size_t i, const char *expected)
{
	const struct np_plan_device *device = &fixture->plan.devices[i];
	char text[1024];
	int length;

	assert_in_range(i, 0, fixture->plan.count - 1);
	length = snprintf(text, sizeof(text), "%s %s %s %d %d:", device->name, device->uuid,
			  device->read_only ? "ro" : "rw", device->below, device->store);
	for (size_t j = 0; j < device->table.count; j++) {
		length += snprintf(text + length, sizeof(text) - (size_t)length, j ? "; " : " ");
		length +=
			np_target_format(&device->table.targets[j], "X", text + length, sizeof(text) - (size_t)length);
	}
	assert_string_equal(text, expected);
}

static void test_plain(void **state)
{
	struct fixture fixture;

	(void)state;
	setup(&fixture);
	assert_int_equal(np_plan_build(&fixture.input, &fixture.plan), 0);
	assert_int_equal(fixture.plan.count, 1);
	assert_ptr_equal(np_plan_map(&fixture.plan), &fixture.plan.devices[0]);
	assert_device(&fixture, 0, "linux " UUID " rw -1 -1: 0 512 linear X 16384; 512 1536 linear X 4096");
	np_plan_release(&fixture.plan);

	fixture.input.read_only = true;
	assert_int_equal(np_extent_map_append(&fixture.extents, NP_EXTENT_HOLE, 4096), 0);
	assert_int_equal(np_plan_build(&fixture.input, &fixture.plan), 0);
	assert_device(&fixture, 0,
		      "linux " UUID " ro -1 -1: 0 512 linear X 16384; 512 1536 linear X 4096; 2048 8 zero");
	teardown(&fixture);
}

static void test_blind(void **state)
{
	struct fixture fixture;

	(void)state;
	setup(&fixture);
	fixture.input.memory_bytes = 1u << 20;
	assert_int_equal(np_plan_build(&fixture.input, &fixture.plan), 0);
	assert_int_equal(fixture.plan.count, 2);
	assert_int_equal(fixture.plan.memory_bytes, 1u << 20);
	/* The file itself is out of reach. */
	assert_device(&fixture, 0, "linux-base " UUID "-base ro -1 -1: 0 512 linear X 16384; 512 1536 linear X 4096");
	assert_device(&fixture, 1, "linux " UUID " rw 0 -2: 0 2048 snapshot X N 8");
	teardown(&fixture);
}

static void test_overlay(void **state)
{
	struct fixture fixture;

	(void)state;
	setup(&fixture);
	fixture.input.store = &fixture.store;
	assert_int_equal(np_plan_build(&fixture.input, &fixture.plan), 0);
	assert_int_equal(fixture.plan.count, 4);
	assert_device(&fixture, 0, "linux-base " UUID "-base ro -1 -1: 0 512 linear X 16384; 512 1536 linear X 4096");
	assert_device(&fixture, 1, "linux-store " UUID "-store rw -1 -1: 0 6144 linear X 65536");
	assert_device(&fixture, 2, "linux-cow " UUID "-cow rw 1 1: 0 6016 linear X 128");
	assert_device(&fixture, 3, "linux " UUID " rw 0 2: 0 2048 snapshot X PO 8");
	np_plan_release(&fixture.plan);

	/* Only a merge may write to the file. */
	fixture.input.merging = true;
	assert_int_equal(np_plan_build(&fixture.input, &fixture.plan), 0);
	assert_device(&fixture, 0, "linux-base " UUID "-base rw -1 -1: 0 512 linear X 16384; 512 1536 linear X 4096");
	assert_device(&fixture, 3, "linux " UUID " rw 0 2: 0 2048 snapshot-merge X PO 8");
	np_plan_release(&fixture.plan);

	/* A store with no room but for the header. */
	np_extent_map_release(&fixture.store);
	assert_int_equal(np_extent_map_append(&fixture.store, 32u << 20, NP_STORE_HEADER_BYTES), 0);
	assert_int_equal(np_plan_build(&fixture.input, &fixture.plan), -EINVAL);
	assert_int_equal(fixture.plan.count, 0);
	teardown(&fixture);
}

static void test_volume(void **state)
{
	struct fixture fixture;

	(void)state;
	setup(&fixture);
	fixture.input.volume = "windows";
	fixture.input.serial = 0x1a2b3c4d5e6f7081;
	fixture.input.volume_start_bytes = 1u << 20;
	fixture.input.volume_size_bytes = 64u << 20;
	assert_int_equal(np_plan_build(&fixture.input, &fixture.plan), 0);
	assert_int_equal(fixture.plan.count, 2);
	assert_device(&fixture, 1, "windows NTFSPUNCH-1A2B3C4D5E6F7081-volume ro -1 -1: 0 131072 linear X 2048");
	np_plan_release(&fixture.plan);

	fixture.input.extents = NULL;
	assert_int_equal(np_plan_build(&fixture.input, &fixture.plan), 0);
	assert_int_equal(fixture.plan.count, 1);
	assert_null(np_plan_map(&fixture.plan));
	assert_device(&fixture, 0, "windows NTFSPUNCH-1A2B3C4D5E6F7081-volume ro -1 -1: 0 131072 linear X 2048");
	teardown(&fixture);
}

static void test_partitions(void **state)
{
	struct fixture fixture;

	(void)state;
	setup(&fixture);
	fixture.input.memory_bytes = 1u << 20;
	assert_int_equal(np_plan_build(&fixture.input, &fixture.plan), 0);
	assert_int_equal(np_plan_add_partition(&fixture.plan, &(struct np_plan_partition){ 1, 4096, 8192 }), 0);
	assert_int_equal(np_plan_add_partition(&fixture.plan, &(struct np_plan_partition){ 128, MAP - 512, 512 }), 0);
	assert_int_equal(fixture.plan.count, 4);
	assert_device(&fixture, 2, "linux-part1 part1-" UUID " rw 1 1: 0 16 linear X 8");
	assert_device(&fixture, 3, "linux-part128 part128-" UUID " rw 1 1: 0 1 linear X 2047");

	assert_int_equal(np_plan_add_partition(&fixture.plan, &(struct np_plan_partition){ 2, MAP - 512, 1024 }),
			 -ERANGE);
	assert_int_equal(np_plan_add_partition(&fixture.plan, &(struct np_plan_partition){ 2, UINT64_MAX - 511, 512 }),
			 -ERANGE);
	assert_int_equal(np_plan_add_partition(&fixture.plan, &(struct np_plan_partition){ 2, 512, UINT64_MAX - 511 }),
			 -ERANGE);
	assert_int_equal(np_plan_add_partition(&fixture.plan, &(struct np_plan_partition){ 2, 100, 512 }), -EINVAL);
	assert_int_equal(np_plan_add_partition(&fixture.plan, &(struct np_plan_partition){ 2, 512, 0 }), -EINVAL);
	assert_int_equal(fixture.plan.count, 4);
	teardown(&fixture);
}

/* One that has room for a map has none for its parts. */
static void test_long_names(void **state)
{
	struct fixture fixture;
	char name[NP_NAME_SIZE];

	(void)state;
	setup(&fixture);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	fixture.input.name = name;
	assert_int_equal(np_plan_build(&fixture.input, &fixture.plan), 0);
	assert_int_equal(np_plan_add_partition(&fixture.plan, &(struct np_plan_partition){ 1, 0, 512 }), -EINVAL);
	np_plan_release(&fixture.plan);
	fixture.input.memory_bytes = 4096;
	assert_int_equal(np_plan_build(&fixture.input, &fixture.plan), -EINVAL);
	name[sizeof(name) - 1 - strlen("-base")] = '\0';
	assert_int_equal(np_plan_build(&fixture.input, &fixture.plan), 0);
	teardown(&fixture);
}

static void test_same_names(void **state)
{
	struct fixture fixture;

	(void)state;
	setup(&fixture);
	fixture.input.memory_bytes = 4096;
	fixture.input.volume = "linux-base";
	fixture.input.volume_size_bytes = 64u << 20;
	assert_int_equal(np_plan_build(&fixture.input, &fixture.plan), -EEXIST);
	assert_int_equal(fixture.plan.count, 0);
	fixture.input.volume = "linux-part1";
	assert_int_equal(np_plan_build(&fixture.input, &fixture.plan), 0);
	assert_int_equal(np_plan_add_partition(&fixture.plan, &(struct np_plan_partition){ 1, 0, 512 }), -EEXIST);
	assert_int_equal(np_plan_add_partition(&fixture.plan, &(struct np_plan_partition){ 2, 0, 512 }), 0);
	teardown(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),      cmocka_unit_test(test_blind),      cmocka_unit_test(test_overlay),
		cmocka_unit_test(test_volume),     cmocka_unit_test(test_partitions), cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_same_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
