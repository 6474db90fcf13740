/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/extent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint64_t logical_end(const struct np_extent *extent)
{
	return extent->logical + extent->length;
}

static uint64_t physical_end(const struct np_extent *extent)
{
	return extent->physical + extent->length;
}

/* start + length, where that is no more than the largest file offset. */
static bool end_fits(uint64_t start, uint64_t length)
{
	uint64_t end;

	return !__builtin_add_overflow(start, length, &end) && end <= INT64_MAX;
}

void np_extent_map_release(struct np_extent_map *map)
{
	free(map->extents);
	*map = NP_EXTENT_MAP_INIT;
}

uint64_t np_extent_map_total(const struct np_extent_map *map)
{
	return map->count ? logical_end(&map->extents[map->count - 1]) : 0;
}

/* Doubling keeps appending linear; the cap comes before the allocation. */
static int make_room(struct np_extent_map *map)
{
	size_t capacity = map->capacity ? map->capacity * 2 : 16;
	struct np_extent *extents;

	if (map->count < map->capacity)
		return 0;
	if (map->count >= NP_EXTENT_MAX)
		return -E2BIG;
	extents = realloc(map->extents, capacity * sizeof(*extents));
	if (!extents)
		return -ENOMEM;
	map->extents = extents;
	map->capacity = capacity;
	return 0;
}

int np_extent_map_append(struct np_extent_map *map, uint64_t physical, uint64_t length)
{
	uint64_t logical = np_extent_map_total(map);
	struct np_extent *last = map->count ? &map->extents[map->count - 1] : NULL;
	bool hole = physical == NP_EXTENT_HOLE;
	int r;

	if (!length)
		return 0;
	if (!end_fits(logical, length) || (!hole && !end_fits(physical, length)))
		return -EOVERFLOW;
	if (last && hole && last->physical == NP_EXTENT_HOLE) {
		last->length += length;
		return 0;
	}
	if (last && !hole && last->physical != NP_EXTENT_HOLE && physical_end(last) == physical) {
		last->length += length;
		return 0;
	}
	r = make_room(map);
	if (r < 0)
		return r;
	map->extents[map->count++] = (struct np_extent){ .logical = logical, .physical = physical, .length = length };
	return 0;
}

const struct np_extent *np_extent_map_find_logical(const struct np_extent_map *map, uint64_t logical)
{
	size_t low = 0, high = map->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (logical_end(&map->extents[middle]) <= logical)
			low = middle + 1;
		else
			high = middle;
	}
	return low < map->count ? &map->extents[low] : NULL;
}

/* Appends the part [logical, logical + length) of `from`, which the caller knows to lie within it. */
static int append_part(struct np_extent_map *to, const struct np_extent_map *from, uint64_t logical, uint64_t length)
{
	const struct np_extent *extent = np_extent_map_find_logical(from, logical);

	while (length) {
		uint64_t skip = logical - extent->logical;
		uint64_t part = extent->length - skip < length ? extent->length - skip : length;
		bool hole = extent->physical == NP_EXTENT_HOLE;
		int r = np_extent_map_append(to, hole ? NP_EXTENT_HOLE : extent->physical + skip, part);

		if (r < 0)
			return r;
		logical += part;
		length -= part;
		extent++;
	}
	return 0;
}

static bool lies_within(const struct np_extent_map *map, uint64_t logical, uint64_t length)
{
	return end_fits(logical, length) && logical + length <= np_extent_map_total(map);
}

void np_extent_map_lengths(const struct np_extent_map *map, uint64_t *ret_least, uint64_t *ret_most)
{
	*ret_least = *ret_most = 0;
	for (size_t i = 0; i < map->count; i++) {
		uint64_t length = map->extents[i].length;

		if (map->extents[i].physical == NP_EXTENT_HOLE)
			continue;
		if (!*ret_least || length < *ret_least)
			*ret_least = length;
		if (length > *ret_most)
			*ret_most = length;
	}
}

int np_extent_map_slice(const struct np_extent_map *map, uint64_t logical, uint64_t length,
			struct np_extent_map *ret_map)
{
	struct np_extent_map slice = NP_EXTENT_MAP_INIT;
	int r;

	if (!lies_within(map, logical, length))
		return -ERANGE;
	r = append_part(&slice, map, logical, length);
	if (r < 0) {
		np_extent_map_release(&slice);
		return r;
	}
	*ret_map = slice;
	return 0;
}

int np_extent_map_compose(const struct np_extent_map *upper, const struct np_extent_map *lower,
			  struct np_extent_map *ret_map)
{
	struct np_extent_map composed = NP_EXTENT_MAP_INIT;
	int r = 0;

	for (size_t i = 0; i < upper->count && !r; i++) {
		const struct np_extent *extent = &upper->extents[i];

		if (extent->physical == NP_EXTENT_HOLE)
			r = np_extent_map_append(&composed, NP_EXTENT_HOLE, extent->length);
		else if (lies_within(lower, extent->physical, extent->length))
			r = append_part(&composed, lower, extent->physical, extent->length);
		else
			r = -ERANGE;
	}
	if (r < 0) {
		np_extent_map_release(&composed);
		return r;
	}
	*ret_map = composed;
	return 0;
}

bool np_extent_map_equal(const struct np_extent_map *a, const struct np_extent_map *b)
{
	if (a->count != b->count)
		return false;
	return !a->count || !memcmp(a->extents, b->extents, a->count * sizeof(*a->extents));
}

static bool comes_before(const struct np_extent *a, const struct np_extent *b)
{
	/* Logical offsets differ always: the order is the same on every machine. */
	return a->physical != b->physical ? a->physical < b->physical : a->logical < b->logical;
}

static void merge(const struct np_extent **to, const struct np_extent **left, size_t left_count,
		  const struct np_extent **right, size_t right_count)
{
	while (left_count && right_count) {
		if (comes_before(*right, *left)) {
			*to++ = *right++;
			right_count--;
		} else {
			*to++ = *left++;
			left_count--;
		}
	}
	memcpy(to, left, left_count * sizeof(*to));
	memcpy(to + left_count, right, right_count * sizeof(*to));
}

/*
 * Merge sort, from pairs up. Not qsort(): glibc's asks how much memory the machine has, which is a system call that the
 * scanner's sandbox forbids.
 */
static int sort_by_physical(const struct np_extent **items, size_t count)
{
	const struct np_extent **scratch = calloc(count ? count : 1, sizeof(*scratch));

	if (!scratch)
		return -ENOMEM;
	for (size_t width = 1; width < count; width *= 2) {
		for (size_t start = 0; start < count; start += 2 * width) {
			size_t left = count - start < width ? count - start : width;
			size_t right = count - start - left < width ? count - start - left : width;

			merge(scratch + start, items + start, left, items + start + left, right);
		}
		memcpy(items, scratch, count * sizeof(*items));
	}
	free(scratch);
	return 0;
}

int np_extent_index_init(struct np_extent_index *index, const struct np_extent_map *map)
{
	const struct np_extent **by_physical;
	bool sorted = true;
	size_t count = 0;

	by_physical = calloc(map->count ? map->count : 1, sizeof(*by_physical));
	if (!by_physical)
		return -ENOMEM;
	for (size_t i = 0; i < map->count; i++) {
		if (map->extents[i].physical == NP_EXTENT_HOLE)
			continue;
		by_physical[count] = &map->extents[i];
		if (count && by_physical[count - 1]->physical > by_physical[count]->physical)
			sorted = false;
		count++;
	}
	if (!sorted && sort_by_physical(by_physical, count) < 0) {
		free(by_physical);
		return -ENOMEM;
	}
	*index = (struct np_extent_index){ .map = map, .by_physical = by_physical, .count = count };
	return 0;
}

void np_extent_index_release(struct np_extent_index *index)
{
	free(index->by_physical);
	*index = NP_EXTENT_INDEX_INIT;
}

const struct np_extent *np_extent_index_find(const struct np_extent_index *index, uint64_t physical)
{
	size_t low = 0, high = index->count;

	/* The first that begins past `physical`: the one before it is the only one that can hold it. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (index->by_physical[middle]->physical <= physical)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || physical >= physical_end(index->by_physical[low - 1]))
		return NULL;
	return index->by_physical[low - 1];
}

/* Bytes that a and b share, if any. */
static bool intersect(const struct np_extent *a, const struct np_extent *b, struct np_extent_overlap *ret_overlap)
{
	uint64_t start = a->physical > b->physical ? a->physical : b->physical;
	uint64_t end = physical_end(a) < physical_end(b) ? physical_end(a) : physical_end(b);

	if (start >= end)
		return false;
	*ret_overlap = (struct np_extent_overlap){
		.physical = start,
		.length = end - start,
		.logical_a = a->logical + (start - a->physical),
		.logical_b = b->logical + (start - b->physical),
	};
	return true;
}

bool np_extent_index_overlap_self(const struct np_extent_index *index, struct np_extent_overlap *ret_overlap)
{
	for (size_t i = 1; i < index->count; i++)
		if (intersect(index->by_physical[i - 1], index->by_physical[i], ret_overlap))
			return true;
	return false;
}

bool np_extent_index_overlap(const struct np_extent_index *a, const struct np_extent_index *b,
			     struct np_extent_overlap *ret_overlap)
{
	size_t i = 0, j = 0;

	while (i < a->count && j < b->count) {
		if (intersect(a->by_physical[i], b->by_physical[j], ret_overlap))
			return true;
		/* The one that ends first can meet nothing that comes later in the other. */
		if (physical_end(a->by_physical[i]) < physical_end(b->by_physical[j]))
			i++;
		else
			j++;
	}
	return false;
}
