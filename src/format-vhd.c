/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "format-vhd.h"

#define OLD_FOOTER  511u /* before Virtual PC 2004 */
#define HEADER_SIZE 1024u
#define VERSION     0x00010000u

/* Offsets in the footer, and in the dynamic disk header. */
enum {
	FOOTER_FEATURES = 8,
	FOOTER_VERSION = 12,
	FOOTER_HEADER = 16,
	FOOTER_CURRENT_SIZE = 48,
	FOOTER_TYPE = 60,
	FOOTER_CHECKSUM = 64,
	FOOTER_SAVED_STATE = 84,

	HEADER_TABLE = 16,
	HEADER_VERSION = 24,
	HEADER_ENTRIES = 28,
	HEADER_BLOCK_SIZE = 32,
	HEADER_CHECKSUM = 36,
	HEADER_PARENT_NAME = 64,
	HEADER_LOCATORS = 576,
};

#define PARENT_NAME_SIZE 512u
#define LOCATORS         8u
#define LOCATOR_SIZE     24u

/* "Temporary" and "reserved", which is always set. */
#define KNOWN_FEATURES 3u

enum { TYPE_FIXED = 2, TYPE_DYNAMIC = 3, TYPE_DIFFERENCING = 4 };

static bool has_cookie(const uint8_t *bytes)
{
	return !memcmp(bytes, "conectix", 8);
}

static uint32_t checksum(const uint8_t *bytes, size_t size, size_t skip)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += i < skip || i >= skip + 4 ? bytes[i] : 0;
	return ~sum;
}

int np_format_is_vhd(struct np_format_parse *parse, const uint8_t *start, bool *ret_is_vhd)
{
	uint8_t footer[VHD_FOOTER];
	int r;

	*ret_is_vhd = has_cookie(start);
	if (*ret_is_vhd || parse->file_size < VHD_FOOTER)
		return 0;
	r = np_format_get(parse, footer, VHD_FOOTER, parse->file_size - VHD_FOOTER, "end");
	if (!r)
		*ret_is_vhd = has_cookie(footer) || has_cookie(footer + VHD_FOOTER - OLD_FOOTER);
	return r;
}

static int check_footer(struct np_format_parse *parse, const uint8_t *footer, bool start_has_cookie)
{
	uint32_t type = get_be32(footer + FOOTER_TYPE);

	if (has_cookie(footer + VHD_FOOTER - OLD_FOOTER))
		return np_format_refuse(parse,
					"convert it with what made it; `--format raw` maps the bytes as they are",
					"its footer has 511 bytes, as before Virtual PC 2004");
	if (!has_cookie(footer))
		return np_format_refuse(
			parse, NULL,
			start_has_cookie ?
				"it begins as a VHD, but has no footer in its last 512 bytes: it is cut off, or goes on past its end" :
				"it is no VHD: it has no footer in its last 512 bytes");
	if (get_be32(footer + FOOTER_CHECKSUM) != checksum(footer, VHD_FOOTER, FOOTER_CHECKSUM))
		return np_format_refuse(parse, NULL, "the checksum of its VHD footer is wrong");
	if (get_be32(footer + FOOTER_VERSION) != VERSION)
		return np_format_refuse(parse, NULL, "its version, %#x, is unknown", get_be32(footer + FOOTER_VERSION));
	if (get_be32(footer + FOOTER_FEATURES) & ~KNOWN_FEATURES)
		return np_format_refuse(parse, NULL, "it has unknown features, %#x",
					get_be32(footer + FOOTER_FEATURES));
	if (type < TYPE_FIXED || type > TYPE_DIFFERENCING)
		return np_format_refuse(parse, NULL, "its type, %u, is none of those that have a disk", type);
	if (footer[FOOTER_SAVED_STATE])
		return np_format_refuse(parse, "start its virtual machine, and shut it down",
					"its virtual machine was saved in the middle of its work");
	return 0;
}

static int read_fixed(struct np_format_parse *parse, const uint8_t *footer, bool start_has_cookie)
{
	uint64_t header = get_be64(footer + FOOTER_HEADER), room = parse->file_size - VHD_FOOTER;

	parse->image.kind = NP_FORMAT_KIND_FIXED;
	if (start_has_cookie)
		return np_format_refuse(parse, NULL, "it ends as a fixed VHD, but begins as another");
	/* The specification says 0xffffffff of a field of 8 bytes. */
	if (header != UINT64_MAX && header != UINT32_MAX)
		return np_format_refuse(parse, NULL, "it is a fixed VHD, but has the header of another");
	if (parse->image.size_bytes != room)
		return np_format_refuse(parse, NULL, "its disk has %llu bytes, but %llu precede its footer",
					(unsigned long long)parse->image.size_bytes, (unsigned long long)room);
	return np_format_append(parse, 0, room);
}

/* The parent's path, in one of the forms that Windows knows. */
static int read_locator(struct np_format_parse *parse, const uint8_t *header, const char *platform, char *name,
			size_t name_size)
{
	for (size_t i = 0; i < LOCATORS; i++) {
		const uint8_t *locator = header + HEADER_LOCATORS + i * LOCATOR_SIZE;
		uint8_t text[1024] = { 0 };
		size_t size = get_be32(locator + 8);
		int r;

		if (memcmp(locator, platform, 4))
			continue;
		size = size < sizeof(text) ? size : sizeof(text);
		r = np_format_get(parse, text, size, get_be64(locator + 16), "parent's name");
		if (r)
			return r;
		np_format_utf16(text, size, false, name, name_size);
		return 0;
	}
	return 0;
}

static int refuse_differencing(struct np_format_parse *parse, const uint8_t *header)
{
	char name[400] = "";
	int r = read_locator(parse, header, "W2ku", name, sizeof(name));

	if (!r && !*name)
		r = read_locator(parse, header, "W2ru", name, sizeof(name));
	if (!*name)
		np_format_utf16(header + HEADER_PARENT_NAME, PARENT_NAME_SIZE, true, name, sizeof(name));
	return r < 0 ? r : np_format_refuse_differencing(parse, name);
}

static int check_header(struct np_format_parse *parse, const uint8_t *header)
{
	if (memcmp(header, "cxsparse", 8))
		return np_format_refuse(parse, NULL, "there is no dynamic VHD's header where its footer says");
	if (get_be32(header + HEADER_CHECKSUM) != checksum(header, HEADER_SIZE, HEADER_CHECKSUM))
		return np_format_refuse(parse, NULL, "the checksum of its dynamic VHD's header is wrong");
	if (get_be32(header + HEADER_VERSION) != VERSION)
		return np_format_refuse(parse, NULL, "its header's version, %#x, is unknown",
					get_be32(header + HEADER_VERSION));
	return 0;
}

static int read_dynamic(struct np_format_parse *parse, const uint8_t *start, const uint8_t *footer)
{
	uint64_t header_at = get_be64(footer + FOOTER_HEADER), table_at, entries, table_size;
	uint8_t header[HEADER_SIZE];
	int r;

	parse->image.kind = NP_FORMAT_KIND_DYNAMIC;
	if (memcmp(start, footer, VHD_FOOTER))
		return np_format_refuse(parse, NULL, "its footer and the copy of it at the start differ");
	r = np_format_get(parse, header, sizeof(header), header_at, "dynamic VHD's header");
	if (!r)
		r = check_header(parse, header);
	if (!r && get_be32(footer + FOOTER_TYPE) == TYPE_DIFFERENCING)
		r = refuse_differencing(parse, header);
	if (r)
		return r;
	parse->image.block_size_bytes = get_be32(header + HEADER_BLOCK_SIZE);
	r = np_format_check_blocks(parse, FORMAT_SECTOR, 1u << 31);
	if (r)
		return r;
	entries = get_be32(header + HEADER_ENTRIES);
	table_at = get_be64(header + HEADER_TABLE);
	if (entries < np_format_block_count(parse) || entries > FORMAT_BLOCKS_MAX)
		return np_format_refuse(parse, NULL, "its table has %llu blocks, its disk %llu",
					(unsigned long long)entries, (unsigned long long)np_format_block_count(parse));
	/* Whole sectors, by the specification. */
	table_size = (entries * 4 + FORMAT_SECTOR - 1) / FORMAT_SECTOR * FORMAT_SECTOR;
	r = np_format_claim(parse, 0, VHD_FOOTER, "footer's copy");
	if (!r)
		r = np_format_claim(parse, header_at, HEADER_SIZE, "dynamic VHD's header");
	if (!r)
		r = np_format_claim(parse, table_at, table_size, "block table");
	if (!r)
		r = np_format_claim(parse, parse->file_size - VHD_FOOTER, VHD_FOOTER, "footer");
	return r ? r : np_vhd_read_blocks(parse, table_at, entries);
}

int np_format_read_vhd(struct np_format_parse *parse)
{
	uint8_t start[VHD_FOOTER], footer[VHD_FOOTER];
	int r;

	if (parse->file_size < VHD_FOOTER)
		return np_format_refuse(parse, NULL, "it is no VHD: it has less than 512 bytes");
	r = np_format_get(parse, start, sizeof(start), 0, "start");
	if (!r)
		r = np_format_get(parse, footer, sizeof(footer), parse->file_size - VHD_FOOTER, "footer");
	if (!r)
		r = check_footer(parse, footer, has_cookie(start));
	if (r)
		return r;
	parse->image.size_bytes = get_be64(footer + FOOTER_CURRENT_SIZE);
	r = np_format_check_size(parse);
	if (r)
		return r;
	if (get_be32(footer + FOOTER_TYPE) == TYPE_FIXED)
		return read_fixed(parse, footer, has_cookie(start));
	return read_dynamic(parse, start, footer);
}
