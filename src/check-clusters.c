/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check-internal.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const chkdsk = "run `chkdsk X: /f` in Windows: the volume is damaged";

void np_check_bounds(const struct np_checks *checks, struct np_finding *finding)
{
	const struct np_facts *facts = checks->facts;
	uint64_t device = checks->input->device_size_bytes, volume = facts->volume.size_bytes;
	uint64_t end = volume < device ? volume : device;

	if (facts->file.runlist_problem == NP_RUNLIST_OUT_OF_RANGE) {
		np_say(finding, NP_VERDICT_REFUSE, chkdsk, "a run begins at cluster %" PRId64 ", which no disk has",
		       (int64_t)facts->file.runlist_found);
		return;
	}
	for (size_t i = 0; i < facts->extents.count; i++) {
		const struct np_extent *extent = &facts->extents.extents[i];

		if (extent->physical == NP_EXTENT_HOLE ||
		    (extent->physical <= end && extent->length <= end - extent->physical))
			continue;
		np_say(finding, NP_VERDICT_REFUSE, chkdsk,
		       "the extent of %" PRIu64 " bytes at byte %" PRIu64 " ends past the %s, which has %" PRIu64
		       " bytes",
		       extent->length, extent->physical, volume <= device ? "volume" : "device", end);
		return;
	}
	if (volume > device)
		np_say(finding, NP_VERDICT_WARN, "is this the right device, and all of it?",
		       "the extents lie within the device, but the volume doesn't: it has %" PRIu64
		       " bytes, the device %" PRIu64,
		       volume, device);
	else
		np_say(finding, NP_VERDICT_OK, NULL, "all extents lie within the volume and the device");
}

static const char *owner_name(const struct np_facts *facts, uint64_t logical)
{
	static const char *const names[NP_OWNERS] = {
		"$MFT",
		"$MFTMirr",
		"$LogFile",
		"$Volume",
		"$AttrDef",
		"the root directory",
		"$Bitmap",
		"$Boot",
		"$BadClus",
		"$Secure",
		"$UpCase",
		"$Extend",
		[NP_OWNER_EXTEND] = "a file below $Extend",
		[NP_OWNER_WINDOWS] = "pagefile.sys, hiberfil.sys or swapfile.sys",
		[NP_OWNER_ITSELF] = "its own attribute list or another of its streams",
	};
	size_t record = 0;

	while (record + 1 < NP_OWNERS && logical >= facts->system_end[record])
		record++;
	return names[record];
}

void np_check_overlap(const struct np_checks *checks, struct np_finding *finding)
{
	struct np_extent_overlap overlap;

	if (np_extent_index_overlap_self(&checks->file, &overlap))
		np_say(finding, NP_VERDICT_REFUSE, chkdsk,
		       "the file has %" PRIu64 " bytes at byte %" PRIu64 " of the volume twice: at its bytes %" PRIu64
		       " and %" PRIu64,
		       overlap.length, overlap.physical, overlap.logical_a, overlap.logical_b);
	else if (np_extent_index_overlap(&checks->file, &checks->system, &overlap))
		np_say(finding, NP_VERDICT_REFUSE, chkdsk,
		       "the file shares %" PRIu64 " bytes at byte %" PRIu64 " of the volume with %s", overlap.length,
		       overlap.physical, owner_name(checks->facts, overlap.logical_b));
	else if (checks->taken && checks->taken->unknown)
		np_say(finding, NP_VERDICT_REFUSE, "unmap that first: `ntfs-punch list` shows the maps",
		       "the file may share bytes with %s, whose own couldn't be read", checks->taken->name);
	else if (checks->taken)
		np_say(finding, NP_VERDICT_REFUSE,
		       checks->taken->is_map ?
			       "unmap that first; if it is another file's, run `chkdsk X: /f` in Windows: the volume is "
			       "damaged" :
			       "name each file once; if they are two, run `chkdsk X: /f` in Windows: the volume is damaged",
		       "the file shares %" PRIu64 " bytes at byte %" PRIu64 " of the volume with %s",
		       checks->taken_overlap.length, checks->taken_overlap.physical, checks->taken->name);
	else
		np_say(finding, NP_VERDICT_OK, NULL,
		       "no cluster is shared with the file itself, with a file of NTFS's or Windows' own, or with "
		       "another map");
}

void np_check_allocated(const struct np_checks *checks, struct np_finding *finding)
{
	const struct np_file_facts *file = &checks->facts->file;

	if (file->free_clusters)
		np_say(finding, NP_VERDICT_REFUSE, chkdsk,
		       "%" PRIu64 " of its clusters %s free in $Bitmap, the first being cluster %" PRIu64
		       ": Windows may give them to another file",
		       file->free_clusters, file->free_clusters == 1 ? "is" : "are", file->first_free_lcn);
	else
		np_say(finding, NP_VERDICT_OK, NULL, "all clusters are allocated in $Bitmap");
}

/* The first of what contradicts itself, or false. */
static bool runlist_contradiction(const struct np_checks *checks, char *text, size_t size)
{
	const struct np_file_facts *file = &checks->facts->file;
	uint64_t mapped = np_extent_map_total(&checks->facts->extents);

	switch (file->runlist_problem) {
	case NP_RUNLIST_GAP:
		return snprintf(text, size, "a piece of the runlist begins at VCN %" PRIu64 " instead of %" PRIu64,
				file->runlist_found, file->runlist_expected) > 0;
	case NP_RUNLIST_UNREADABLE:
		return snprintf(text, size, "the runlist can't be decoded from VCN %" PRIu64 " on",
				file->runlist_expected) > 0;
	case NP_RUNLIST_OUT_OF_RANGE:
		return snprintf(text, size, "the runlist leaves the volume at VCN %" PRIu64, file->runlist_expected) >
		       0;
	case NP_RUNLIST_TOO_LONG:
		return snprintf(text, size, "the runlist has more than %u extents", NP_EXTENT_MAX) > 0;
	case NP_RUNLIST_NEGATIVE:
		return snprintf(text, size, "one of its sizes is negative: %" PRId64, (int64_t)file->runlist_found) > 0;
	case NP_RUNLIST_END:
		return snprintf(text, size,
				"a piece of the runlist has VCN %" PRId64
				" as its highest, but its runs end with %" PRId64,
				(int64_t)file->runlist_found, (int64_t)file->runlist_expected - 1) > 0;
	default:
		break;
	}
	if (mapped != file->allocated_size)
		return snprintf(text, size, "the runlist has %" PRIu64 " bytes, but the allocated size is %" PRIu64,
				mapped, file->allocated_size) > 0;
	if (file->data_size > file->allocated_size)
		return snprintf(text, size, "the data size is %" PRIu64 ", but only %" PRIu64 " bytes are allocated",
				file->data_size, file->allocated_size) > 0;
	if (file->initialized_size > file->data_size)
		return snprintf(text, size, "%" PRIu64 " bytes are initialized, but the data size is %" PRIu64,
				file->initialized_size, file->data_size) > 0;
	return false;
}

void np_check_runlist(const struct np_checks *checks, struct np_finding *finding)
{
	const struct np_file_facts *file = &checks->facts->file;
	char text[256];

	if (!(file->flags & NP_FILE_RESIDENT) && runlist_contradiction(checks, text, sizeof(text)))
		np_say(finding, NP_VERDICT_REFUSE, chkdsk, "%s", text);
	else
		np_say(finding, NP_VERDICT_OK, NULL, "%" PRIu64 " run%s, %zu extent%s, in keeping with the sizes",
		       file->runs, np_plural(file->runs), checks->facts->extents.count,
		       np_plural(checks->facts->extents.count));
}

/* From so many extents on, a flush is felt. */
#define FLUSH_EXTENTS 256u

void np_check_flush_cost(const struct np_checks *checks, struct np_finding *finding)
{
	size_t count = checks->data.count;

	if (!checks->input->flush_each_target)
		np_say(finding, NP_VERDICT_OK, NULL, "%zu extent%s, which this kernel flushes as one", count,
		       np_plural(count));
	else if (count <= FLUSH_EXTENTS)
		np_say(finding, NP_VERDICT_OK, NULL, "%zu extent%s, few enough to be flushed one by one", count,
		       np_plural(count));
	else
		np_say(finding, NP_VERDICT_WARN,
		       "use Linux 6.11 or later, or defragment the file in Windows: `defrag X:`, then restart it "
		       "(not: shut down)",
		       "%zu extents, and before Linux 6.11 each fsync goes to every one: it took 136 ms with 2,000 "
		       "of them, 1.6 s with 20,000",
		       count);
}
