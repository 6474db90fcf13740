/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images.h"

#include <stdlib.h>
#include <string.h>

static bool is_vhd(const struct image *image)
{
	return image->kind >= IMAGE_VHD_FIXED && image->kind <= IMAGE_VHD_DIFFERENCING;
}

static bool is_vhdx(const struct image *image)
{
	return image->kind >= IMAGE_VHDX_FIXED && image->kind <= IMAGE_VHDX_DIFFERENCING;
}

static uint8_t *place(struct image *image, long at)
{
	return image->bytes + (at < 0 ? (long)image->size + at : at);
}

void image_put(struct image *image, long at, size_t width, uint64_t value)
{
	uint8_t *bytes = place(image, at);

	for (size_t i = 0; i < width; i++)
		bytes[is_vhd(image) ? width - 1 - i : i] = (uint8_t)(value >> 8 * i);
}

static void put_text(struct image *image, long at, const char *text)
{
	memcpy(place(image, at), text, strlen(text));
}

static void put_utf16(struct image *image, long at, const char *text)
{
	for (; *text; text++, at += 2)
		image_put(image, at, 2, (uint8_t)*text);
}

static void allocate(struct image *image, size_t size)
{
	image->bytes = calloc(1, size);
	image->size = size;
	assert_non_null(image->bytes);
}

static void put_footer(struct image *image, long at, unsigned type, uint64_t size)
{
	put_text(image, at, "conectix");
	image_put(image, at + 8, 4, 2);
	image_put(image, at + 12, 4, 0x10000);
	image_put(image, at + 16, 8, type == 2 ? UINT64_MAX : 512);
	put_text(image, at + 28, "win ");
	image_put(image, at + 40, 8, size);
	image_put(image, at + 48, 8, size);
	image_put(image, at + 60, 4, type);
}

static void make_vhd(struct image *image)
{
	static const uint32_t table[4] = { 21, UINT32_MAX, 4, 38 };

	allocate(image, 56 * 512);
	/* Blocks of ones, so that a block in the wrong place seems to be all there. */
	memset(image->bytes + 2048, 0xff, image->size - 2048 - 512);
	put_footer(image, -512, image->kind == IMAGE_VHD_DYNAMIC ? 3 : 4, 7 * VHD_BLOCK / 2);
	put_text(image, 512, "cxsparse");
	image_put(image, 520, 8, UINT64_MAX);
	image_put(image, 528, 8, 1536);
	image_put(image, 536, 4, 0x10000);
	image_put(image, 540, 4, COUNT_OF(table));
	image_put(image, 544, 4, VHD_BLOCK);
	memset(image->bytes + 1536, 0xff, 512);
	for (size_t i = 0; i < COUNT_OF(table); i++)
		image_put(image, 1536 + 4 * (long)i, 4, table[i]);
	if (image->kind == IMAGE_VHD_DIFFERENCING)
		put_utf16(image, 576, "parent.vhd");
}

static void make_vhd_fixed(struct image *image)
{
	allocate(image, 7 * VHD_BLOCK / 2 + 512);
	put_footer(image, -512, 2, image->size - 512);
}

/* In the order in which they lie in the file, as [MS-VHDX] prints them. */
static const uint8_t guids[][16] = {
	{ 0x66, 0x77, 0xc2, 0x2d, 0x23, 0xf6, 0x00, 0x42, 0x9d, 0x64, 0x11, 0x5e, 0x9b, 0xfd, 0x4a, 0x08 },
	{ 0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b, 0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e },
	{ 0x01, 0x02, 0x03 },
};
static const uint8_t item_guids[][16] = {
	{ 0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa, 0x43, 0x4d, 0xb3, 0xb6, 0x33, 0xf0, 0xaa, 0x44, 0xe7, 0x6b },
	{ 0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48, 0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4, 0xb8 },
	{ 0xab, 0x12, 0xca, 0xbe, 0xe6, 0xb2, 0x23, 0x45, 0x93, 0xef, 0xc3, 0x09, 0xe0, 0x00, 0xc7, 0x46 },
	{ 0x1d, 0xbf, 0x41, 0x81, 0x6f, 0xa9, 0x09, 0x47, 0xba, 0x47, 0xf2, 0x33, 0xa8, 0xfa, 0xab, 0x5f },
	{ 0xc7, 0x48, 0xa3, 0xcd, 0x5d, 0x44, 0x71, 0x44, 0x9c, 0xc9, 0xe9, 0x88, 0x52, 0x51, 0xc5, 0x56 },
	{ 0x2d, 0x5f, 0xd3, 0xa8, 0x0b, 0xb3, 0x4d, 0x45, 0xab, 0xf7, 0xd3, 0xd8, 0x48, 0x34, 0xab, 0x0c },
	{ 0x0a, 0x0b, 0x0c },
};

#define MIB (1L << 20)

/* Regions are the block table at 3 MiB, the metadata at 2 MiB, and one at the end that nobody knows or has to. */
static void put_regions(struct image *image)
{
	static const long offsets[] = { 3, 2, -1 };

	put_text(image, 0x30000, "regi");
	image_put(image, 0x30008, 4, COUNT_OF(guids));
	for (size_t i = 0; i < COUNT_OF(guids); i++) {
		long at = 0x30010 + 32 * (long)i;

		memcpy(place(image, at), guids[i], 16);
		image_put(image, at + 16, 8, offsets[i] < 0 ? image->size - MIB : (uint64_t)(offsets[i] * MIB));
		image_put(image, at + 24, 4, MIB);
		image_put(image, at + 28, 4, i < 2);
	}
}

/* The locator is an item at 64 KiB + 256 of the metadata. */
static void put_locator(struct image *image)
{
	static const char *const pairs[][2] = { { "absolute_win32_path", "C:\\parent.vhdx" },
						{ "relative_path", "..\\parent.vhdx" } };
	long at = 2 * MIB + 0x10100, text = 100;

	image_put(image, at + 18, 2, COUNT_OF(pairs));
	for (size_t i = 0; i < COUNT_OF(pairs); i++)
		for (size_t j = 0; j < 2; j++) {
			size_t length = 2 * strlen(pairs[i][j]);

			image_put(image, at + 20 + 12 * (long)i + 4 * (long)j, 4, (uint64_t)text);
			image_put(image, at + 28 + 12 * (long)i + 2 * (long)j, 2, length);
			put_utf16(image, at + text, pairs[i][j]);
			text += (long)length;
		}
}

static void put_metadata(struct image *image)
{
	static const struct {
		uint32_t offset, length, flags;
		uint64_t value;
	} items[COUNT_OF(item_guids)] = {
		{ 0x10000, 8, 4, VHDX_BLOCK },   { 0x10008, 8, 6, 7 * VHDX_BLOCK / 2 },
		{ 0x10010, 16, 6, 0x1234 },      { 0x10020, 4, 6, 512 },
		{ 0x10024, 4, 6, 4096 },         { 0x10100, 400, 4, 0 },
		{ 0x10028, 8, 1, 0x1122334455 },
	};
	static const uint64_t flags[] = { [IMAGE_VHDX_FIXED] = 1, [IMAGE_VHDX_DIFFERENCING] = 2 };

	put_text(image, 2 * MIB, "metadata");
	image_put(image, 2 * MIB + 10, 2, COUNT_OF(items));
	for (size_t i = 0; i < COUNT_OF(items); i++) {
		long at = 2 * MIB + 32 + 32 * (long)i;

		memcpy(place(image, at), item_guids[i], 16);
		image_put(image, at + 16, 4, items[i].offset);
		image_put(image, at + 20, 4, items[i].length);
		image_put(image, at + 24, 4, items[i].flags);
		image_put(image, 2 * MIB + items[i].offset, items[i].length < 8 ? items[i].length : 8, items[i].value);
	}
	image_put(image, 2 * MIB + 0x10004, 4, image->kind < COUNT_OF(flags) ? flags[image->kind] : 0);
	if (image->kind == IMAGE_VHDX_DIFFERENCING)
		put_locator(image);
	else
		memset(place(image, 2 * MIB + 32 + 5 * 32), 0, 32);
}

static void make_vhdx(struct image *image)
{
	static const uint64_t fixed[4] = { 4, 5, 6, 7 }, dynamic[4] = { 5, 0, 4, 6 };
	const uint64_t *table = image->kind == IMAGE_VHDX_FIXED ? fixed : dynamic;

	allocate(image, (size_t)(image->kind == IMAGE_VHDX_FIXED ? 9 : 8) * MIB);
	put_text(image, 0, "vhdxfile");
	for (long i = 0; i < 2; i++) {
		long at = 0x10000 * (i + 1);

		put_text(image, at, "head");
		image_put(image, at + 8, 8, 7 + (uint64_t)i);
		image_put(image, at + 66, 2, 1);
		image_put(image, at + 68, 4, MIB);
		image_put(image, at + 72, 8, MIB);
	}
	put_regions(image);
	put_metadata(image);
	for (long i = 0; i < 4; i++)
		image_put(image, 3 * MIB + 8 * i, 8, table[i] ? table[i] << 20 | 6 : 2);
}

static void make_vdi(struct image *image)
{
	static const uint32_t fixed[4] = { 0, 1, 2, 3 }, dynamic[4] = { 1, UINT32_MAX, 0, 2 };
	const uint32_t *table = image->kind == IMAGE_VDI_FIXED ? fixed : dynamic;
	static const uint32_t types[] = {
		[IMAGE_VDI_FIXED] = 2, [IMAGE_VDI_DYNAMIC] = 1, [IMAGE_VDI_DIFFERENCING] = 4
	};
	uint32_t blocks = image->kind == IMAGE_VDI_FIXED ? 4 : 3;

	allocate(image, 1024 + (size_t)blocks * VDI_BLOCK);
	put_text(image, 0, "<<< Oracle VM VirtualBox Disk Image >>>\n");
	image_put(image, 0x40, 4, 0xbeda107f);
	image_put(image, 0x44, 4, 0x10001);
	image_put(image, 0x48, 4, 0x190);
	image_put(image, 0x4c, 4, types[image->kind]);
	image_put(image, 0x154, 4, 512);
	image_put(image, 0x158, 4, 1024);
	image_put(image, 0x168, 4, 512);
	image_put(image, 0x170, 8, 7 * VDI_BLOCK / 2);
	image_put(image, 0x178, 4, VDI_BLOCK);
	image_put(image, 0x180, 4, 4);
	image_put(image, 0x184, 4, blocks);
	if (image->kind == IMAGE_VDI_DIFFERENCING)
		for (long i = 0; i < 16; i++)
			image_put(image, 0x1a8 + i, 1, (uint64_t)i + 1);
	for (long i = 0; i < 4; i++)
		image_put(image, 512 + 4 * i, 4, table[i]);
}

void image_init(struct image *image, enum image_kind kind)
{
	*image = (struct image){ .kind = kind };
	if (kind == IMAGE_RAW)
		allocate(image, 10000);
	else if (kind == IMAGE_VHD_FIXED)
		make_vhd_fixed(image);
	else if (is_vhd(image))
		make_vhd(image);
	else if (is_vhdx(image))
		make_vhdx(image);
	else
		make_vdi(image);
	image_seal(image, IMAGE_COPY);
}

void image_release(struct image *image)
{
	free(image->bytes);
}

/* At `to`, of which the four bytes there don't count. */
static void seal_sum(struct image *image, long from, size_t size, long to)
{
	const uint8_t *bytes = place(image, from);
	uint32_t sum = 0;

	image_put(image, to, 4, 0);
	for (size_t i = 0; i < size; i++)
		sum += bytes[i];
	image_put(image, to, 4, (uint32_t)~sum);
}

/* CRC-32C, bit by bit (RFC 3720, B.4), but for long zeros, of which a byte is eight divisions. */
static void seal_crc(struct image *image, long from, size_t size)
{
	static uint32_t table[256];
	const uint8_t *bytes = place(image, from);
	uint32_t crc = UINT32_MAX;

	for (uint32_t i = 0; i < 256 && !table[255]; i++) {
		table[i] = i;
		for (size_t bit = 0; bit < 8; bit++)
			table[i] = table[i] & 1 ? table[i] >> 1 ^ 0x82f63b78 : table[i] >> 1;
	}
	image_put(image, from + 4, 4, 0);
	for (size_t i = 0; i < size; i++)
		crc = table[(crc ^ bytes[i]) & 0xff] ^ crc >> 8;
	image_put(image, from + 4, 4, (uint32_t)~crc);
}

void image_seal(struct image *image, enum image_seal seal)
{
	if (seal == IMAGE_UNSEALED)
		return;
	if (is_vhd(image)) {
		seal_sum(image, -512, 512, -512 + 64);
		if (image->kind == IMAGE_VHD_FIXED)
			return;
		if (seal == IMAGE_COPY)
			memcpy(image->bytes, image->bytes + image->size - 512, 512);
		seal_sum(image, 0, 512, 64);
		seal_sum(image, 512, 1024, 512 + 36);
	}
	if (is_vhdx(image)) {
		if (seal == IMAGE_COPY)
			memcpy(image->bytes + 0x40000, image->bytes + 0x30000, 0x10000);
		seal_crc(image, 0x10000, 4096);
		seal_crc(image, 0x20000, 4096);
		seal_crc(image, 0x30000, 0x10000);
		seal_crc(image, 0x40000, 0x10000);
	}
}

int image_read(void *context, void *data, size_t size, uint64_t offset)
{
	const struct image *image = context;

	if (offset > image->size || size > image->size - offset)
		abort();
	memcpy(data, image->bytes + offset, size);
	return 0;
}

void image_parse(struct image *image, enum np_format wanted, struct np_image *ret_image)
{
	const struct np_format_reader reader = { .read = image_read, .context = image };

	assert_int_equal(np_format_read(&reader, image->size, wanted, ret_image), 0);
}

static void assert_one_refused(const struct image_case *expected)
{
	struct np_image found;
	struct image image;

	image_init(&image, expected->kind);
	image_parse(&image, NP_FORMAT_AUTO, &found);
	assert_in_case(expected->name,
		       (found.outcome == NP_FORMAT_SOUND) != (found.kind == NP_FORMAT_KIND_DIFFERENCING));
	np_image_release(&found);
	image_put(&image, expected->at, expected->width, expected->value);
	image_seal(&image, expected->seal);
	image_parse(&image, NP_FORMAT_AUTO, &found);
	assert_in_case(expected->name, found.outcome == NP_FORMAT_REFUSED && !found.extents.count);
	if (!strstr(found.reason, expected->words))
		fail_msg("case '%s': '%s' instead of '%s'", expected->name, found.reason, expected->words);
	assert_in_case(expected->name, *found.remedy);
	image_release(&image);
}

void image_assert_refused(const struct image_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_one_refused(&cases[i]);
}
