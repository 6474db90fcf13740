/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "examine-internal.h"

/* One file's data on the device, to the last byte. What isn't initialized is zeros to whom only reads. */
static int append_data(const struct np_examination *examination, const struct np_request *request, size_t i,
		       struct np_extent_map *content)
{
	const struct np_facts *facts = &examination->examined[i].facts;
	uint64_t size = facts->file.data_size, valid = size, block = examination->device.logical_block_size;
	struct np_extent_map data = NP_EXTENT_MAP_INIT;
	int r;

	if (request->read_only && facts->file.initialized_size < size)
		valid = facts->file.initialized_size + (block - facts->file.initialized_size % block) % block;
	valid = valid < size ? valid : size;
	r = np_extent_map_slice(&facts->extents, 0, valid, &data);
	if (!r)
		r = np_examine_append(examination, &data, content);
	if (!r)
		r = np_extent_map_append(content, NP_EXTENT_HOLE, size - valid);
	np_extent_map_release(&data);
	return r;
}

/* All files' data, one after the other. */
static int build_content(const struct np_examination *examination, const struct np_request *request,
			 struct np_extent_map *content)
{
	int r = 0;

	for (size_t i = 0; i < request->file_count && !r; i++)
		r = append_data(examination, request, i, content);
	return r;
}

/* The image's content in place of its file. */
static int take_content(struct np_examination *examination, const struct np_extent_map *extents)
{
	struct np_extent_map whole_blocks = NP_EXTENT_MAP_INIT;
	uint64_t total = np_extent_map_total(extents);
	int r = np_extent_map_slice(extents, 0, total - total % examination->device.logical_block_size, &whole_blocks);

	if (r < 0)
		return r;
	np_extent_map_release(&examination->extents);
	examination->extents = whole_blocks;
	examination->examined[0].targets = whole_blocks.count;
	return 0;
}

static int check(struct np_examination *examination, const struct np_request *request,
		 const struct np_extent_map *content)
{
	struct np_findings *findings = &examination->examined[0].findings;
	bool is_layered = examination->image.outcome == NP_FORMAT_SOUND && examination->image.format != NP_FORMAT_RAW;
	struct np_extent_map extents = NP_EXTENT_MAP_INIT;
	const struct np_check_image image = { .image = &examination->image, .extents = &extents };
	const struct np_check_input input = {
		.facts = &examination->examined[0].facts,
		.logical_block_size = examination->device.logical_block_size,
		.read_only = request->read_only,
		.image = &image,
	};
	int r = is_layered ? np_extent_map_compose(&examination->image.extents, content, &extents) : 0;

	if (!r) {
		np_check_run_late(&input, NP_CHECK_FORMAT, findings);
		if (is_layered && findings->of[NP_CHECK_FORMAT].verdict != NP_VERDICT_REFUSE)
			r = take_content(examination, &extents);
	}
	np_extent_map_release(&extents);
	return r;
}

int np_examine_image(struct np_examination *examination, const struct np_request *request, const struct np_log *log)
{
	struct np_extent_map content = NP_EXTENT_MAP_INIT;
	int r;

	if (!request->file_count || np_examine_refused(examination, request->file_count))
		return 0;
	r = build_content(examination, request, &content);
	if (!r)
		r = np_image_scan(examination->device.fd, &content, request->format, request->files[0].word, log,
				  &examination->image);
	if (!r)
		r = check(examination, request, &content);
	np_extent_map_release(&content);
	return r;
}

/* What is a texts' matter needn't be the same. */
static bool same_image(const struct np_image *a, const struct np_image *b)
{
	return a->outcome == b->outcome && a->format == b->format && a->kind == b->kind &&
	       a->size_bytes == b->size_bytes && np_extent_map_equal(&a->extents, &b->extents);
}

int np_examine_image_again(const struct np_examination *examination, const struct np_request *request,
			   const struct np_device *below, const char *name, const struct np_log *log)
{
	struct np_extent_map content = NP_EXTENT_MAP_INIT;
	struct np_image image = { .outcome = 0 };
	int r = build_content(examination, request, &content);

	if (!r)
		r = np_image_scan(below->fd, &content, request->format, name, log, &image);
	if (!r && !same_image(&image, &examination->image)) {
		np_log_message(log, NP_LOG_ERROR, name, np_examine_changed_remedy,
			       "the image in the file changed between the look and the claim");
		r = -ESTALE;
	}
	np_image_release(&image);
	np_extent_map_release(&content);
	return r;
}
