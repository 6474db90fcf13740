/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check-internal.h"

#include <inttypes.h>
#include <stdio.h>

/* "a fixed VHDX" */
static void describe(const struct np_image *image, char *text, size_t size)
{
	static const char *const formats[] = {
		[NP_FORMAT_AUTO] = "image", [NP_FORMAT_RAW] = "raw image", [NP_FORMAT_VHD] = "VHD",
		[NP_FORMAT_VHDX] = "VHDX",  [NP_FORMAT_VDI] = "VDI",
	};
	static const char *const kinds[] = {
		[NP_FORMAT_KIND_UNKNOWN] = "",
		[NP_FORMAT_KIND_RAW] = "",
		[NP_FORMAT_KIND_FIXED] = "fixed ",
		[NP_FORMAT_KIND_DYNAMIC] = "dynamic ",
		[NP_FORMAT_KIND_DIFFERENCING] = "differencing ",
	};

	snprintf(text, size, "a %s%s", kinds[image->kind], formats[image->format]);
}

static uint64_t count_holes(const struct np_extent_map *map)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < map->count; i++)
		bytes += map->extents[i].physical == NP_EXTENT_HOLE ? map->extents[i].length : 0;
	return bytes;
}

/* Past the last whole block of the disk there is nothing that a device has. */
static bool lies_on_blocks(const struct np_extent_map *map, uint64_t block)
{
	uint64_t end = np_extent_map_total(map) / block * block;

	for (size_t i = 0; i < map->count; i++) {
		const struct np_extent *extent = &map->extents[i];

		if (extent->logical < end &&
		    (extent->logical % block || (extent->physical != NP_EXTENT_HOLE && extent->physical % block)))
			return false;
	}
	return true;
}

void np_check_format(const struct np_checks *checks, struct np_finding *finding)
{
	const struct np_check_image *check = checks->input->image;
	uint32_t block = checks->input->logical_block_size;
	const struct np_image *image;
	char what[64];
	uint64_t holes;

	if (!check)
		return;
	image = check->image;
	describe(image, what, sizeof(what));
	if (image->outcome != NP_FORMAT_SOUND) {
		np_say(finding, NP_VERDICT_REFUSE, image->remedy, "%s", image->reason);
		return;
	}
	if (image->format == NP_FORMAT_RAW) {
		np_say(finding, NP_VERDICT_OK, NULL,
		       "its bytes are taken as they are: it is no VHD, VHDX or VDI, or not to be one");
		return;
	}
	holes = count_holes(check->extents);
	if (holes && !checks->input->read_only)
		np_say(finding, NP_VERDICT_REFUSE,
		       "map it with --read-only or --blind; or make a fixed one of it, in Windows `Convert-VHD -VHDType "
		       "Fixed`",
		       "it is %s, and %" PRIu64 " of its %" PRIu64 " bytes have no place in the file yet", what, holes,
		       image->size_bytes);
	else if (!lies_on_blocks(check->extents, block))
		np_say(finding, NP_VERDICT_REFUSE, "make another one, with blocks that lie on multiples of the disk's",
		       "it is %s, whose blocks don't lie on the disk's blocks of %" PRIu32 " bytes", what, block);
	else if (image->size_bytes < block)
		np_say(finding, NP_VERDICT_REFUSE, "make a larger one",
		       "it is %s of %" PRIu64 " bytes, less than one block of the disk (%" PRIu32 ")", what,
		       image->size_bytes, block);
	else if (image->size_bytes % block)
		np_say(finding, NP_VERDICT_WARN, NULL,
		       "it is %s of %" PRIu64 " bytes; the last %" PRIu64
		       " are left out, as they fill no block of the disk (%" PRIu32 ")",
		       what, image->size_bytes, image->size_bytes % block, block);
	else if (image->sector_size_bytes != block)
		np_say(finding, NP_VERDICT_WARN, "if it has partitions, Linux won't find them at their places",
		       "it is %s of %" PRIu64 " bytes, which shows sectors of %" PRIu32
		       " bytes, but the disk has blocks of %" PRIu32,
		       what, image->size_bytes, image->sector_size_bytes, block);
	else
		np_say(finding, NP_VERDICT_OK, NULL, "it is %s of %" PRIu64 " bytes", what, image->size_bytes);
}
