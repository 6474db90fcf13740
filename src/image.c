/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/image.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ntfs-punch/sandbox.h"
#include "ntfs-punch/scan.h"
#include "pipe.h"
#include "reader.h"

/* The image's head is sent as it lies in memory, its extents' number and they themselves likewise: both ends are one program. */
#define HEAD_SIZE offsetof(struct np_image, extents)
_Static_assert(HEAD_SIZE == 4 * 4 + 2 * 8 + 2 * NP_TEXT_SIZE, "padding");

#define BLOCK_EXTENTS 4096u

struct request {
	const struct np_extent_map *content;
	enum np_format wanted;
};

/* Reads of so little are of bitmaps, of which a large VHD has thousands; tables are read in larger pieces. */
#define ALONE_SIZE 512u

/* In the child: the file's bytes. */
struct file {
	struct np_reader *reader;
	const struct np_extent_map *content;
};

static int read_file(void *context, void *data, size_t size, uint64_t offset)
{
	const struct file *file = context;

	return np_reader_read_map(file->reader, file->content, size <= ALONE_SIZE, data, size, offset);
}

static uint64_t physical_end(const struct np_extent_map *map)
{
	uint64_t most = 0;

	for (size_t i = 0; i < map->count; i++) {
		const struct np_extent *extent = &map->extents[i];

		if (extent->physical != NP_EXTENT_HOLE && extent->physical + extent->length > most)
			most = extent->physical + extent->length;
	}
	return most;
}

static int send_image(int fd, const struct np_image *image)
{
	uint64_t count = image->extents.count;
	int r = np_pipe_write(fd, image, HEAD_SIZE);

	if (!r)
		r = np_pipe_write(fd, &count, sizeof(count));
	return r ? r : np_pipe_write(fd, image->extents.extents, count * sizeof(*image->extents.extents));
}

/* In the child. */
static int read_and_reply(int device_fd, int reply_fd, void *context)
{
	const struct request *request = context;
	struct file file = { .content = request->content };
	struct np_format_reader reader = { .read = read_file, .context = &file };
	struct np_image image;
	int r;

	file.reader = np_reader_new(device_fd, 0, physical_end(request->content));
	if (!file.reader)
		return -ENOMEM;
	r = np_format_read(&reader, np_extent_map_total(request->content), request->wanted, &image);
	np_reader_free(file.reader);
	if (r)
		return r;
	r = send_image(reply_fd, &image);
	np_image_release(&image);
	return r;
}

static bool terminated(const char *text)
{
	return memchr(text, '\0', NP_TEXT_SIZE);
}

static bool kind_fits(const struct np_image *image)
{
	return (image->format == NP_FORMAT_RAW) == (image->kind == NP_FORMAT_KIND_RAW) &&
	       image->kind >= NP_FORMAT_KIND_RAW && image->kind <= NP_FORMAT_KIND_DYNAMIC;
}

/* What is wrong with it, or NULL. */
static const char *find_lie(const struct np_image *image, const struct request *request)
{
	if (!terminated(image->reason) || !terminated(image->remedy))
		return "a text doesn't end";
	if (image->format < NP_FORMAT_RAW || image->format > NP_FORMAT_VDI || image->kind > NP_FORMAT_KIND_DIFFERENCING)
		return "its format is none";
	if (request->wanted != NP_FORMAT_AUTO && image->format != request->wanted)
		return "its format is another";
	if (image->outcome == NP_FORMAT_REFUSED)
		return *image->reason ? NULL : "it has no reason";
	if (image->outcome != NP_FORMAT_SOUND)
		return "its outcome is none";
	if (!kind_fits(image))
		return "its kind is none";
	if (image->sector_size_bytes != 512 && (image->sector_size_bytes != 4096 || image->format != NP_FORMAT_VHDX))
		return "its sector size is none";
	if (image->format == NP_FORMAT_RAW)
		return image->size_bytes != np_extent_map_total(request->content) ? "its size is none" : NULL;
	if (!image->size_bytes || image->size_bytes > NP_FORMAT_SIZE_MAX ||
	    image->size_bytes % image->sector_size_bytes)
		return "its size is none";
	return NULL;
}

static const char *find_extent_lie(const struct np_image *image, uint64_t file_size)
{
	const struct np_extent_map *map = &image->extents;

	if (image->outcome == NP_FORMAT_REFUSED)
		return map->count ? "it has extents of what it refused" : NULL;
	if (np_extent_map_total(map) != image->size_bytes)
		return "its extents don't add up";
	for (size_t i = 0; i < map->count; i++) {
		const struct np_extent *extent = &map->extents[i];

		if (extent->physical != NP_EXTENT_HOLE && extent->physical + extent->length > file_size)
			return "an extent lies outside of the file";
		if (image->format != NP_FORMAT_RAW && extent->length % 512)
			return "an extent isn't made of sectors";
		if (image->format != NP_FORMAT_RAW && extent->physical != NP_EXTENT_HOLE && extent->physical % 512)
			return "an extent isn't on sectors";
	}
	if (image->format == NP_FORMAT_RAW && map->count && (map->count != 1 || map->extents[0].physical))
		return "it isn't raw";
	return NULL;
}

static int check_overlap(const struct np_extent_map *map, const char **ret_lie)
{
	struct np_extent_overlap overlap;
	struct np_extent_index index;
	int r = np_extent_index_init(&index, map);

	if (r)
		return r;
	if (np_extent_index_overlap_self(&index, &overlap)) {
		*ret_lie = "two extents share bytes";
		r = -EBADMSG;
	}
	np_extent_index_release(&index);
	return r;
}

static int receive_extents(const struct np_pipe_reader *reader, uint64_t count, struct np_extent_map *map)
{
	struct np_extent block[BLOCK_EXTENTS];

	for (uint64_t done = 0; done < count;) {
		size_t part = count - done < BLOCK_EXTENTS ? (size_t)(count - done) : BLOCK_EXTENTS;
		int r = np_pipe_read(reader, block, part * sizeof(*block));

		for (size_t i = 0; i < part && !r; i++) {
			if (block[i].logical != np_extent_map_total(map))
				return -EBADMSG;
			r = np_extent_map_append(map, block[i].physical, block[i].length);
		}
		if (r)
			return r;
		done += part;
	}
	/* The sender's map was coalesced. */
	return map->count == count ? 0 : -EBADMSG;
}

/* `*ret_lie` says what is wrong where that is -EBADMSG. */
static int receive_image(int fd, const struct request *request, struct np_image *image, const char **ret_lie)
{
	struct np_pipe_reader reader = np_pipe_reader_init(fd, NP_SCAN_TIMEOUT_MS);
	uint64_t count = 0;
	int r = np_pipe_read(&reader, image, HEAD_SIZE);

	if (!r)
		r = np_pipe_read(&reader, &count, sizeof(count));
	if (r)
		return r;
	*ret_lie = find_lie(image, request);
	if (!*ret_lie && count > NP_EXTENT_MAX)
		*ret_lie = "it announces too many extents";
	if (*ret_lie)
		return -EBADMSG;
	*ret_lie = "its extents make no sense";
	r = receive_extents(&reader, count, &image->extents);
	if (!r)
		r = np_pipe_read_end(&reader);
	if (r)
		return r;
	*ret_lie = find_extent_lie(image, np_extent_map_total(request->content));
	return *ret_lie ? -EBADMSG : check_overlap(&image->extents, ret_lie);
}

static const char *describe(int received, const char *lie)
{
	switch (received) {
	case -ENODATA:
		return "it ends early";
	case -EMSGSIZE:
		return "it goes on past its end";
	case -EBADMSG:
	case -EOVERFLOW:
	case -E2BIG:
		return lie;
	default:
		return strerror(-received);
	}
}

/* What is known when the child can't be believed. */
static void distrust(struct np_image *image, enum np_format wanted, const char *what, const char *why)
{
	np_image_release(image);
	*image = (struct np_image){
		.format = wanted == NP_FORMAT_AUTO ? NP_FORMAT_RAW : wanted,
		.outcome = NP_FORMAT_REFUSED,
	};
	snprintf(image->reason, sizeof(image->reason), "the scanner was not to be trusted with the image: %s%s", what,
		 why);
}

int np_image_scan(int device_fd, const struct np_extent_map *content, enum np_format wanted, const char *subject,
		  const struct np_log *log, struct np_image *ret_image)
{
	struct request request = { .content = content, .wanted = wanted };
	struct np_image image = { 0 };
	struct np_sandbox sandbox;
	const char *lie = "";
	char why[128] = "";
	int received, ended = np_sandbox_start(NULL, read_and_reply, device_fd, &request, &sandbox);

	if (ended < 0) {
		np_log_message(log, NP_LOG_ERROR, subject, NULL, "can't start the scanner: %s", strerror(-ended));
		return ended;
	}
	received = receive_image(sandbox.reply_fd, &request, &image, &lie);
	ended = np_sandbox_end(&sandbox, received < 0, why, sizeof(why));
	if (ended == -ENOSYS || received == -ENOMEM) {
		np_log_message(log, NP_LOG_ERROR, subject, NULL, "can't read the image: %s",
			       *why ? why : strerror(ENOMEM));
		np_image_release(&image);
		return ended == -ENOSYS ? ended : received;
	}
	if (received == -ETIMEDOUT) {
		snprintf(why, sizeof(why), "no reply within %d s", NP_SCAN_TIMEOUT_MS / 1000);
		distrust(&image, wanted, why, "");
	} else if (ended < 0) {
		distrust(&image, wanted, why, "");
	} else if (received < 0) {
		distrust(&image, wanted, "its reply is not sound: ", describe(received, lie));
	}
	*ret_image = image;
	return 0;
}
