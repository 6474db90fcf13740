/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the unit tests share: cmocka, a repeatable source of random numbers, and how to say which case of many failed.
 */
#ifndef UNIT_H
#define UNIT_H

/* cmocka.h wants the first four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>

#include "ntfs-punch/extent.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

/* For tables of cases: a failure names its case. */
#define assert_in_case(name, condition)                                                                                \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			fail_msg("case '%s': not so: %s", (name), #condition);                                         \
	} while (0)

/* For rounds with random input: a failure names seed and round. */
#define assert_in_round(seed, round, condition)                                                                        \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			fail_msg("seed %#llx, round %u: not so: %s", (unsigned long long)(seed), (round), #condition); \
	} while (0)

/* Splitmix64 (Steele, Lea, Flood, 2014): the same numbers on every machine. */
struct unit_random {
	uint64_t state;
};

static inline uint64_t unit_random_next(struct unit_random *source)
{
	uint64_t z = source->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* 0 to bound - 1. */
static inline uint64_t unit_random_below(struct unit_random *source, uint64_t bound)
{
	return unit_random_next(source) % bound;
}

/* Each round has a source of its own, so that one can be repeated alone. */
static inline struct unit_random unit_random_init(uint64_t seed, unsigned round)
{
	struct unit_random source = { .state = seed + round };

	source.state = unit_random_next(&source);
	return source;
}

/* Whether the map keeps what extent.h promises of every map. */
static inline bool unit_map_is_canonical(const struct np_extent_map *map)
{
	uint64_t end = 0;

	for (size_t i = 0; i < map->count; i++) {
		const struct np_extent *extent = &map->extents[i];
		const struct np_extent *last = i ? extent - 1 : NULL;
		bool hole = extent->physical == NP_EXTENT_HOLE;

		if (extent->logical != end || !extent->length || extent->length > INT64_MAX - end)
			return false;
		if (!hole && (extent->physical > INT64_MAX || extent->length > INT64_MAX - extent->physical))
			return false;
		if (last && hole && last->physical == NP_EXTENT_HOLE)
			return false;
		if (last && !hole && last->physical != NP_EXTENT_HOLE &&
		    last->physical + last->length == extent->physical)
			return false;
		end += extent->length;
	}
	return true;
}

#endif
