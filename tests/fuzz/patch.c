/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "patch.h"

#include <stdlib.h>

#define SECTOR 512u

/* Of patches in one input. */
#define PATCHES_MAX 64u

static unsigned get16(const unsigned char *bytes)
{
	return bytes[0] | (unsigned)bytes[1] << 8;
}

/* Where a record of `size` bytes has its fixups, or 0 where that makes no sense. */
static size_t fixups_of(const unsigned char *record, size_t size)
{
	size_t offset = get16(record + 4), count = get16(record + 6);

	return count == size / SECTOR + 1 && offset >= 8 && !(offset % 2) && offset + 2 * count <= SECTOR - 2 ? offset :
														0;
}

static void undo_fixups(unsigned char *record, size_t size)
{
	size_t fixups = fixups_of(record, size);

	for (size_t i = 1; fixups && i <= size / SECTOR; i++)
		memcpy(record + i * SECTOR - 2, record + fixups + 2 * i, 2);
}

static void put_fixups(unsigned char *record, size_t size)
{
	size_t fixups = fixups_of(record, size);

	for (size_t i = 1; fixups && i <= size / SECTOR; i++) {
		memcpy(record + fixups + 2 * i, record + i * SECTOR - 2, 2);
		memcpy(record + i * SECTOR - 2, record + fixups, 2);
	}
}

/* The size of the record that begins here, or 0. */
static size_t record_size(const unsigned char *bytes, size_t left)
{
	static const char magics[][4] = { "FILE", "INDX", "RSTR", "RCRD", "CHKD" };
	size_t size = (get16(bytes + 6) - 1u) * SECTOR;

	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if (!memcmp(bytes, magics[i], sizeof(*magics)) && size && size <= left && fixups_of(bytes, size))
			return size;
	return 0;
}

static bool is_new(const struct patch_base *base, size_t offset)
{
	for (size_t i = 0; i < base->count; i++)
		if (offset >= base->blocks[i].offset && offset < base->blocks[i].offset + base->blocks[i].size)
			return false;
	return true;
}

static void add_block(struct patch_base *base, size_t offset, size_t size, bool is_record)
{
	struct patch_block block = { offset, size, size, is_record, false, base->count, malloc(size) };
	unsigned char *bytes = base->image + offset;

	base->blocks = reallocarray(base->blocks, base->count + 1, sizeof(*base->blocks));
	if (!block.good || !base->blocks)
		abort();
	memcpy(block.good, bytes, size);
	if (is_record)
		undo_fixups(bytes, size);
	while (block.used > 1 && bytes[block.used - 2] == bytes[size - 1])
		block.used--;
	memcpy(bytes, block.good, size);
	for (size_t i = 0; i < base->count; i++)
		if (base->blocks[i].size == size && !memcmp(base->blocks[i].good, bytes, size)) {
			block.twin = i;
			base->blocks[i].twin = base->count;
		}
	if (block.used > 1)
		base->blocks[base->count++] = block;
	else
		free(block.good);
}

void patch_add(struct patch_base *base, size_t offset, size_t size)
{
	size_t end = offset + size;

	for (offset -= offset % SECTOR; offset + SECTOR <= end;) {
		size_t record = record_size(base->image + offset, end - offset);

		if (is_new(base, offset))
			add_block(base, offset, record ? record : SECTOR, record);
		offset += record ? record : SECTOR;
	}
}

static void put(struct patch_base *base, struct patch_block *block, size_t offset, const unsigned char *bytes,
		size_t length, bool raw)
{
	unsigned char *image = base->image + block->offset;

	if (!block->is_touched && block->is_record && !raw)
		undo_fixups(image, block->size);
	block->is_touched = true;
	memcpy(image + offset, bytes, length);
}

/* One pass over the patches: of the raw ones, or of the others. */
static void apply(struct patch_base *base, struct fuzz_input input, bool raw)
{
	for (unsigned i = 0; i < PATCHES_MAX && input.size > 5; i++) {
		struct patch_block *block = &base->blocks[fuzz_take_number(&input, 2) % base->count];
		size_t offset = fuzz_take_number(&input, 2);
		unsigned flags = fuzz_take_number(&input, 1);
		size_t reach = flags & PATCH_RAW ? block->size : block->used;
		unsigned char bytes[PATCH_LENGTH + 1];
		size_t length = fuzz_take(&input, bytes, 1 + (flags & PATCH_LENGTH));

		offset %= reach;
		if (length > block->size - offset)
			length = block->size - offset;
		if (!(flags & PATCH_RAW) == raw)
			continue;
		put(base, block, offset, bytes, length, raw);
		if (!(flags & PATCH_ALONE))
			put(base, &base->blocks[block->twin], offset, bytes, length, raw);
	}
}

void patch_apply(struct patch_base *base, struct fuzz_input input)
{
	apply(base, input, false);
	for (size_t i = 0; i < base->count; i++)
		if (base->blocks[i].is_touched && base->blocks[i].is_record)
			put_fixups(base->image + base->blocks[i].offset, base->blocks[i].size);
	apply(base, input, true);
}

void patch_undo(struct patch_base *base)
{
	for (size_t i = 0; i < base->count; i++) {
		struct patch_block *block = &base->blocks[i];

		if (block->is_touched)
			memcpy(base->image + block->offset, block->good, block->size);
		block->is_touched = false;
	}
}
