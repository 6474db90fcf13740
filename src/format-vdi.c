/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VDI: VirtualBox' VDICore.h and VDI.cpp, version 1.1. All numbers are little-endian. There are no checksums.
 */
#include <stdio.h>
#include <string.h>

#include "format-internal.h"

#define SIGNATURE   0xbeda107fu
#define VERSION     0x00010001u
#define VERSION_OLD 0x00000001u

/* Offsets in the file. */
enum {
	AT_SIGNATURE = 0x40,
	AT_VERSION = 0x44,
	AT_HEADER_SIZE = 0x48, /* from here on */
	AT_TYPE = 0x4c,
	AT_FLAGS = 0x50,
	AT_TABLE = 0x154,
	AT_DATA = 0x158,
	AT_SECTOR_SIZE = 0x168,
	AT_DISK_SIZE = 0x170,
	AT_BLOCK_SIZE = 0x178,
	AT_BLOCK_EXTRA = 0x17c,
	AT_BLOCKS = 0x180,
	AT_BLOCKS_ALLOCATED = 0x184,
	AT_LINK = 0x1a8,
	AT_END = 0x1c8,
};

/* What the header has at least. */
#define HEADER_SIZE (AT_END - AT_HEADER_SIZE)

enum { TYPE_DYNAMIC = 1, TYPE_FIXED = 2, TYPE_UNDO = 3, TYPE_DIFFERENCING = 4 };

/* A new image's blocks are filled with zeros when they are added. */
#define FLAG_ZERO_EXPAND 0x100u

/* Never written, and discarded. */
#define BLOCK_FREE 0xffffffffu
#define BLOCK_ZERO 0xfffffffeu

/* Four bytes alone may be there by chance, in the code that a disk begins with. */
bool np_format_is_vdi(const uint8_t *start)
{
	uint32_t version = get_le32(start + AT_VERSION);

	return get_le32(start + AT_SIGNATURE) == SIGNATURE &&
	       (!memcmp(start, "<<< ", 4) || version == VERSION || version == VERSION_OLD);
}

static int refuse_differencing(struct np_format_parse *parse, const uint8_t *link)
{
	char name[64];

	/* A GUID, as Microsoft has them. VirtualBox knows its path. */
	snprintf(name, sizeof(name), "{%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}", get_le32(link),
		 get_le16(link + 4), get_le16(link + 6), link[8], link[9], link[10], link[11], link[12], link[13],
		 link[14], link[15]);
	return np_format_refuse_differencing(parse, name);
}

static int check_header(struct np_format_parse *parse, const uint8_t *start)
{
	static const uint8_t nobody[16];
	uint32_t type = get_le32(start + AT_TYPE), flags = get_le32(start + AT_FLAGS);

	if (get_le32(start + AT_SIGNATURE) != SIGNATURE)
		return np_format_refuse(parse, NULL, "it is no VDI: its signature is another");
	if (get_le32(start + AT_VERSION) != VERSION)
		return np_format_refuse(parse, NULL, "its version, %#x, is unknown", get_le32(start + AT_VERSION));
	if (get_le32(start + AT_HEADER_SIZE) < HEADER_SIZE)
		return np_format_refuse(parse, NULL, "its header is too short");
	if (type == TYPE_UNDO || type == TYPE_DIFFERENCING || memcmp(start + AT_LINK, nobody, sizeof(nobody)))
		return refuse_differencing(parse, start + AT_LINK);
	if (type != TYPE_DYNAMIC && type != TYPE_FIXED)
		return np_format_refuse(parse, NULL, "its type, %u, is unknown", type);
	parse->image.kind = type == TYPE_FIXED ? NP_FORMAT_KIND_FIXED : NP_FORMAT_KIND_DYNAMIC;
	if (flags & ~FLAG_ZERO_EXPAND)
		return np_format_refuse(parse, NULL, "it has unknown flags, %#x", flags);
	if (get_le32(start + AT_BLOCK_EXTRA))
		return np_format_refuse(parse, NULL, "its blocks have something else before them");
	if (get_le32(start + AT_SECTOR_SIZE) != FORMAT_SECTOR)
		return np_format_refuse(parse, NULL, "its sectors have %u bytes, not 512",
					get_le32(start + AT_SECTOR_SIZE));
	if (get_le32(start + AT_DATA) % FORMAT_SECTOR)
		return np_format_refuse(parse, NULL, "its blocks aren't on sectors: they begin at byte %u",
					get_le32(start + AT_DATA));
	return 0;
}

static int read_blocks(struct np_format_parse *parse, const uint8_t *start)
{
	uint64_t blocks = np_format_block_count(parse), data = get_le32(start + AT_DATA), allocated = 0;
	struct np_format_table table = { .offset = get_le32(start + AT_TABLE), .count = blocks, .width = 4 };
	int r = 0;

	for (uint64_t i = 0; i < blocks && !r; i++) {
		const uint8_t *entry;
		uint32_t place;

		r = np_format_table_get(parse, &table, i, &entry);
		if (r)
			return r;
		place = get_le32(entry);
		if (place == BLOCK_FREE || place == BLOCK_ZERO) {
			r = np_format_append(parse, NP_EXTENT_HOLE, np_format_block_length(parse, i));
			continue;
		}
		if (place >= blocks)
			return np_format_refuse(parse, NULL, "its block %llu is the one %u of the file, of %llu",
						(unsigned long long)i, place, (unsigned long long)blocks);
		r = np_format_append_block(parse, i, data + place * parse->image.block_size_bytes, parse->file_size);
		allocated++;
	}
	if (!r && allocated != get_le32(start + AT_BLOCKS_ALLOCATED))
		return np_format_refuse(parse, NULL, "its table has %llu blocks, its header says %u",
					(unsigned long long)allocated, get_le32(start + AT_BLOCKS_ALLOCATED));
	return r;
}

int np_format_read_vdi(struct np_format_parse *parse)
{
	uint8_t start[AT_END];
	int r;

	if (parse->file_size < sizeof(start))
		return np_format_refuse(parse, NULL, "it is no VDI: it is shorter than its header");
	r = np_format_get(parse, start, sizeof(start), 0, "header");
	if (!r)
		r = check_header(parse, start);
	if (r)
		return r;
	parse->image.size_bytes = get_le64(start + AT_DISK_SIZE);
	parse->image.block_size_bytes = get_le32(start + AT_BLOCK_SIZE);
	r = np_format_check_size(parse);
	if (!r)
		r = np_format_check_blocks(parse, FORMAT_SECTOR, 1u << 31);
	if (r)
		return r;
	if (get_le32(start + AT_BLOCKS) != np_format_block_count(parse))
		return np_format_refuse(parse, NULL, "its table has %u blocks, its disk %llu",
					get_le32(start + AT_BLOCKS), (unsigned long long)np_format_block_count(parse));
	r = np_format_claim(parse, 0, AT_HEADER_SIZE + (uint64_t)get_le32(start + AT_HEADER_SIZE), "header");
	if (!r)
		r = np_format_claim(parse, get_le32(start + AT_TABLE), np_format_block_count(parse) * 4, "block table");
	return r ? r : read_blocks(parse, start);
}
