/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examine-internal.h"
#include "ntfs-punch/name.h"
#include "ntfs-punch/probe.h"

/* What the store's file holds that is no store, in libblkid's words; empty: nothing that it knows. */
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
			 *content->type ? content->type :
			 *content->raid ? content->raid :
					  content->table);
		store->content = *text ? text : NULL;
		store->unreadable = content->unreadable;
	}
	free(content);
	return r;
}

int np_examine_store(struct np_examination *examination, const struct np_request *request, const struct np_log *log)
{
	const struct np_device *device = &examination->device;
	char uuid[NP_UUID_SIZE], content[64] = "";
	struct np_check_store store = {
		.header = &examination->header,
		.begin = request->store_begin,
		.base_uuid = uuid,
		.base_bytes = np_extent_map_total(&examination->extents),
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
	np_uuid_format(&examination->examined[0].facts, uuid);
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
