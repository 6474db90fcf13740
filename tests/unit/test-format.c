/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which format a file has, what it is asked to have, and what can't be read.
 */
#include "images.h"

#include <errno.h>
#include <string.h>

static void test_names(void **state)
{
	static const char *const names[] = { "auto", "raw", "vhd", "vhdx", "vdi" };
	static const char *const none[] = { "", "VHD", "vhdxx", "qcow2", "aut" };
	enum np_format format;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		assert_in_case(names[i], np_format_by_name(names[i], &format) && format == i);
		assert_string_equal(np_format_name(format), names[i]);
	}
	for (size_t i = 0; i < COUNT_OF(none); i++)
		assert_in_case(none[i], !np_format_by_name(none[i], &format));
}

static enum np_format format_of(enum image_kind kind)
{
	return kind == IMAGE_RAW               ? NP_FORMAT_RAW :
	       kind <= IMAGE_VHD_DIFFERENCING  ? NP_FORMAT_VHD :
	       kind <= IMAGE_VHDX_DIFFERENCING ? NP_FORMAT_VHDX :
						 NP_FORMAT_VDI;
}

static bool is_differencing(enum image_kind kind)
{
	return kind == IMAGE_VHD_DIFFERENCING || kind == IMAGE_VHDX_DIFFERENCING || kind == IMAGE_VDI_DIFFERENCING;
}

/* Each kind is told, and is itself and raw by name; as any other it is refused. */
static void test_told(void **state)
{
	(void)state;
	for (enum image_kind kind = 0; kind < IMAGE_KINDS; kind++) {
		struct image image;

		image_init(&image, kind);
		for (enum np_format wanted = NP_FORMAT_AUTO; wanted <= NP_FORMAT_VDI; wanted++) {
			bool fits = wanted == NP_FORMAT_AUTO || wanted == format_of(kind);
			struct np_image found;

			image_parse(&image, wanted, &found);
			assert_int_equal(found.format, wanted == NP_FORMAT_AUTO ? format_of(kind) : wanted);
			assert_int_equal(found.outcome, wanted == NP_FORMAT_RAW || (fits && !is_differencing(kind)) ?
								NP_FORMAT_SOUND :
								NP_FORMAT_REFUSED);
			if (!fits && wanted != NP_FORMAT_RAW)
				assert_non_null(strstr(found.reason, "it is no "));
			if (found.outcome == NP_FORMAT_SOUND) {
				assert_true(unit_map_is_canonical(&found.extents));
				assert_int_equal(np_extent_map_total(&found.extents), found.size_bytes);
				assert_string_equal(found.reason, "");
				assert_string_equal(found.remedy, "");
			}
			np_image_release(&found);
		}
		image_release(&image);
	}
}

static void test_raw(void **state)
{
	static const size_t sizes[] = { 0, 1, 7, 63, 511, 512, 513, 10000 };
	struct image image;

	(void)state;
	image_init(&image, IMAGE_RAW);
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct np_image found;

		image.size = sizes[i];
		image_parse(&image, NP_FORMAT_AUTO, &found);
		assert_int_equal(found.outcome, NP_FORMAT_SOUND);
		assert_int_equal(found.format, NP_FORMAT_RAW);
		assert_int_equal(found.kind, NP_FORMAT_KIND_RAW);
		assert_int_equal(found.size_bytes, sizes[i]);
		assert_int_equal(found.extents.count, !!sizes[i]);
		assert_int_equal(np_extent_map_total(&found.extents), sizes[i]);
		np_image_release(&found);
	}
	image_release(&image);
}

static void assert_found(struct image *image, enum np_format format, const char *words)
{
	struct np_image found;

	image_parse(image, NP_FORMAT_AUTO, &found);
	assert_int_equal(found.format, format);
	assert_int_equal(found.outcome, words ? NP_FORMAT_REFUSED : NP_FORMAT_SOUND);
	if (words && !strstr(found.reason, words))
		fail_msg("'%s' instead of '%s'", found.reason, words);
	if (words)
		assert_non_null(strstr(found.remedy, "--format"));
	np_image_release(&found);
}

/* Marks, and nothing else of the format: they refuse, but for four bytes of chance. */
static void test_marks(void **state)
{
	struct image image;

	(void)state;
	image_init(&image, IMAGE_RAW);
	memcpy(image.bytes, "vhdxfile", 8);
	assert_found(&image, NP_FORMAT_VHDX, "");
	memcpy(image.bytes, "conectix", 8);
	assert_found(&image, NP_FORMAT_VHD, "begins as a VHD");
	memset(image.bytes, 0, 8);
	memcpy(image.bytes + image.size - 512, "conectix", 8);
	assert_found(&image, NP_FORMAT_VHD, "checksum");
	memset(image.bytes + image.size - 512, 0, 8);
	memcpy(image.bytes + image.size - 513, "conectix", 8);
	assert_found(&image, NP_FORMAT_RAW, NULL);
	memcpy(image.bytes + 0x40, "\x7f\x10\xda\xbe", 4);
	assert_found(&image, NP_FORMAT_RAW, NULL);
	image_put(&image, 0x44, 4, 1);
	assert_found(&image, NP_FORMAT_VDI, "its version");
	image_put(&image, 0x44, 4, 0x10001);
	assert_found(&image, NP_FORMAT_VDI, "");
	image_put(&image, 0x44, 4, 0x7777);
	assert_found(&image, NP_FORMAT_RAW, NULL);
	memcpy(image.bytes, "<<< ", 4);
	assert_found(&image, NP_FORMAT_VDI, "its version");
	image_release(&image);
}

/* A fixed VHD's content may itself begin as an image. */
static void test_both(void **state)
{
	struct np_image found;
	struct image image;

	(void)state;
	image_init(&image, IMAGE_VHD_FIXED);
	memcpy(image.bytes, "vhdxfile", 8);
	assert_found(&image, NP_FORMAT_RAW, "it begins as a VHDX and ends as a VHD");
	memset(image.bytes, 0, 8);
	memcpy(image.bytes + 0x40, "\x7f\x10\xda\xbe\x01\x00\x01\x00", 8);
	assert_found(&image, NP_FORMAT_RAW, "it begins as a VDI and ends as a VHD");
	image_parse(&image, NP_FORMAT_VHD, &found);
	assert_int_equal(found.outcome, NP_FORMAT_SOUND);
	np_image_release(&found);
	image_release(&image);
}

/* Whatever is cut off, nothing past the end is read, and only what isn't needed may lack. */
static void test_cut(void **state)
{
	(void)state;
	for (enum image_kind kind = IMAGE_VHD_FIXED; kind < IMAGE_KINDS; kind++) {
		struct image image;
		size_t whole, steps;

		image_init(&image, kind);
		whole = image.size;
		steps = whole > 100000 ? 32768 : 64;
		for (image.size = 0; image.size < whole; image.size += steps) {
			for (enum np_format wanted = NP_FORMAT_AUTO; wanted <= NP_FORMAT_VDI; wanted++) {
				struct np_image found;

				image_parse(&image, wanted, &found);
				if (found.outcome == NP_FORMAT_SOUND && found.format != NP_FORMAT_RAW)
					assert_true(found.format == NP_FORMAT_VDI && image.size > whole - VDI_BLOCK);
				np_image_release(&found);
			}
		}
		image_release(&image);
	}
}

struct failing {
	struct image image;
	size_t left; /* reads that work */
	int error;
};

static int read_failing(void *context, void *data, size_t size, uint64_t offset)
{
	struct failing *failing = context;

	if (!failing->left)
		return failing->error;
	failing->left--;
	return image_read(&failing->image, data, size, offset);
}

/* Each read fails once. */
static void test_unreadable(void **state)
{
	(void)state;
	for (enum image_kind kind = 0; kind < IMAGE_KINDS; kind++) {
		struct failing failing = { .error = -EIO };
		const struct np_format_reader reader = { .read = read_failing, .context = &failing };
		bool complete = false;

		image_init(&failing.image, kind);
		for (size_t reads = 0; !complete; reads++) {
			struct np_image found;

			failing.left = reads;
			assert_int_equal(np_format_read(&reader, failing.image.size, NP_FORMAT_AUTO, &found), 0);
			complete = failing.left;
			if (!complete && found.kind != NP_FORMAT_KIND_DIFFERENCING && found.outcome != NP_FORMAT_SOUND)
				assert_non_null(strstr(found.reason, "can't be read, at byte "));
			/* It failed at the very read that would have been the next one. */
			complete |= found.outcome == NP_FORMAT_SOUND || found.kind == NP_FORMAT_KIND_DIFFERENCING;
			if (!complete)
				assert_int_equal(failing.left, 0);
			np_image_release(&found);
			assert_true(reads < 100);
		}
		failing.left = 0;
		failing.error = -ENOMEM;
		assert_int_equal(np_format_read(&reader, failing.image.size, NP_FORMAT_AUTO, &(struct np_image){ 0 }),
				 -ENOMEM);
		image_release(&failing.image);
	}
}

static void test_too_large(void **state)
{
	struct np_image found;
	struct image image;

	(void)state;
	image_init(&image, IMAGE_RAW);
	assert_int_equal(
		np_format_read(&(struct np_format_reader){ image_read, &image }, 1ULL << 63, NP_FORMAT_RAW, &found), 0);
	assert_int_equal(found.outcome, NP_FORMAT_REFUSED);
	image_release(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),      cmocka_unit_test(test_told),      cmocka_unit_test(test_raw),
		cmocka_unit_test(test_marks),      cmocka_unit_test(test_both),      cmocka_unit_test(test_cut),
		cmocka_unit_test(test_unreadable), cmocka_unit_test(test_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
