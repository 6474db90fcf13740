/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "block.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sysfs.h"

dev_t np_block_disk(dev_t number)
{
	char line[32];
	dev_t disk;

	/* A partition's folder lies in its disk's. */
	if (!np_sysfs_read_attribute(number, "partition", line, sizeof(line)) ||
	    !np_sysfs_read_number(number, "../dev", &disk))
		return 0;
	return disk;
}

/* Of the devices in a folder of another's, the one whose attribute is that text. */
static int find_by(dev_t number, const char *folder, const char *attribute, const char *text, dev_t *ret_number)
{
	dev_t *numbers;
	size_t count;
	int r = np_sysfs_list_of(number, folder, attribute, &numbers, &count);

	if (r < 0)
		return r;
	r = -ENOENT;
	for (size_t i = 0; i < count && r == -ENOENT; i++) {
		char line[192];

		if (!np_sysfs_read_attribute(numbers[i], attribute, line, sizeof(line)) || strcmp(line, text))
			continue;
		*ret_number = numbers[i];
		r = 0;
	}
	free(numbers);
	return r;
}

int np_block_partition(dev_t disk, uint64_t partition, dev_t *ret_number)
{
	char text[192], uuid[136];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)partition);
	if (!find_by(disk, "", "partition", text, ret_number))
		return 0;
	if (!np_sysfs_read_attribute(disk, "dm/uuid", uuid, sizeof(uuid)))
		return -ENOENT;
	/* As kpartx names them. */
	snprintf(text, sizeof(text), "part%llu-%s", (unsigned long long)partition, uuid);
	return find_by(disk, "holders", "dm/uuid", text, ret_number) < 0 ? -ENOENT : 0;
}

/* Whether a holder of the device has the attribute, and it begins like that. */
static bool is_held(dev_t number, const char *attribute, const char *beginning)
{
	dev_t *holders;
	size_t count;
	bool held = false;

	if (np_sysfs_list_of(number, "holders", attribute, &holders, &count) < 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		char line[192];

		held |= np_sysfs_read_attribute(holders[i], attribute, line, sizeof(line)) &&
			!strncmp(line, beginning, strlen(beginning));
	}
	free(holders);
	return held;
}

bool np_block_is_leg(dev_t number)
{
	return is_held(number, "md/level", "") || is_held(number, "dm/uuid", "mpath-") ||
	       is_held(number, "dm/uuid", "DMRAID-");
}
