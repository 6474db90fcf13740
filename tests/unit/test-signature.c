/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is on a device instead of NTFS.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "signature.h"

struct mark {
	const char *name;
	size_t offset, length;
	const char *bytes;
};

/* Each from its own format's specification. */
static const struct mark marks[] = {
	{ "BitLocker", 3, 8, "-FVE-FS-" },
	{ "BitLocker", 424, 16, "\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01" },
	{ "ReFS", 3, 8, "ReFS\0\0\0\0" },
	{ "exFAT", 3, 8, "EXFAT   " },
	{ "partition table", 512, 8, "EFI PART" },
	{ "partition table", 4096, 8, "EFI PART" },
	{ "FAT", 82, 8, "FAT32   " },
	{ "FAT", 54, 8, "FAT16   " },
	{ "FAT", 54, 8, "FAT12   " },
	{ "LUKS", 0, 6, "LUKS\xba\xbe" },
	{ "LVM physical volume", 512, 8, "LABELONE" },
	{ "ext2/3/4", 0x438, 2, "\x53\xef" },
	{ "XFS", 0, 4, "XFSB" },
	{ "btrfs", 0x10040, 8, "_BHRfS_M" },
	{ "swap", 4086, 10, "SWAPSPACE2" },
	{ "ISO 9660", 0x8001, 5, "CD001" },
	{ "VHDX disk image", 0, 8, "vhdxfile" },
	{ "VHD disk image", 0, 8, "conectix" },
	{ "VDI disk image", 64, 4, "\x7f\x10\xda\xbe" },
	{ "qcow2 disk image", 0, 4, "QFI\xfb" },
};

/* A device's start, none of its bytes zero, so that nothing is seen where nothing is. The caller frees it. */
static char *new_start(size_t size)
{
	char *data = malloc(size ? size : 1);

	assert_non_null(data);
	memset(data, '~', size);
	return data;
}

static void put_mark(char *data, const struct mark *mark)
{
	memcpy(data + mark->offset, mark->bytes, mark->length);
}

/* The name for the first `size` bytes, copied to where nothing follows them that could be read. */
static const char *name_of(const char *data, size_t size)
{
	char *exact = new_start(size);
	const char *name;

	memcpy(exact, data, size);
	name = np_signature_name(exact, size);
	free(exact);
	return name;
}

static bool is_name(const char *name, const char *expected)
{
	return name && !strcmp(name, expected);
}

static void test_each(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(marks); i++) {
		const struct mark *mark = &marks[i];
		char *data = new_start(NP_SIGNATURE_SIZE);

		assert_in_case(mark->name, !name_of(data, NP_SIGNATURE_SIZE));
		assert_in_case(mark->name, mark->offset + mark->length <= NP_SIGNATURE_SIZE);
		put_mark(data, mark);
		assert_in_case(mark->name, is_name(name_of(data, NP_SIGNATURE_SIZE), mark->name));
		assert_in_case(mark->name, !np_signature_is_ntfs(data, NP_SIGNATURE_SIZE));
		/* Damaged in its first byte. */
		data[mark->offset] ^= 1;
		assert_in_case(mark->name, !name_of(data, NP_SIGNATURE_SIZE));
		free(data);
	}
}

static void test_short(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(marks); i++) {
		const struct mark *mark = &marks[i];
		/* FAT's are looked at without the blanks behind them. */
		size_t blanks = !strncmp(mark->bytes, "FAT1", 4) ? 3 : 0;
		size_t size = mark->offset + mark->length - blanks;
		char *data = new_start(NP_SIGNATURE_SIZE);

		put_mark(data, mark);
		assert_in_case(mark->name, is_name(name_of(data, size), mark->name));
		assert_in_case(mark->name, !name_of(data, size - 1));
		assert_in_case(mark->name, !name_of(data, mark->offset));
		free(data);
	}
}

static void test_nothing(void **state)
{
	char zeros[1024] = { 0 };

	(void)state;
	assert_null(np_signature_name(zeros, 0));
	assert_null(np_signature_name(NULL, 0));
	assert_false(np_signature_is_ntfs(NULL, 0));
	assert_true(is_name(name_of(zeros, 1), "zeros"));
	assert_true(is_name(name_of(zeros, 511), "zeros"));
	assert_true(is_name(name_of(zeros, sizeof(zeros)), "zeros"));
	zeros[sizeof(zeros) - 1] = 1;
	assert_true(is_name(name_of(zeros, sizeof(zeros) - 1), "zeros"));
	assert_null(name_of(zeros, sizeof(zeros)));
	zeros[sizeof(zeros) - 1] = 0;
	zeros[0] = 1;
	assert_null(name_of(zeros, 1));
	assert_null(name_of(zeros, sizeof(zeros)));
}

static void test_ntfs(void **state)
{
	const struct mark ntfs = { "NTFS", 3, 8, "NTFS    " };
	char *data = new_start(512);

	(void)state;
	assert_false(np_signature_is_ntfs(data, 512));
	put_mark(data, &ntfs);
	assert_true(np_signature_is_ntfs(data, 512));
	assert_true(np_signature_is_ntfs(data, 11));
	assert_false(np_signature_is_ntfs(data, 10));
	assert_false(np_signature_is_ntfs(data, 0));
	data[10] = '\0';
	assert_false(np_signature_is_ntfs(data, 512));
	free(data);
}

/* A volume looks like what it isn't: the right one of two comes first. */
static void test_precedence(void **state)
{
	static const struct {
		const char *name;
		struct mark first, second;
	} cases[] = {
		{ "BitLocker",
		  { "", 424, 16, "\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01" },
		  { "", 82, 8, "FAT32   " } },
		{ "BitLocker", { "", 3, 8, "-FVE-FS-" }, { "", 82, 8, "FAT32   " } },
		{ "FAT", { "", 82, 8, "FAT32   " }, { "", 510, 2, "\x55\xaa" } },
		{ "exFAT", { "", 3, 8, "EXFAT   " }, { "", 510, 2, "\x55\xaa" } },
		{ "LUKS", { "", 0, 6, "LUKS\xba\xbe" }, { "", 510, 2, "\x55\xaa" } },
		{ "partition table", { "", 512, 8, "EFI PART" }, { "", 510, 2, "\x55\xaa" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *data = new_start(NP_SIGNATURE_SIZE);

		/* An entry as an MBR has it. */
		memcpy(data + 446, "\x80\1\1\0\7\2\3\4\0\10\0\0\0\1\0\0", 16);
		put_mark(data, &cases[i].first);
		put_mark(data, &cases[i].second);
		assert_in_case(cases[i].name, is_name(name_of(data, NP_SIGNATURE_SIZE), cases[i].name));
		free(data);
	}
}

/* An MBR whose entry of that number begins with these bytes: status, type, sectors; the other three are empty. */
static bool passes_for_mbr(size_t entry, int status, int type, const char *sectors)
{
	char data[512] = "boot code";

	data[446 + entry * 16] = (char)status;
	data[446 + entry * 16 + 4] = (char)type;
	memcpy(data + 446 + entry * 16 + 12, sectors, 4);
	assert_null(name_of(data, sizeof(data)));
	data[510] = 0x55;
	assert_null(name_of(data, sizeof(data)));
	data[511] = (char)0xaa;
	assert_null(name_of(data, sizeof(data) - 1));
	return is_name(name_of(data, sizeof(data)), "partition table");
}

static void test_mbr(void **state)
{
	(void)state;
	for (size_t entry = 0; entry < 4; entry++) {
		assert_true(passes_for_mbr(entry, 0x00, 0x07, "\1\0\0\0"));
		assert_true(passes_for_mbr(entry, 0x80, 0x83, "\0\0\0\x80"));
		assert_true(passes_for_mbr(entry, 0x80, 0xee, "\xff\xff\xff\xff"));
		assert_true(passes_for_mbr(entry, 0x00, 0x07, "\0\1\0\0"));
		assert_true(passes_for_mbr(entry, 0x00, 0x07, "\0\0\1\0"));
		assert_false(passes_for_mbr(entry, 0x00, 0x00, "\1\0\0\0"));
		assert_false(passes_for_mbr(entry, 0x00, 0x07, "\0\0\0\0"));
		assert_false(passes_for_mbr(entry, 0x01, 0x07, "\1\0\0\0"));
		assert_false(passes_for_mbr(entry, 0xff, 0x07, "\1\0\0\0"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each), cmocka_unit_test(test_short), cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_ntfs), cmocka_unit_test(test_mbr),   cmocka_unit_test(test_precedence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
