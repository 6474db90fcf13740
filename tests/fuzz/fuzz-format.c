/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disk images, changed as patch.h says: what is sound makes sense. An input is the image's kind, as what it is read and whether
 * checksums are put right, how much is cut off its end, and the patches.
 */
#include "patch.h"

#include <stdio.h>
#include <stdlib.h>

#include "images.h"

static struct image images[IMAGE_KINDS];
static struct patch_base bases[IMAGE_KINDS];

/* As they were. */
static struct image originals[IMAGE_KINDS];

int LLVMFuzzerInitialize(int *argument_count, char ***arguments)
{
	(void)argument_count, (void)arguments;
	for (enum image_kind kind = 0; kind < IMAGE_KINDS; kind++) {
		image_init(&images[kind], kind);
		image_init(&originals[kind], kind);
		/* What is one byte over and over isn't changed. */
		if (kind == IMAGE_RAW)
			snprintf((char *)images[kind].bytes, 512, "something or other");
		bases[kind].image = images[kind].bytes;
		patch_add(&bases[kind], 0, images[kind].size);
		memcpy(originals[kind].bytes, images[kind].bytes, images[kind].size);
	}
	return 0;
}

/* What an input begins with. */
#define HEADER 4u

#define FLAG_WANTED   7u /* a format; more than there are: any */
#define FLAG_UNSEALED 0x40
#define FLAG_COPY     0x80

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_most, unsigned seed)
{
	struct fuzz_input input = { data, size };

	return patch_mutate(&bases[fuzz_take_number(&input, 1) % IMAGE_KINDS], HEADER, data, size, size_most, seed);
}

static void assert_fuzz(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "not so: %s\n", what);
	abort();
}

#define assert_so(condition) assert_fuzz(condition, #condition)

static void check(const struct np_image *found, const struct image *image, enum np_format wanted)
{
	struct np_extent_overlap overlap;
	struct np_extent_index index;

	assert_so(found->format >= NP_FORMAT_RAW && found->format <= NP_FORMAT_VDI);
	assert_so(wanted == NP_FORMAT_AUTO || found->format == wanted);
	assert_so(memchr(found->reason, '\0', sizeof(found->reason)) &&
		  memchr(found->remedy, '\0', sizeof(found->remedy)));
	if (found->outcome == NP_FORMAT_REFUSED) {
		assert_so(*found->reason && *found->remedy && !found->extents.count);
		return;
	}
	assert_so(found->outcome == NP_FORMAT_SOUND && !*found->reason && !*found->remedy);
	assert_so(found->kind >= NP_FORMAT_KIND_RAW && found->kind <= NP_FORMAT_KIND_DYNAMIC);
	assert_so(unit_map_is_canonical(&found->extents));
	assert_so(np_extent_map_total(&found->extents) == found->size_bytes);
	for (size_t i = 0; i < found->extents.count; i++) {
		const struct np_extent *extent = &found->extents.extents[i];
		bool hole = extent->physical == NP_EXTENT_HOLE;

		assert_so(hole || extent->physical + extent->length <= image->size);
		assert_so(found->format == NP_FORMAT_RAW ||
			  (!(extent->length % 512) && (hole || !(extent->physical % 512))));
	}
	if (np_extent_index_init(&index, &found->extents) < 0)
		abort();
	assert_so(!np_extent_index_overlap_self(&index, &overlap));
	np_extent_index_release(&index);
}

/* Writes the content, a byte of each sector's begin and end, or puts back what was there in the original. */
static void write_content(struct image *image, const struct np_extent_map *map, const struct image *original)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct np_extent *extent = &map->extents[i];

		if (extent->physical == NP_EXTENT_HOLE)
			continue;
		for (uint64_t at = extent->physical; at < extent->physical + extent->length; at += 512) {
			image->bytes[at] = original ? original->bytes[at] : 0x5a;
			image->bytes[at + 511] = original ? original->bytes[at + 511] : 0xa5;
		}
	}
}

/* Whatever is written to the content, the image stays what it is. */
static void check_written(struct image *image, const struct np_image *found, const struct image *original)
{
	struct np_image again;

	write_content(image, &found->extents, NULL);
	image_parse(image, (enum np_format)found->format, &again);
	assert_so(again.outcome == NP_FORMAT_SOUND && again.kind == found->kind &&
		  again.size_bytes == found->size_bytes);
	assert_so(np_extent_map_equal(&again.extents, &found->extents));
	np_image_release(&again);
	write_content(image, &found->extents, original);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	size_t kind = fuzz_take_number(&input, 1) % IMAGE_KINDS;
	unsigned flags = fuzz_take_number(&input, 1), cut = fuzz_take_number(&input, 2);
	enum np_format wanted = (flags & FLAG_WANTED) <= NP_FORMAT_VDI ? flags & FLAG_WANTED : NP_FORMAT_AUTO;
	struct image image = images[kind];
	struct np_image found;

	patch_apply(&bases[kind], input);
	image_seal(&image, flags & FLAG_UNSEALED ? IMAGE_UNSEALED : flags & FLAG_COPY ? IMAGE_COPY : IMAGE_SEAL);
	/* By bytes, or by sectors. */
	cut = cut & 1 ? cut >> 1 : (cut >> 1) * 512;
	image.size -= cut < image.size ? cut : 0;
	image_parse(&image, wanted, &found);
	check(&found, &image, wanted);
	if (found.outcome == NP_FORMAT_SOUND && found.format != NP_FORMAT_RAW)
		check_written(&image, &found, &originals[kind]);
	np_image_release(&found);
	patch_undo(&bases[kind]);
	/* Checksums, and what is a copy, are the original's again. */
	if (!(flags & FLAG_UNSEALED))
		image_seal(&images[kind], IMAGE_COPY);
	return 0;
}
