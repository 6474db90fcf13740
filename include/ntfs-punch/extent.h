/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extent maps: which bytes of something larger a file, image or device is made of.
 *
 * A map is an array of extents in logical order. All values are bytes, in the words of Linux' FIEMAP
 * (Documentation/filesystems/fiemap.rst): `logical` is an offset in the mapped thing, `physical` one in
 * what it lies on. Maps compose: image → file → volume → device.
 *
 * Invariants, kept by every function here, so that no user of a map has to test them again:
 *  - extents[0].logical is 0 and each extent begins where the one before it ends: no gaps, no overlap;
 *  - no extent is empty, and none ends past INT64_MAX, logically or physically (the largest file offset);
 *  - two neighbours that could be one are one.
 *
 * Pure: libc only, no I/O. Functions return 0 or -errno and leave their output alone on failure.
 */
#ifndef NTFS_PUNCH_EXTENT_H
#define NTFS_PUNCH_EXTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The physical offset of an extent without storage: it reads as zeros. */
#define NP_EXTENT_HOLE UINT64_MAX

/* More extents than this make np_extent_map_append() fail with -E2BIG. An NTFS attribute list of 256 KiB,
 * its largest, holds about 1.46 million runs. */
#define NP_EXTENT_MAX 4194304u

struct np_extent {
	uint64_t logical;
	uint64_t physical; /* or NP_EXTENT_HOLE */
	uint64_t length;
};

struct np_extent_map {
	struct np_extent *extents;
	size_t count;
	size_t capacity;
};

/* A map of nothing. Any map starts as this and ends with np_extent_map_release(). */
#define NP_EXTENT_MAP_INIT ((struct np_extent_map){ 0 })

/* Frees what the map holds and makes it empty. The map may be half built or empty. */
void np_extent_map_release(struct np_extent_map *map);

/* Bytes the map covers, holes included. */
uint64_t np_extent_map_total(const struct np_extent_map *map);

/*
 * Adds `length` bytes at `physical` (or NP_EXTENT_HOLE) to the map's end, coalescing with its last extent
 * where that is contiguous. A length of 0 adds nothing.
 * -EOVERFLOW: an end past INT64_MAX. -E2BIG: more than NP_EXTENT_MAX extents. -ENOMEM.
 */
int np_extent_map_append(struct np_extent_map *map, uint64_t physical, uint64_t length);

/* How long the shortest and the longest extent are that aren't holes; 0 if there is none. */
void np_extent_map_lengths(const struct np_extent_map *map, uint64_t *ret_least, uint64_t *ret_most);

/*
 * The part [logical, logical + length) of `map`, as a new map that starts at 0.
 * -ERANGE: the part doesn't lie within the map. The caller releases `*ret_map`.
 */
int np_extent_map_slice(const struct np_extent_map *map, uint64_t logical, uint64_t length,
			struct np_extent_map *ret_map);

/*
 * `upper` maps onto the logical bytes of `lower`: the map of upper straight onto what lower lies on.
 * Holes of either stay holes. -ERANGE: upper reaches past lower's end. The caller releases `*ret_map`.
 */
int np_extent_map_compose(const struct np_extent_map *upper, const struct np_extent_map *lower,
			  struct np_extent_map *ret_map);

/* The extent that holds the byte `logical`, or NULL past the end. O(log n). */
const struct np_extent *np_extent_map_find_logical(const struct np_extent_map *map, uint64_t logical);

/* The same bytes in the same places: maps are canonical, so equal maps have equal extents. */
bool np_extent_map_equal(const struct np_extent_map *a, const struct np_extent_map *b);

/*
 * A map's extents in physical order, holes left out. It borrows the map, which must live longer and stay
 * as it is.
 */
struct np_extent_index {
	const struct np_extent_map *map;
	const struct np_extent **by_physical;
	size_t count;
};

#define NP_EXTENT_INDEX_INIT ((struct np_extent_index){ 0 })

/* -ENOMEM. O(n) for a map that is in physical order already, else O(n log n). */
int np_extent_index_init(struct np_extent_index *index, const struct np_extent_map *map);
void np_extent_index_release(struct np_extent_index *index);

/* The extent that holds the byte `physical`, or NULL. O(log n). For an index that doesn't overlap itself. */
const struct np_extent *np_extent_index_find(const struct np_extent_index *index, uint64_t physical);

/* Bytes that two extents share. */
struct np_extent_overlap {
	uint64_t physical;
	uint64_t length;
	uint64_t logical_a; /* where they are in the first map */
	uint64_t logical_b; /* and in the second (or, again, in the first) */
};

/* Whether extents of one map share bytes, and the first that do. O(n). */
bool np_extent_index_overlap_self(const struct np_extent_index *index, struct np_extent_overlap *ret_overlap);

/* Whether two maps share bytes, and the first that they share. O(n + m). */
bool np_extent_index_overlap(const struct np_extent_index *a, const struct np_extent_index *b,
			     struct np_extent_overlap *ret_overlap);

#endif
