/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extent maps, case by case; test-extent-random.c holds them against a model.
 */
#include "unit.h"

#include <errno.h>
#include <string.h>

#define HOLE    NP_EXTENT_HOLE
#define LARGEST ((uint64_t)INT64_MAX)

struct part {
	uint64_t physical;
	uint64_t length;
};

#define MAP(...) make_map((const struct part[]){ __VA_ARGS__ }, COUNT_OF(((const struct part[]){ __VA_ARGS__ })))

static struct np_extent_map make_map(const struct part *parts, size_t count)
{
	struct np_extent_map map = NP_EXTENT_MAP_INIT;

	for (size_t i = 0; i < count; i++)
		assert_int_equal(np_extent_map_append(&map, parts[i].physical, parts[i].length), 0);
	assert_true(unit_map_is_canonical(&map));
	return map;
}

/* Consumes both. */
static void assert_equal_maps(struct np_extent_map got, struct np_extent_map expected)
{
	assert_true(unit_map_is_canonical(&got));
	assert_true(np_extent_map_equal(&got, &expected));
	np_extent_map_release(&got);
	np_extent_map_release(&expected);
}

static void assert_extent(const struct np_extent *extent, uint64_t logical, uint64_t physical, uint64_t length)
{
	assert_non_null(extent);
	assert_int_equal(extent->logical, logical);
	assert_int_equal(extent->physical, physical);
	assert_int_equal(extent->length, length);
}

static void test_append(void **state)
{
	struct np_extent_map map = NP_EXTENT_MAP_INIT;

	(void)state;
	assert_int_equal(np_extent_map_total(&map), 0);
	assert_int_equal(np_extent_map_append(&map, 4096, 0), 0);
	assert_int_equal(map.count, 0);
	assert_int_equal(np_extent_map_append(&map, 4096, 512), 0);
	assert_int_equal(np_extent_map_append(&map, 0, 512), 0);
	assert_int_equal(np_extent_map_append(&map, HOLE, 1), 0);
	assert_int_equal(np_extent_map_append(&map, 0, 0), 0);
	assert_int_equal(np_extent_map_append(&map, HOLE, 0), 0);
	assert_int_equal(map.count, 3);
	assert_extent(&map.extents[0], 0, 4096, 512);
	assert_extent(&map.extents[1], 512, 0, 512);
	assert_extent(&map.extents[2], 1024, HOLE, 1);
	assert_int_equal(np_extent_map_total(&map), 1025);
	np_extent_map_release(&map);
	assert_null(map.extents);
	assert_int_equal(map.count, 0);
	assert_int_equal(np_extent_map_total(&map), 0);
	np_extent_map_release(&map);
}

static void test_append_coalesces(void **state)
{
	struct np_extent_map map;

	(void)state;
	map = MAP({ 100, 10 }, { 110, 5 }, { 115, 1 });
	assert_int_equal(map.count, 1);
	assert_extent(&map.extents[0], 0, 100, 16);
	np_extent_map_release(&map);

	map = MAP({ HOLE, 10 }, { HOLE, 5 });
	assert_int_equal(map.count, 1);
	assert_extent(&map.extents[0], 0, HOLE, 15);
	np_extent_map_release(&map);

	/* One byte too far, one too near, the same again, and backwards. */
	map = MAP({ 100, 10 }, { 111, 10 }, { 120, 10 }, { 120, 10 }, { 110, 10 });
	assert_int_equal(map.count, 5);
	np_extent_map_release(&map);
}

/* As a number, a hole's end wraps around: it must not pass for an extent's beginning. */
static void test_append_after_a_hole(void **state)
{
	struct np_extent_map map;

	(void)state;
	map = MAP({ HOLE, 4097 }, { 4096, 10 });
	assert_int_equal(map.count, 2);
	np_extent_map_release(&map);

	map = MAP({ HOLE, 1 }, { 0, 10 }, { HOLE, 10 });
	assert_int_equal(map.count, 3);
	np_extent_map_release(&map);
}

static void test_append_limits(void **state)
{
	static const struct part too_far[] = {
		{ 1, LARGEST },        { LARGEST, 1 },         { LARGEST + 1, 1 },   { 0, LARGEST + 1 },
		{ HOLE, LARGEST + 1 }, { HOLE, UINT64_MAX },   { 0, UINT64_MAX },    { HOLE - 1, 1 },
		{ HOLE - 1, 2 },       { UINT64_MAX - 9, 20 }, { LARGEST, LARGEST },
	};
	struct np_extent_map map = NP_EXTENT_MAP_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(too_far); i++)
		assert_int_equal(np_extent_map_append(&map, too_far[i].physical, too_far[i].length), -EOVERFLOW);
	assert_null(map.extents);

	assert_equal_maps(MAP({ 0, LARGEST }), MAP({ 0, LARGEST - 1 }, { LARGEST - 1, 1 }));
	assert_equal_maps(MAP({ HOLE, LARGEST }), MAP({ HOLE, 1 }, { HOLE, LARGEST - 1 }));
	assert_equal_maps(MAP({ LARGEST - 1, 1 }), MAP({ LARGEST - 1, 1 }));

	/* Logically full, whether it would coalesce or not. */
	map = MAP({ HOLE, LARGEST - 1 }, { 5, 1 });
	assert_int_equal(np_extent_map_append(&map, 6, 1), -EOVERFLOW);
	assert_int_equal(np_extent_map_append(&map, 0, 1), -EOVERFLOW);
	assert_int_equal(np_extent_map_append(&map, HOLE, 1), -EOVERFLOW);
	assert_int_equal(np_extent_map_append(&map, HOLE, UINT64_MAX), -EOVERFLOW);
	assert_int_equal(np_extent_map_append(&map, 0, 0), 0);
	assert_equal_maps(map, MAP({ HOLE, LARGEST - 1 }, { 5, 1 }));
}

/* One extent more than NP_EXTENT_MAX is an error, and nothing that was there is lost. */
static void test_most_extents(void **state)
{
	struct np_extent_map map = NP_EXTENT_MAP_INIT, untouched = { .count = 77 };
	struct np_extent_map twice;
	int r = 0;

	(void)state;
	for (uint64_t i = 0; i < NP_EXTENT_MAX && !r; i++)
		r = np_extent_map_append(&map, 2 * i, 1);
	assert_int_equal(r, 0);
	assert_int_equal(np_extent_map_append(&map, 0, 1), -E2BIG);
	assert_int_equal(np_extent_map_append(&map, HOLE, 1), -E2BIG);
	assert_int_equal(map.count, NP_EXTENT_MAX);
	assert_int_equal(np_extent_map_total(&map), NP_EXTENT_MAX);
	assert_true(unit_map_is_canonical(&map));
	assert_extent(&map.extents[0], 0, 0, 1);
	assert_extent(&map.extents[NP_EXTENT_MAX - 1], NP_EXTENT_MAX - 1, 2 * (NP_EXTENT_MAX - 1), 1);
	/* What coalesces needs no room. */
	assert_int_equal(np_extent_map_append(&map, 2 * NP_EXTENT_MAX - 1, 9), 0);
	assert_extent(&map.extents[NP_EXTENT_MAX - 1], NP_EXTENT_MAX - 1, 2 * (NP_EXTENT_MAX - 1), 10);

	twice = MAP({ 0, NP_EXTENT_MAX }, { 0, NP_EXTENT_MAX });
	assert_int_equal(np_extent_map_compose(&twice, &map, &untouched), -E2BIG);
	assert_int_equal(untouched.count, 77);
	np_extent_map_release(&twice);
	np_extent_map_release(&map);
}

static void assert_slice(const struct np_extent_map *map, uint64_t logical, uint64_t length,
			 struct np_extent_map expected)
{
	struct np_extent_map slice = NP_EXTENT_MAP_INIT;

	assert_int_equal(np_extent_map_slice(map, logical, length, &slice), 0);
	assert_int_equal(np_extent_map_total(&slice), length);
	assert_equal_maps(slice, expected);
}

static void test_slice(void **state)
{
	struct np_extent_map map = MAP({ 1000, 10 }, { HOLE, 10 }, { 500, 10 });

	(void)state;
	assert_slice(&map, 0, 30, MAP({ 1000, 10 }, { HOLE, 10 }, { 500, 10 }));
	assert_slice(&map, 0, 10, MAP({ 1000, 10 }));
	assert_slice(&map, 0, 1, MAP({ 1000, 1 }));
	assert_slice(&map, 9, 2, MAP({ 1009, 1 }, { HOLE, 1 }));
	assert_slice(&map, 10, 10, MAP({ HOLE, 10 }));
	assert_slice(&map, 15, 10, MAP({ HOLE, 5 }, { 500, 5 }));
	assert_slice(&map, 29, 1, MAP({ 509, 1 }));
	assert_slice(&map, 3, 24, MAP({ 1003, 7 }, { HOLE, 10 }, { 500, 7 }));
	assert_slice(&map, 0, 0, NP_EXTENT_MAP_INIT);
	assert_slice(&map, 30, 0, NP_EXTENT_MAP_INIT);
	np_extent_map_release(&map);
	assert_slice(&map, 0, 0, NP_EXTENT_MAP_INIT);
}

static void test_slice_out_of_range(void **state)
{
	static const struct part ranges[] = {
		{ 0, 31 },          { 30, 1 },
		{ 31, 0 },          { 29, 2 },
		{ 5, UINT64_MAX },  { UINT64_MAX, 5 },
		{ UINT64_MAX, 1 },  { LARGEST, LARGEST },
		{ LARGEST + 1, 0 }, { UINT64_MAX - 4, 15 },
	};
	struct np_extent_map map = MAP({ 1000, 30 }), untouched = { .count = 77 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ranges); i++)
		assert_int_equal(np_extent_map_slice(&map, ranges[i].physical, ranges[i].length, &untouched), -ERANGE);
	np_extent_map_release(&map);
	assert_int_equal(np_extent_map_slice(&map, 0, 1, &untouched), -ERANGE);
	assert_int_equal(untouched.count, 77);
	assert_null(untouched.extents);
}

/* Consumes its maps. */
static void assert_composed(struct np_extent_map upper, struct np_extent_map lower, struct np_extent_map expected)
{
	struct np_extent_map composed = NP_EXTENT_MAP_INIT;

	assert_int_equal(np_extent_map_compose(&upper, &lower, &composed), 0);
	assert_int_equal(np_extent_map_total(&composed), np_extent_map_total(&upper));
	assert_equal_maps(composed, expected);
	np_extent_map_release(&upper);
	np_extent_map_release(&lower);
}

static void test_compose(void **state)
{
	(void)state;
	/* Onto all of it; across its borders; onto its last byte. */
	assert_composed(MAP({ 0, 20 }), MAP({ 100, 10 }, { 50, 10 }), MAP({ 100, 10 }, { 50, 10 }));
	assert_composed(MAP({ 5, 10 }), MAP({ 100, 10 }, { 50, 10 }), MAP({ 105, 5 }, { 50, 5 }));
	assert_composed(MAP({ 19, 1 }), MAP({ 100, 10 }, { 50, 10 }), MAP({ 59, 1 }));
	/* Holes of either. */
	assert_composed(MAP({ HOLE, 7 }, { 0, 3 }), MAP({ 100, 10 }), MAP({ HOLE, 7 }, { 100, 3 }));
	assert_composed(MAP({ 0, 30 }), MAP({ 9, 10 }, { HOLE, 10 }, { 99, 10 }),
			MAP({ 9, 10 }, { HOLE, 10 }, { 99, 10 }));
	assert_composed(MAP({ HOLE, 5 }, { 10, 5 }), MAP({ 9, 10 }, { HOLE, 10 }), MAP({ HOLE, 10 }));
	/* What two maps tear apart and put together again is one. */
	assert_composed(MAP({ 10, 10 }, { 0, 10 }), MAP({ 110, 10 }, { 100, 10 }), MAP({ 100, 20 }));
	/* Nothing on top; holes over nothing. */
	assert_composed(NP_EXTENT_MAP_INIT, MAP({ 9, 10 }), NP_EXTENT_MAP_INIT);
	assert_composed(NP_EXTENT_MAP_INIT, NP_EXTENT_MAP_INIT, NP_EXTENT_MAP_INIT);
	assert_composed(MAP({ HOLE, LARGEST }), NP_EXTENT_MAP_INIT, MAP({ HOLE, LARGEST }));
}

static void assert_not_composed(struct np_extent_map upper, struct np_extent_map lower)
{
	struct np_extent_map untouched = { .count = 77 };

	assert_int_equal(np_extent_map_compose(&upper, &lower, &untouched), -ERANGE);
	assert_int_equal(untouched.count, 77);
	assert_null(untouched.extents);
	np_extent_map_release(&upper);
	np_extent_map_release(&lower);
}

static void test_compose_out_of_range(void **state)
{
	(void)state;
	assert_not_composed(MAP({ 0, 21 }), MAP({ 100, 10 }, { 50, 10 }));
	assert_not_composed(MAP({ 20, 1 }), MAP({ 100, 20 }));
	assert_not_composed(MAP({ 0, 20 }, { LARGEST - 1, 1 }), MAP({ 100, 20 }));
	assert_not_composed(MAP({ 0, 1 }), NP_EXTENT_MAP_INIT);
}

static void test_find_logical(void **state)
{
	struct np_extent_map map = MAP({ 1000, 10 }, { HOLE, 10 }, { 500, 10 });

	(void)state;
	assert_ptr_equal(np_extent_map_find_logical(&map, 0), &map.extents[0]);
	assert_ptr_equal(np_extent_map_find_logical(&map, 9), &map.extents[0]);
	assert_ptr_equal(np_extent_map_find_logical(&map, 10), &map.extents[1]);
	assert_ptr_equal(np_extent_map_find_logical(&map, 29), &map.extents[2]);
	assert_null(np_extent_map_find_logical(&map, 30));
	assert_null(np_extent_map_find_logical(&map, UINT64_MAX));
	np_extent_map_release(&map);
	assert_null(np_extent_map_find_logical(&map, 0));
}

static void test_lengths(void **state)
{
	static const struct part parts[] = {
		{ HOLE, 1 }, { 4096, 512 }, { 65536, 8192 }, { HOLE, 1u << 20 }, { 0, 1024 }
	};
	struct np_extent_map map = NP_EXTENT_MAP_INIT;
	uint64_t least = 7, most = 7;

	(void)state;
	np_extent_map_lengths(&map, &least, &most);
	assert_int_equal(least, 0);
	assert_int_equal(most, 0);
	map = make_map(parts, sizeof(parts) / sizeof(*parts));
	np_extent_map_lengths(&map, &least, &most);
	assert_int_equal(least, 512);
	assert_int_equal(most, 8192);
	np_extent_map_release(&map);
}

static void test_equal(void **state)
{
	struct np_extent_map map = MAP({ 10, 5 }, { 20, 5 }), nothing = NP_EXTENT_MAP_INIT;
	struct np_extent_map others[] = {
		MAP({ 10, 5 }),
		MAP({ 10, 5 }, { 20, 6 }),
		MAP({ 10, 5 }, { 21, 5 }),
		MAP({ 10, 6 }, { 20, 5 }),
		MAP({ 20, 5 }, { 10, 5 }),
		MAP({ 10, 5 }, { HOLE, 5 }),
	};

	(void)state;
	assert_true(np_extent_map_equal(&nothing, &nothing));
	assert_false(np_extent_map_equal(&map, &nothing));
	assert_false(np_extent_map_equal(&nothing, &map));
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		assert_false(np_extent_map_equal(&map, &others[i]));
		np_extent_map_release(&others[i]);
	}
	assert_equal_maps(map, MAP({ 10, 5 }, { 20, 2 }, { 22, 3 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_append_coalesces),
		cmocka_unit_test(test_append_after_a_hole),
		cmocka_unit_test(test_append_limits),
		cmocka_unit_test(test_most_extents),
		cmocka_unit_test(test_slice),
		cmocka_unit_test(test_slice_out_of_range),
		cmocka_unit_test(test_compose),
		cmocka_unit_test(test_compose_out_of_range),
		cmocka_unit_test(test_find_logical),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
