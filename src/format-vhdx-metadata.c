/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format-vhdx.h"

/* 2.6: a table of 64 KiB, and the items behind it. */
#define TABLE_SIZE 65536u
#define ITEMS_MAX  2047u

enum {
	TABLE_COUNT = 10,
	TABLE_ENTRIES = 32,
	ENTRY_SIZE = 32,
	ENTRY_OFFSET = 16,
	ENTRY_LENGTH = 20,
	ENTRY_FLAGS = 24,
};

#define FLAG_USER     1u
#define FLAG_REQUIRED 4u

#define LEAVE_BLOCKS_ALLOCATED 1u
#define HAS_PARENT             2u

#define BLOCK_LEAST VHDX_UNIT
#define BLOCK_MOST  (256 * VHDX_UNIT)

enum item { FILE_PARAMETERS, DISK_SIZE, DISK_ID, LOGICAL_SECTOR, PHYSICAL_SECTOR, PARENT_LOCATOR, ITEMS };

static const struct {
	const char *name;
	uint32_t length; /* 0: any */
	uint8_t guid[16];
} known[ITEMS] = {
	[FILE_PARAMETERS] = { "file parameters",
			      8,
			      { 0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa, 0x43, 0x4d, 0xb3, 0xb6, 0x33, 0xf0, 0xaa, 0x44,
				0xe7, 0x6b } },
	[DISK_SIZE] = { "disk's size",
			8,
			{ 0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48, 0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4,
			  0xb8 } },
	[DISK_ID] = { "disk's ID",
		      16,
		      { 0xab, 0x12, 0xca, 0xbe, 0xe6, 0xb2, 0x23, 0x45, 0x93, 0xef, 0xc3, 0x09, 0xe0, 0x00, 0xc7,
			0x46 } },
	[LOGICAL_SECTOR] = { "logical sector size",
			     4,
			     { 0x1d, 0xbf, 0x41, 0x81, 0x6f, 0xa9, 0x09, 0x47, 0xba, 0x47, 0xf2, 0x33, 0xa8, 0xfa, 0xab,
			       0x5f } },
	[PHYSICAL_SECTOR] = { "physical sector size",
			      4,
			      { 0xc7, 0x48, 0xa3, 0xcd, 0x5d, 0x44, 0x71, 0x44, 0x9c, 0xc9, 0xe9, 0x88, 0x52, 0x51,
				0xc5, 0x56 } },
	[PARENT_LOCATOR] = { "parent locator",
			     0,
			     { 0x2d, 0x5f, 0xd3, 0xa8, 0x0b, 0xb3, 0x4d, 0x45, 0xab, 0xf7, 0xd3, 0xd8, 0x48, 0x34, 0xab,
			       0x0c } },
};

struct items {
	struct vhdx_region at[ITEMS]; /* in the file; a length of 0: there is none */
};

static int read_item(struct np_format_parse *parse, const uint8_t *entry, const struct vhdx_region *region,
		     struct items *items)
{
	uint64_t offset = get_le32(entry + ENTRY_OFFSET), length = get_le32(entry + ENTRY_LENGTH);
	uint32_t flags = get_le32(entry + ENTRY_FLAGS);
	size_t i = 0;

	while (i < ITEMS && memcmp(entry, known[i].guid, sizeof(known[i].guid)))
		i++;
	if (i == ITEMS)
		return flags & FLAG_REQUIRED ?
			       np_format_refuse(parse, NULL, "it has metadata that are required, and unknown") :
			       0;
	if (flags & FLAG_USER)
		return np_format_refuse(parse, NULL, "its %s is a user's", known[i].name);
	if (items->at[i].length)
		return np_format_refuse(parse, NULL, "it has its %s twice", known[i].name);
	if (!length || (known[i].length && length != known[i].length))
		return np_format_refuse(parse, NULL, "its %s has %llu bytes", known[i].name,
					(unsigned long long)length);
	if (offset < TABLE_SIZE || offset > region->length || length > region->length - offset)
		return np_format_refuse(parse, NULL, "its %s lies outside of the metadata", known[i].name);
	items->at[i] = (struct vhdx_region){ region->offset + offset, length };
	return 0;
}

static int read_table(struct np_format_parse *parse, uint8_t *table, const struct vhdx_region *region,
		      struct items *items)
{
	int r = np_format_get(parse, table, TABLE_SIZE, region->offset, "metadata");
	uint16_t count;

	if (r)
		return r;
	if (memcmp(table, "metadata", 8))
		return np_format_refuse(parse, NULL, "its metadata are damaged");
	count = get_le16(table + TABLE_COUNT);
	if (count > ITEMS_MAX)
		return np_format_refuse(parse, NULL, "its metadata have %u items, more than fit", count);
	for (uint32_t i = 0; i < count && !r; i++)
		r = read_item(parse, table + TABLE_ENTRIES + (size_t)i * ENTRY_SIZE, region, items);
	return r;
}

static int read_items(struct np_format_parse *parse, const struct vhdx_region *region, struct items *items)
{
	uint8_t *table = malloc(TABLE_SIZE);
	int r;

	if (!table)
		return -ENOMEM;
	r = read_table(parse, table, region, items);
	free(table);
	for (size_t i = 0; i < PARENT_LOCATOR && !r; i++)
		if (!items->at[i].length)
			r = np_format_refuse(parse, NULL, "it doesn't have its %s", known[i].name);
	return r;
}

/* 2.6.2.6: keys and values, in UTF-16 without an end, at offsets in the item. */
enum {
	LOCATOR_COUNT = 18,
	LOCATOR_ENTRIES = 20,
	PAIR_SIZE = 12,
	PAIR_VALUE = 4,
	PAIR_KEY_LENGTH = 8,
	PAIR_VALUE_LENGTH = 10,
};

struct pair {
	char key[32];
	char value[400];
};

static int read_text(struct np_format_parse *parse, const struct vhdx_region *item, uint64_t offset, uint64_t length,
		     char *to, size_t to_size)
{
	uint8_t text[1024];
	int r;

	if (offset > item->length || length > item->length - offset)
		return np_format_refuse(parse, NULL, "its parent locator lies outside of the metadata");
	length = length < sizeof(text) ? length : sizeof(text);
	r = np_format_get(parse, text, (size_t)length, item->offset + offset, "parent locator");
	if (!r)
		np_format_utf16(text, (size_t)length, false, to, to_size);
	return r;
}

static int read_pair(struct np_format_parse *parse, const struct vhdx_region *item, size_t number, struct pair *pair)
{
	uint8_t bytes[PAIR_SIZE];
	uint64_t offset = LOCATOR_ENTRIES + (uint64_t)number * PAIR_SIZE;
	int r;

	if (offset + PAIR_SIZE > item->length)
		return np_format_refuse(parse, NULL, "its parent locator has more than fits");
	r = np_format_get(parse, bytes, sizeof(bytes), item->offset + offset, "parent locator");
	if (!r)
		r = read_text(parse, item, get_le32(bytes), get_le16(bytes + PAIR_KEY_LENGTH), pair->key,
			      sizeof(pair->key));
	if (!r)
		r = read_text(parse, item, get_le32(bytes + PAIR_VALUE), get_le16(bytes + PAIR_VALUE_LENGTH),
			      pair->value, sizeof(pair->value));
	return r;
}

/* The parent's path, the fullest that there is. What it can't be read from is refused for that, which is as well. */
static int refuse_differencing(struct np_format_parse *parse, const struct vhdx_region *item)
{
	static const char *const keys[] = { "relative_path", "volume_path", "absolute_win32_path" };
	uint8_t head[LOCATOR_ENTRIES] = { 0 };
	char parent[sizeof(((struct pair *)0)->value)] = "";
	size_t best = 0;
	int r;

	if (item->length < sizeof(head))
		return np_format_refuse_differencing(parse, "");
	r = np_format_get(parse, head, sizeof(head), item->offset, "parent locator");
	for (size_t i = 0; i < get_le16(head + LOCATOR_COUNT) && !r; i++) {
		struct pair pair;

		r = read_pair(parse, item, i, &pair);
		for (size_t key = 0; key < sizeof(keys) / sizeof(*keys) && !r; key++)
			if (!strcmp(pair.key, keys[key]) && key + 1 > best) {
				best = key + 1;
				memcpy(parent, pair.value, sizeof(parent));
			}
	}
	return r < 0 ? r : np_format_refuse_differencing(parse, parent);
}

static int read_number(struct np_format_parse *parse, const struct vhdx_region *item, uint64_t *ret_number)
{
	uint8_t bytes[8] = { 0 };
	int r = np_format_get(parse, bytes, (size_t)item->length, item->offset, "metadata");

	*ret_number = get_le64(bytes);
	return r;
}

static int check_sectors(struct np_format_parse *parse, uint64_t logical, uint64_t physical)
{
	if ((logical != 512 && logical != 4096) || (physical != 512 && physical != 4096))
		return np_format_refuse(parse, NULL,
					"its sectors have %llu bytes, on a disk with %llu: neither 512 nor 4096",
					(unsigned long long)logical, (unsigned long long)physical);
	parse->image.sector_size_bytes = (uint32_t)logical;
	return 0;
}

int np_vhdx_read_metadata(struct np_format_parse *parse, const struct vhdx_region *region)
{
	struct items items = { 0 };
	uint64_t parameters = 0, logical = 0, physical = 0;
	uint32_t flags;
	int r = read_items(parse, region, &items);

	if (!r)
		r = read_number(parse, &items.at[FILE_PARAMETERS], &parameters);
	if (!r)
		r = read_number(parse, &items.at[DISK_SIZE], &parse->image.size_bytes);
	if (!r)
		r = read_number(parse, &items.at[LOGICAL_SECTOR], &logical);
	if (!r)
		r = read_number(parse, &items.at[PHYSICAL_SECTOR], &physical);
	if (r)
		return r;
	flags = (uint32_t)(parameters >> 32);
	if (flags & HAS_PARENT)
		return refuse_differencing(parse, &items.at[PARENT_LOCATOR]);
	if (items.at[PARENT_LOCATOR].length)
		return np_format_refuse(parse, NULL, "it has a parent locator, but no parent");
	if (flags & ~LEAVE_BLOCKS_ALLOCATED)
		return np_format_refuse(parse, NULL, "it has unknown parameters, %#x", flags);
	parse->image.kind = flags & LEAVE_BLOCKS_ALLOCATED ? NP_FORMAT_KIND_FIXED : NP_FORMAT_KIND_DYNAMIC;
	parse->image.block_size_bytes = (uint32_t)parameters;
	r = check_sectors(parse, logical, physical);
	if (!r)
		r = np_format_check_size(parse);
	return r ? r : np_format_check_blocks(parse, BLOCK_LEAST, BLOCK_MOST);
}
