/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disk image formats: where in an image's file the content's bytes lie.
 *
 * Taken from Microsoft's "Virtual Hard Disk Image Format Specification" 1.0 (VHD) and [MS-VHDX], and for VDI from
 * VirtualBox' VDICore.h. Strict: an image is sound only if all that says where its blocks lie is there, has the right checksums
 * and contradicts nothing, and no two blocks nor a block and a table share a byte. What is refused has a reason.
 *
 * - VHD: the content has as many bytes as the footer's current size says, as Windows shows it. (qemu takes the geometry instead,
 *   where it doesn't know the program that made the image. It writes the same into both.)
 * - A sector of a dynamic VHD's block whose bit is clear was never written, and reads as zeros. Readers that don't look at the
 *   bits, as qemu's, show what lies there: so that must be zeros too.
 * - A VHDX block in the states "not present", "undefined", "zero" and "unmapped" reads as zeros.
 *
 * Pure: libc only; what is read comes through a callback.
 */
#ifndef NTFS_PUNCH_FORMAT_H
#define NTFS_PUNCH_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ntfs-punch/extent.h"
#include "ntfs-punch/facts.h"

enum np_format {
	NP_FORMAT_AUTO, /* told by the content: never an image's */
	NP_FORMAT_RAW,
	NP_FORMAT_VHD,
	NP_FORMAT_VHDX,
	NP_FORMAT_VDI,
};

enum np_format_kind {
	NP_FORMAT_KIND_UNKNOWN, /* refused before that was known */
	NP_FORMAT_KIND_RAW,
	NP_FORMAT_KIND_FIXED,        /* all blocks should be there: the extents tell whether they are */
	NP_FORMAT_KIND_DYNAMIC,      /* blocks come when they are written */
	NP_FORMAT_KIND_DIFFERENCING, /* what isn't there is in another image; always refused */
};

enum np_format_outcome {
	NP_FORMAT_SOUND = 1,
	NP_FORMAT_REFUSED, /* .reason says why */
};

/* The largest content: that of a VHDX ([MS-VHDX] 2.6.2.2). */
#define NP_FORMAT_SIZE_MAX (64ULL << 40)

/* Flat but for the extents, which are its end. Texts may name a file of the image's: escape them before printing. */
struct np_image {
	uint32_t format;  /* enum np_format: what it is, or seems to be */
	uint32_t kind;    /* enum np_format_kind */
	uint32_t outcome; /* enum np_format_outcome; the rest but for the texts says something if it is sound */
	uint32_t sector_size_bytes; /* of the disk that it shows: 512, or 4096 for some VHDX */
	uint64_t size_bytes;        /* of the content: whole sectors, but for a raw image */
	uint64_t block_size_bytes;  /* 0: it has none */
	char reason[NP_TEXT_SIZE];
	char remedy[NP_TEXT_SIZE];

	/* The content's bytes, size_bytes in all, in bytes of the file; NP_EXTENT_HOLE is what reads as zeros. */
	struct np_extent_map extents;
};

void np_image_release(struct np_image *image);

/* "auto", "raw", "vhd", "vhdx", "vdi"; static. */
const char *np_format_name(enum np_format format);

/* False: there is no format of that name. */
bool np_format_by_name(const char *name, enum np_format *ret_format);

/* Reads all of `size` bytes from `offset` on, which lie within the file. 0 or -errno. */
struct np_format_reader {
	int (*read)(void *context, void *data, size_t size, uint64_t offset);
	void *context;
};

/*
 * Reads the file of `file_size` bytes as an image of the format `wanted`. What it can't be is refused, and so is what can't be
 * read. -ENOMEM. The caller releases `*ret_image`.
 */
int np_format_read(const struct np_format_reader *reader, uint64_t file_size, enum np_format wanted,
		   struct np_image *ret_image);

#endif
