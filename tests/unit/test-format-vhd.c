/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VHD: each reason for a refusal, and what is none.
 */
#include "images.h"

#include <stdlib.h>
#include <string.h>

static void test_refused(void **state)
{
	static const struct image_case cases[] = {
		{ "a fixed one's footer", IMAGE_VHD_FIXED, -500, 1, 1, IMAGE_UNSEALED, "checksum of its VHD footer" },
		{ "a dynamic one's footer", IMAGE_VHD_DYNAMIC, -1, 1, 1, IMAGE_UNSEALED, "checksum of its VHD footer" },
		{ "the footer's copy", IMAGE_VHD_DYNAMIC, 24, 4, 9, IMAGE_SEAL, "copy of it at the start differ" },
		{ "only a copy", IMAGE_VHD_DYNAMIC, -512, 1, 0, IMAGE_UNSEALED, "has no footer in its last 512 bytes" },
		{ "no copy", IMAGE_VHD_DYNAMIC, 0, 1, 0, IMAGE_UNSEALED, "copy of it at the start differ" },
		{ "a version", IMAGE_VHD_FIXED, -512 + 12, 4, 0x20000, IMAGE_SEAL, "its version, 0x20000, is unknown" },
		{ "a feature", IMAGE_VHD_FIXED, -512 + 8, 4, 6, IMAGE_SEAL, "unknown features, 0x6" },
		{ "a type", IMAGE_VHD_FIXED, -512 + 60, 4, 5, IMAGE_SEAL, "its type, 5," },
		{ "no type", IMAGE_VHD_FIXED, -512 + 60, 4, 0, IMAGE_SEAL, "its type, 0," },
		{ "a type of before", IMAGE_VHD_FIXED, -512 + 60, 4, 1, IMAGE_SEAL, "its type, 1," },
		{ "saved state", IMAGE_VHD_FIXED, -512 + 84, 1, 1, IMAGE_SEAL, "was saved" },
		{ "a fixed one with a header", IMAGE_VHD_FIXED, -512 + 16, 8, 512, IMAGE_SEAL,
		  "has the header of another" },
		{ "a sector too few", IMAGE_VHD_FIXED, -512 + 48, 8, 28160, IMAGE_SEAL,
		  "has 28160 bytes, but 28672 precede" },
		{ "a sector too many", IMAGE_VHD_FIXED, -512 + 48, 8, 29184, IMAGE_SEAL,
		  "has 29184 bytes, but 28672 precede" },
		{ "part of a sector", IMAGE_VHD_DYNAMIC, -512 + 48, 8, 28673, IMAGE_COPY, "isn't made of sectors" },
		{ "no sector", IMAGE_VHD_DYNAMIC, -512 + 48, 8, 0, IMAGE_COPY, "0 bytes, isn't made of sectors" },
		{ "too large", IMAGE_VHD_DYNAMIC, -512 + 48, 8, 1ULL << 62, IMAGE_COPY, "more than an image can have" },
		{ "a fixed one that begins as one", IMAGE_VHD_FIXED, 0, 8, 0x636f6e6563746978, IMAGE_UNSEALED,
		  "begins as another" },
		{ "a dynamic one called fixed", IMAGE_VHD_DYNAMIC, -512 + 60, 4, 2, IMAGE_SEAL, "begins as another" },
		{ "a fixed one called dynamic", IMAGE_VHD_FIXED, -512 + 60, 4, 3, IMAGE_SEAL,
		  "copy of it at the start" },
		{ "511 bytes", IMAGE_VHD_FIXED, -511, 8, 0x636f6e6563746978, IMAGE_UNSEALED, "511 bytes" },
		{ "a header elsewhere", IMAGE_VHD_DYNAMIC, -512 + 16, 8, 1024, IMAGE_COPY, "no dynamic VHD's header" },
		{ "a header past the end", IMAGE_VHD_DYNAMIC, -512 + 16, 8, 28000, IMAGE_COPY, "the file ends before" },
		{ "a header nowhere", IMAGE_VHD_DYNAMIC, -512 + 16, 8, UINT64_MAX, IMAGE_COPY, "the file ends before" },
		{ "its checksum", IMAGE_VHD_DYNAMIC, 1000, 1, 1, IMAGE_UNSEALED, "dynamic VHD's header is wrong" },
		{ "its version", IMAGE_VHD_DYNAMIC, 536, 4, 1, IMAGE_SEAL, "its header's version, 0x1," },
		{ "too few entries", IMAGE_VHD_DYNAMIC, 540, 4, 3, IMAGE_SEAL, "table has 3 blocks, its disk 4" },
		{ "too many entries", IMAGE_VHD_DYNAMIC, 540, 4, UINT32_MAX, IMAGE_SEAL,
		  "table has 4294967295 blocks" },
		{ "entries past the file", IMAGE_VHD_DYNAMIC, 540, 4, 10000, IMAGE_SEAL,
		  "ends before its block table" },
		{ "entries over a block", IMAGE_VHD_DYNAMIC, 540, 4, 129, IMAGE_SEAL, "tables overlap each other" },
		{ "a table nowhere", IMAGE_VHD_DYNAMIC, 528, 8, UINT64_MAX - 100, IMAGE_SEAL,
		  "ends before its block table" },
		{ "a table over the header", IMAGE_VHD_DYNAMIC, 528, 8, 1024, IMAGE_SEAL, "was never written" },
		{ "a block of 3 sectors", IMAGE_VHD_DYNAMIC, 544, 4, 1536, IMAGE_SEAL, "its block size, 1536 bytes" },
		{ "a block of nothing", IMAGE_VHD_DYNAMIC, 544, 4, 0, IMAGE_SEAL, "its block size, 0 bytes" },
		{ "a block of half a sector", IMAGE_VHD_DYNAMIC, 544, 4, 256, IMAGE_SEAL, "its block size, 256 bytes" },
		{ "a block past the end", IMAGE_VHD_DYNAMIC, 1536, 4, 56, IMAGE_SEAL, "block 0 lies past the end" },
		{ "a block far past the end", IMAGE_VHD_DYNAMIC, 1536, 4, 0xfffffffe, IMAGE_SEAL, "block 0 lies past" },
		{ "a block over the footer", IMAGE_VHD_DYNAMIC, 1548, 4, 39, IMAGE_SEAL, "block 3 lies past the end" },
		{ "a block over the copy", IMAGE_VHD_DYNAMIC, 1536, 4, 0, IMAGE_SEAL, "was never written" },
		{ "a bitmap over the header", IMAGE_VHD_DYNAMIC, 1544, 4, 2, IMAGE_SEAL, "was never written" },
		{ "a block twice", IMAGE_VHD_DYNAMIC, 1540, 4, 21, IMAGE_SEAL, "lie at the same place" },
		{ "a block over the next one's bitmap", IMAGE_VHD_DYNAMIC, 1544, 4, 5, IMAGE_SEAL,
		  "lies in its headers and tables" },
		{ "the last block over another", IMAGE_VHD_DYNAMIC, 1548, 4, 13, IMAGE_SEAL, "lie at the same place" },
	};

	(void)state;
	image_assert_refused(cases, COUNT_OF(cases));
}

static void assert_extents(const struct np_image *found, const struct np_extent *extents, size_t count)
{
	assert_string_equal(found->reason, "");
	assert_int_equal(found->outcome, NP_FORMAT_SOUND);
	assert_int_equal(found->extents.count, count);
	assert_memory_equal(found->extents.extents, extents, count * sizeof(*extents));
}

static void test_dynamic(void **state)
{
	static const struct np_extent extents[] = {
		{ 0, 22 * 512, VHD_BLOCK },
		{ VHD_BLOCK, NP_EXTENT_HOLE, VHD_BLOCK },
		{ 2 * VHD_BLOCK, 5 * 512, VHD_BLOCK },
		{ 3 * VHD_BLOCK, 39 * 512, VHD_BLOCK / 2 },
	};
	struct np_image found;
	struct image image;

	(void)state;
	image_init(&image, IMAGE_VHD_DYNAMIC);
	/* Windows doesn't ask for the geometry. */
	image_put(&image, -512 + 56, 4, 0x00010101);
	image_seal(&image, IMAGE_COPY);
	image_parse(&image, NP_FORMAT_AUTO, &found);
	assert_extents(&found, extents, COUNT_OF(extents));
	assert_int_equal(found.format, NP_FORMAT_VHD);
	assert_int_equal(found.kind, NP_FORMAT_KIND_DYNAMIC);
	assert_int_equal(found.size_bytes, 7 * VHD_BLOCK / 2);
	assert_int_equal(found.block_size_bytes, VHD_BLOCK);
	np_image_release(&found);
	image_release(&image);
}

static void test_fixed(void **state)
{
	static const uint64_t headers[] = { UINT64_MAX, UINT32_MAX };
	struct np_image found;
	struct image image;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(headers); i++) {
		image_init(&image, IMAGE_VHD_FIXED);
		image_put(&image, -512 + 16, 8, headers[i]);
		image_seal(&image, IMAGE_COPY);
		image_parse(&image, NP_FORMAT_VHD, &found);
		assert_extents(&found, &(struct np_extent){ 0, 0, 7 * VHD_BLOCK / 2 }, 1);
		assert_int_equal(found.kind, NP_FORMAT_KIND_FIXED);
		np_image_release(&found);
		image_release(&image);
	}
}

/* Sectors 1 and 9 of block 2, which lies at sector 5, were never written, and all of block 3 past the content. */
static void test_unwritten(void **state)
{
	static const struct np_extent extents[] = {
		{ 0, 22 * 512, VHD_BLOCK },
		{ VHD_BLOCK, NP_EXTENT_HOLE, VHD_BLOCK },
		{ 2 * VHD_BLOCK, 5 * 512, 512 },
		{ 2 * VHD_BLOCK + 512, NP_EXTENT_HOLE, 512 },
		{ 2 * VHD_BLOCK + 1024, 7 * 512, 7 * 512 },
		{ 2 * VHD_BLOCK + 9 * 512, NP_EXTENT_HOLE, 512 },
		{ 2 * VHD_BLOCK + 10 * 512, 15 * 512, 6 * 512 },
		{ 3 * VHD_BLOCK, 39 * 512, VHD_BLOCK / 2 },
	};
	struct np_image found;
	struct image image;

	(void)state;
	image_init(&image, IMAGE_VHD_DYNAMIC);
	memset(image.bytes + 5 * 512, 0, VHD_BLOCK);
	image_put(&image, 4 * 512, 2, 0xbfbf);
	image_put(&image, 38 * 512, 2, 0xff00);
	memset(image.bytes + 5 * 512, 'x', 512);
	memset(image.bytes + 7 * 512, 'x', 7 * 512);
	image_parse(&image, NP_FORMAT_AUTO, &found);
	assert_extents(&found, extents, COUNT_OF(extents));
	np_image_release(&found);

	/* What lies there isn't zeros: readers of bitmaps and others would see different disks. */
	image.bytes[14 * 512 + 511] = 1;
	image_parse(&image, NP_FORMAT_AUTO, &found);
	assert_int_equal(found.outcome, NP_FORMAT_REFUSED);
	assert_non_null(strstr(found.reason, "a sector that was never written isn't zeros"));
	image_release(&image);
}

/* One whose blocks have bitmaps of two sectors: the second counts, too. */
static void test_long_bitmap(void **state)
{
	struct image image = { .kind = IMAGE_VHD_DYNAMIC };
	const size_t block = 4u << 20;
	struct image small;
	struct np_image found;

	(void)state;
	image_init(&small, IMAGE_VHD_DYNAMIC);
	image.size = 2048 + 1024 + block + 512;
	image.bytes = calloc(1, image.size);
	assert_non_null(image.bytes);
	memcpy(image.bytes, small.bytes, 2048);
	memcpy(image.bytes + image.size - 512, small.bytes, 512);
	image_put(&image, -512 + 48, 8, block);
	image_put(&image, 544, 4, block);
	image_put(&image, 540, 4, 1);
	image_put(&image, 1536, 4, 4);
	memset(image.bytes + 2048, 0xff, 1024);
	image_put(&image, 2048 + 1023, 1, 0xfe);
	image_seal(&image, IMAGE_COPY);
	image_parse(&image, NP_FORMAT_AUTO, &found);
	assert_extents(&found,
		       (const struct np_extent[]){ { 0, 3072, block - 512 }, { block - 512, NP_EXTENT_HOLE, 512 } }, 2);
	np_image_release(&found);
	image_release(&image);
	image_release(&small);
}

/* The header, or the table, or the footer's copy, where a block is: content, or the last block's rest. */
static void test_overlap(void **state)
{
	static const struct {
		const char *name;
		size_t from, size;
		long to, pointer, pointer_at;
		const char *words;
	} cases[] = {
		{ "a header in content", 512, 1024, 45 * 512, -512 + 16, 45 * 512, "lies in its headers and tables" },
		{ "a header in a rest", 512, 1024, 48 * 512, -512 + 16, 48 * 512, "tables overlap each other" },
		{ "a table in content", 1536, 512, 30 * 512, 528, 30 * 512, "lies in its headers and tables" },
		{ "a table in a rest", 1536, 512, 53 * 512, 528, 53 * 512, "tables overlap each other" },
		{ "a table in a bitmap", 1536, 512, 38 * 512, 528, 38 * 512, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct np_image found;
		struct image image;

		image_init(&image, IMAGE_VHD_DYNAMIC);
		image_put(&image, cases[i].pointer, 8, (uint64_t)cases[i].pointer_at);
		image_seal(&image, IMAGE_COPY);
		memmove(image.bytes + cases[i].to, image.bytes + cases[i].from, cases[i].size);
		image_parse(&image, NP_FORMAT_AUTO, &found);
		assert_in_case(cases[i].name, found.outcome == NP_FORMAT_REFUSED);
		if (!strstr(found.reason, cases[i].words))
			fail_msg("case '%s': '%s'", cases[i].name, found.reason);
		image_release(&image);
	}
}

/* A block whose bitmap is the footer's copy: by "conectix", its sectors 1 and 2 were written. */
static void test_copy_as_bitmap(void **state)
{
	struct np_image found;
	struct image image;

	(void)state;
	image_init(&image, IMAGE_VHD_DYNAMIC);
	image_put(&image, -512 + 16, 8, 45 * 512);
	image_put(&image, -512 + 48, 8, 2048);
	image_put(&image, 528, 8, 50 * 512);
	image_put(&image, 540, 4, 1);
	image_put(&image, 544, 4, 2048);
	image_put(&image, 50 * 512, 4, 0);
	image_seal(&image, IMAGE_COPY);
	memmove(image.bytes + 45 * 512, image.bytes + 512, 1024);
	memset(image.bytes + 512, 0, 2048);
	image_parse(&image, NP_FORMAT_AUTO, &found);
	assert_non_null(strstr(found.reason, "tables overlap each other, at byte 0"));
	/* At another place it is fine. */
	image_put(&image, 50 * 512, 4, 10);
	image_parse(&image, NP_FORMAT_AUTO, &found);
	assert_int_equal(found.outcome, NP_FORMAT_SOUND);
	np_image_release(&found);
	image_release(&image);
}

/* What follows the content in the last block is that block's, too. */
static void test_rest(void **state)
{
	struct np_image found;
	struct image image;

	(void)state;
	image_init(&image, IMAGE_VHD_DYNAMIC);
	image_put(&image, 1536, 4, UINT32_MAX);
	image_put(&image, 1540, 4, 38);
	image_put(&image, 1548, 4, 29);
	image_parse(&image, NP_FORMAT_AUTO, &found);
	assert_non_null(strstr(found.reason, "tables overlap each other"));
	image_put(&image, 1548, 4, 21);
	image_parse(&image, NP_FORMAT_AUTO, &found);
	assert_int_equal(found.outcome, NP_FORMAT_SOUND);
	np_image_release(&found);
	image_release(&image);
}

static void assert_parent(struct image *image, const char *words)
{
	struct np_image found;

	image_seal(image, IMAGE_COPY);
	image_parse(image, NP_FORMAT_AUTO, &found);
	assert_int_equal(found.outcome, NP_FORMAT_REFUSED);
	assert_int_equal(found.kind, NP_FORMAT_KIND_DIFFERENCING);
	if (!strstr(found.reason, words))
		fail_msg("'%s' instead of '%s'", found.reason, words);
}

static void test_differencing(void **state)
{
	/* "C:\ä😀", a lone surrogate, "x", in little-endian UTF-16. */
	static const uint8_t path[] = { 'C', 0, ':', 0, '\\', 0, 0xe4, 0, 0x3d, 0xd8, 0x00, 0xde, 0x3d, 0xd8, 'x', 0 };
	struct image image;

	(void)state;
	image_init(&image, IMAGE_VHD_DIFFERENCING);
	assert_parent(&image, "its parent, parent.vhd");
	/* The relative path, and then the absolute one before it. */
	memcpy(image.bytes + 512 + 576 + 24, "W2ru", 4);
	image_put(&image, 512 + 576 + 24 + 8, 4, 2);
	image_put(&image, 512 + 576 + 24 + 16, 8, 4096);
	memcpy(image.bytes + 4096, path + 6, 2);
	assert_parent(&image, "its parent, \u00e4");
	memcpy(image.bytes + 512 + 576 + 48, "W2ku", 4);
	image_put(&image, 512 + 576 + 48 + 8, 4, sizeof(path));
	image_put(&image, 512 + 576 + 48 + 16, 8, 8192);
	memcpy(image.bytes + 8192, path, sizeof(path));
	assert_parent(&image, "its parent, C:\\\u00e4\U0001f600\ufffdx");
	/* One that isn't in the file. */
	image_put(&image, 512 + 576 + 48 + 16, 8, UINT64_MAX - 3);
	assert_parent(&image, "its parent, parent.vhd");
	memset(image.bytes + 576, 0, 512);
	assert_parent(&image, "is in its parent");
	image_release(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),        cmocka_unit_test(test_dynamic),
		cmocka_unit_test(test_fixed),          cmocka_unit_test(test_unwritten),
		cmocka_unit_test(test_overlap),        cmocka_unit_test(test_rest),
		cmocka_unit_test(test_copy_as_bitmap), cmocka_unit_test(test_long_bitmap),
		cmocka_unit_test(test_differencing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
