/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "format-vhd.h"

#define NO_BLOCK UINT32_MAX

/* More than so much that was never written isn't looked at. */
#define UNWRITTEN_MAX (1ULL << 30)

/* The sectors of these bytes of a block were never written. */
static int append_unwritten(struct np_format_parse *parse, uint64_t physical, uint64_t length, uint64_t *unwritten)
{
	static const uint8_t zeros[4096];
	uint8_t found[sizeof(zeros)];

	*unwritten += length;
	if (*unwritten > UNWRITTEN_MAX)
		return np_format_refuse(parse, "copy its disk to a new image with what made it",
					"too many of the sectors of its blocks were never written");
	for (uint64_t done = 0; done < length; done += sizeof(found)) {
		size_t part = length - done < sizeof(found) ? (size_t)(length - done) : sizeof(found);
		int r = np_format_get(parse, found, part, physical + done, "content");

		if (r)
			return r;
		if (memcmp(found, zeros, part))
			return np_format_refuse(
				parse, "copy its disk to a new image with what made it",
				"a sector that was never written isn't zeros, near byte %llu of the file",
				(unsigned long long)(physical + done));
	}
	/* What is under such a sector isn't the content's. */
	int r = np_extent_map_append(&parse->others, physical, length);

	return r ? r : np_format_append(parse, NP_EXTENT_HOLE, length);
}

static bool is_written(const uint8_t *bitmap, size_t sector)
{
	return bitmap[sector / 8] & 0x80 >> sector % 8;
}

/* Where sectors that are like the one at `begin` end. Bitmaps are mostly all ones. */
static size_t run_end(const uint8_t *bitmap, size_t begin, size_t sectors)
{
	bool written = is_written(bitmap, begin);
	size_t end = begin + 1;

	while (end < sectors && is_written(bitmap, end) == written)
		end += !(end % 8) && bitmap[end / 8] == (written ? 0xff : 0) ? 8 : 1;
	return end < sectors ? end : sectors;
}

/* `sectors` of them, by one sector's worth of the bitmap. */
static int append_sectors(struct np_format_parse *parse, const uint8_t *bitmap, uint64_t physical, size_t sectors,
			  uint64_t *unwritten)
{
	int r = 0;

	for (size_t i = 0, end; i < sectors && !r; i = end) {
		uint64_t begin = physical + (uint64_t)i * FORMAT_SECTOR;

		end = run_end(bitmap, i, sectors);
		if (is_written(bitmap, i))
			r = np_format_append(parse, begin, (uint64_t)(end - i) * FORMAT_SECTOR);
		else
			r = append_unwritten(parse, begin, (uint64_t)(end - i) * FORMAT_SECTOR, unwritten);
	}
	return r;
}

#define BITMAP_PART 512u
#define PART_BYTES  ((uint64_t)BITMAP_PART * 8 * FORMAT_SECTOR)

/* A block of which only a part or nothing is content, too. */
static int append_block(struct np_format_parse *parse, uint64_t number, uint64_t bitmap_at, uint64_t bitmap_size,
			uint64_t *unwritten)
{
	uint64_t length = np_format_block_length(parse, number), block = parse->image.block_size_bytes;
	uint64_t physical = bitmap_at + bitmap_size, limit = parse->file_size - VHD_FOOTER;
	int r;

	if (physical > limit || block > limit - physical)
		return np_format_refuse(parse, NULL, "its block %llu lies past the end of the file, at byte %llu",
					(unsigned long long)number, (unsigned long long)bitmap_at);
	r = np_format_claim(parse, bitmap_at, bitmap_size, "bitmap");
	for (uint64_t done = 0; done < length && !r; done += PART_BYTES) {
		uint64_t part = length - done < PART_BYTES ? length - done : PART_BYTES;
		uint8_t bitmap[BITMAP_PART];

		r = np_format_get(parse, bitmap, sizeof(bitmap), bitmap_at + done / PART_BYTES * BITMAP_PART, "bitmap");
		if (!r)
			r = append_sectors(parse, bitmap, physical + done, (size_t)(part / FORMAT_SECTOR), unwritten);
	}
	return r ? r : np_format_claim(parse, physical + length, block - length, "block");
}

int np_vhd_read_blocks(struct np_format_parse *parse, uint64_t table_at, uint64_t entries)
{
	struct np_format_table table = { .offset = table_at, .count = entries, .width = 4 };
	uint64_t bitmap_bytes = parse->image.block_size_bytes / FORMAT_SECTOR / 8, unwritten = 0;
	uint64_t bitmap_size = (bitmap_bytes + FORMAT_SECTOR - 1) / FORMAT_SECTOR * FORMAT_SECTOR;
	const uint8_t *entry;
	int r = 0;

	bitmap_size += bitmap_size ? 0 : FORMAT_SECTOR; /* blocks of less than 8 sectors */
	for (uint64_t i = 0; i < entries && !r; i++) {
		r = np_format_table_get(parse, &table, i, &entry);
		if (r)
			return r;
		if (get_be32(entry) != NO_BLOCK)
			r = append_block(parse, i, (uint64_t)get_be32(entry) * FORMAT_SECTOR, bitmap_size, &unwritten);
		else
			r = np_format_append(parse, NP_EXTENT_HOLE, np_format_block_length(parse, i));
	}
	return r;
}
