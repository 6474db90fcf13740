/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * np_image_scan() believes nothing of its child's reply. The sandbox is replaced: its child replies what a test says, or what
 * it would.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "child.h"
#include "ntfs-punch/image.h"

#define FILE_SIZE 65536u
#define HEAD_SIZE offsetof(struct np_image, extents)

/* What the child replies: a head, a number, extents, and so many bytes less or more. */
static struct np_image head;
static uint64_t count;
static struct np_extent extents[8];
static int more;

static void reply(int fd)
{
	size_t size = count < COUNT_OF(extents) ? count * sizeof(*extents) : sizeof(extents);
	char bytes[HEAD_SIZE + 8 + sizeof(extents) + 16] = { 0 };

	memcpy(bytes, &head, HEAD_SIZE);
	memcpy(bytes + HEAD_SIZE, &count, 8);
	memcpy(bytes + HEAD_SIZE + 8, extents, size);
	size = (size_t)((long)(HEAD_SIZE + 8 + size) + more);
	if (write(fd, bytes, size) != (ssize_t)size)
		_exit(1);
}

static int scan(int fd, enum np_format wanted, struct np_image *image)
{
	struct np_extent content[] = { { 0, 0, FILE_SIZE } };
	struct np_extent_map map = { content, 1, 1 };

	return np_image_scan(fd, &map, wanted, "file", &np_log_silent, image);
}

/* A dynamic VHDX of three extents. */
static int setup(void **state)
{
	(void)state;
	memset(&head, 0, sizeof(head));
	head.format = NP_FORMAT_VHDX;
	head.kind = NP_FORMAT_KIND_DYNAMIC;
	head.outcome = NP_FORMAT_SOUND;
	head.sector_size_bytes = 512;
	head.size_bytes = 16384;
	head.block_size_bytes = 4096;
	count = 3;
	extents[0] = (struct np_extent){ 0, 8192, 4096 };
	extents[1] = (struct np_extent){ 4096, NP_EXTENT_HOLE, 8192 };
	extents[2] = (struct np_extent){ 12288, FILE_SIZE - 4096, 4096 };
	more = 0;
	child = (struct child){ .reply = reply };
	return 0;
}

static void test_sound(void **state)
{
	static const enum np_format wanted[] = { NP_FORMAT_AUTO, NP_FORMAT_VHDX };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wanted); i++) {
		struct np_image image;

		assert_int_equal(scan(0, wanted[i], &image), 0);
		assert_string_equal(image.reason, "");
		assert_memory_equal(&image, &head, HEAD_SIZE);
		assert_int_equal(image.extents.count, 3);
		assert_memory_equal(image.extents.extents, extents, 3 * sizeof(*extents));
		np_image_release(&image);
	}
}

static void test_refused(void **state)
{
	struct np_image image;

	(void)state;
	head.outcome = NP_FORMAT_REFUSED;
	snprintf(head.reason, sizeof(head.reason), "it is damaged");
	snprintf(head.remedy, sizeof(head.remedy), "make another");
	count = 0;
	assert_int_equal(scan(0, NP_FORMAT_AUTO, &image), 0);
	assert_memory_equal(&image, &head, HEAD_SIZE);
	assert_int_equal(image.extents.count, 0);
}

static void assert_distrusted(const char *name, enum np_format wanted, const char *words)
{
	struct np_image image;

	assert_in_case(name, !scan(0, wanted, &image));
	assert_in_case(name, image.outcome == NP_FORMAT_REFUSED && !image.extents.count && !image.size_bytes);
	assert_in_case(name, strstr(image.reason, "the scanner was not to be trusted with the image: "));
	if (!strstr(image.reason, words))
		fail_msg("case '%s': '%s' instead of '%s'", name, image.reason, words);
}

static void test_heads(void **state)
{
	static const struct {
		size_t offset, size;
		uint64_t value;
		const char *words;
	} lies[] = {
#define FIELD(field, value, words) { offsetof(struct np_image, field), sizeof(head.field), value, words }
		FIELD(format, 0, "its format is none"),
		FIELD(format, 5, "its format is none"),
		FIELD(kind, 0, "its kind is none"),
		FIELD(kind, NP_FORMAT_KIND_RAW, "its kind is none"),
		FIELD(kind, NP_FORMAT_KIND_DIFFERENCING, "its kind is none"),
		FIELD(kind, 5, "its format is none"),
		FIELD(format, NP_FORMAT_RAW, "its kind is none"),
		FIELD(outcome, 0, "its outcome is none"),
		FIELD(outcome, 3, "its outcome is none"),
		FIELD(outcome, NP_FORMAT_REFUSED, "it has no reason"),
		FIELD(sector_size_bytes, 0, "its sector size is none"),
		FIELD(sector_size_bytes, 1024, "its sector size is none"),
		FIELD(size_bytes, 0, "its size is none"),
		FIELD(size_bytes, 16385, "its size is none"),
		FIELD(size_bytes, 1ULL << 62, "its size is none"),
		FIELD(size_bytes, 16384 + 512, "its extents don't add up"),
		FIELD(size_bytes, 16384 - 512, "its extents don't add up"),
#undef FIELD
	};

	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		setup(state);
		memcpy((char *)&head + lies[i].offset, &lies[i].value, lies[i].size);
		assert_distrusted(lies[i].words, NP_FORMAT_AUTO, lies[i].words);
	}
	setup(state);
	assert_distrusted("another format", NP_FORMAT_VHD, "its format is another");
	memset(head.reason, 'x', sizeof(head.reason));
	assert_distrusted("a reason", NP_FORMAT_AUTO, "a text doesn't end");
	setup(state);
	memset(head.remedy, 'x', sizeof(head.remedy));
	assert_distrusted("a remedy", NP_FORMAT_AUTO, "a text doesn't end");
	setup(state);
	head.format = NP_FORMAT_VDI;
	head.sector_size_bytes = 4096;
	assert_distrusted("large sectors", NP_FORMAT_AUTO, "its sector size is none");
	setup(state);
	head.outcome = NP_FORMAT_REFUSED;
	*head.reason = 'x';
	assert_distrusted("extents of nothing", NP_FORMAT_AUTO, "extents of what it refused");
}

static void test_extents(void **state)
{
	static const struct {
		size_t number;
		struct np_extent extent;
		const char *words;
	} lies[] = {
		{ 0, { 0, FILE_SIZE, 4096 }, "outside of the file" },
		{ 0, { 0, FILE_SIZE - 2048, 4096 }, "outside of the file" },
		{ 0, { 0, UINT64_MAX - 4095, 4096 }, "make no sense" },
		{ 0, { 0, 8192, UINT64_MAX }, "make no sense" },
		{ 0, { 512, 8192, 4096 }, "make no sense" },
		{ 1, { 4000, NP_EXTENT_HOLE, 8192 }, "make no sense" },
		{ 0, { 0, 8192, 0 }, "make no sense" },
		{ 1, { 4096, 12288, 8192 }, "make no sense" },
		{ 0, { 0, NP_EXTENT_HOLE, 4096 }, "make no sense" },
		{ 0, { 0, 8193, 4096 }, "isn't on sectors" },
		{ 0, { 0, FILE_SIZE - 4096, 4096 }, "two extents share bytes" },
		{ 1, { 4096, 4608, 8192 }, "two extents share bytes" },
	};

	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		setup(state);
		extents[lies[i].number] = lies[i].extent;
		assert_distrusted(lies[i].words, NP_FORMAT_AUTO, lies[i].words);
	}
	setup(state);
	extents[0].length = 4097;
	extents[1] = (struct np_extent){ 4097, NP_EXTENT_HOLE, 8191 };
	assert_distrusted("odd lengths", NP_FORMAT_AUTO, "isn't made of sectors");
	setup(state);
	count = NP_EXTENT_MAX + 1;
	assert_distrusted("too many", NP_FORMAT_AUTO, "too many extents");
	count = UINT64_MAX;
	assert_distrusted("far too many", NP_FORMAT_AUTO, "too many extents");
	count = 7;
	assert_distrusted("more than there are", NP_FORMAT_AUTO, "");
	count = 2;
	assert_distrusted("fewer", NP_FORMAT_AUTO, "don't add up");
}

static void test_raw(void **state)
{
	struct np_image image;

	(void)state;
	head.format = NP_FORMAT_RAW;
	head.kind = NP_FORMAT_KIND_RAW;
	head.size_bytes = FILE_SIZE;
	count = 1;
	extents[0] = (struct np_extent){ 0, 0, FILE_SIZE };
	assert_int_equal(scan(0, NP_FORMAT_RAW, &image), 0);
	assert_int_equal(image.outcome, NP_FORMAT_SOUND);
	np_image_release(&image);
	head.size_bytes = extents[0].length = FILE_SIZE - 512;
	assert_distrusted("a short one", NP_FORMAT_RAW, "its size is none");
	head.size_bytes = FILE_SIZE;
	extents[0] = (struct np_extent){ 0, NP_EXTENT_HOLE, FILE_SIZE };
	assert_distrusted("a hole", NP_FORMAT_RAW, "it isn't raw");
	count = 2;
	extents[0] = (struct np_extent){ 0, 512, FILE_SIZE - 512 };
	extents[1] = (struct np_extent){ FILE_SIZE - 512, 0, 512 };
	assert_distrusted("another order", NP_FORMAT_RAW, "it isn't raw");
}

static void test_ends(void **state)
{
	(void)state;
	more = 1;
	assert_distrusted("a byte more", NP_FORMAT_AUTO, "it goes on past its end");
	more = -1;
	assert_distrusted("a byte less", NP_FORMAT_AUTO, "it ends early");
	more = -(int)(3 * sizeof(*extents) + 8 + 1);
	assert_distrusted("a part of the head", NP_FORMAT_AUTO, "it ends early");
	more = 0;
	child.end = -ECHILD;
	assert_distrusted("a sound reply and a crash", NP_FORMAT_AUTO, "it crashed");
	child.end = -ENOSYS;
	assert_int_equal(scan(0, NP_FORMAT_AUTO, &head), -ENOSYS);
}

/* The file lies in three pieces and a hole, at odd places: a fixed VHD, whose footer is in two of them. */
static void test_pieces(void **state)
{
	struct np_extent_map content = NP_EXTENT_MAP_INIT;
	uint8_t file[4096 + 512] = { 0 }, *footer = file + 4096;
	struct np_image image;
	uint32_t sum = 0;
	int fd = memfd_create("device", MFD_CLOEXEC);

	(void)state;
	memcpy(footer, "conectix\0\0\0\x02\0\x01\0", 15);
	memset(footer + 16, 0xff, 8);
	footer[54] = 4096 >> 8;
	footer[63] = 2;
	for (size_t i = 0; i < 512; i++)
		sum += footer[i];
	for (size_t i = 0; i < 4; i++)
		footer[67 - i] = (uint8_t)(~sum >> 8 * i);
	assert_int_equal(np_extent_map_append(&content, 100001, 1000), 0);
	assert_int_equal(np_extent_map_append(&content, NP_EXTENT_HOLE, 2000), 0);
	assert_int_equal(np_extent_map_append(&content, 300000, 1100), 0);
	assert_int_equal(np_extent_map_append(&content, 65535, 508), 0);
	assert_int_equal(pwrite(fd, file, 1000, 100001), 1000);
	assert_int_equal(pwrite(fd, file + 3000, 1100, 300000), 1100);
	assert_int_equal(pwrite(fd, file + 4100, 508, 65535), 508);
	child.reply = NULL;
	assert_int_equal(np_image_scan(fd, &content, NP_FORMAT_AUTO, "file", &np_log_silent, &image), 0);
	assert_string_equal(image.reason, "");
	assert_int_equal(image.format, NP_FORMAT_VHD);
	assert_int_equal(image.size_bytes, 4096);
	np_image_release(&image);
	/* The device ends before the file does. */
	assert_int_equal(ftruncate(fd, 300600), 0);
	assert_int_equal(np_image_scan(fd, &content, NP_FORMAT_AUTO, "file", &np_log_silent, &image), 0);
	assert_int_equal(image.outcome, NP_FORMAT_REFUSED);
	assert_non_null(strstr(image.reason, "can't be read, at byte"));
	np_extent_map_release(&content);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_sound, setup),  cmocka_unit_test_setup(test_refused, setup),
		cmocka_unit_test_setup(test_heads, setup),  cmocka_unit_test_setup(test_extents, setup),
		cmocka_unit_test_setup(test_raw, setup),    cmocka_unit_test_setup(test_ends, setup),
		cmocka_unit_test_setup(test_pieces, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
