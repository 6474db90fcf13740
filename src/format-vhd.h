/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VHD: Microsoft's "Virtual Hard Disk Image Format Specification", 1.0. All numbers are big-endian.
 */
#ifndef NTFS_PUNCH_FORMAT_VHD_H
#define NTFS_PUNCH_FORMAT_VHD_H

#include "format-internal.h"

/* Nothing else may be in the file's last bytes. */
#define VHD_FOOTER 512u

/*
 * The blocks of a dynamic VHD, each with a bitmap before it that says which of its sectors were written, by the table of `entries`
 * at byte `table_at` of the file, which are at least as many as the content takes.
 */
int np_vhd_read_blocks(struct np_format_parse *parse, uint64_t table_at, uint64_t entries);

#endif
