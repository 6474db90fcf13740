/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "patch.h"

#include "unit.h"

/* A block's number, an offset in it, and flags. */
#define PATCH_HEAD 5u

/* Numbers that are at the edge of something. */
static const uint64_t telling[] = { 0,          1,          2,         8,          0x7f,       0x80,
				    0xff,       0x7fff,     0x8000,    0xffff,     0x7fffffff, 0x80000000,
				    UINT32_MAX, 1ULL << 48, INT64_MAX, 1ULL << 63, UINT64_MAX };

/* Where the patch at `position` ends. */
static size_t end_of(const uint8_t *data, size_t size, size_t position)
{
	size_t end = position + PATCH_HEAD;

	if (end < size)
		end += 1 + (data[end - 1] & PATCH_LENGTH);
	return end < size ? end : size;
}

/* What is to be there instead: a telling number, nearly what was there, or what another block of that kind has there. */
static uint64_t draw_value(const struct patch_base *base, const struct patch_block *block, size_t offset, size_t width,
			   struct unit_random *source)
{
	const struct patch_block *other = &base->blocks[unit_random_below(source, base->count)];
	uint64_t old = 0;

	memcpy(&old, base->image + block->offset + offset, width);
	switch (unit_random_below(source, 6)) {
	case 0:
		return unit_random_next(source);
	case 1:
		return telling[unit_random_below(source, COUNT_OF(telling))];
	case 2:
		return old + unit_random_below(source, 17) - 8;
	case 3:
		return old ^ 1ULL << unit_random_below(source, 8 * width);
	case 4:
		return old << unit_random_below(source, 8) >> unit_random_below(source, 8);
	default:
		if (other->size == block->size)
			memcpy(&old, base->image + other->offset + offset, width);
		return old;
	}
}

static size_t make_patch(const struct patch_base *base, struct unit_random *source, uint8_t *patch)
{
	size_t number = unit_random_below(source, base->count), width = (size_t)1 << unit_random_below(source, 4);
	const struct patch_block *block = &base->blocks[number];
	size_t offset = unit_random_below(source, block->used) & ~(width - 1);
	uint64_t value = draw_value(base, block, offset, width, source);

	memcpy(patch, &number, 2);
	memcpy(patch + 2, &offset, 2);
	patch[4] = (uint8_t)(width - 1);
	if (!unit_random_below(source, 8))
		patch[4] |= PATCH_ALONE;
	if (!unit_random_below(source, 16))
		patch[4] |= PATCH_RAW;
	memcpy(patch + PATCH_HEAD, &value, width);
	return PATCH_HEAD + width;
}

size_t patch_mutate(const struct patch_base *base, size_t header, uint8_t *data, size_t size, size_t size_most,
		    unsigned seed)
{
	struct unit_random source = unit_random_init(1, seed);
	uint8_t patch[PATCH_HEAD + 8];
	size_t length, position = header, end;

	if (size < header || !unit_random_below(&source, 3))
		return LLVMFuzzerMutate(data, size, size_most);
	/* In place of one that is there, or after the last. */
	while (position < size && unit_random_below(&source, 3))
		position = end_of(data, size, position);
	length = make_patch(base, &source, patch);
	end = position < size ? end_of(data, size, position) : size;
	if (size - (end - position) + length > size_most)
		return LLVMFuzzerMutate(data, size, size_most);
	memmove(data + position + length, data + end, size - end);
	memcpy(data + position, patch, length);
	return size - (end - position) + length;
}
