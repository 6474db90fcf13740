/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/lookup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "block.h"
#include "ntfs-punch/probe.h"
#include "tag.h"

/* Who waits at a console wants to know for what; a disk that only takes its time isn't worth a word. */
#define WAIT_SILENTLY_SECONDS 2

#define POLL_NS 250000000L

/* Which of the ways in which a device can't be opened mean that there is none. */
static int means_missing(int r)
{
	switch (r) {
	case -ENOENT:
	case -ENOTDIR:
	case -ENXIO:
	case -ENOTBLK:
	case -ENAMETOOLONG:
	case -ELOOP:
	case -ENOMEDIUM:
		return -ENODEV;
	default:
		return r;
	}
}

static int open_path(const char *path, const struct np_log *log, struct np_device *ret_device)
{
	return means_missing(np_device_open(path, log, ret_device));
}

/* By its node, and surely that one. */
static int open_number(dev_t number, const char *word, const struct np_log *log, struct np_device *ret_device)
{
	struct np_device device = NP_DEVICE_INIT;
	char path[NP_DEVICE_NODE_SIZE];
	int r = np_device_node(number, path) < 0 ? -ENODEV : open_path(path, log, &device);

	if (!r && !(device.is_block && device.number == number)) {
		np_device_close(&device);
		r = -ENODEV;
	}
	if (r == -ENODEV)
		np_log_message(log, NP_LOG_ERROR, word, NULL, "its device node is not there, or is not its own");
	if (r < 0)
		return r;
	np_log_message(log, NP_LOG_INFO, word, NULL, "it is %s", path);
	*ret_device = device;
	return 0;
}

static int open_tag(const char *word, const struct np_log *log, struct np_device *ret_device)
{
	dev_t number;
	int r = np_tag_find(word, log, &number);

	return r < 0 ? r : open_number(number, word, log, ret_device);
}

/* The kernel knows its partitions. */
static int take_kernel_partition(const struct np_source *source, const struct np_log *log, struct np_device *disk)
{
	struct np_device partition = NP_DEVICE_INIT;
	dev_t number;
	int r;

	if (np_block_disk(disk->number)) {
		np_log_message(log, NP_LOG_ERROR, source->word, "leave --partition out, or name the disk",
			       "it is a partition itself");
		return -ENODEV;
	}
	if (np_block_partition(disk->number, source->partition, &number) < 0) {
		np_log_message(log, NP_LOG_ERROR, source->word,
			       "`lsblk` shows its partitions; `partx --add` tells the kernel of those it doesn't know",
			       "the kernel knows no partition %u of it", source->partition);
		return -ENODEV;
	}
	r = open_number(number, source->word, log, &partition);
	if (r < 0)
		return r;
	np_device_close(disk);
	*disk = partition;
	return 0;
}

static const struct np_partition *find_partition(const struct np_content *content, unsigned number)
{
	for (size_t i = 0; i < content->partition_count; i++)
		if (content->partitions[i].number == number)
			return &content->partitions[i];
	return NULL;
}

/* Of an image, a part of the file. */
static int narrow(const struct np_source *source, const struct np_content *content, const struct np_log *log,
		  struct np_device *image)
{
	const struct np_partition *partition = find_partition(content, source->partition);

	if (!partition) {
		np_log_message(log, NP_LOG_ERROR, source->word, "`fdisk --list` shows its partitions",
			       *content->table ? "it has no partition %u" :
						 "it has no partition table, so no partition %u",
			       source->partition);
		return -ENODEV;
	}
	if (!partition->size_bytes || partition->start_bytes > image->size_bytes ||
	    partition->size_bytes > image->size_bytes - partition->start_bytes) {
		np_log_message(log, NP_LOG_ERROR, source->word, "is the image complete?",
			       "its partition %u ends past its own end: %" PRIu64 " bytes at byte %" PRIu64
			       " of %" PRIu64,
			       source->partition, partition->size_bytes, partition->start_bytes, image->size_bytes);
		return -EBADMSG;
	}
	image->start_bytes = partition->start_bytes;
	image->size_bytes = partition->size_bytes;
	return 0;
}

static int take_image_partition(const struct np_source *source, const struct np_log *log, struct np_device *image)
{
	struct np_content *content = malloc(sizeof(*content));
	int r = -ENOMEM;

	if (content)
		r = np_probe(image->fd, 0, 0, source->word, NP_LOG_ERROR, log, content);
	else
		np_log_message(log, NP_LOG_ERROR, source->word, NULL, "out of memory");
	if (!r && content->unreadable) {
		np_log_message(log, NP_LOG_ERROR, source->word, NULL, "its partition table can't be read");
		r = -EIO;
	}
	if (!r)
		r = narrow(source, content, log, image);
	free(content);
	return r;
}

int np_lookup(const struct np_source *source, const struct np_log *log, struct np_device *ret_device)
{
	struct np_device device = NP_DEVICE_INIT;
	int r = np_tag_is_one(source->word) ? open_tag(source->word, log, &device) :
					      open_path(source->word, log, &device);

	if (!r && source->partition)
		r = device.is_block ? take_kernel_partition(source, log, &device) :
				      take_image_partition(source, log, &device);
	if (r < 0) {
		np_device_close(&device);
		return r;
	}
	*ret_device = device;
	return 0;
}

static bool is_before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

void np_lookup_wait(const struct np_source *source, const struct np_log *log)
{
	struct timespec now, begin, deadline;
	bool is_said = false;

	if (!source->wait_seconds)
		return;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	now = deadline = begin;
	deadline.tv_sec += source->wait_seconds;
	do {
		struct np_device device = NP_DEVICE_INIT;
		int r = np_lookup(source, &np_log_silent, &device);

		np_device_close(&device);
		if (r != -ENODEV)
			return;
		if (!is_said && now.tv_sec - begin.tv_sec >= WAIT_SILENTLY_SECONDS) {
			np_log_message(log, NP_LOG_WARNING, source->word, NULL,
				       "it isn't there yet: it is waited for, %u seconds at most",
				       source->wait_seconds);
			is_said = true;
		}
		nanosleep(&(struct timespec){ .tv_nsec = POLL_NS }, NULL);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (is_before(&now, &deadline));
}
