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

/* The first device in a folder of another's whose attribute begins with `text`, or is just that. */
static int find_by(dev_t number, const char *folder, const char *attribute, const char *text, bool whole,
		   dev_t *ret_number)
{
	size_t length = strlen(text) + (whole ? 1 : 0);
	dev_t *numbers;
	size_t count;
	int r = np_sysfs_list_of(number, folder, attribute, &numbers, &count);

	if (r < 0)
		return r;
	r = -ENOENT;
	for (size_t i = 0; i < count && r == -ENOENT; i++) {
		char line[192];

		if (!np_sysfs_read_attribute(numbers[i], attribute, line, sizeof(line)) || strncmp(line, text, length))
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
	if (!find_by(disk, "", "partition", text, true, ret_number))
		return 0;
	if (!np_sysfs_read_attribute(disk, "dm/uuid", uuid, sizeof(uuid)))
		return -ENOENT;
	/* As kpartx names them. */
	snprintf(text, sizeof(text), "part%llu-%s", (unsigned long long)partition, uuid);
	return find_by(disk, "holders", "dm/uuid", text, true, ret_number) < 0 ? -ENOENT : 0;
}

bool np_block_is_leg(dev_t number)
{
	dev_t holder;

	return !find_by(number, "holders", "md/level", "", false, &holder) ||
	       !find_by(number, "holders", "dm/uuid", "mpath-", false, &holder) ||
	       !find_by(number, "holders", "dm/uuid", "DMRAID-", false, &holder);
}

bool np_block_is_assembly(dev_t number)
{
	char line[192];

	return np_sysfs_read_attribute(number, "md/level", line, sizeof(line)) ||
	       (np_sysfs_read_attribute(number, "dm/uuid", line, sizeof(line)) &&
		(!strncmp(line, "mpath-", 6) || !strncmp(line, "DMRAID-", 7)));
}

bool np_block_is_identity(const char *text)
{
	static const char *const kinds[] = { "naa.", "eui.", "uuid." };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		size_t length = strlen(kinds[i]);

		if (!strncmp(text, kinds[i], length))
			return text[length + strspn(text + length, "0-")];
	}
	return false;
}
