/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extents by their place: finding and overlaps, case by case.
 */
#include "unit.h"

#include <string.h>

#define HOLE    NP_EXTENT_HOLE
#define LARGEST ((uint64_t)INT64_MAX)

/* A map and its index, which borrows it. */
struct places {
	struct np_extent_map map;
	struct np_extent_index index;
};

struct part {
	uint64_t physical;
	uint64_t length;
};

static void places_init(struct places *places, const struct part *parts, size_t count)
{
	*places = (struct places){ 0 };
	for (size_t i = 0; i < count; i++)
		assert_int_equal(np_extent_map_append(&places->map, parts[i].physical, parts[i].length), 0);
	assert_int_equal(np_extent_index_init(&places->index, &places->map), 0);
}

#define PLACES(places, ...)                                                                                            \
	places_init(places, (const struct part[]){ __VA_ARGS__ }, COUNT_OF(((const struct part[]){ __VA_ARGS__ })))

static void places_release(struct places *places)
{
	np_extent_index_release(&places->index);
	assert_int_equal(places->index.count, 0);
	assert_null(places->index.by_physical);
	np_extent_index_release(&places->index);
	np_extent_map_release(&places->map);
}

static void test_order(void **state)
{
	struct places places;

	(void)state;
	PLACES(&places, { 300, 10 }, { HOLE, 5 }, { 100, 10 }, { HOLE, 5 }, { 200, 10 });
	assert_int_equal(places.index.count, 3);
	assert_ptr_equal(places.index.map, &places.map);
	assert_ptr_equal(places.index.by_physical[0], &places.map.extents[2]);
	assert_ptr_equal(places.index.by_physical[1], &places.map.extents[4]);
	assert_ptr_equal(places.index.by_physical[2], &places.map.extents[0]);
	places_release(&places);

	/* In order but for the last. */
	PLACES(&places, { 100, 10 }, { 200, 10 }, { 0, 10 });
	assert_ptr_equal(places.index.by_physical[0], &places.map.extents[2]);
	assert_ptr_equal(places.index.by_physical[2], &places.map.extents[1]);
	places_release(&places);
}

/* Extents in any order: forwards, backwards, shuffled, and from both ends; many of them begin at the same byte. */
static uint64_t place_of(unsigned order, uint64_t i, uint64_t count)
{
	switch (order) {
	case 0:
		return i;
	case 1:
		return count - i;
	case 2:
		return i % 2 ? i : 2 * count - i;
	case 3:
		return i * 7919 % count;
	default:
		return i * 7919 % 5;
	}
}

static void assert_sorted(uint64_t count, unsigned order)
{
	struct places places = { 0 };

	for (uint64_t i = 0; i < count; i++)
		assert_int_equal(np_extent_map_append(&places.map, 3 * place_of(order, i, count), 1), 0);
	assert_int_equal(places.map.count, count);
	assert_int_equal(np_extent_index_init(&places.index, &places.map), 0);
	assert_int_equal(places.index.count, count);
	/* Ordered strictly, so that none is there twice, and with as many as there were all are there. */
	for (uint64_t i = 1; i < count; i++) {
		const struct np_extent *last = places.index.by_physical[i - 1], *extent = places.index.by_physical[i];

		assert_true(last->physical < extent->physical ||
			    (last->physical == extent->physical && last->logical < extent->logical));
	}
	places_release(&places);
}

static void test_sorting(void **state)
{
	(void)state;
	for (unsigned order = 0; order < 5; order++) {
		for (uint64_t count = 0; count < 70; count++)
			assert_sorted(count, order);
		assert_sorted(50000, order);
		assert_sorted(65536, order);
	}
}

static void test_find(void **state)
{
	struct places places;

	(void)state;
	PLACES(&places, { 300, 10 }, { HOLE, 5 }, { 100, 10 }, { 110 + 5, 10 }, { LARGEST - 1, 1 });
	assert_null(np_extent_index_find(&places.index, 0));
	assert_null(np_extent_index_find(&places.index, 99));
	assert_ptr_equal(np_extent_index_find(&places.index, 100), &places.map.extents[2]);
	assert_ptr_equal(np_extent_index_find(&places.index, 109), &places.map.extents[2]);
	assert_null(np_extent_index_find(&places.index, 110));
	assert_null(np_extent_index_find(&places.index, 114));
	assert_ptr_equal(np_extent_index_find(&places.index, 115), &places.map.extents[3]);
	assert_null(np_extent_index_find(&places.index, 299));
	assert_ptr_equal(np_extent_index_find(&places.index, 309), &places.map.extents[0]);
	assert_null(np_extent_index_find(&places.index, 310));
	assert_ptr_equal(np_extent_index_find(&places.index, LARGEST - 1), &places.map.extents[4]);
	assert_null(np_extent_index_find(&places.index, LARGEST));
	assert_null(np_extent_index_find(&places.index, HOLE));
	places_release(&places);
}

static void test_nothing(void **state)
{
	struct np_extent_overlap overlap;
	struct places nothing, holes, full;

	(void)state;
	places_init(&nothing, NULL, 0);
	PLACES(&holes, { HOLE, LARGEST });
	PLACES(&full, { 0, LARGEST });
	assert_int_equal(nothing.index.count, 0);
	assert_int_equal(holes.index.count, 0);
	assert_null(np_extent_index_find(&nothing.index, 0));
	assert_null(np_extent_index_find(&holes.index, 0));
	assert_false(np_extent_index_overlap_self(&nothing.index, &overlap));
	assert_false(np_extent_index_overlap_self(&holes.index, &overlap));
	assert_false(np_extent_index_overlap_self(&full.index, &overlap));
	assert_false(np_extent_index_overlap(&nothing.index, &nothing.index, &overlap));
	assert_false(np_extent_index_overlap(&nothing.index, &full.index, &overlap));
	assert_false(np_extent_index_overlap(&full.index, &nothing.index, &overlap));
	assert_false(np_extent_index_overlap(&full.index, &holes.index, &overlap));
	places_release(&nothing);
	places_release(&holes);
	places_release(&full);
}

struct overlap_case {
	const char *name;
	struct part a[4], b[4]; /* up to a length of 0; for an overlap of its own, `b` is empty */
	bool shared;
	struct np_extent_overlap first;
};

static void places_init_case(struct places *places, const struct part *parts)
{
	size_t count = 0;

	while (count < 4 && parts[count].length)
		count++;
	places_init(places, parts, count);
}

static void assert_overlap(const struct overlap_case *c, bool shared, const struct np_extent_overlap *got)
{
	assert_in_case(c->name, shared == c->shared);
	assert_in_case(c->name, got->physical == c->first.physical);
	assert_in_case(c->name, got->length == c->first.length);
	assert_in_case(c->name, got->logical_a == c->first.logical_a);
	assert_in_case(c->name, got->logical_b == c->first.logical_b);
}

static void test_overlap_self(void **state)
{
	static const struct overlap_case cases[] = {
		{ "side by side", { { 10, 10 }, { 0, 10 }, { 20, 10 } }, { { 0 } }, false, { 0 } },
		{ "one byte", { { 10, 10 }, { 0, 11 } }, { { 0 } }, true, { 10, 1, 20, 0 } },
		{ "one byte, other order", { { 0, 11 }, { 10, 10 } }, { { 0 } }, true, { 10, 1, 10, 11 } },
		{ "the same", { { 5, 10 }, { HOLE, 1 }, { 5, 10 } }, { { 0 } }, true, { 5, 10, 0, 11 } },
		{ "within", { { 0, 100 }, { 40, 10 } }, { { 0 } }, true, { 40, 10, 40, 100 } },
		{ "same beginning", { { 7, 9 }, { 7, 3 } }, { { 0 } }, true, { 7, 3, 0, 9 } },
		{ "past a short one", { { 0, 100 }, { 10, 1 }, { 50, 9 } }, { { 0 } }, true, { 10, 1, 10, 100 } },
		{ "the first of two",
		  { { 90, 9 }, { 91, 9 }, { 10, 9 }, { 11, 9 } },
		  { { 0 } },
		  true,
		  { 11, 8, 19, 27 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct np_extent_overlap overlap = { 0 };
		struct places places;
		bool shared;

		places_init_case(&places, cases[i].a);
		shared = np_extent_index_overlap_self(&places.index, &overlap);
		assert_overlap(&cases[i], shared, &overlap);
		places_release(&places);
	}
}

static void test_overlap_two(void **state)
{
	static const struct overlap_case cases[] = {
		{ "apart", { { 0, 10 } }, { { 20, 10 } }, false, { 0 } },
		{ "side by side", { { 10, 10 } }, { { 0, 10 }, { 20, 10 } }, false, { 0 } },
		{ "one byte of a's end", { { 0, 10 } }, { { 9, 10 } }, true, { 9, 1, 9, 0 } },
		{ "one byte of a's beginning", { { 9, 10 } }, { { 0, 10 } }, true, { 9, 1, 0, 9 } },
		{ "within a", { { 0, 100 } }, { { HOLE, 5 }, { 50, 1 } }, true, { 50, 1, 50, 5 } },
		{ "within b", { { HOLE, 5 }, { 50, 1 } }, { { 0, 100 } }, true, { 50, 1, 5, 50 } },
		{ "between", { { 0, 10 }, { 20, 10 } }, { { 10, 10 }, { 30, 10 } }, false, { 0 } },
		{ "same end, then one", { { 0, 10 }, { 20, 9 } }, { { 5, 5 }, { 28, 9 } }, true, { 5, 5, 5, 0 } },
		{ "the last of both", { { 40, 9 }, { 0, 9 } }, { { 48, 9 }, { 20, 9 } }, true, { 48, 1, 8, 0 } },
		{ "the first of two", { { 90, 9 }, { 10, 9 } }, { { 12, 2 }, { 90, 9 } }, true, { 12, 2, 11, 0 } },
		{ "at the end of all",
		  { { LARGEST - 1, 1 } },
		  { { 0, LARGEST } },
		  true,
		  { LARGEST - 1, 1, 0, LARGEST - 1 } },
		{ "only holes", { { HOLE, 50 }, { 1, 1 } }, { { HOLE, 50 }, { 2, 1 } }, false, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct np_extent_overlap overlap = { 0 };
		struct places a, b;
		bool shared;

		places_init_case(&a, cases[i].a);
		places_init_case(&b, cases[i].b);
		shared = np_extent_index_overlap(&a.index, &b.index, &overlap);
		assert_overlap(&cases[i], shared, &overlap);
		places_release(&a);
		places_release(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),   cmocka_unit_test(test_sorting),      cmocka_unit_test(test_find),
		cmocka_unit_test(test_nothing), cmocka_unit_test(test_overlap_self), cmocka_unit_test(test_overlap_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
