/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format-vhdx.h"

/* 2.2: the file identifier, two headers and two region tables, 64 KiB each of the first megabyte. */
#define PART_SIZE   65536u
#define HEADER_SIZE 4096u
#define VERSION     1u

enum {
	AT_HEADERS = PART_SIZE,
	AT_REGIONS = 3 * PART_SIZE,

	HEADER_CHECKSUM = 4,
	HEADER_SEQUENCE = 8,
	HEADER_LOG_GUID = 48,
	HEADER_LOG_VERSION = 64,
	HEADER_VERSION = 66,
	HEADER_LOG_LENGTH = 68,
	HEADER_LOG_OFFSET = 72,

	REGIONS_CHECKSUM = 4,
	REGIONS_COUNT = 8,
	REGIONS_ENTRIES = 16,
	REGION_SIZE = 32,
	REGION_OFFSET = 16,
	REGION_LENGTH = 24,
	REGION_REQUIRED = 28,
};

#define REGIONS_MAX 2047u

#define REMEDY_LOG "attach it in Windows once, and detach it; or `qemu-img check -r all`"

/* GUIDs as they lie in the file. */
static const uint8_t region_table[16] = { 0x66, 0x77, 0xc2, 0x2d, 0x23, 0xf6, 0x00, 0x42,
					  0x9d, 0x64, 0x11, 0x5e, 0x9b, 0xfd, 0x4a, 0x08 };
static const uint8_t region_metadata[16] = { 0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b,
					     0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e };

/* CRC-32C, four bits at a time, with the checksum itself for zeros. */
static uint32_t checksum(const uint8_t *bytes, size_t size, size_t skip)
{
	static const uint32_t steps[16] = { 0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
					    0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
					    0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75 };
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < size; i++) {
		crc ^= i < skip || i >= skip + 4 ? bytes[i] : 0;
		crc = crc >> 4 ^ steps[crc & 15];
		crc = crc >> 4 ^ steps[crc & 15];
	}
	return ~crc;
}

bool np_format_is_vhdx(const uint8_t *start)
{
	return !memcmp(start, "vhdxfile", 8);
}

/* Both, since it may be the newer one that is damaged, and the older one's word that is out of date. */
static int read_headers(struct np_format_parse *parse, uint8_t header[HEADER_SIZE])
{
	uint8_t headers[2][HEADER_SIZE];
	uint64_t sequences[2];

	for (size_t i = 0; i < 2; i++) {
		int r = np_format_get(parse, headers[i], HEADER_SIZE, AT_HEADERS + i * PART_SIZE, "header");

		if (r)
			return r;
		if (memcmp(headers[i], "head", 4) ||
		    get_le32(headers[i] + HEADER_CHECKSUM) != checksum(headers[i], HEADER_SIZE, HEADER_CHECKSUM))
			return np_format_refuse(parse, REMEDY_LOG, "its VHDX header %zu is damaged", i + 1);
		sequences[i] = get_le64(headers[i] + HEADER_SEQUENCE);
	}
	if (sequences[0] == sequences[1] && memcmp(headers[0], headers[1], HEADER_SIZE))
		return np_format_refuse(parse, REMEDY_LOG, "neither of its two VHDX headers is the newer");
	memcpy(header, headers[sequences[1] > sequences[0]], HEADER_SIZE);
	return 0;
}

static int claim_region(struct np_format_parse *parse, uint64_t offset, uint64_t length, const char *what)
{
	if (offset < VHDX_UNIT || offset % VHDX_UNIT || length % VHDX_UNIT)
		return np_format_refuse(parse, NULL, "its %s can't be where it is, %llu bytes at %llu", what,
					(unsigned long long)length, (unsigned long long)offset);
	return np_format_claim(parse, offset, length, what);
}

static int check_header(struct np_format_parse *parse, const uint8_t *header)
{
	static const uint8_t none[16];

	if (get_le16(header + HEADER_VERSION) != VERSION)
		return np_format_refuse(parse, NULL, "its version, %u, is unknown", get_le16(header + HEADER_VERSION));
	if (memcmp(header + HEADER_LOG_GUID, none, sizeof(none)))
		return np_format_refuse(
			parse, REMEDY_LOG,
			"it has a log that must be replayed: it wasn't detached cleanly, or is attached");
	if (get_le16(header + HEADER_LOG_VERSION))
		return np_format_refuse(parse, NULL, "its log's version, %u, is unknown",
					get_le16(header + HEADER_LOG_VERSION));
	if (!get_le32(header + HEADER_LOG_LENGTH))
		return 0;
	return claim_region(parse, get_le64(header + HEADER_LOG_OFFSET), get_le32(header + HEADER_LOG_LENGTH), "log");
}

static int read_region(struct np_format_parse *parse, const uint8_t *entry, struct vhdx_layout *layout)
{
	bool is_table = !memcmp(entry, region_table, 16), is_metadata = !memcmp(entry, region_metadata, 16);
	struct vhdx_region found = { get_le64(entry + REGION_OFFSET), get_le32(entry + REGION_LENGTH) };
	struct vhdx_region *region = is_table ? &layout->table : is_metadata ? &layout->metadata : NULL;

	if (!region && get_le32(entry + REGION_REQUIRED))
		return np_format_refuse(parse, NULL, "it has a region that is required, and unknown");
	if (!found.length)
		return np_format_refuse(parse, NULL, "it has a region of nothing");
	if (region && region->length)
		return np_format_refuse(parse, NULL, "it has a region twice");
	if (region)
		*region = found;
	return claim_region(parse, found.offset, found.length,
			    is_table    ? "block table" :
			    is_metadata ? "metadata" :
					  "region");
}

static int read_regions(struct np_format_parse *parse, uint8_t *regions, struct vhdx_layout *layout)
{
	uint8_t *copy = regions + PART_SIZE;
	int r = np_format_get(parse, regions, 2 * (size_t)PART_SIZE, AT_REGIONS, "region tables");
	uint32_t count;

	if (r)
		return r;
	if (memcmp(regions, "regi", 4) ||
	    get_le32(regions + REGIONS_CHECKSUM) != checksum(regions, PART_SIZE, REGIONS_CHECKSUM))
		return np_format_refuse(parse, NULL, "its region table is damaged");
	if (memcmp(regions, copy, PART_SIZE))
		return np_format_refuse(parse, NULL, "its two region tables differ");
	count = get_le32(regions + REGIONS_COUNT);
	if (count > REGIONS_MAX)
		return np_format_refuse(parse, NULL, "its region table has %u entries, more than fit", count);
	for (uint32_t i = 0; i < count && !r; i++)
		r = read_region(parse, regions + REGIONS_ENTRIES + (size_t)i * REGION_SIZE, layout);
	if (!r && (!layout->table.length || !layout->metadata.length))
		return np_format_refuse(parse, NULL, "it has no block table, or no metadata");
	return r;
}

int np_vhdx_read_layout(struct np_format_parse *parse, struct vhdx_layout *ret_layout)
{
	struct vhdx_layout layout = { 0 };
	uint8_t header[HEADER_SIZE], *regions;
	int r = np_format_claim(parse, 0, VHDX_UNIT, "header");

	if (!r)
		r = read_headers(parse, header);
	if (!r)
		r = check_header(parse, header);
	if (r)
		return r;
	regions = malloc(2 * (size_t)PART_SIZE);
	if (!regions)
		return -ENOMEM;
	r = read_regions(parse, regions, &layout);
	free(regions);
	if (!r)
		*ret_layout = layout;
	return r;
}
