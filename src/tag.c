/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tag.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "block.h"
#include "disk.h"
#include "ntfs-punch/device.h"
#include "sysfs.h"
#include "users.h"

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
	dev_t found;                /* the first that has the tag, or 0 */
	bool is_denied;             /* not all could be opened */
	dev_t without_device;       /* the disk with a partition that has it, and no device; or 0 */
	struct np_content *content; /* of the device that is looked at */
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

char *np_tag_value(const char *word)
{
	const char *value = word + strlen(names[type_of(word)]);
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

static int take(struct search *search, dev_t number)
{
	char first[NP_DEVICE_NODE_SIZE] = "?", second[NP_DEVICE_NODE_SIZE] = "?";

	if (!search->found || search->found == number) {
		search->found = number;
		return 0;
	}
	np_device_node(search->found, first);
	np_device_node(number, second);
	np_log_message(search->log, NP_LOG_ERROR, search->word,
		       "name one of them; is one a copy of the other, or does it lie on it?",
		       "more than one device has it: %s and %s", first, second);
	return -ENOTUNIQ;
}

static void leave_out(const struct search *search, dev_t number, const char *why)
{
	char path[NP_DEVICE_NODE_SIZE] = "?";

	np_device_node(number, path);
	np_log_message(search->log, NP_LOG_WARNING, search->word, NULL, "%s is left out: %s", path, why);
}

/*
 * What lies on the device; -ENODEV if nobody can say. A device that can't be read, is suspended, or that libblkid dies of, is none to
 * map from, and may not keep others from being found. But where this system is to blame, no device is known to be the only one.
 */
static int look_at(struct search *search, dev_t number, struct np_content *content)
{
	int r = np_disk_probe(number, NP_LOG_DEBUG, search->log, content);

	if (r == -EACCES || r == -EPERM)
		search->is_denied = true;
	if (r == -EBUSY)
		leave_out(search, number, "it is suspended, or what it lies on");
	if (!r && content->unreadable) {
		leave_out(search, number, "it can't be read");
		r = -EIO;
	}
	return r == -EACCES || r == -EPERM || r == -EIO || r == -EBADMSG || r == -EBUSY ? -ENODEV : r;
}

/* Whether the kernel's partition is where the table says. One of kpartx's has no start in sysfs. */
static bool is_where(dev_t number, const struct np_partition *partition)
{
	uint64_t start_bytes, size_bytes;

	return np_sysfs_read_bytes(number, "size", &size_bytes) && size_bytes == partition->size_bytes &&
	       (!np_sysfs_read_bytes(number, "start", &start_bytes) || start_bytes == partition->start_bytes);
}

static int look_at_partitions(struct search *search, dev_t disk, const struct np_content *content)
{
	int r = 0;

	for (size_t i = 0; i < content->partition_count && !r; i++) {
		const struct np_partition *partition = &content->partitions[i];
		dev_t number;

		if (!has(search, search->type == TAG_PARTUUID ? partition->uuid : partition->name))
			continue;
		if (np_block_partition(disk, partition->number, &number) < 0 || !is_where(number, partition))
			search->without_device = disk;
		else
			r = take(search, number);
	}
	return r;
}

static int look_at_device(dev_t number, void *context)
{
	struct search *search = context;
	struct np_content *content = search->content;
	bool of_partitions = search->type == TAG_PARTUUID || search->type == TAG_PARTLABEL;
	dev_t disk = np_block_disk(number);
	int r;

	/* Partitions are known to the table of their disk. */
	if (of_partitions && disk)
		return 0;
	if (np_users_is_ours(number) || np_block_is_leg(number) || (disk && np_block_is_leg(disk)))
		return 0;
	r = look_at(search, number, content);
	if (r < 0)
		return r == -ENODEV ? 0 : r;
	if (of_partitions)
		return look_at_partitions(search, number, content);
	return has(search, search->type == TAG_UUID ? content->uuid : content->label) ? take(search, number) : 0;
}

static int look_at_all(struct search *search)
{
	int r;

	search->content = malloc(sizeof(*search->content));
	r = search->content ? np_disk_each(look_at_device, search) : -ENOMEM;
	free(search->content);
	return r;
}

static int report_none(const struct search *search)
{
	char path[NP_DEVICE_NODE_SIZE] = "?";

	if (search->is_denied) {
		np_log_message(search->log, NP_LOG_ERROR, search->word, "run it as root",
			       "not found, but not every device could be looked at");
		return -EACCES;
	}
	if (search->without_device) {
		np_device_node(search->without_device, path);
		np_log_message(search->log, NP_LOG_ERROR, search->word,
			       "`partx --update` tells the kernel of a disk's partitions",
			       "a partition of %s has it, but the kernel has none there", path);
	} else {
		np_log_message(search->log, NP_LOG_ERROR, search->word,
			       "`lsblk -o NAME,FSTYPE,LABEL,UUID,PARTLABEL,PARTUUID` shows all", "no device has it");
	}
	return -ENODEV;
}

int np_tag_find(const char *word, const struct np_log *log, dev_t *ret_number)
{
	struct search search = { .word = word, .type = type_of(word), .log = log };
	int r;

	search.value = np_tag_value(word);
	r = search.value ? look_at_all(&search) : -ENOMEM;
	free(search.value);
	if (r < 0 && r != -ENOTUNIQ) {
		np_log_message(log, NP_LOG_ERROR, word, NULL, "can't look for it: %s", strerror(-r));
		return -EIO; /* -ENOENT and the like are about DEVICE */
	}
	if (r < 0)
		return r;
	if (!search.found)
		return report_none(&search);
	*ret_number = search.found;
	return 0;
}
