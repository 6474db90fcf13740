/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of a VHDX ([MS-VHDX]) that lead to its blocks. All numbers are little-endian.
 */
#ifndef NTFS_PUNCH_FORMAT_VHDX_H
#define NTFS_PUNCH_FORMAT_VHDX_H

#include "format-internal.h"

/* What the file is made of: headers and regions begin at multiples of it, and fill them. */
#define VHDX_UNIT 1048576ULL

struct vhdx_region {
	uint64_t offset;
	uint64_t length;
};

/* From the headers and the region table (2.2). */
struct vhdx_layout {
	struct vhdx_region table;
	struct vhdx_region metadata;
};

int np_vhdx_read_layout(struct np_format_parse *parse, struct vhdx_layout *ret_layout);

/* Sizes and kind, to parse->image, from the metadata region (2.6). A differencing image is refused. */
int np_vhdx_read_metadata(struct np_format_parse *parse, const struct vhdx_region *region);

#endif
