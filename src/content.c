/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "content.h"

#include <blkid/blkid.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "content-reads.h"

/* struct np_content_probe is libblkid's, under a name that can be in a header. */
static blkid_probe library(struct np_content_probe *probe)
{
	return (blkid_probe)probe;
}

int np_content_prepare(int fd, uint64_t start_bytes, uint64_t size_bytes, struct np_content_probe **ret_probe)
{
	blkid_probe probe;

	/* It would write to standard error, which is closed in there. */
	unsetenv("LIBBLKID_DEBUG");
	probe = blkid_new_probe();
	if (!probe)
		return -ENOMEM;
	if (blkid_probe_set_device(probe, fd, (blkid_loff_t)start_bytes, (blkid_loff_t)size_bytes)) {
		blkid_free_probe(probe);
		return -EIO;
	}
	/* It remembers the answers, and asks no more. */
	blkid_probe_get_sectorsize(probe);
	blkid_probe_get_wholedisk_devno(probe);
	*ret_probe = (struct np_content_probe *)probe;
	return 0;
}

void np_content_free(struct np_content_probe *probe)
{
	blkid_free_probe(library(probe));
}

static void take_value(blkid_probe probe, const char *name, char *text, size_t size)
{
	const char *value;

	if (!blkid_probe_lookup_value(probe, name, &value, NULL))
		snprintf(text, size, "%s", value);
}

/* 0: found. 1: there is none, or (-2) more than one; -1 is an error. */
static bool run(blkid_probe probe, struct np_content *content)
{
	int r = blkid_do_safeprobe(probe);

	if (r == -1)
		content->unreadable = 1;
	if (r == -2)
		content->several = 1;
	return r == 0;
}

/* Of RAIDs alone, or of all but these: a leg of a mirror looks like what is mirrored. */
static void read_superblock(blkid_probe probe, int filter, struct np_content *content)
{
	blkid_probe_enable_superblocks(probe, 1);
	blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_UUID | BLKID_SUBLKS_LABEL);
	blkid_probe_filter_superblocks_usage(probe, filter, BLKID_USAGE_RAID);
	if (run(probe, content)) {
		if (filter == BLKID_FLTR_ONLYIN) {
			take_value(probe, "TYPE", content->raid, sizeof(content->raid));
		} else {
			take_value(probe, "TYPE", content->type, sizeof(content->type));
			take_value(probe, "UUID", content->uuid, sizeof(content->uuid));
			take_value(probe, "LABEL", content->label, sizeof(content->label));
		}
	}
	blkid_reset_probe(probe);
	blkid_probe_enable_superblocks(probe, 0);
}

static void take_text(const char *value, char *text, size_t size)
{
	snprintf(text, size, "%s", value ? value : "");
}

static void take_partition(blkid_partition found, struct np_partition *partition)
{
	const char *type = blkid_partition_get_type_string(found);

	/* libblkid counts 512-byte sectors, whatever the disk's are (its partitions/partitions.c). */
	partition->start_bytes = (uint64_t)blkid_partition_get_start(found) * 512;
	partition->size_bytes = (uint64_t)blkid_partition_get_size(found) * 512;
	partition->number = (uint64_t)blkid_partition_get_partno(found);
	take_text(blkid_partition_get_uuid(found), partition->uuid, sizeof(partition->uuid));
	take_text(blkid_partition_get_name(found), partition->name, sizeof(partition->name));
	if (type)
		take_text(type, partition->type, sizeof(partition->type));
	else
		snprintf(partition->type, sizeof(partition->type), "0x%02x",
			 (unsigned)blkid_partition_get_type(found) & 0xff);
}

/* Of a GPT, the header behind the disk's first sector was no good, and the last sector's was taken (libblkid,
 * partitions/gpt.c). */
static bool is_backup(blkid_probe probe, blkid_parttable table)
{
	const char *type = table ? blkid_parttable_get_type(table) : NULL;

	return type && !strcmp(type, "gpt") && blkid_parttable_get_offset(table) != blkid_probe_get_sectorsize(probe);
}

static void read_partitions(blkid_probe probe, struct np_content *content)
{
	blkid_partlist list;
	int count;

	blkid_probe_enable_partitions(probe, 1);
	if (!run(probe, content))
		return;
	take_value(probe, "PTTYPE", content->table, sizeof(content->table));
	list = blkid_probe_get_partitions(probe);
	count = list ? blkid_partlist_numof_partitions(list) : 0;
	for (int i = 0; i < count && content->partition_count < NP_PARTITIONS_MAX; i++) {
		blkid_partition found = blkid_partlist_get_partition(list, i);
		blkid_parttable table = blkid_partition_get_table(found);

		/* One within a partition is that one's content. */
		if (table && blkid_parttable_get_parent(table))
			continue;
		content->backup = is_backup(probe, table);
		take_text(table ? blkid_parttable_get_type(table) : NULL, content->table, sizeof(content->table));
		take_partition(found, &content->partitions[content->partition_count++]);
	}
}

void np_content_read(struct np_content_probe *probe, const struct np_extent_map *map, struct np_reader *reader,
		     struct np_content *content)
{
	np_content_reads_watch(blkid_probe_get_fd(library(probe)), map, reader);
	read_superblock(library(probe), BLKID_FLTR_ONLYIN, content);
	read_superblock(library(probe), BLKID_FLTR_NOTIN, content);
	read_partitions(library(probe), content);
	if (np_content_reads_failed())
		content->unreadable = 1;
}
