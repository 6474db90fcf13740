/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "examine-internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "ntfs-punch/member.h"
#include "ntfs-punch/name.h"
#include "ntfs-punch/scan.h"
#include "taken.h"

void np_examination_release(struct np_examination *examination)
{
	for (size_t i = 0; i < examination->count; i++)
		np_facts_release(&examination->examined[i].facts);
	free(examination->examined);
	np_busy_release(&examination->busy);
	np_extent_map_release(&examination->extents);
	np_extent_map_release(&examination->store);
	np_image_release(&examination->image);
	np_device_close(&examination->device);
	*examination = NP_EXAMINATION_INIT;
}

static int report_missing(const struct np_facts *facts, const char *file, const struct np_log *log)
{
	bool ambiguous = facts->outcome == NP_OUTCOME_AMBIGUOUS;

	if (facts->outcome != NP_OUTCOME_NO_FILE && !ambiguous)
		return 0;
	np_log_message(log, NP_LOG_ERROR, file,
		       ambiguous ? "name it exactly as it is written there, or as mft:NUMBER" : NULL, "%s",
		       facts->reason);
	return ambiguous ? -ENOTUNIQ : -ENOENT;
}

int np_examine_append(const struct np_examination *examination, const struct np_extent_map *extents,
		      struct np_extent_map *map)
{
	int r = 0;

	for (size_t i = 0; i < extents->count && !r; i++) {
		uint64_t physical = extents->extents[i].physical;

		if (physical != NP_EXTENT_HOLE &&
		    __builtin_add_overflow(physical, examination->device.start_bytes, &physical))
			r = -EOVERFLOW;
		if (!r)
			r = np_extent_map_append(map, physical, extents->extents[i].length);
	}
	return r;
}

size_t np_examine_refused(const struct np_examination *examination, size_t end)
{
	size_t refused = 0;

	for (size_t i = 0; i < end; i++)
		refused += np_findings_refusals(&examination->examined[i].findings) > 0;
	return refused;
}

static int check(struct np_examination *examination, const struct np_request *request, const struct np_member *member,
		 const struct np_taken_list *taken, size_t i)
{
	struct np_device *device = &examination->device;
	bool is_store = request->store && i == request->file_count;
	struct np_extent_map extents = NP_EXTENT_MAP_INIT;
	struct np_check_input input = {
		.facts = &examination->examined[i].facts,
		.device_size_bytes = device->size_bytes,
		.logical_block_size = device->logical_block_size,
		.device_is_disk = device->is_block,
		.device_read_only = device->read_only,
		.read_only = request->read_only && !is_store,
		.flush_each_target = np_kernel_flushes_each_target(),
		.membership = member->membership,
		.member = member->what,
		.busy = *examination->busy.who ? examination->busy.who : NULL,
		.busy_remedy = examination->busy.remedy,
		.hibernation = request->looks_for_linux ? &examination->hibernation : NULL,
		.taken = taken->entries,
		.taken_count = taken->count,
		.allow = request->allow,
		.allow_journal_lsn = request->allow_journal_lsn,
	};
	int r = np_check_run(&input, &examination->examined[i].findings, &extents);

	/* It is looked at once nothing else refuses. */
	if (is_store && !r)
		examination->examined[i].findings.of[NP_CHECK_OVERLAY] =
			(struct np_finding){ .verdict = NP_VERDICT_NONE };

	/* What is refused needn't fit. */
	if (!r && !np_findings_refusals(&examination->examined[i].findings)) {
		examination->examined[i].targets = extents.count;
		r = np_examine_append(examination, &extents, is_store ? &examination->store : &examination->extents);
	}
	np_extent_map_release(&extents);
	return r;
}

static int scan(struct np_examination *examination, const struct np_request *request, size_t i,
		const struct np_log *log)
{
	const struct np_device *device = &examination->device;
	const struct np_file *file = np_request_file(request, i);
	struct np_facts *facts = &examination->examined[i].facts;
	int r = np_scan(device->fd, device->start_bytes, device->size_bytes, request->source.word,
			file ? &file->path : NULL, log, facts);

	return r ? r : file ? report_missing(facts, file->word, log) : 0;
}

/* Each file also against the maps that there are, and the files before it. */
static int check_all(struct np_examination *examination, const struct np_request *request,
		     const struct np_member *member)
{
	struct np_taken_list taken = { 0 };
	char uuid[NP_UUID_SIZE];
	int r = 0;

	np_uuid_format(&examination->examined[0].facts, uuid);
	if (request->file_count)
		r = np_taken_by_maps(&examination->device, &examination->busy, uuid, &taken);
	for (size_t i = 0; i < examination->count && !r; i++) {
		r = check(examination, request, member, &taken, i);
		if (!r && i + 1 < examination->count)
			r = np_taken_add_file(&taken, np_request_file(request, i)->word,
					      &examination->examined[i].facts.extents);
	}
	np_taken_release(&taken);
	return r;
}

/* Where something may be written to a volume: checks are made on it for each file that could be read. */
static void look_for_linux(struct np_examination *examination, const struct np_request *request,
			   const struct np_log *log)
{
	bool any = false;

	for (size_t i = 0; i < examination->count; i++)
		any = any || examination->examined[i].facts.outcome == NP_OUTCOME_COMPLETE;
	if (!request->looks_for_linux || request->read_only || !any)
		return;
	np_hibernation_find_swap(request->name, &examination->hibernation);
	np_hibernation_find_image(log, &examination->hibernation);
}

static int give_up(const struct np_request *request, int r, const struct np_log *log)
{
	np_log_message(log, NP_LOG_ERROR, request->source.word, NULL, "can't check it: %s", strerror(-r));
	return r;
}

static int examine(const struct np_request *request, const struct np_log *log, struct np_examination *examination)
{
	size_t count = request->file_count ? request->file_count + !!request->store : 1;
	struct np_member member;
	int r = np_lookup(&request->source, log, &examination->device);

	if (!r)
		r = np_busy_find(&examination->device, log, &examination->busy);
	if (!r)
		r = np_member_find(&examination->device, log, &member);
	examination->examined = calloc(count, sizeof(*examination->examined));
	if (examination->examined)
		examination->count = count;
	else if (!r)
		r = give_up(request, -ENOMEM, log);
	for (size_t i = 0; i < examination->count && !r; i++)
		r = scan(examination, request, i, log);
	if (r < 0)
		return r;
	look_for_linux(examination, request, log);
	r = check_all(examination, request, &member);
	if (r < 0)
		return give_up(request, r, log);
	r = np_examine_image(examination, request, log);
	if (!r)
		r = np_examine_store(examination, request, log);
	return r == -ENOMEM ? give_up(request, r, log) : r;
}

int np_examine(const struct np_request *request, const struct np_log *log, struct np_examination *ret_examination)
{
	struct np_examination examination = NP_EXAMINATION_INIT;
	int r = examine(request, log, &examination);

	if (r < 0) {
		np_examination_release(&examination);
		return r;
	}
	*ret_examination = examination;
	return 0;
}

const char np_examine_changed_remedy[] = "find out what writes to the volume, and try again";

static int scan_again(const struct np_examination *examination, const struct np_request *request, size_t i,
		      const struct np_device *below, const char *name, const struct np_log *log)
{
	const struct np_device *device = &examination->device;
	const struct np_file *file = np_request_file(request, i);
	uint64_t below_bytes = below->size_bytes > device->start_bytes ? below->size_bytes - device->start_bytes : 0;
	struct np_facts facts;
	/* A loop device has whole sectors only. */
	int r = np_scan(below->fd, device->start_bytes,
			device->size_bytes < below_bytes ? device->size_bytes : below_bytes, device->path,
			file ? &file->path : NULL, log, &facts);

	if (r < 0)
		return r;
	r = np_facts_equal(&facts, &examination->examined[i].facts) ? 0 : -ESTALE;
	if (facts.outcome == NP_OUTCOME_METADATA)
		np_log_message(log, NP_LOG_ERROR, name, np_examine_changed_remedy,
			       "the volume could not be read again: %s", facts.reason);
	else if (r < 0)
		np_log_message(log, NP_LOG_ERROR, name, np_examine_changed_remedy,
			       "the volume changed between the look and the claim");
	np_facts_release(&facts);
	return r;
}

int np_examine_again(const struct np_examination *examination, const struct np_request *request,
		     const struct np_device *below, const char *name, const struct np_log *log)
{
	const struct np_device *device = &examination->device;
	struct np_busy busy = { .who = "" };
	int r = np_busy_find(device, log, &busy);

	/* device-mapper's claim keeps mounts away, but none of its own devices, and an image has no claim at all. */
	if (!r && *busy.who) {
		np_log_message(log, NP_LOG_ERROR, device->path, busy.remedy, "busy: %s", busy.who);
		r = -EBUSY;
	}
	np_busy_release(&busy);
	for (size_t i = 0; i < examination->count && !r; i++)
		r = scan_again(examination, request, i, below, name, log);
	if (!r && request->file_count)
		r = np_examine_image_again(examination, request, below, name, log);
	if (!r && request->store)
		r = np_examine_store_again(examination, below, name, log);
	return r;
}
