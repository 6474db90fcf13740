/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examine-internal.h"
#include "ntfs-punch/name.h"
#include "ntfs-punch/probe.h"

/* A disk image: libblkid knows none. */
static int look_for_image(const struct np_examination *examination, const struct np_request *request,
			  const struct np_log *log, char *text, size_t size)
{
	struct np_image image;
	int r = np_image_scan(examination->device.fd, &examination->store, NP_FORMAT_AUTO, request->store->word, log,
			      &image);

	if (r < 0)
		return r;
	if (image.outcome != NP_FORMAT_SOUND || image.format != NP_FORMAT_RAW)
		snprintf(text, size, "%s",
			 image.format > NP_FORMAT_RAW ? np_format_name(image.format) : "a disk image");
	np_image_release(&image);
	return 0;
}

/* What the store's file holds that is no store, in libblkid's words; empty: nothing that is known. */
static int look_at_content(const struct np_examination *examination, const struct np_request *request,
			   const struct np_log *log, struct np_check_store *store, char *text, size_t size)
{
	const struct np_device *device = &examination->device;
	struct np_content *content = malloc(sizeof(*content));
	int r = content ? np_probe_map(device->fd, np_examine_device_bytes(device), &examination->store,
				       request->store->word, NP_LOG_ERROR, log, content) :
			  -ENOMEM;

	if (!r) {
		snprintf(text, size, "%s",
			 *content->type   ? content->type :
			 *content->raid   ? content->raid :
			 *content->table  ? content->table :
			 content->several ? "several things at once" :
					    "");
		store->unreadable = content->unreadable;
	}
	free(content);
	if (!r && !*text)
		r = look_for_image(examination, request, log, text, size);
	store->content = *text ? text : NULL;
	return r;
}

/* What a store's header calls the base: by all its files, and their order. FNV-1a, as nobody chooses UUIDs to collide. */
static void format_base(const struct np_examination *examination, const struct np_request *request, char *base)
{
	uint64_t hash = 0xcbf29ce484222325;
	char uuid[NP_UUID_SIZE];

	for (size_t i = 1; i < request->file_count; i++) {
		np_uuid_format(&examination->examined[i].facts, uuid);
		for (const char *character = uuid; character <= uuid + strlen(uuid); character++)
			hash = (hash ^ (unsigned char)*character) * 0x100000001b3;
	}
	np_uuid_format(&examination->examined[0].facts, uuid);
	if (request->file_count > 1)
		snprintf(base, NP_BASE_SIZE, "%.100s+%016" PRIx64, uuid, hash);
	else
		snprintf(base, NP_BASE_SIZE, "%s", uuid);
}

int np_examine_store(struct np_examination *examination, const struct np_request *request, const struct np_log *log)
{
	const struct np_device *device = &examination->device;
	char content[64] = "";
	struct np_check_store store = {
		.header = &examination->header,
		.begin = request->store_begin,
		.base_uuid = examination->base,
		.base_bytes = np_extent_map_total(&examination->extents),
		.base_extents = examination->extents.count,
	};
	const struct np_check_input input = {
		.facts = request->store ? &examination->examined[request->file_count].facts : NULL,
		.store = &store,
	};
	int r;

	if (!request->store || np_examine_refused(examination, examination->count))
		return 0;
	r = np_store_scan(device->fd, np_examine_device_bytes(device), &examination->extents, &examination->store,
			  request->store->word, log, &examination->header);
	if (!r && request->store_begin)
		r = look_at_content(examination, request, log, &store, content, sizeof(content));
	if (r < 0)
		return r;
	format_base(examination, request, examination->base);
	np_check_run_late(&input, NP_CHECK_OVERLAY, &examination->examined[request->file_count].findings);
	return 0;
}

int np_examine_store_again(const struct np_examination *examination, const struct np_device *below, const char *name,
			   const struct np_log *log)
{
	struct np_store header;
	int r = np_store_scan(below->fd, below->size_bytes, &examination->extents, &examination->store, name, log,
			      &header);

	if (r < 0 || !memcmp(&header, &examination->header, sizeof(header)))
		return r;
	np_log_message(log, NP_LOG_ERROR, name, np_examine_changed_remedy,
		       "the overlay's store, or its base, changed between the look and the claim");
	return -ESTALE;
}
