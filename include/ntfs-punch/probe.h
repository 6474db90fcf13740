/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lies on a disk, a partition or an image, in libblkid's words: a filesystem with its UUID and label, a partition table,
 * the mark of a RAID. A sandboxed child looks (sandbox.h); of NTFS itself this says no more than that.
 */
#ifndef NTFS_PUNCH_PROBE_H
#define NTFS_PUNCH_PROBE_H

#include <stdint.h>

#include "ntfs-punch/extent.h"
#include "ntfs-punch/log.h"

/* No table has as many. */
#define NP_PARTITION_NUMBER_MAX 99999u

/* As many as a disk of Linux has (block/partitions/core.c). */
#define NP_PARTITIONS_MAX 256u

/* One of a GPT or an MBR, the logical ones included. Texts are UTF-8, from the disk: escape them before printing. */
struct np_partition {
	uint64_t start_bytes;
	uint64_t size_bytes;
	uint64_t number; /* as the kernel counts: 1, 2, …; logical ones from 5 */
	char uuid[40];   /* what PARTUUID= names; empty: none */
	char type[40];   /* a GPT type in lower case, or "0x07" */
	char name[112];  /* what PARTLABEL= names, 36 UTF-16 units */
};

struct np_content {
	char type[32]; /* "ntfs", "ext4", …; empty: unknown, or several at once */
	char uuid[64];
	char label[400];
	char raid[32];       /* "isw_raid_member", …: what may lie beside a filesystem */
	char table[16];      /* "gpt", "dos", …; empty: none */
	uint64_t unreadable; /* 1: not all could be read, so what isn't here may be there all the same */
	uint64_t backup;     /* 1: the GPT's first header is damaged, and this is the copy's */
	uint64_t several;    /* 1: it looks like several filesystems, or tables, at once */
	uint64_t partition_count;
	struct np_partition partitions[NP_PARTITIONS_MAX];
};

/*
 * Looks at the `size_bytes` of `fd`, open read-only and not past the page cache, from byte `start_bytes` on; a size of 0 is all
 * of it. -EBADMSG: the child died, hung or lied. -errno. Reported at `level`.
 */
int np_probe(int fd, uint64_t start_bytes, uint64_t size_bytes, const char *subject, enum np_log_level level,
	     const struct np_log *log, struct np_content *ret_content);

/*
 * The same of what `map` maps of `fd`, a device of `device_bytes`, which may be past the page cache: so it is what the device that
 * is made of the map will have.
 */
int np_probe_map(int fd, uint64_t device_bytes, const struct np_extent_map *map, const char *subject,
		 enum np_log_level level, const struct np_log *log, struct np_content *ret_content);

#endif
