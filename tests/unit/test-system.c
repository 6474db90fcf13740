/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the system says: just what it writes is taken, and nothing that scanf(3) would take for it.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "block.h"
#include "cookie.h"
#include "disk.h"
#include "number.h"
#include "sysfs.h"
#include "users.h"

static void test_number(void **state)
{
	static const struct {
		const char *text;
		uint64_t most;
		bool is_one;
		uint64_t number;
	} cases[] = {
		{ "0", 0, true, 0 },
		{ "7", 7, true, 7 },
		{ "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, false, 0 },
		{ "99999999999999999999999", UINT64_MAX, false, 0 },
		{ "8", 7, false, 0 },
		{ "", 7, false, 0 },
		{ "-1", UINT64_MAX, false, 0 },
		{ "+1", UINT64_MAX, false, 0 },
		{ " 1", UINT64_MAX, false, 0 },
		{ "1 ", UINT64_MAX, false, 0 },
		{ "1x", UINT64_MAX, false, 0 },
		{ "0x1", UINT64_MAX, false, 0 },
		{ "01", UINT64_MAX, false, 0 },
		{ "00", UINT64_MAX, false, 0 },
		{ "/", UINT64_MAX, false, 0 },
		{ ":", UINT64_MAX, false, 0 },
	};
	const char *text = "12:345";
	uint64_t number;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		number = 42;
		assert_in_case(cases[i].text,
			       np_number_parse(cases[i].text, cases[i].most, &number) == cases[i].is_one);
		assert_in_case(cases[i].text, number == (cases[i].is_one ? cases[i].number : 42));
	}
	assert_false(np_number_take(&text, 11, &number));
	assert_string_equal(text, "12:345");
	assert_true(np_number_take(&text, 12, &number));
	assert_string_equal(text, ":345");
}

static void test_device_number(void **state)
{
	static const char *const wrong[] = { "",     "8",    "8:",    ":3",   "8:3 ",   " 8:3",      "8: 3",
					     "8:-1", "-8:3", "8:3:1", "8:3x", "4096:3", "8:1048576", "8:4294967299",
					     "08:3", "8:03", "8 3" };
	dev_t number = 42;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		assert_in_case(wrong[i], !np_sysfs_parse_number(wrong[i], &number));
		assert_in_case(wrong[i], number == 42);
	}
	assert_true(np_sysfs_parse_number("8:3", &number));
	assert_true(number == makedev(8, 3));
	assert_true(np_sysfs_parse_number("4095:1048575", &number));
	assert_true(number == makedev(4095, 1048575));
}

static void test_partition(void **state)
{
	static const char *const wrong[] = { "",
					     "\n",
					     "major minor  #blocks  name\n",
					     "   8        3",
					     "   8-       3 1 sda3\n",
					     "   8       -3 1 sda3\n",
					     "4096        0 1 sda\n",
					     "   8  1048576 1 sda\n",
					     "\t8 3 1 sda3\n" };
	dev_t number = 42;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		assert_in_case(wrong[i], !np_disk_parse_line(wrong[i], &number));
		assert_in_case(wrong[i], number == 42);
	}
	assert_true(np_disk_parse_line("   8        3   10485760 sda3\n", &number));
	assert_true(number == makedev(8, 3));
	assert_true(np_disk_parse_line(" 259  1048575 1 nvme0n1p1\n", &number));
	assert_true(number == makedev(259, 1048575));
}

static void test_link(void **state)
{
	char path[16];

	(void)state;
	assert_int_equal(np_sysfs_parse_link("../../devices/sda/sda3", path, sizeof(path)), 0);
	assert_string_equal(path, "/dev/sda3");
	assert_int_equal(np_sysfs_parse_link("../a!b/cciss!c0d0", path, sizeof(path)), 0);
	assert_string_equal(path, "/dev/cciss/c0d0");
	assert_int_equal(np_sysfs_parse_link("../cciss!c0d0p", path, sizeof(path)), -ENAMETOOLONG);
	assert_int_equal(np_sysfs_parse_link("loop0", path, sizeof(path)), 0);
	assert_string_equal(path, "/dev/loop0");
}

static void test_identity(void **state)
{
	(void)state;
	assert_true(np_block_is_identity("naa.5000c500a1b2c3d4"));
	assert_true(np_block_is_identity("eui.0000000000000001"));
	assert_true(np_block_is_identity("uuid.a0000000-0000-0000-0000-000000000000"));
	/* Disks of all of these may be many. */
	assert_false(np_block_is_identity("t10.ATA     QEMU HARDDISK"));
	assert_false(np_block_is_identity("naa.0000000000000000"));
	assert_false(np_block_is_identity("uuid.00000000-0000-0000-0000-000000000000"));
	assert_false(np_block_is_identity("naa."));
	assert_false(np_block_is_identity(" naa.5000c500a1b2c3d4"));
	assert_false(np_block_is_identity(""));
}

static void test_cookie(void **state)
{
	static const char *const wrong[] = { "",
					     "0x0d4d1234",
					     "0x0d4d123\n",
					     "0x0d4d12345\n",
					     "0x0d4d0000\n",
					     "0x0d4e1234\n",
					     "0x 0d4d1234\n",
					     "0x0D4D1234\n",
					     "0d4d1234\n",
					     "223154740\n",
					     "0x0d4d1234\n\n",
					     " 0x0d4d1234\n",
					     "0x10d4d1234\n",
					     "-0xf2b2edcc\n",
					     "0x0d4d123g\n" };
	char record[NP_COOKIE_RECORD_SIZE];
	uint32_t key = 42;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		assert_in_case(wrong[i], !np_cookie_parse(wrong[i], &key));
		assert_in_case(wrong[i], key == 42);
	}
	np_cookie_format(0x0d4d1234, record);
	assert_string_equal(record, "0x0d4d1234\n");
	assert_true(np_cookie_parse(record, &key));
	assert_int_equal(key, 0x0d4d1234);
}

/* A filesystem without a device of its own, as btrfs' are: tmpfs, proc. */
static void test_swap_without_device(void **state)
{
	char list[] = "/tmp/test-system-XXXXXX";
	struct stat status;
	dev_t *numbers;
	size_t count;
	int fd = mkstemp(list);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	(void)state;
	assert_true(file && fputs("Filename Type Size Used Priority\n/proc/self/comm file 1048572 0 -2\n", file) >= 0);
	assert_true(!fclose(file) && !stat("/proc/self/comm", &status));
	assert_int_equal(major(status.st_dev), 0);
	assert_int_equal(np_users_list_swaps(list, &numbers, &count), 0);
	assert_int_equal(count, 1);
	assert_true(numbers[0] == 0);
	free(numbers);
	assert_int_equal(unlink(list), 0);
}

/* What the kernel writes (Linux, mm/swapfile.c, swap_show()): a device, a swap file with a blank in its name, one that is gone. */
static void test_swaps(void **state)
{
	char folder[] = "/tmp/test-system-XXXXXX", list[64], swap[64], text[512];
	struct stat status;
	dev_t *numbers;
	size_t count;
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(list, sizeof(list), "%s/swaps", folder);
	snprintf(swap, sizeof(swap), "%s/a b", folder);
	snprintf(text, sizeof(text),
		 "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
		 "%s/a\\040b                    file\t\t1048572\t\t0\t\t-2\n"
		 "%s/none                         partition\t1048572\t\t0\t\t-3\n",
		 folder, folder);
	assert_int_equal(np_users_list_swaps(list, &numbers, &count), -ENOENT);
	file = fopen(swap, "w");
	assert_true(file && !fclose(file) && !stat(swap, &status));
	file = fopen(list, "w");
	assert_true(file && fputs(text, file) >= 0 && !fclose(file));
	assert_int_equal(np_users_list_swaps(list, &numbers, &count), 0);
	assert_int_equal(count, 2);
	/* Where /tmp has a device. */
	assert_true(numbers[0] == (major(status.st_dev) ? status.st_dev : 0));
	assert_true(numbers[1] == 0);
	free(numbers);

	/* As it is without swap. */
	text[strcspn(text, "\n") + 1] = '\0';
	file = fopen(list, "w");
	assert_true(file && fputs(text, file) >= 0 && !fclose(file));
	assert_int_equal(np_users_list_swaps(list, &numbers, &count), 0);
	assert_int_equal(count, 0);
	free(numbers);
	assert_true(!unlink(list) && !unlink(swap) && !rmdir(folder));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_number),    cmocka_unit_test(test_device_number),
		cmocka_unit_test(test_partition), cmocka_unit_test(test_link),
		cmocka_unit_test(test_identity),  cmocka_unit_test(test_cookie),
		cmocka_unit_test(test_swaps),     cmocka_unit_test(test_swap_without_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
