/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VHDX: each reason for a refusal, and what is none.
 */
#include "images.h"

#include <string.h>

/* Where things lie in images.c's. */
#define HEADER(n)  (0x10000 * (n))
#define REGION(n)  (0x30010 + 32 * (n))
#define METADATA   (2L << 20)
#define ITEM(n)    (METADATA + 32 + 32 * (n))
#define VALUE(at)  (METADATA + 0x10000 + (at))
#define ENTRY(n)   ((3L << 20) + 8 * (n))
#define PRESENT(n) ((uint64_t)(n) << 20 | 6)

static void test_header(void **state)
{
	static const struct image_case cases[] = {
		{ "header 1", IMAGE_VHDX_FIXED, HEADER(1) + 4000, 1, 1, IMAGE_UNSEALED, "VHDX header 1 is damaged" },
		{ "header 2", IMAGE_VHDX_FIXED, HEADER(2) + 4000, 1, 1, IMAGE_UNSEALED, "VHDX header 2 is damaged" },
		{ "header 1's signature", IMAGE_VHDX_FIXED, HEADER(1), 1, 0, IMAGE_SEAL, "VHDX header 1 is damaged" },
		{ "header 2's signature", IMAGE_VHDX_FIXED, HEADER(2) + 3, 1, 0, IMAGE_SEAL,
		  "VHDX header 2 is damaged" },
		{ "a log", IMAGE_VHDX_FIXED, HEADER(2) + 48, 1, 1, IMAGE_SEAL, "a log that must be replayed" },
		{ "a log's last byte", IMAGE_VHDX_FIXED, HEADER(2) + 63, 1, 1, IMAGE_SEAL,
		  "a log that must be replayed" },
		{ "a version", IMAGE_VHDX_FIXED, HEADER(2) + 66, 2, 2, IMAGE_SEAL, "its version, 2, is unknown" },
		{ "a log's version", IMAGE_VHDX_FIXED, HEADER(2) + 64, 2, 1, IMAGE_SEAL,
		  "log's version, 1, is unknown" },
		{ "a log off a megabyte", IMAGE_VHDX_FIXED, HEADER(2) + 72, 8, (1 << 20) + 4096, IMAGE_SEAL,
		  "its log can't be" },
		{ "a log of less", IMAGE_VHDX_FIXED, HEADER(2) + 68, 4, 4096, IMAGE_SEAL, "its log can't be where" },
		{ "a log over headers", IMAGE_VHDX_FIXED, HEADER(2) + 72, 8, 0, IMAGE_SEAL, "its log can't be where" },
		{ "a log past the end", IMAGE_VHDX_FIXED, HEADER(2) + 72, 8, 9 << 20, IMAGE_SEAL,
		  "ends before its log" },
		{ "a log over a region", IMAGE_VHDX_FIXED, HEADER(2) + 72, 8, 2 << 20, IMAGE_SEAL,
		  "tables overlap each other" },
		{ "a log over a block", IMAGE_VHDX_FIXED, HEADER(2) + 72, 8, 5 << 20, IMAGE_SEAL,
		  "in its headers and tables" },
	};

	struct np_image found;
	struct image image;

	(void)state;
	image_assert_refused(cases, COUNT_OF(cases));
	image_init(&image, IMAGE_VHDX_FIXED);
	image_put(&image, HEADER(1) + 8, 8, 8);
	image_put(&image, HEADER(1) + 16, 1, 1);
	image_seal(&image, IMAGE_COPY);
	image_parse(&image, NP_FORMAT_AUTO, &found);
	assert_string_equal(found.reason, "neither of its two VHDX headers is the newer");
	image_release(&image);
}

static void test_regions(void **state)
{
	static const struct image_case cases[] = {
		{ "a table", IMAGE_VHDX_FIXED, 0x3ffff, 1, 1, IMAGE_UNSEALED, "its region table is damaged" },
		{ "its signature", IMAGE_VHDX_FIXED, 0x30000, 1, 0, IMAGE_COPY, "its region table is damaged" },
		{ "its copy", IMAGE_VHDX_FIXED, 0x4ffff, 1, 1, IMAGE_SEAL, "two region tables differ" },
		{ "too many", IMAGE_VHDX_FIXED, 0x30008, 4, 2048, IMAGE_COPY, "2048 entries, more than fit" },
		{ "none", IMAGE_VHDX_FIXED, 0x30008, 4, 0, IMAGE_COPY, "no block table, or no metadata" },
		{ "one", IMAGE_VHDX_FIXED, 0x30008, 4, 1, IMAGE_COPY, "no block table, or no metadata" },
		{ "a required one", IMAGE_VHDX_FIXED, REGION(2) + 28, 4, 1, IMAGE_COPY, "required, and unknown" },
		{ "no block table", IMAGE_VHDX_FIXED, REGION(0), 1, 0, IMAGE_COPY, "required, and unknown" },
		{ "an empty one", IMAGE_VHDX_FIXED, REGION(0) + 24, 4, 0, IMAGE_COPY, "a region of nothing" },
		{ "off a megabyte", IMAGE_VHDX_FIXED, REGION(0) + 16, 8, (3 << 20) + 512, IMAGE_COPY,
		  "block table can't be where" },
		{ "of less", IMAGE_VHDX_FIXED, REGION(1) + 24, 4, 65536, IMAGE_COPY, "its metadata can't be where" },
		{ "over the header", IMAGE_VHDX_FIXED, REGION(1) + 16, 8, 0, IMAGE_COPY,
		  "its metadata can't be where" },
		{ "past the end", IMAGE_VHDX_FIXED, REGION(2) + 16, 8, 9 << 20, IMAGE_COPY, "ends before its region" },
		{ "far past the end", IMAGE_VHDX_FIXED, REGION(2) + 16, 8, UINT64_MAX << 20, IMAGE_COPY,
		  "ends before its region" },
		{ "over another", IMAGE_VHDX_FIXED, REGION(2) + 16, 8, 3 << 20, IMAGE_COPY,
		  "tables overlap each other" },
		{ "over a block", IMAGE_VHDX_FIXED, REGION(2) + 16, 8, 4 << 20, IMAGE_COPY,
		  "in its headers and tables" },
		{ "over the last block's rest", IMAGE_VHDX_FIXED, REGION(2) + 16, 8, 7 << 20, IMAGE_COPY,
		  "tables overlap each other" },
	};
	struct np_image found;
	struct image image;

	image_assert_refused(cases, COUNT_OF(cases));
	/* The block table twice. */
	(void)state;
	image_init(&image, IMAGE_VHDX_FIXED);
	memcpy(image.bytes + REGION(2), image.bytes + REGION(0), 16);
	image_seal(&image, IMAGE_COPY);
	image_parse(&image, NP_FORMAT_AUTO, &found);
	assert_string_equal(found.reason, "it has a region twice");
	image_release(&image);
}

static void test_metadata(void **state)
{
	static const struct image_case cases[] = {
		{ "the signature", IMAGE_VHDX_FIXED, METADATA, 1, 0, IMAGE_SEAL, "its metadata are damaged" },
		{ "too many", IMAGE_VHDX_FIXED, METADATA + 10, 2, 2048, IMAGE_SEAL, "2048 items, more than fit" },
		{ "none", IMAGE_VHDX_FIXED, METADATA + 10, 2, 0, IMAGE_SEAL, "doesn't have its file parameters" },
		{ "no size", IMAGE_VHDX_FIXED, METADATA + 10, 2, 1, IMAGE_SEAL, "doesn't have its disk's size" },
		{ "no ID", IMAGE_VHDX_FIXED, METADATA + 10, 2, 2, IMAGE_SEAL, "doesn't have its disk's ID" },
		{ "no sector size", IMAGE_VHDX_FIXED, METADATA + 10, 2, 3, IMAGE_SEAL, "its logical sector size" },
		{ "no physical one", IMAGE_VHDX_FIXED, METADATA + 10, 2, 4, IMAGE_SEAL, "its physical sector size" },
		{ "a required one", IMAGE_VHDX_FIXED, ITEM(6) + 24, 4, 4, IMAGE_SEAL, "required, and unknown" },
		{ "a user's", IMAGE_VHDX_FIXED, ITEM(1) + 24, 4, 7, IMAGE_SEAL, "its disk's size is a user's" },
		{ "a longer one", IMAGE_VHDX_FIXED, ITEM(1) + 20, 4, 9, IMAGE_SEAL, "its disk's size has 9 bytes" },
		{ "an empty one", IMAGE_VHDX_DIFFERENCING, ITEM(5) + 20, 4, 0, IMAGE_SEAL,
		  "parent locator has 0 bytes" },
		{ "in the table", IMAGE_VHDX_FIXED, ITEM(0) + 16, 4, 65528, IMAGE_SEAL,
		  "file parameters lies outside" },
		{ "past the region", IMAGE_VHDX_FIXED, ITEM(0) + 16, 4, (1 << 20) - 7, IMAGE_SEAL,
		  "parameters lies outside" },
		{ "far past it", IMAGE_VHDX_FIXED, ITEM(0) + 16, 4, UINT32_MAX, IMAGE_SEAL, "parameters lies outside" },
		{ "a parameter", IMAGE_VHDX_FIXED, VALUE(4), 4, 5, IMAGE_SEAL, "unknown parameters, 0x5" },
		{ "a parent", IMAGE_VHDX_FIXED, VALUE(4), 4, 3, IMAGE_SEAL, "it is a differencing image" },
		{ "half a block", IMAGE_VHDX_FIXED, VALUE(0), 4, 1 << 19, IMAGE_SEAL, "its block size, 524288 bytes" },
		{ "a block of 3 MiB", IMAGE_VHDX_FIXED, VALUE(0), 4, 3 << 20, IMAGE_SEAL, "its block size, 3145728" },
		{ "a block of 512 MiB", IMAGE_VHDX_FIXED, VALUE(0), 4, 1 << 29, IMAGE_SEAL,
		  "its block size, 536870912" },
		{ "part of a sector", IMAGE_VHDX_FIXED, VALUE(8), 8, 513, IMAGE_SEAL, "isn't made of sectors" },
		{ "no sector", IMAGE_VHDX_FIXED, VALUE(8), 8, 0, IMAGE_SEAL, "isn't made of sectors" },
		{ "too large", IMAGE_VHDX_FIXED, VALUE(8), 8, (64ULL << 40) + 512, IMAGE_SEAL,
		  "more than an image can have" },
		{ "a parent locator", IMAGE_VHDX_DIFFERENCING, VALUE(4), 4, 0, IMAGE_SEAL,
		  "a parent locator, but no parent" },
		{ "sectors of 1 KiB", IMAGE_VHDX_FIXED, VALUE(0x20), 4, 1024, IMAGE_SEAL, "sectors have 1024 bytes" },
		{ "a disk of 1 KiB", IMAGE_VHDX_FIXED, VALUE(0x24), 4, 1024, IMAGE_SEAL, "on a disk with 1024" },
		{ "too large a table", IMAGE_VHDX_FIXED, VALUE(8), 8, 1ULL << 40, IMAGE_SEAL,
		  "room for 131072 entries" },
	};
	struct np_image found;
	struct image image;

	(void)state;
	image_assert_refused(cases, COUNT_OF(cases));
	image_init(&image, IMAGE_VHDX_FIXED);
	memcpy(image.bytes + ITEM(6), image.bytes + ITEM(1), 16);
	image_put(&image, ITEM(6) + 24, 4, 0);
	image_parse(&image, NP_FORMAT_AUTO, &found);
	assert_string_equal(found.reason, "it has its disk's size twice");
	image_release(&image);
}

static void test_blocks(void **state)
{
	static const struct image_case cases[] = {
		{ "an unknown bit", IMAGE_VHDX_FIXED, ENTRY(1), 8, PRESENT(5) | 8, IMAGE_SEAL,
		  "block 1 has unknown bits" },
		{ "another", IMAGE_VHDX_FIXED, ENTRY(1), 8, PRESENT(5) | 0x80000, IMAGE_SEAL,
		  "block 1 has unknown bits" },
		{ "state 4", IMAGE_VHDX_FIXED, ENTRY(2), 1, 4, IMAGE_SEAL, "block 2 is in an unknown state, 4" },
		{ "state 5", IMAGE_VHDX_FIXED, ENTRY(2), 1, 5, IMAGE_SEAL, "block 2 is in an unknown state, 5" },
		{ "state 7", IMAGE_VHDX_FIXED, ENTRY(2), 1, 7, IMAGE_SEAL, "block 2 is partly in a parent" },
		{ "twice", IMAGE_VHDX_FIXED, ENTRY(2), 8, PRESENT(5), IMAGE_SEAL, "lie at the same place" },
		{ "over the header", IMAGE_VHDX_FIXED, ENTRY(2), 8, PRESENT(0), IMAGE_SEAL,
		  "in its headers and tables" },
		{ "over the log", IMAGE_VHDX_FIXED, ENTRY(2), 8, PRESENT(1), IMAGE_SEAL, "in its headers and tables" },
		{ "over the metadata", IMAGE_VHDX_FIXED, ENTRY(2), 8, PRESENT(2), IMAGE_SEAL,
		  "in its headers and tables" },
		{ "over the table", IMAGE_VHDX_FIXED, ENTRY(2), 8, PRESENT(3), IMAGE_SEAL,
		  "in its headers and tables" },
		{ "over what nobody knows", IMAGE_VHDX_FIXED, ENTRY(2), 8, PRESENT(8), IMAGE_SEAL,
		  "in its headers and" },
		{ "past the end", IMAGE_VHDX_FIXED, ENTRY(2), 8, PRESENT(9), IMAGE_SEAL, "block 2 lies past the end" },
		{ "far past the end", IMAGE_VHDX_FIXED, ENTRY(2), 8, PRESENT(~0ULL >> 20), IMAGE_SEAL,
		  "block 2 lies past" },
		{ "the last over another", IMAGE_VHDX_FIXED, ENTRY(3), 8, PRESENT(6), IMAGE_SEAL,
		  "lie at the same place" },
	};

	(void)state;
	image_assert_refused(cases, COUNT_OF(cases));
}

static void assert_extents(struct image *image, enum np_format_kind kind, const struct np_extent *extents, size_t count)
{
	struct np_image found;

	image_parse(image, NP_FORMAT_AUTO, &found);
	assert_string_equal(found.reason, "");
	assert_int_equal(found.format, NP_FORMAT_VHDX);
	assert_int_equal(found.kind, kind);
	assert_int_equal(found.size_bytes, 7 * VHDX_BLOCK / 2);
	assert_int_equal(found.block_size_bytes, VHDX_BLOCK);
	assert_int_equal(found.extents.count, count);
	assert_memory_equal(found.extents.extents, extents, count * sizeof(*extents));
	np_image_release(&found);
}

static void test_sound(void **state)
{
	static const struct np_extent fixed = { 0, 4 * VHDX_BLOCK, 7 * VHDX_BLOCK / 2 };
	static const struct np_extent extents[] = {
		{ 0, 5 * VHDX_BLOCK, VHDX_BLOCK },
		{ VHDX_BLOCK, NP_EXTENT_HOLE, VHDX_BLOCK },
		{ 2 * VHDX_BLOCK, 4 * VHDX_BLOCK, VHDX_BLOCK },
		{ 3 * VHDX_BLOCK, 6 * VHDX_BLOCK, VHDX_BLOCK / 2 },
	};
	struct image image;

	(void)state;
	image_init(&image, IMAGE_VHDX_FIXED);
	assert_extents(&image, NP_FORMAT_KIND_FIXED, &fixed, 1);
	/* The older header had a log, and a version that doesn't count any more. */
	image_put(&image, HEADER(1) + 48, 8, 1);
	image_put(&image, HEADER(1) + 66, 2, 9);
	image_seal(&image, IMAGE_COPY);
	assert_extents(&image, NP_FORMAT_KIND_FIXED, &fixed, 1);
	/* No log at all; two headers that are the same. */
	image_put(&image, HEADER(2) + 68, 4, 0);
	image_put(&image, HEADER(2) + 72, 8, 77);
	memcpy(image.bytes + HEADER(1), image.bytes + HEADER(2), 4096);
	image_seal(&image, IMAGE_COPY);
	assert_extents(&image, NP_FORMAT_KIND_FIXED, &fixed, 1);
	image_release(&image);

	image_init(&image, IMAGE_VHDX_DYNAMIC);
	for (uint64_t hole = 0; hole < 4; hole++) {
		/* Wherever it once was. */
		image_put(&image, ENTRY(1), 8, hole | 5 << 20);
		assert_extents(&image, NP_FORMAT_KIND_DYNAMIC, extents, COUNT_OF(extents));
	}
	/* The newer header may be the first. */
	image_put(&image, HEADER(1) + 8, 8, UINT64_MAX);
	image_put(&image, HEADER(2) + 48, 8, 1);
	image_seal(&image, IMAGE_COPY);
	assert_extents(&image, NP_FORMAT_KIND_DYNAMIC, extents, COUNT_OF(extents));
	image_release(&image);
}

static void test_large_sectors(void **state)
{
	struct np_image found;
	struct image image;

	(void)state;
	image_init(&image, IMAGE_VHDX_DYNAMIC);
	image_put(&image, VALUE(0x20), 4, 4096);
	image_parse(&image, NP_FORMAT_AUTO, &found);
	assert_int_equal(found.outcome, NP_FORMAT_SOUND);
	assert_int_equal(found.sector_size_bytes, 4096);
	np_image_release(&found);
	image_put(&image, VALUE(8), 8, 7 * VHDX_BLOCK / 2 + 512);
	image_parse(&image, NP_FORMAT_AUTO, &found);
	assert_non_null(strstr(found.reason, "isn't made of sectors"));
	image_release(&image);
}

/* Of blocks of 256 MiB a chunk has 16, or, with large sectors, 128: then comes an entry that is no block's. */
static void test_chunks(void **state)
{
	static const struct {
		unsigned sector;
		long chunk;
	} cases[] = { { 512, 16 }, { 4096, 128 } };
	struct np_image found;
	struct image image;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		image_init(&image, IMAGE_VHDX_DYNAMIC);
		image_put(&image, VALUE(0), 4, 256 << 20);
		image_put(&image, VALUE(8), 8, (uint64_t)(cases[i].chunk + 1) << 28);
		image_put(&image, VALUE(0x20), 4, cases[i].sector);
		memset(image.bytes + ENTRY(0), 0, 32);
		image_parse(&image, NP_FORMAT_AUTO, &found);
		assert_int_equal(found.outcome, NP_FORMAT_SOUND);
		assert_int_equal(found.extents.count, 1);
		np_image_release(&found);

		image_put(&image, ENTRY(cases[i].chunk), 8, PRESENT(4));
		image_parse(&image, NP_FORMAT_AUTO, &found);
		assert_string_equal(found.reason, "it says what is its parent's, but has none");

		/* Of one whole chunk the table ends before it. */
		image_put(&image, VALUE(8), 8, (uint64_t)cases[i].chunk << 28);
		image_parse(&image, NP_FORMAT_AUTO, &found);
		assert_int_equal(found.outcome, NP_FORMAT_SOUND);
		np_image_release(&found);

		image_put(&image, VALUE(8), 8, (uint64_t)(cases[i].chunk + 1) << 28);
		image_put(&image, ENTRY(cases[i].chunk), 8, 0);
		image_put(&image, ENTRY(cases[i].chunk + 1), 8, PRESENT(4));
		image_parse(&image, NP_FORMAT_AUTO, &found);
		assert_non_null(
			strstr(found.reason, cases[i].chunk == 16 ? "its block 16 lies past" : "its block 128 lies"));
		image_release(&image);
	}
}

static void assert_parent(struct image *image, const char *reason)
{
	struct np_image found;

	image_parse(image, NP_FORMAT_AUTO, &found);
	assert_int_equal(found.outcome, NP_FORMAT_REFUSED);
	assert_int_equal(found.kind, NP_FORMAT_KIND_DIFFERENCING);
	assert_string_equal(found.reason, reason);
}

static void test_differencing(void **state)
{
	const long locator = METADATA + 0x10100;
	struct image image;

	(void)state;
	image_init(&image, IMAGE_VHDX_DIFFERENCING);
	assert_parent(&image, "it is a differencing image: what isn't in it is in its parent, C:\\parent.vhdx");
	/* The relative path alone, which is the second pair. */
	image_put(&image, locator + 28, 2, 2);
	assert_parent(&image, "it is a differencing image: what isn't in it is in its parent, ..\\parent.vhdx");
	/* Texts that lie outside; more pairs than there are; no room for any; no locator. */
	image_put(&image, locator + 20, 4, UINT32_MAX);
	assert_parent(&image, "it is a differencing image: what isn't in it is in its parent");
	image_put(&image, locator + 20, 4, 0);
	image_put(&image, locator + 18, 2, 0xffff);
	assert_parent(&image, "it is a differencing image: what isn't in it is in its parent, ..\\parent.vhdx");
	image_put(&image, ITEM(5) + 20, 4, 19);
	assert_parent(&image, "it is a differencing image: what isn't in it is in its parent");
	image_put(&image, ITEM(5), 1, 0);
	image_put(&image, ITEM(5) + 24, 1, 0);
	assert_parent(&image, "it is a differencing image: what isn't in it is in its parent");
	image_release(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),   cmocka_unit_test(test_regions),
		cmocka_unit_test(test_metadata), cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_sound),    cmocka_unit_test(test_large_sectors),
		cmocka_unit_test(test_chunks),   cmocka_unit_test(test_differencing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
