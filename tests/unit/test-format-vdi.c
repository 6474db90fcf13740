/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VDI: each reason for a refusal, and what is none.
 */
#include "images.h"

#include <string.h>

static void test_refused(void **state)
{
	static const struct image_case cases[] = {
		{ "an older version", IMAGE_VDI_FIXED, 0x44, 4, 1, IMAGE_SEAL, "its version, 0x1, is unknown" },
		{ "a newer version", IMAGE_VDI_FIXED, 0x44, 4, 0x20001, IMAGE_SEAL, "its version, 0x20001," },
		{ "a short header", IMAGE_VDI_FIXED, 0x48, 4, 0x17f, IMAGE_SEAL, "its header is too short" },
		{ "a header over the table", IMAGE_VDI_FIXED, 0x48, 4, 0x200 - 0x47, IMAGE_SEAL,
		  "tables overlap each other" },
		{ "a header past the end", IMAGE_VDI_FIXED, 0x48, 4, 0x10000, IMAGE_SEAL, "ends before its header" },
		{ "a type", IMAGE_VDI_FIXED, 0x4c, 4, 5, IMAGE_SEAL, "its type, 5, is unknown" },
		{ "no type", IMAGE_VDI_FIXED, 0x4c, 4, 0, IMAGE_SEAL, "its type, 0, is unknown" },
		{ "an undo image", IMAGE_VDI_DYNAMIC, 0x4c, 4, 3, IMAGE_SEAL, "in its parent, {00000000-0000-" },
		{ "a parent of a dynamic one", IMAGE_VDI_DYNAMIC, 0x1b7, 1, 9, IMAGE_SEAL, "000000000009}" },
		{ "a differencing one", IMAGE_VDI_DIFFERENCING, 0x4c, 4, 4, IMAGE_SEAL,
		  "it is a differencing image: what isn't in it is in its parent, {04030201-0605-0807-090a-0b0c0d0e0f10}" },
		{ "a flag", IMAGE_VDI_FIXED, 0x50, 4, 1, IMAGE_SEAL, "unknown flags, 0x1" },
		{ "something before blocks", IMAGE_VDI_FIXED, 0x17c, 4, 512, IMAGE_SEAL, "something else before them" },
		{ "large sectors", IMAGE_VDI_FIXED, 0x168, 4, 4096, IMAGE_SEAL, "4096 bytes, not 512" },
		{ "blocks off sectors", IMAGE_VDI_FIXED, 0x158, 4, 1025, IMAGE_SEAL, "aren't on sectors" },
		{ "blocks over the table", IMAGE_VDI_FIXED, 0x158, 4, 512, IMAGE_SEAL,
		  "lies in its headers and tables" },
		{ "a table past the end", IMAGE_VDI_FIXED, 0x154, 4, UINT32_MAX, IMAGE_SEAL,
		  "ends before its block table" },
		{ "a table in a block", IMAGE_VDI_DYNAMIC, 0x154, 4, 2048, IMAGE_SEAL, "its header says 3" },
		{ "part of a sector", IMAGE_VDI_FIXED, 0x170, 8, 14337, IMAGE_SEAL, "isn't made of sectors" },
		{ "no sector", IMAGE_VDI_FIXED, 0x170, 8, 0, IMAGE_SEAL, "isn't made of sectors" },
		{ "too large", IMAGE_VDI_FIXED, 0x170, 8, 1ULL << 60, IMAGE_SEAL, "more than an image can have" },
		{ "too many blocks", IMAGE_VDI_FIXED, 0x170, 8, 1ULL << 45, IMAGE_SEAL, "more than 67108864 blocks" },
		{ "a block of 3 sectors", IMAGE_VDI_FIXED, 0x178, 4, 1536, IMAGE_SEAL, "its block size, 1536 bytes" },
		{ "a block of nothing", IMAGE_VDI_FIXED, 0x178, 4, 0, IMAGE_SEAL, "its block size, 0 bytes" },
		{ "a block too few", IMAGE_VDI_FIXED, 0x180, 4, 3, IMAGE_SEAL, "table has 3 blocks, its disk 4" },
		{ "a block too many", IMAGE_VDI_FIXED, 0x180, 4, 5, IMAGE_SEAL, "table has 5 blocks, its disk 4" },
		{ "one less is there", IMAGE_VDI_DYNAMIC, 0x184, 4, 2, IMAGE_SEAL,
		  "table has 3 blocks, its header says 2" },
		{ "one more is there", IMAGE_VDI_DYNAMIC, 512 + 4, 4, 3, IMAGE_SEAL, "block 1 lies past the end" },
		{ "a block that isn't", IMAGE_VDI_DYNAMIC, 512, 4, 4, IMAGE_SEAL,
		  "block 0 is the one 4 of the file, of 4" },
		{ "a block past the end", IMAGE_VDI_DYNAMIC, 512, 4, 3, IMAGE_SEAL, "block 0 lies past the end" },
		{ "a block twice", IMAGE_VDI_DYNAMIC, 512, 4, 0, IMAGE_SEAL, "lie at the same place" },
		{ "the last place twice", IMAGE_VDI_FIXED, 512, 4, 3, IMAGE_SEAL, "lie at the same place" },
	};

	(void)state;
	image_assert_refused(cases, COUNT_OF(cases));
}

static void assert_sound(struct image *image, enum np_format_kind kind, const struct np_extent *extents, size_t count)
{
	struct np_image found;

	image_parse(image, NP_FORMAT_AUTO, &found);
	assert_string_equal(found.reason, "");
	assert_int_equal(found.format, NP_FORMAT_VDI);
	assert_int_equal(found.kind, kind);
	assert_int_equal(found.size_bytes, 7 * VDI_BLOCK / 2);
	assert_int_equal(found.block_size_bytes, VDI_BLOCK);
	assert_int_equal(found.extents.count, count);
	assert_memory_equal(found.extents.extents, extents, count * sizeof(*extents));
	np_image_release(&found);
}

static void test_sound(void **state)
{
	static const struct np_extent fixed = { 0, 1024, 7 * VDI_BLOCK / 2 };
	static const struct np_extent extents[] = {
		{ 0, 1024 + VDI_BLOCK, VDI_BLOCK },
		{ VDI_BLOCK, NP_EXTENT_HOLE, VDI_BLOCK },
		{ 2 * VDI_BLOCK, 1024, VDI_BLOCK },
		{ 3 * VDI_BLOCK, 1024 + 2 * VDI_BLOCK, VDI_BLOCK / 2 },
	};
	static const struct np_extent zero = { 0, NP_EXTENT_HOLE, 7 * VDI_BLOCK / 2 };
	struct image image;

	(void)state;
	image_init(&image, IMAGE_VDI_FIXED);
	assert_sound(&image, NP_FORMAT_KIND_FIXED, &fixed, 1);
	/* The end of the last block needn't be there; a known flag, an unknown text. */
	image.size -= VDI_BLOCK / 2;
	image_put(&image, 0x50, 4, 0x100);
	memset(image.bytes, 'x', 64);
	assert_sound(&image, NP_FORMAT_KIND_FIXED, &fixed, 1);
	image_release(&image);
	image_init(&image, IMAGE_VDI_DYNAMIC);
	assert_sound(&image, NP_FORMAT_KIND_DYNAMIC, extents, COUNT_OF(extents));
	/* Discarded blocks. */
	for (long i = 0; i < 4; i++)
		image_put(&image, 512 + 4 * i, 4, 0xfffffffe);
	image_put(&image, 0x184, 4, 0);
	assert_sound(&image, NP_FORMAT_KIND_DYNAMIC, &zero, 1);
	image_release(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
