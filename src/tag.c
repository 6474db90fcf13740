/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tag.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "block.h"
#include "ntfs-punch/device.h"
#include "ntfs-punch/name.h"
#include "ntfs-punch/probe.h"
#include "sysfs.h"

enum tag_type { TAG_UUID, TAG_LABEL, TAG_PARTUUID, TAG_PARTLABEL, TAG_TYPES };

static const char *const names[TAG_TYPES] = {
	[TAG_UUID] = "UUID=",
	[TAG_LABEL] = "LABEL=",
	[TAG_PARTUUID] = "PARTUUID=",
	[TAG_PARTLABEL] = "PARTLABEL=",
};

struct search {
	const char *word;
	enum tag_type type;
	char *value;
	char found[NP_DEVICE_NODE_SIZE]; /* the first that has the tag */
	size_t denied;                   /* how many could not be opened */
	const struct np_log *log;
};

static enum tag_type type_of(const char *word)
{
	size_t type = 0;

	while (type < TAG_TYPES && strncmp(word, names[type], strlen(names[type])))
		type++;
	return (enum tag_type)type;
}

bool np_tag_is_one(const char *word)
{
	return type_of(word) != TAG_TYPES;
}

/* What comes after the "=", without the quotes that fstab and blkid have. */
static char *value_of(const char *word, enum tag_type type)
{
	const char *value = word + strlen(names[type]);
	size_t length = strlen(value);

	if (length >= 2 && (*value == '"' || *value == '\'') && value[length - 1] == *value)
		return strndup(value + 1, length - 2);
	return strdup(value);
}

/* UUIDs are numbers, labels are texts. An empty one is what devices without it have. */
static bool has(const struct search *search, const char *text)
{
	bool is_label = search->type == TAG_LABEL || search->type == TAG_PARTLABEL;

	return *text && !(is_label ? strcmp(text, search->value) : strcasecmp(text, search->value));
}

static int take(struct search *search, const char *path)
{
	if (!*search->found) {
		snprintf(search->found, sizeof(search->found), "%s", path);
		return 0;
	}
	np_log_message(search->log, NP_LOG_ERROR, search->word,
		       "name one of them; is one a copy of the other, or does it lie on it?",
		       "more than one device has it: %s and %s", search->found, path);
	return -ENOTUNIQ;
}

/* What lies on the device; -ENODEV if it can't be known, or the device is gone. */
static int look_at(struct search *search, dev_t number, char *path, struct np_content *content)
{
	struct stat status;
	int r = np_device_node(number, path), fd;

	if (r < 0)
		return -ENODEV;
	/* Without waiting for a medium. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		search->denied += errno == EACCES;
		return -ENODEV;
	}
	r = fstat(fd, &status) < 0 || !S_ISBLK(status.st_mode) || status.st_rdev != number ?
		    -ENODEV :
		    np_probe(fd, path, NP_LOG_DEBUG, search->log, content);
	close(fd);
	return r == -ENOMEM ? r : r < 0 ? -ENODEV : 0;
}

static int look_at_partitions(struct search *search, dev_t disk, const struct np_content *content)
{
	int r = 0;

	for (size_t i = 0; i < content->partition_count && !r; i++) {
		const struct np_partition *partition = &content->partitions[i];
		char path[NP_DEVICE_NODE_SIZE];
		dev_t number;

		if (!has(search, search->type == TAG_PARTUUID ? partition->uuid : partition->name))
			continue;
		if (np_block_partition(disk, partition->number, &number) < 0 || np_device_node(number, path) < 0)
			np_log_message(search->log, NP_LOG_DEBUG, search->word, NULL,
				       "a partition has it, but the kernel has no device for that");
		else
			r = take(search, path);
	}
	return r;
}

static int look_at_device(struct search *search, dev_t number, struct np_content *content)
{
	bool of_partitions = search->type == TAG_PARTUUID || search->type == TAG_PARTLABEL;
	char path[NP_DEVICE_NODE_SIZE], uuid[NP_UUID_SIZE];
	dev_t disk = np_block_disk(number);
	int r;

	/* Partitions are known to the table of their disk. */
	if (of_partitions && disk)
		return 0;
	np_sysfs_read_attribute(number, "dm/uuid", uuid, sizeof(uuid));
	if (np_uuid_is_ours(uuid) || np_block_is_leg(number) || (disk && np_block_is_leg(disk)))
		return 0;
	r = look_at(search, number, path, content);
	if (r < 0)
		return r == -ENODEV ? 0 : r;
	if (of_partitions)
		return look_at_partitions(search, number, content);
	return has(search, search->type == TAG_UUID ? content->uuid : content->label) ? take(search, path) : 0;
}

/* All that /proc/partitions lists: it leaves out what is empty. */
static int look_at_all(struct search *search)
{
	struct np_content *content = malloc(sizeof(*content));
	FILE *list = fopen("/proc/partitions", "re");
	char line[256];
	int r = !content ? -ENOMEM : list ? 0 : -errno;

	while (!r && fgets(line, sizeof(line), list)) {
		unsigned major_number, minor_number;

		if (sscanf(line, "%u %u", &major_number, &minor_number) == 2)
			r = look_at_device(search, makedev(major_number, minor_number), content);
	}
	if (list)
		fclose(list);
	free(content);
	return r;
}

int np_tag_find(const char *word, const struct np_log *log, char **ret_path)
{
	struct search search = { .word = word, .type = type_of(word), .log = log };
	char *path;
	int r;

	search.value = value_of(word, search.type);
	r = search.value ? look_at_all(&search) : -ENOMEM;
	free(search.value);
	if (r < 0) {
		if (r != -ENOTUNIQ)
			np_log_message(log, NP_LOG_ERROR, word, NULL, "can't look for it: %s", strerror(-r));
		return r;
	}
	if (!*search.found && search.denied) {
		np_log_message(log, NP_LOG_ERROR, word, "run it as root",
			       "not found, but not every device could be looked at");
		return -EACCES;
	}
	if (!*search.found)
		return -ENODEV;
	path = strdup(search.found);
	if (!path)
		return -ENOMEM;
	*ret_path = path;
	return 0;
}
