/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices by tag: UUID=, LABEL=, PARTUUID=, PARTLABEL=.
 */
#ifndef NTFS_PUNCH_TAG_H
#define NTFS_PUNCH_TAG_H

#include <stdbool.h>
#include <sys/types.h>

#include "ntfs-punch/log.h"

bool np_tag_is_one(const char *word);

/* What comes after the "=" of one, without the quotes that fstab and blkid have. NULL without memory. The caller frees it. */
char *np_tag_value(const char *word);

/*
 * The one device that has the tag. -ENODEV: there is none. -ENOTUNIQ: two. -EACCES: none was found, but not all could be looked
 * at. -EIO: the search failed. Reported.
 */
int np_tag_find(const char *word, const struct np_log *log, dev_t *ret_number);

#endif
