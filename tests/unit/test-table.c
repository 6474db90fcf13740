/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables: built from maps, and as the text that dmsetup and the kernel take apart again.
 */
#include "unit.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ntfs-punch/table.h"

#define HOLE NP_EXTENT_HOLE

/* The last sector that fits below the largest offset. */
#define LAST_SECTOR ((uint64_t)INT64_MAX / NP_SECTOR_SIZE - 1)

static void append(struct np_extent_map *map, uint64_t physical, uint64_t length)
{
	assert_int_equal(np_extent_map_append(map, physical, length), 0);
}

static void assert_target(const struct np_target *target, uint64_t start, uint64_t length, enum np_target_type type,
			  uint64_t offset)
{
	assert_int_equal(target->start_sector, start);
	assert_int_equal(target->length_sectors, length);
	assert_int_equal(target->type, type);
	assert_int_equal(target->offset_sector, offset);
}

static void test_build(void **state)
{
	struct np_extent_map map = NP_EXTENT_MAP_INIT;
	struct np_table table = NP_TABLE_INIT;

	(void)state;
	assert_int_equal(np_table_sectors(&table), 0);
	append(&map, 4096, 8192);
	append(&map, HOLE, 512);
	append(&map, 0, 1024);
	append(&map, LAST_SECTOR * 512, 512);
	assert_int_equal(np_table_build(&map, &table), 0);
	assert_int_equal(table.count, 4);
	assert_target(&table.targets[0], 0, 16, NP_TARGET_LINEAR, 8);
	assert_target(&table.targets[1], 16, 1, NP_TARGET_ZERO, 0);
	assert_target(&table.targets[2], 17, 2, NP_TARGET_LINEAR, 0);
	assert_target(&table.targets[3], 19, 1, NP_TARGET_LINEAR, LAST_SECTOR);
	assert_int_equal(np_table_sectors(&table), 20);
	np_table_release(&table);
	assert_null(table.targets);
	assert_int_equal(table.count, 0);
	np_table_release(&table);
	np_extent_map_release(&map);
}

static void test_build_largest(void **state)
{
	struct np_extent_map map = NP_EXTENT_MAP_INIT;
	struct np_table table = NP_TABLE_INIT;

	(void)state;
	append(&map, HOLE, (LAST_SECTOR + 1) * 512);
	assert_int_equal(np_table_build(&map, &table), 0);
	assert_target(&table.targets[0], 0, LAST_SECTOR + 1, NP_TARGET_ZERO, 0);
	assert_int_equal(np_table_sectors(&table), 18014398509481983ULL);
	np_table_release(&table);
	np_extent_map_release(&map);
}

/* Refused, never rounded. */
static void test_build_refuses(void **state)
{
	static const struct {
		const char *name;
		struct np_extent extents[2];
	} cases[] = {
		{ "nothing", { { 0 } } },
		{ "a length of 511", { { 0, 0, 511 } } },
		{ "a length of 513", { { 0, 4096, 513 } } },
		{ "a hole of 100", { { 0, HOLE, 100 } } },
		{ "begins at byte 1", { { 0, 1, 512 } } },
		{ "begins at byte 511", { { 0, 511, 512 } } },
		{ "the second begins in a sector", { { 0, 0, 512 }, { 512, 4097, 512 } } },
		{ "the second is short", { { 0, 0, 512 }, { 512, 4096, 256 } } },
		{ "the first is short", { { 0, 0, 256 }, { 256, 4096, 256 } } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct np_extent_map map = NP_EXTENT_MAP_INIT;
		struct np_table untouched = { .count = 77 };

		for (size_t j = 0; j < 2; j++)
			append(&map, cases[i].extents[j].physical, cases[i].extents[j].length);
		assert_in_case(cases[i].name, np_table_build(&map, &untouched) == -EINVAL);
		assert_in_case(cases[i].name, untouched.count == 77 && !untouched.targets);
		np_extent_map_release(&map);
	}
}

static void test_text(void **state)
{
	static const struct {
		struct np_target target;
		const char *line, *parameters;
	} cases[] = {
		{ { 0, 16, 8, NP_TARGET_LINEAR }, "0 16 linear 8:3 8", "8:3 8" },
		{ { 16, 1, 0, NP_TARGET_LINEAR }, "16 1 linear 8:3 0", "8:3 0" },
		{ { 17, 1, 0, NP_TARGET_ZERO }, "17 1 zero", "" },
		{ { LAST_SECTOR, 1, LAST_SECTOR, NP_TARGET_LINEAR },
		  "18014398509481982 1 linear 8:3 18014398509481982",
		  "8:3 18014398509481982" },
		{ { UINT64_MAX, UINT64_MAX, UINT64_MAX, NP_TARGET_LINEAR },
		  "18446744073709551615 18446744073709551615 linear 8:3 18446744073709551615",
		  "8:3 18446744073709551615" },
		{ { UINT64_MAX, UINT64_MAX, 0, NP_TARGET_ZERO }, "18446744073709551615 18446744073709551615 zero", "" },
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_int_equal(np_target_format(&cases[i].target, "8:3", text, sizeof(text)), strlen(cases[i].line));
		assert_string_equal(text, cases[i].line);
		assert_int_equal(np_target_format_parameters(&cases[i].target, "8:3", text, sizeof(text)),
				 strlen(cases[i].parameters));
		assert_string_equal(text, cases[i].parameters);
	}
	assert_string_equal(np_target_type_name(NP_TARGET_LINEAR), "linear");
	assert_string_equal(np_target_type_name(NP_TARGET_ZERO), "zero");
}

typedef int format_fn(const struct np_target *target, const char *device_word, char *text, size_t size);

/* For every size: the length that is needed, no byte past `size`, and as much of the text as fits. */
static void assert_like_snprintf(format_fn *format, const struct np_target *target)
{
	char whole[128], text[128];
	int length = format(target, "259:3", whole, sizeof(whole));

	assert_int_equal(length, strlen(whole));
	assert_int_equal(format(target, "259:3", NULL, 0), length);
	for (size_t size = 0; size < (size_t)length + 4; size++) {
		size_t fits = size <= (size_t)length ? size - 1 : (size_t)length;

		memset(text, '~', sizeof(text));
		assert_int_equal(format(target, "259:3", text, size), length);
		for (size_t i = size; i < sizeof(text); i++)
			assert_int_equal(text[i], '~');
		if (!size)
			continue;
		assert_memory_equal(text, whole, fits);
		assert_int_equal(text[fits], '\0');
	}
}

static void test_format_like_snprintf(void **state)
{
	static const struct np_target linear = { 123456, 789, 1011, NP_TARGET_LINEAR };
	static const struct np_target zero = { 123456, 789, 0, NP_TARGET_ZERO };

	(void)state;
	for (enum np_target_type type = NP_TARGET_SNAPSHOT_TRANSIENT; type <= NP_TARGET_SNAPSHOT_MERGE; type++) {
		const struct np_target snapshot = { 0, 123456, 0, type };

		assert_like_snprintf(np_target_format, &snapshot);
		assert_like_snprintf(np_target_format_parameters, &snapshot);
	}
	assert_like_snprintf(np_target_format, &linear);
	assert_like_snprintf(np_target_format, &zero);
	assert_like_snprintf(np_target_format_parameters, &linear);
	assert_like_snprintf(np_target_format_parameters, &zero);
}

/* As Linux' Documentation/admin-guide/device-mapper/snapshot.rst has them. */
static void test_snapshots(void **state)
{
	static const struct {
		enum np_target_type type;
		const char *name, *line, *parameters;
	} cases[] = {
		{ NP_TARGET_SNAPSHOT_TRANSIENT, "snapshot", "0 2048 snapshot 253:0 7:1 N 8", "253:0 7:1 N 8" },
		{ NP_TARGET_SNAPSHOT, "snapshot", "0 2048 snapshot 253:0 7:1 PO 8", "253:0 7:1 PO 8" },
		{ NP_TARGET_SNAPSHOT_MERGE, "snapshot-merge", "0 2048 snapshot-merge 253:0 7:1 PO 8",
		  "253:0 7:1 PO 8" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct np_table table = NP_TABLE_INIT;
		char text[128];

		assert_int_equal(np_table_build_snapshot(cases[i].type, 1 << 20, &table), 0);
		assert_int_equal(table.count, 1);
		assert_int_equal(np_table_sectors(&table), 2048);
		assert_int_equal(np_target_format(&table.targets[0], "253:0 7:1", text, sizeof(text)),
				 strlen(cases[i].line));
		assert_string_equal(text, cases[i].line);
		np_target_format_parameters(&table.targets[0], "253:0 7:1", text, sizeof(text));
		assert_string_equal(text, cases[i].parameters);
		assert_string_equal(np_target_type_name(cases[i].type), cases[i].name);
		np_table_release(&table);

		assert_int_equal(np_table_build_snapshot(cases[i].type, 0, &table), -EINVAL);
		assert_int_equal(np_table_build_snapshot(cases[i].type, 513, &table), -EINVAL);
		assert_null(table.targets);
	}
}

static void test_device_word(void **state)
{
	static const struct {
		const char *device, *word;
	} cases[] = {
		{ "8:3", "8:3" },
		{ "", "" },
		{ "/dev/sda3", "/dev/sda3" },
		{ "/home/me/a disk.img", "/home/me/a\\ disk.img" },
		{ " ", "\\ " },
		{ "a  b ", "a\\ \\ b\\ " },
		{ "a\\b", "a\\\\b" },
		{ "a\\ b", "a\\\\\\ b" },
		{ "a\tb\nc\rd\ve\ff", "a\\\tb\\\nc\\\rd\\\ve\\\ff" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *word = NULL;

		assert_int_equal(np_table_device_word(cases[i].device, &word), 0);
		assert_string_equal(word, cases[i].word);
		free(word);
	}
}

/* White space as Linux has it (lib/ctype.c): in Latin-1, so with the no-break space. */
static bool kernel_isspace(char c)
{
	return (c >= '\t' && c <= '\r') || c == ' ' || (unsigned char)c == 0xa0;
}

/* The next word, as drivers/md/dm-table.c, dm_split_args(), reads it: a backslash quotes whatever follows. */
static char *kernel_next_word(const char **text)
{
	char *word = calloc(1, strlen(*text) + 1), *end = word;

	while (kernel_isspace(**text))
		(*text)++;
	for (; **text && !kernel_isspace(**text); (*text)++) {
		if (**text == '\\' && (*text)[1])
			(*text)++;
		*end++ = **text;
	}
	return word;
}

/* What the kernel gets to see of a device's name is that name. */
static void assert_kernel_reads(const char *device)
{
	static const struct np_target target = { 5, 6, 7, NP_TARGET_LINEAR };
	char line[256], type[16], *word = NULL, *name, *offset;
	const char *parameters = line;
	uint64_t start = 0, length = 0;
	int used = 0;

	assert_int_equal(np_table_device_word(device, &word), 0);
	assert_in_range(np_target_format(&target, word, line, sizeof(line)), 1, sizeof(line) - 1);
	/* As tools/dmsetup.c, _parse_line(), reads a line. */
	assert_int_equal(sscanf(line, "%" SCNu64 " %" SCNu64 " %15s %n", &start, &length, type, &used), 3);
	assert_int_equal(start, 5);
	assert_int_equal(length, 6);
	assert_string_equal(type, "linear");
	parameters += used;
	name = kernel_next_word(&parameters);
	offset = kernel_next_word(&parameters);
	if (strcmp(name, device))
		fail_msg("the kernel reads the device '%s' as '%s'", device, name);
	assert_string_equal(offset, "7");
	assert_int_equal(*parameters, '\0');
	free(name);
	free(offset);
	free(word);
}

static void test_kernel_reads_device(void **state)
{
	char device[8] = "/dev/x1";

	(void)state;
	/* The letter à ends in the byte 0xa0. */
	assert_kernel_reads("/home/voil\xc3\xa0.img");
	/* Every byte, within the name and last in it. */
	for (int byte = 1; byte <= UCHAR_MAX; byte++) {
		device[5] = (char)byte;
		device[6] = '1';
		assert_kernel_reads(device);
		device[6] = '\0';
		assert_kernel_reads(device);
	}
}

/* What a map's targets say of the device below is the map; of another device it has nothing. */
static void test_read_target(void **state)
{
	static const char below[] = "8:3", other[] = "8:30";
	struct np_extent_map map = NP_EXTENT_MAP_INIT;

	(void)state;
	assert_int_equal(np_table_read_target(&map, below, 8, "linear", "8:3 80"), 0);
	assert_int_equal(np_table_read_target(&map, below, 16, "zero", ""), 0);
	assert_int_equal(np_table_read_target(&map, below, 24, "linear", "8:3 2048"), 0);
	assert_int_equal(map.count, 3);
	assert_int_equal(map.extents[0].physical, 80 * 512);
	assert_int_equal(map.extents[0].length, 8 * 512);
	assert_int_equal(map.extents[1].physical, NP_EXTENT_HOLE);
	assert_int_equal(map.extents[2].physical, 2048 * 512);
	assert_int_equal(np_extent_map_total(&map), 48 * 512);
	np_extent_map_release(&map);

	assert_int_equal(np_table_read_target(&map, other, 8, "linear", "8:3 80"), 0);
	assert_int_equal(map.extents[0].physical, NP_EXTENT_HOLE);
	np_extent_map_release(&map);

	assert_int_equal(np_table_read_target(&map, below, 8, "striped", "8:3 80"), -ENOTSUP);
	assert_int_equal(np_table_read_target(&map, below, 8, "linear", "8:3"), -EIO);
	assert_int_equal(np_table_read_target(&map, below, 8, "linear", "/dev/sda3 80"), -EIO);
	assert_int_equal(np_table_read_target(&map, below, 8, "linear", ":: 80"), -EIO);
	assert_int_equal(np_table_read_target(&map, below, 8, "linear", "83 80"), -EIO);
	assert_int_equal(np_table_read_target(&map, below, 8, "linear", "8:3 080"), -EIO);
	assert_int_equal(np_table_read_target(&map, below, 8, "linear", "8:3 36028797018963968"), -EIO);
	assert_int_equal(np_table_read_target(&map, below, 8, "linear", "8:3 99999999999999999999"), -EIO);
	assert_int_equal(np_table_read_target(&map, below, 8, "linear", "8:3 80 1"), -EIO);
	assert_int_equal(np_table_read_target(&map, below, 8, "linear", "8:3 -80"), -EIO);
	assert_int_equal(np_table_read_target(&map, below, 1ULL << 55, "zero", ""), -EIO);
	np_extent_map_release(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_build),
		cmocka_unit_test(test_build_largest),
		cmocka_unit_test(test_build_refuses),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_format_like_snprintf),
		cmocka_unit_test(test_snapshots),
		cmocka_unit_test(test_device_word),
		cmocka_unit_test(test_kernel_reads_device),
		cmocka_unit_test(test_read_target),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
