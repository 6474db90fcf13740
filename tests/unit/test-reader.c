/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads through a map: any part of it is what the map says of a file.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "reader.h"

#define DEVICE (1u << 20)
#define SEED   0x6d6f646573ULL

static int fd = -1;
static unsigned char bytes[DEVICE];
static struct np_reader *reader;

static int setup(void **state)
{
	struct unit_random source = { .state = SEED };

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)unit_random_next(&source);
	fd = memfd_create("device", 0);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, sizeof(bytes)), (ssize_t)sizeof(bytes));
	reader = np_reader_new(fd, 0, DEVICE);
	assert_non_null(reader);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	np_reader_free(reader);
	close(fd);
	return 0;
}

/* The map, byte for byte, of what setup() wrote. */
static unsigned char *expand(const struct np_extent_map *map)
{
	unsigned char *all = calloc(1, (size_t)np_extent_map_total(map));

	assert_non_null(all);
	for (size_t i = 0; i < map->count; i++)
		if (map->extents[i].physical != NP_EXTENT_HOLE)
			memcpy(all + map->extents[i].logical, bytes + map->extents[i].physical,
			       (size_t)map->extents[i].length);
	return all;
}

static void test_random(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 500; round++) {
		struct unit_random source = unit_random_init(SEED, round);
		struct np_extent_map map = NP_EXTENT_MAP_INIT;
		unsigned char *all, *got;
		size_t total, offset, size;

		for (uint64_t i = unit_random_below(&source, 8); i < 8; i++) {
			uint64_t physical = unit_random_below(&source, DEVICE - 70000);

			if (!unit_random_below(&source, 4))
				physical = NP_EXTENT_HOLE;
			assert_int_equal(np_extent_map_append(&map, physical, 1 + unit_random_below(&source, 70000)),
					 0);
		}
		total = (size_t)np_extent_map_total(&map);
		all = expand(&map);
		offset = (size_t)unit_random_below(&source, total);
		size = (size_t)unit_random_below(&source, total - offset) + 1;
		got = malloc(size);
		assert_non_null(got);
		memset(got, 0xee, size);
		assert_in_round(SEED, round, !np_reader_read_map(reader, &map, false, got, size, offset));
		assert_in_round(SEED, round, !memcmp(got, all + offset, size));
		free(got);
		free(all);
		np_extent_map_release(&map);
	}
}

static void test_ends(void **state)
{
	struct np_extent_map map = NP_EXTENT_MAP_INIT;
	unsigned char got[1024];

	(void)state;
	assert_int_equal(np_extent_map_append(&map, 4096, 512), 0);
	assert_int_equal(np_extent_map_append(&map, DEVICE - 512, 512), 0);
	assert_int_equal(np_reader_read_map(reader, &map, false, got, 1024, 0), 0);
	assert_memory_equal(got, bytes + 4096, 512);
	assert_memory_equal(got + 512, bytes + DEVICE - 512, 512);
	assert_int_equal(np_reader_read_map(reader, &map, false, got, 0, 1024), 0);
	/* Past the map. */
	assert_int_equal(np_reader_read_map(reader, &map, false, got, 1024, 1), -EIO);
	assert_int_equal(np_reader_read_map(reader, &map, false, got, 1, 1024), -EIO);
	assert_int_equal(np_reader_read_map(reader, &map, false, got, 1, UINT64_MAX), -EIO);
	/* Past the device. */
	assert_int_equal(np_extent_map_append(&map, DEVICE, 512), 0);
	assert_int_equal(np_reader_read_map(reader, &map, false, got, 1, 1024), -EIO);
	np_extent_map_release(&map);
}

static void test_past_device(void **state)
{
	struct np_extent_map map = NP_EXTENT_MAP_INIT;
	unsigned char got[1024];

	(void)state;
	assert_int_equal(np_extent_map_append(&map, DEVICE - 512, 1024), 0);
	assert_int_equal(np_reader_read_map(reader, &map, false, got, 512, 0), 0);
	assert_int_equal(np_reader_read_map(reader, &map, false, got, 513, 0), -EIO);
	/* A device that has shrunk. */
	assert_int_equal(ftruncate(fd, DEVICE / 2), 0);
	np_extent_map_release(&map);
	assert_int_equal(np_extent_map_append(&map, DEVICE / 4 * 3, 512), 0);
	assert_int_equal(np_reader_read_map(reader, &map, false, got, 512, 0), -EIO);
	np_extent_map_release(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_random, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_past_device, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
