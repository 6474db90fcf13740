/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hibernated Linux, over devices that have what a test says. None of them is there: sysfs has nothing of them.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "disk.h"
#include "ntfs-punch/hibernation.h"

struct device {
	int result; /* of np_disk_probe() */
	const char *type;
	uint64_t unreadable, several;
};

static const struct device *devices;
static size_t device_count;

static dev_t number_of(size_t i)
{
	return makedev(4095, 1048000 + (unsigned)i);
}

int np_disk_each(np_disk_fn *function, void *context)
{
	int r = 0;

	for (size_t i = 0; i < device_count && !r; i++)
		r = function(number_of(i), context);
	return r;
}

/* What fails leaves in place what the one before it had. */
int np_disk_probe(dev_t number, enum np_log_level level, const struct np_log *log, struct np_content *ret_content)
{
	(void)level, (void)log;
	for (size_t i = 0; i < device_count; i++) {
		const struct device *device = &devices[i];

		if (number != number_of(i))
			continue;
		if (device->result < 0)
			return device->result;
		memset(ret_content, 0, sizeof(*ret_content));
		snprintf(ret_content->type, sizeof(ret_content->type), "%s", device->type);
		ret_content->unreadable = device->unreadable;
		ret_content->several = device->several;
		return 0;
	}
	return -ENODEV;
}

static void test_image(void **state)
{
	static const struct {
		const char *name;
		struct device devices[2];
		bool is_image, is_unknown, is_denied;
	} cases[] = {
		{ "nothing", { { 0, "", 0, 0 }, { 0, "swap", 0, 0 } }, false, false, false },
		{ "an image", { { 0, "ext4", 0, 0 }, { 0, "swsuspend", 0, 0 } }, true, false, false },
		{ "an image, not all read", { { 0, "ext4", 0, 0 }, { 0, "swsuspend", 1, 0 } }, true, false, false },
		{ "an image beside a table", { { 0, "ext4", 0, 0 }, { 0, "swsuspend", 0, 1 } }, true, false, false },
		{ "locked", { { 0, "crypto_LUKS", 0, 0 }, { 0, "ext4", 0, 0 } }, false, true, false },
		{ "ambivalent", { { 0, "", 0, 1 }, { 0, "ext4", 0, 0 } }, false, true, false },
		{ "unreadable", { { 0, "", 1, 0 }, { 0, "ext4", 0, 0 } }, false, true, false },
		{ "an image behind what is locked",
		  { { 0, "crypto_LUKS", 0, 0 }, { 0, "swsuspend", 0, 0 } },
		  true,
		  true,
		  false },
		{ "failed", { { 0, "ext4", 0, 0 }, { -EIO, "", 0, 0 } }, false, true, false },
		{ "denied", { { 0, "ext4", 0, 0 }, { -EACCES, "", 0, 0 } }, false, true, true },
		{ "gone", { { 0, "ext4", 0, 0 }, { -ENODEV, "", 0, 0 } }, false, false, false },
	};

	(void)state;
	device_count = COUNT_OF(cases[0].devices);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct np_hibernation_facts found = { .image = "" };

		devices = cases[i].devices;
		np_hibernation_find_image(&np_log_silent, &found);
		assert_in_case(cases[i].name, !!*found.image == cases[i].is_image);
		assert_in_case(cases[i].name, !!*found.unknown == cases[i].is_unknown);
		assert_in_case(cases[i].name, found.denied == cases[i].is_denied);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
