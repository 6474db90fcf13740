/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inputs as changes of something large and sound, a journal or a volume: short, and they reach deep.
 *
 * What may be changed is cut into blocks: NTFS's multi-sector records (FILE, INDX, RSTR, RCRD), whose fixups are undone before
 * and put right again after the changes, and sectors. Fixups: libntfs-3g's layout.h, NTFS_RECORD; mst.c.
 *
 * An input is a row of patches, each a block's number and an offset in it (2 bytes each, taken modulo what there is), a byte of
 * flags, and the new bytes.
 */
#ifndef PATCH_H
#define PATCH_H

#include <stdbool.h>

#include "input.h"

/* A patch's flags; its length less one is in the bits below. */
#define PATCH_LENGTH 0x0f
#define PATCH_ALONE  0x10 /* not in the block's twin, as $MFT's first records have one in $MFTMirr */
#define PATCH_RAW    0x20 /* once the fixups are in place: they may no longer fit */

struct patch_block {
	size_t offset;
	size_t size;
	size_t used; /* up to where it isn't filled up with one byte */
	bool is_record;
	bool is_touched;
	size_t twin;         /* the other block with the same bytes, or itself */
	unsigned char *good; /* as it was */
};

struct patch_base {
	unsigned char *image;
	struct patch_block *blocks;
	size_t count;
};

/* Makes blocks of a part of the image, but not of what is one already, nor of what is one byte over and over. */
void patch_add(struct patch_base *base, size_t offset, size_t size);

/* Applies an input to the image. */
void patch_apply(struct patch_base *base, struct fuzz_input input);

/* Puts the image back. */
void patch_undo(struct patch_base *base);

/*
 * For LLVMFuzzerCustomMutator(), with its arguments: changes the input as libFuzzer does, or adds a patch of the kind that breaks
 * things. The first `header` bytes are no patches.
 */
size_t patch_mutate(const struct patch_base *base, size_t header, uint8_t *data, size_t size, size_t size_most,
		    unsigned seed);

#endif
