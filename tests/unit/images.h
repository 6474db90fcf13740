/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small disk images, made in memory, to be changed.
 */
#ifndef IMAGES_H
#define IMAGES_H

#include <stddef.h>
#include <stdint.h>

#include "unit.h"

#include "ntfs-punch/format.h"

enum image_kind {
	IMAGE_RAW,
	IMAGE_VHD_FIXED,
	IMAGE_VHD_DYNAMIC,
	IMAGE_VHD_DIFFERENCING,
	IMAGE_VHDX_FIXED,
	IMAGE_VHDX_DYNAMIC,
	IMAGE_VHDX_DIFFERENCING,
	IMAGE_VDI_FIXED,
	IMAGE_VDI_DYNAMIC,
	IMAGE_VDI_DIFFERENCING,
	IMAGE_KINDS,
};

/* All but the raw one and the fixed VHD have a disk of three blocks and a half. */
#define VHD_BLOCK  8192u
#define VHDX_BLOCK (1u << 20)
#define VDI_BLOCK  4096u

struct image {
	enum image_kind kind;
	uint8_t *bytes;
	size_t size;
};

/* Of the dynamic ones block 0 lies behind block 2, and block 1 nowhere. */
void image_init(struct image *image, enum image_kind kind);
void image_release(struct image *image);

/* A number of the format's byte order; what counts from the end has a negative offset. */
void image_put(struct image *image, long at, size_t width, uint64_t value);

/* Puts checksums right. With IMAGE_COPY, what is there twice becomes the same first: the VHD's footer, the VHDX' region table. */
enum image_seal { IMAGE_SEAL, IMAGE_COPY, IMAGE_UNSEALED };
void image_seal(struct image *image, enum image_seal seal);

/* For np_format_reader; the context is a struct image. A read past its end ends the program. */
int image_read(void *context, void *data, size_t size, uint64_t offset);

/* np_format_read() of it, which must not fail. */
void image_parse(struct image *image, enum np_format wanted, struct np_image *ret_image);

/* A change that makes a sound image one that is refused, in these words. */
struct image_case {
	const char *name;
	enum image_kind kind;
	long at;
	size_t width;
	uint64_t value;
	enum image_seal seal;
	const char *words;
};

/* Each of them is sound before the change, unless it is a differencing one, and refused after it. */
void image_assert_refused(const struct image_case *cases, size_t count);

#endif
