/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extent maps against a model that can't be wrong: for each logical unit, the physical unit that it lies on, or a hole.
 */
#include "unit.h"

#include <errno.h>

#define SEED   0x6e74667370756e63ULL
#define ROUNDS 5000u

#define MODEL_UNITS 96u
#define HOLE        UINT64_MAX

/* Cell i: the physical unit of logical unit i, or HOLE. */
struct model {
	uint64_t cells[MODEL_UNITS];
	size_t count;
};

/* A model and a map that claims to be the same, in units of some bytes, from some byte on. */
struct pair {
	struct model model;
	struct np_extent_map map;
	uint64_t unit;
	uint64_t base;
};

static const uint64_t units[] = { 1, 512, 4096, 2u << 20 };

static void append(struct pair *pair, uint64_t physical, uint64_t length)
{
	uint64_t place = physical == HOLE ? NP_EXTENT_HOLE : pair->base + physical * pair->unit;

	assert_int_equal(np_extent_map_append(&pair->map, place, length * pair->unit), 0);
	for (uint64_t i = 0; i < length; i++)
		pair->model.cells[pair->model.count++] = physical == HOLE ? HOLE : physical + i;
}

/* Random extents on the physical units 0 to space - 1; the smaller the space, the more overlap and coalesce. */
static void fill(struct pair *pair, struct unit_random *source, uint64_t space)
{
	uint64_t want = unit_random_below(source, MODEL_UNITS + 1);

	pair->unit = units[unit_random_below(source, COUNT_OF(units))];
	/* Half of them end where all offsets end. */
	pair->base = unit_random_below(source, 2) ? 0 : (uint64_t)INT64_MAX - space * pair->unit;
	while (pair->model.count < want) {
		uint64_t length = 1 + unit_random_below(source, 8), start;

		if (length > want - pair->model.count)
			length = want - pair->model.count;
		start = unit_random_below(source, space - length + 1);
		append(pair, unit_random_below(source, 5) ? start : HOLE, length);
	}
}

/* Without a physical unit twice: each extent is cut from what is still free. */
static void fill_once(struct pair *pair, struct unit_random *source, uint64_t space)
{
	bool taken[4 * MODEL_UNITS] = { false };
	struct pair random = { 0 };

	fill(&random, source, space);
	pair->unit = random.unit;
	pair->base = random.base;
	for (size_t i = 0; i < random.model.count; i++) {
		uint64_t physical = random.model.cells[i];

		append(pair, physical == HOLE || taken[physical] ? HOLE : physical, 1);
		if (physical != HOLE)
			taken[physical] = true;
	}
	np_extent_map_release(&random.map);
}

static bool same(const struct pair *pair)
{
	if (!unit_map_is_canonical(&pair->map) || np_extent_map_total(&pair->map) != pair->model.count * pair->unit)
		return false;
	for (size_t i = 0; i < pair->model.count; i++) {
		/* The unit's last byte; its first is the last one's neighbour. */
		uint64_t byte = (i + 1) * pair->unit - 1, cell = pair->model.cells[i];
		const struct np_extent *extent = np_extent_map_find_logical(&pair->map, byte);

		if (!extent || byte < extent->logical || byte - extent->logical >= extent->length)
			return false;
		if ((extent->physical == NP_EXTENT_HOLE) != (cell == HOLE))
			return false;
		if (cell != HOLE &&
		    extent->physical + (byte - extent->logical) != pair->base + (cell + 1) * pair->unit - 1)
			return false;
	}
	return !np_extent_map_find_logical(&pair->map, pair->model.count * pair->unit);
}

static void test_append(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct unit_random source = unit_random_init(SEED, round);
		struct pair pair = { 0 };

		fill(&pair, &source, MODEL_UNITS);
		assert_in_round(SEED, round, same(&pair));
		np_extent_map_release(&pair.map);
	}
}

static void test_slice(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct unit_random source = unit_random_init(SEED, round);
		struct pair whole = { 0 }, slice = { 0 };
		uint64_t start, length;
		int r;

		fill(&whole, &source, MODEL_UNITS);
		start = unit_random_below(&source, MODEL_UNITS + 2);
		length = unit_random_below(&source, MODEL_UNITS + 2);
		r = np_extent_map_slice(&whole.map, start * whole.unit, length * whole.unit, &slice.map);
		assert_in_round(SEED, round, r == (start + length > whole.model.count ? -ERANGE : 0));
		slice.unit = whole.unit;
		slice.base = whole.base;
		for (uint64_t i = 0; i < length && !r; i++)
			slice.model.cells[slice.model.count++] = whole.model.cells[start + i];
		assert_in_round(SEED, round, r || same(&slice));
		np_extent_map_release(&whole.map);
		np_extent_map_release(&slice.map);
	}
}

/* The lower map's logical units are the upper's physical ones. */
static void compose_models(const struct model *upper, const struct model *lower, struct model *composed,
			   int *ret_result)
{
	*ret_result = 0;
	for (size_t i = 0; i < upper->count; i++) {
		uint64_t cell = upper->cells[i];

		if (cell != HOLE && cell >= lower->count)
			*ret_result = -ERANGE;
		else
			composed->cells[composed->count++] = cell == HOLE ? HOLE : lower->cells[cell];
	}
}

static void test_compose(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct unit_random source = unit_random_init(SEED, round);
		struct pair upper = { 0 }, lower = { 0 }, composed = { 0 }, drawn = { 0 };
		int r, expected;

		fill(&lower, &source, MODEL_UNITS);
		fill(&drawn, &source, 8 + unit_random_below(&source, MODEL_UNITS - 8));
		/* The same extents again, in the lower one's units. */
		upper.unit = lower.unit;
		for (size_t i = 0; i < drawn.model.count; i++)
			append(&upper, drawn.model.cells[i], 1);
		composed.unit = lower.unit;
		composed.base = lower.base;
		compose_models(&upper.model, &lower.model, &composed.model, &expected);
		r = np_extent_map_compose(&upper.map, &lower.map, &composed.map);
		assert_in_round(SEED, round, r == expected);
		assert_in_round(SEED, round, r ? !composed.map.extents : same(&composed));
		np_extent_map_release(&upper.map);
		np_extent_map_release(&lower.map);
		np_extent_map_release(&drawn.map);
		np_extent_map_release(&composed.map);
	}
}

static bool finds(const struct pair *pair, const struct np_extent_index *index, uint64_t physical)
{
	const struct np_extent *got = np_extent_index_find(index, pair->base + physical * pair->unit);

	for (size_t i = 0; i < pair->model.count; i++)
		if (pair->model.cells[i] == physical)
			return got && got == np_extent_map_find_logical(&pair->map, i * pair->unit);
	return !got;
}

static void test_find_physical(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct unit_random source = unit_random_init(SEED, round);
		struct np_extent_index index = NP_EXTENT_INDEX_INIT;
		struct np_extent_overlap overlap;
		struct pair pair = { 0 };

		fill_once(&pair, &source, 2 * MODEL_UNITS);
		assert_in_round(SEED, round, !np_extent_index_init(&index, &pair.map));
		assert_in_round(SEED, round, !np_extent_index_overlap_self(&index, &overlap));
		for (uint64_t physical = 0; physical < 2 * MODEL_UNITS; physical++)
			assert_in_round(SEED, round, finds(&pair, &index, physical));
		np_extent_index_release(&index);
		np_extent_map_release(&pair.map);
	}
}

/* The lowest physical unit that both have (or, with b NULL, that a has twice), or HOLE. */
static uint64_t first_shared(const struct model *a, const struct model *b)
{
	uint64_t first = HOLE;

	for (size_t i = 0; i < a->count; i++)
		for (size_t j = b ? 0 : i + 1; j < (b ? b : a)->count; j++)
			if (a->cells[i] == (b ? b : a)->cells[j] && a->cells[i] < first)
				first = a->cells[i];
	return first;
}

/* Whether the `length` bytes of the map from `logical` on lie at `physical`. */
static bool lies_at(const struct np_extent_map *map, uint64_t logical, uint64_t physical, uint64_t length)
{
	const struct np_extent *extent = np_extent_map_find_logical(map, logical);

	return extent && length && extent->physical + (logical - extent->logical) == physical &&
	       length <= extent->length - (logical - extent->logical);
}

static void test_overlap_self(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct unit_random source = unit_random_init(SEED, round);
		struct np_extent_index index = NP_EXTENT_INDEX_INIT;
		struct np_extent_overlap got = { 0 };
		struct pair pair = { 0 };
		uint64_t first;
		bool shared;

		fill(&pair, &source, 4 * MODEL_UNITS);
		first = first_shared(&pair.model, NULL);
		assert_in_round(SEED, round, !np_extent_index_init(&index, &pair.map));
		shared = np_extent_index_overlap_self(&index, &got);
		assert_in_round(SEED, round, shared == (first != HOLE));
		assert_in_round(SEED, round, !shared || got.physical == pair.base + first * pair.unit);
		assert_in_round(SEED, round, !shared || got.logical_a != got.logical_b);
		assert_in_round(SEED, round, !shared || lies_at(&pair.map, got.logical_a, got.physical, got.length));
		assert_in_round(SEED, round, !shared || lies_at(&pair.map, got.logical_b, got.physical, got.length));
		np_extent_index_release(&index);
		np_extent_map_release(&pair.map);
	}
}

/* Every second round with maps that overlap themselves, as a damaged volume's do: what two share is found even so. */
static void test_overlap_two(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct unit_random source = unit_random_init(SEED, round);
		struct np_extent_index index_a = NP_EXTENT_INDEX_INIT, index_b = NP_EXTENT_INDEX_INIT;
		struct np_extent_overlap got = { 0 };
		struct pair a = { 0 }, b = { 0 }, drawn = { 0 };
		bool once = round % 2, shared;
		uint64_t first;

		(once ? fill_once : fill)(&a, &source, 4 * MODEL_UNITS);
		(once ? fill_once : fill)(&drawn, &source, 4 * MODEL_UNITS);
		b.unit = a.unit;
		b.base = a.base;
		for (size_t i = 0; i < drawn.model.count / 4; i++)
			append(&b, drawn.model.cells[i], 1);
		first = first_shared(&a.model, &b.model);
		assert_in_round(SEED, round, !np_extent_index_init(&index_a, &a.map));
		assert_in_round(SEED, round, !np_extent_index_init(&index_b, &b.map));
		shared = np_extent_index_overlap(&index_a, &index_b, &got);
		assert_in_round(SEED, round, shared == (first != HOLE));
		assert_in_round(SEED, round, !shared || !once || got.physical == a.base + first * a.unit);
		assert_in_round(SEED, round, !shared || lies_at(&a.map, got.logical_a, got.physical, got.length));
		assert_in_round(SEED, round, !shared || lies_at(&b.map, got.logical_b, got.physical, got.length));
		np_extent_index_release(&index_a);
		np_extent_index_release(&index_b);
		np_extent_map_release(&a.map);
		np_extent_map_release(&b.map);
		np_extent_map_release(&drawn.map);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append),       cmocka_unit_test(test_slice),
		cmocka_unit_test(test_compose),      cmocka_unit_test(test_find_physical),
		cmocka_unit_test(test_overlap_self), cmocka_unit_test(test_overlap_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
