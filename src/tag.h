/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices by tag: UUID=, LABEL=, PARTUUID=, PARTLABEL=.
 */
#ifndef NTFS_PUNCH_TAG_H
#define NTFS_PUNCH_TAG_H

#include <stdbool.h>

#include "ntfs-punch/log.h"

bool np_tag_is_one(const char *word);

/*
 * The node of the one device that has the tag. -ENODEV: there is none, which isn't reported. -ENOTUNIQ: two, reported.
 * -EACCES: none was found, but not all could be looked at; reported. -errno, reported. The caller frees `*ret_path`.
 */
int np_tag_find(const char *word, const struct np_log *log, char **ret_path);

#endif
