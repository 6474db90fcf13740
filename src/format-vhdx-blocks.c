/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "format-vhdx.h"

/* 2.5.1: a state in the lowest bits, nothing, and a place in the highest. */
#define ENTRY_STATE    7u
#define ENTRY_RESERVED 0xffff8ULL

enum {
	BLOCK_NOT_PRESENT,
	BLOCK_UNDEFINED,
	BLOCK_ZERO,
	BLOCK_UNMAPPED,
	BLOCK_FULLY_PRESENT = 6,
	BLOCK_PARTIALLY_PRESENT = 7,
};

static int append_block(struct np_format_parse *parse, uint64_t number, uint64_t entry)
{
	if (entry & ENTRY_RESERVED)
		return np_format_refuse(parse, NULL, "its block %llu has unknown bits", (unsigned long long)number);
	switch (entry & ENTRY_STATE) {
	case BLOCK_NOT_PRESENT:
	case BLOCK_UNDEFINED:
	case BLOCK_ZERO:
	case BLOCK_UNMAPPED:
		return np_format_append(parse, NP_EXTENT_HOLE, np_format_block_length(parse, number));
	case BLOCK_FULLY_PRESENT:
		return np_format_append_block(parse, number, entry & ~(VHDX_UNIT - 1), parse->file_size);
	case BLOCK_PARTIALLY_PRESENT:
		return np_format_refuse(parse, NULL, "its block %llu is partly in a parent, but it has none",
					(unsigned long long)number);
	default:
		return np_format_refuse(parse, NULL, "its block %llu is in an unknown state, %u",
					(unsigned long long)number, (unsigned)(entry & ENTRY_STATE));
	}
}

/* 2.5: after the entries of so many blocks as a chunk has comes one of a bitmap that says what is the parent's. */
static int read_blocks(struct np_format_parse *parse, const struct vhdx_region *region)
{
	uint64_t blocks = np_format_block_count(parse);
	uint64_t chunk = (1ULL << 23) * parse->image.sector_size_bytes / parse->image.block_size_bytes;
	struct np_format_table table = { .offset = region->offset, .width = 8 };
	int r = 0;

	table.count = blocks + (blocks - 1) / chunk;
	if (table.count > region->length / 8)
		return np_format_refuse(parse, NULL, "its block table has room for %llu entries, but needs %llu",
					(unsigned long long)region->length / 8, (unsigned long long)table.count);
	for (uint64_t i = 0, number = 0; i < table.count && !r; i++) {
		const uint8_t *entry;

		r = np_format_table_get(parse, &table, i, &entry);
		if (r)
			return r;
		if (i % (chunk + 1) != chunk)
			r = append_block(parse, number++, get_le64(entry));
		else if (get_le64(entry) & ENTRY_STATE)
			r = np_format_refuse(parse, NULL, "it says what is its parent's, but has none");
	}
	return r;
}

int np_format_read_vhdx(struct np_format_parse *parse)
{
	struct vhdx_layout layout;
	uint8_t start[8];
	int r;

	if (parse->file_size < sizeof(start))
		return np_format_refuse(parse, NULL, "it is no VHDX: it has less than 8 bytes");
	r = np_format_get(parse, start, sizeof(start), 0, "start");
	if (r)
		return r;
	if (!np_format_is_vhdx(start))
		return np_format_refuse(parse, NULL, "it is no VHDX: its signature is another");
	r = np_vhdx_read_layout(parse, &layout);
	if (!r)
		r = np_vhdx_read_metadata(parse, &layout.metadata);
	return r ? r : read_blocks(parse, &layout.table);
}
