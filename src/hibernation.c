/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/hibernation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "disk.h"
#include "node.h"
#include "ntfs-punch/device.h"
#include "ntfs-punch/punchtab.h"
#include "sysfs.h"
#include "systemd.h"
#include "users.h"

_Static_assert(NP_HIBERNATION_PATH_SIZE >= NP_DEVICE_NODE_SIZE, "a node fits");

/* No swap that takes an image is smaller; and a floppy drive without a disk, which says 4 KiB, takes seconds to fail. */
#define IMAGE_BYTES_LEAST (1u << 20)

/* The kernel's is at most 4 KiB (its COMMAND_LINE_SIZE), and what a boot loader adds to it. */
#define CMDLINE_SIZE 16384

static void put_unknown(struct np_hibernation_facts *hibernation, const char *path, int r)
{
	if (!*hibernation->unknown)
		snprintf(hibernation->unknown, sizeof(hibernation->unknown), "%s", path);
	hibernation->denied = hibernation->denied || r == -EACCES || r == -EPERM;
}

/* ---- Swap and resume= ---------------------------------------------------------------------------------- */

/* The name of the map, or of the partition in one, that a device is or lies on. */
static bool find_map(dev_t number, int depth, char *name)
{
	struct np_node node = { .is_block = true, .number = number }, below;
	dev_t *slaves;
	size_t count;
	bool found = false;

	if (np_users_is_ours(number))
		return np_sysfs_read_attribute(number, "dm/name", name, NP_NAME_SIZE);
	if (depth == NP_USERS_DEPTH)
		return false;
	/* Of a file, its filesystem's device. */
	if (np_node_below(&node, &below))
		return find_map(below.number, depth + 1, name);
	if (np_sysfs_list_of(number, "slaves", "dev", &slaves, &count) < 0)
		return false;
	for (size_t i = 0; i < count && !found; i++)
		found = find_map(slaves[i], depth + 1, name);
	free(slaves);
	return found;
}

static void find_swap(struct np_hibernation_facts *hibernation)
{
	static const char path[] = "/proc/swaps";
	dev_t *numbers;
	size_t count;
	int r = np_users_list_swaps(path, &numbers, &count);

	/* A kernel without swap has no such file. */
	if (r < 0 && r != -ENOENT)
		put_unknown(hibernation, path, r);
	for (size_t i = 0; !r && i < count; i++) {
		if (!numbers[i])
			put_unknown(hibernation, path, 0);
		else if (!*hibernation->swap)
			find_map(numbers[i], 0, hibernation->swap);
	}
	if (!r)
		free(numbers);
}

/* A path, a tag, or MAJOR:MINOR. 0: there is no such device. */
static dev_t number_of(const char *value)
{
	char path[NP_DEVLINK_SIZE];
	struct stat status;
	dev_t number;
	bool unique;

	if (np_sysfs_parse_number(value, &number))
		return number;
	if (!np_unit_devlink(value, path, &unique) || *path != '/' || stat(path, &status) < 0 ||
	    !S_ISBLK(status.st_mode))
		return 0;
	return status.st_rdev;
}

/* Whether it is the path of the map `name`, or of a partition in it. */
static bool is_path_of(const char *value, const char *name)
{
	static const char folder[] = "/dev/mapper/";

	if (strncmp(value, folder, strlen(folder)) || strncmp(value + strlen(folder), name, strlen(name)))
		return false;
	value += strlen(folder) + strlen(name);
	return !*value || !strncmp(value, "-part", strlen("-part"));
}

static void find_resume(const char *name, struct np_hibernation_facts *hibernation)
{
	char line[CMDLINE_SIZE];
	const char *value;
	dev_t number;

	if (!np_sysfs_read_line(NP_CMDLINE_PATH, line, sizeof(line))) {
		put_unknown(hibernation, NP_CMDLINE_PATH, 0);
		return;
	}
	value = np_cmdline_find(line, "resume");
	if (!value)
		return;
	number = number_of(value);
	if ((!number || !find_map(number, 0, hibernation->resume)) && name && is_path_of(value, name))
		snprintf(hibernation->resume, sizeof(hibernation->resume), "%s", name);
}

void np_hibernation_find_swap(const char *name, struct np_hibernation_facts *hibernation)
{
	find_swap(hibernation);
	find_resume(name, hibernation);
}

/* ---- Images -------------------------------------------------------------------------------------------- */

struct search {
	struct np_hibernation_facts *hibernation;
	struct np_content *content;
	const struct np_log *log;
};

static bool has_any(dev_t number, const char *folder, const char *having)
{
	dev_t *numbers;
	size_t count;

	if (np_sysfs_list_of(number, folder, having, &numbers, &count) < 0)
		return false;
	free(numbers);
	return count > 0;
}

/* Nobody has it, and it is no disk with partitions. */
static bool may_have_image(dev_t number)
{
	uint64_t bytes;

	if (np_sysfs_read_bytes(number, "size", &bytes) && bytes < IMAGE_BYTES_LEAST)
		return false;
	return !has_any(number, "holders", "dev") && !has_any(number, "", "partition");
}

/* What is locked may be swap as well as anything else. */
static bool hides_something(const struct np_content *content)
{
	return content->unreadable || content->several || !strcmp(content->type, "crypto_LUKS");
}

static int look_at(dev_t number, void *context)
{
	struct search *search = context;
	char path[NP_DEVICE_NODE_SIZE] = "?";
	int r;

	if (*search->hibernation->image || !may_have_image(number))
		return 0;
	r = np_disk_probe(number, NP_LOG_DEBUG, search->log, search->content);
	if (r == -ENODEV)
		return 0;
	np_device_node(number, path);
	if (!r && !strcmp(search->content->type, "swsuspend"))
		snprintf(search->hibernation->image, sizeof(search->hibernation->image), "%s", path);
	else if (r < 0 || hides_something(search->content))
		put_unknown(search->hibernation, path, r);
	return 0;
}

void np_hibernation_find_image(const struct np_log *log, struct np_hibernation_facts *hibernation)
{
	struct search search = { hibernation, malloc(sizeof(*search.content)), log };
	int r = search.content ? np_disk_each(look_at, &search) : -ENOMEM;

	if (r < 0)
		put_unknown(hibernation, "/proc/partitions", r);
	free(search.content);
}
