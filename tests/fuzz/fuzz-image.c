/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as the reply of the child that reads a disk image.
 *
 * An input is how the reply ends, as what the image is to be read, and then the reply: its head with its texts shortened, the
 * extents' number, and they themselves, of which each begins where the one before it ends, unless its flags say otherwise. The
 * sandbox is replaced: its child replies just that.
 */
#include "input.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit.h"

#include "ntfs-punch/image.h"
#include "reply-fd.h"

#define FILE_SIZE   (1u << 20)
#define EXTENTS     64u
#define HEAD_SIZE   offsetof(struct np_image, extents)
#define FLAG_GAP    1u
#define FLAG_HOLE   2u
#define FLAG_SECTOR 4u
#define FLAG_CUT    8u
#define FLAG_LONGER 16u
#define FLAG_ADD_UP 32u

static void take_head(struct fuzz_input *input, struct np_image *image)
{
	uint8_t numbers[4];

	fuzz_take(input, numbers, sizeof(numbers));
	image->format = numbers[0] % 8;
	image->kind = numbers[1] % 8;
	image->outcome = numbers[2] % 4;
	image->sector_size_bytes = 512u << numbers[3] % 5;
	fuzz_take(input, &image->size_bytes, 8);
	fuzz_take(input, &image->block_size_bytes, 8);
	fuzz_take_text(input, image->reason, sizeof(image->reason));
	fuzz_take_text(input, image->remedy, sizeof(image->remedy));
}

static uint64_t take_extents(struct fuzz_input *input, struct np_extent extents[EXTENTS])
{
	uint64_t count = 0, end = 0;

	for (; count < EXTENTS && input->size; count++) {
		unsigned flags = fuzz_take_number(input, 1);
		struct np_extent *extent = &extents[count];

		extent->logical = end + (flags & FLAG_GAP ? fuzz_take_number(input, 2) : 0);
		extent->physical = flags & FLAG_HOLE ? NP_EXTENT_HOLE : fuzz_take_number(input, 3);
		extent->length = fuzz_take_number(input, 3);
		if (flags & FLAG_SECTOR) {
			extent->length *= 512;
			extent->physical *= flags & FLAG_HOLE ? 1 : 512;
		}
		end = extent->logical + extent->length;
	}
	return count;
}

/* All that image.h says of a sound one. */
static void check(const struct np_image *image, const struct np_image *sent)
{
	struct np_extent_overlap overlap;
	struct np_extent_index index;

	if (memcmp(image, sent, HEAD_SIZE) || !unit_map_is_canonical(&image->extents) ||
	    np_extent_map_total(&image->extents) != image->size_bytes)
		abort();
	for (size_t i = 0; i < image->extents.count; i++)
		if (image->extents.extents[i].physical != NP_EXTENT_HOLE &&
		    image->extents.extents[i].physical + image->extents.extents[i].length > FILE_SIZE)
			abort();
	if (np_extent_index_init(&index, &image->extents) < 0 || np_extent_index_overlap_self(&index, &overlap))
		abort();
	np_extent_index_release(&index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct np_image sent, received;
	static struct np_extent extents[EXTENTS];
	struct fuzz_input input = { data, size };
	unsigned flags = fuzz_take_number(&input, 1);
	enum np_format wanted = fuzz_take_number(&input, 1) % (NP_FORMAT_VDI + 1);
	struct np_extent whole = { 0, 4096, FILE_SIZE };
	struct np_extent_map content = { &whole, 1, 1 };
	uint64_t count, announced;
	size_t length;

	memset(&sent, 0, sizeof(sent));
	take_head(&input, &sent);
	announced = flags & FLAG_CUT ? fuzz_take_number(&input, 4) : UINT64_MAX;
	count = take_extents(&input, extents);
	if (announced == UINT64_MAX)
		announced = count;
	if (flags & FLAG_ADD_UP)
		sent.size_bytes = count ? extents[count - 1].logical + extents[count - 1].length : 0;
	length = HEAD_SIZE + 8 + count * sizeof(*extents);
	if (ftruncate(reply_fd, 0) < 0 || pwrite(reply_fd, &sent, HEAD_SIZE, 0) != HEAD_SIZE ||
	    pwrite(reply_fd, &announced, 8, HEAD_SIZE) != 8 ||
	    pwrite(reply_fd, extents, count * sizeof(*extents), HEAD_SIZE + 8) != (ssize_t)(count * sizeof(*extents)) ||
	    (flags & FLAG_LONGER && ftruncate(reply_fd, (off_t)length + 1) < 0))
		abort();
	if (np_image_scan(0, &content, wanted, "file", &np_log_silent, &received))
		abort();
	if (received.outcome == NP_FORMAT_SOUND)
		check(&received, &sent);
	else if (received.outcome != NP_FORMAT_REFUSED || !*received.reason || received.extents.count)
		abort();
	if (received.outcome == NP_FORMAT_SOUND && (announced != count || flags & FLAG_LONGER))
		abort();
	np_image_release(&received);
	return 0;
}
