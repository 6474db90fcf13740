/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check-internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void np_say(struct np_finding *finding, enum np_verdict verdict, const char *remedy, const char *format, ...)
{
	va_list arguments;

	finding->verdict = verdict;
	snprintf(finding->remedy, sizeof(finding->remedy), "%s", remedy ? remedy : "");
	va_start(arguments, format);
	vsnprintf(finding->message, sizeof(finding->message), format, arguments);
	va_end(arguments);
}

/* What a check needs to be known. */
enum needs {
	NEEDS_NOTHING,
	NEEDS_NTFS,   /* a volume with an NTFS signature */
	NEEDS_VOLUME, /* and readable metadata */
	NEEDS_FILE,   /* and a file */
	NEEDS_DATA,   /* and a stream */
};

enum about { ABOUT_DEVICE, ABOUT_FILE };

static const struct {
	const char *name;
	bool overridable;
	enum about about;
	enum needs needs;
	np_check_fn *run;
} table[NP_CHECK_COUNT] = {
	[NP_CHECK_VOLUME_TYPE] = { "volume-type", false, ABOUT_DEVICE, NEEDS_NOTHING, np_check_volume_type },
	[NP_CHECK_METADATA] = { "metadata", false, ABOUT_DEVICE, NEEDS_NTFS, np_check_metadata },
	[NP_CHECK_REGULAR_FILE] = { "regular-file", false, ABOUT_FILE, NEEDS_FILE, np_check_regular_file },
	[NP_CHECK_SYSTEM_FILE] = { "system-file", false, ABOUT_FILE, NEEDS_FILE, np_check_system_file },
	[NP_CHECK_RESIDENT] = { "resident", false, ABOUT_FILE, NEEDS_DATA, np_check_resident },
	[NP_CHECK_COMPRESSED] = { "compressed", false, ABOUT_FILE, NEEDS_DATA, np_check_compressed },
	[NP_CHECK_ENCRYPTED] = { "encrypted", false, ABOUT_FILE, NEEDS_DATA, np_check_encrypted },
	[NP_CHECK_SPARSE] = { "sparse", false, ABOUT_FILE, NEEDS_DATA, np_check_sparse },
	[NP_CHECK_INITIALIZED] = { "initialized", true, ABOUT_FILE, NEEDS_DATA, np_check_initialized },
	[NP_CHECK_SIZE] = { "size", false, ABOUT_FILE, NEEDS_DATA, np_check_size },
	[NP_CHECK_ALIGNMENT] = { "alignment", false, ABOUT_FILE, NEEDS_DATA, np_check_alignment },
	[NP_CHECK_BOUNDS] = { "bounds", false, ABOUT_FILE, NEEDS_DATA, np_check_bounds },
	[NP_CHECK_OVERLAP] = { "overlap", false, ABOUT_FILE, NEEDS_DATA, np_check_overlap },
	[NP_CHECK_ALLOCATED] = { "allocated", false, ABOUT_FILE, NEEDS_DATA, np_check_allocated },
	[NP_CHECK_RUNLIST] = { "runlist", false, ABOUT_FILE, NEEDS_DATA, np_check_runlist },
	[NP_CHECK_FORMAT] = { "format", false, ABOUT_FILE, NEEDS_DATA, np_check_format },
	[NP_CHECK_OVERLAY] = { "overlay", false, ABOUT_FILE, NEEDS_DATA, np_check_overlay },
	[NP_CHECK_JOURNAL] = { "journal", true, ABOUT_FILE, NEEDS_DATA, np_check_journal },
	[NP_CHECK_READ_ONLY_DEVICE] = { "read-only-device", false, ABOUT_DEVICE, NEEDS_NOTHING,
					np_check_read_only_device },
	[NP_CHECK_MEMBER] = { "member", true, ABOUT_DEVICE, NEEDS_NOTHING, np_check_member },
	[NP_CHECK_HIBERNATED] = { "hibernated", false, ABOUT_DEVICE, NEEDS_VOLUME, np_check_hibernated },
	[NP_CHECK_LINUX_HIBERNATED] = { "linux-hibernated", false, ABOUT_DEVICE, NEEDS_VOLUME,
					np_check_linux_hibernated },
	[NP_CHECK_DIRTY] = { "dirty", false, ABOUT_DEVICE, NEEDS_VOLUME, np_check_dirty },
	[NP_CHECK_SHADOW_COPIES] = { "shadow-copies", false, ABOUT_DEVICE, NEEDS_VOLUME, np_check_shadow_copies },
	[NP_CHECK_ATTACHED_IMAGE] = { "attached-image", false, ABOUT_FILE, NEEDS_DATA, np_check_attached_image },
	[NP_CHECK_FLUSH_COST] = { "flush-cost", false, ABOUT_FILE, NEEDS_DATA, np_check_flush_cost },
	[NP_CHECK_BUSY] = { "busy", false, ABOUT_DEVICE, NEEDS_NOTHING, np_check_busy },
};

const char *np_check_name(enum np_check check)
{
	return table[check].name;
}

bool np_check_overridable(enum np_check check)
{
	return table[check].overridable;
}

bool np_check_is_of_device(enum np_check check)
{
	return table[check].about == ABOUT_DEVICE;
}

enum np_check np_check_by_name(const char *name)
{
	size_t check = 0;

	while (check < NP_CHECK_COUNT && strcmp(table[check].name, name))
		check++;
	return (enum np_check)check;
}

const char *np_verdict_name(enum np_verdict verdict)
{
	static const char *const names[] = { "-", "ok", "info", "warn", "refuse" };

	return names[verdict];
}

static enum needs known(const struct np_facts *facts)
{
	if (facts->outcome == NP_OUTCOME_NOT_NTFS)
		return NEEDS_NOTHING;
	if (facts->outcome != NP_OUTCOME_COMPLETE)
		return NEEDS_NTFS;
	if (facts->file.kind == NP_FILE_NONE)
		return NEEDS_VOLUME;
	return facts->file.kind == NP_FILE_REGULAR ? NEEDS_DATA : NEEDS_FILE;
}

/* The journal's permission is for the journal as it was seen: yesterday's doesn't cover today's. */
static bool allowed(const struct np_check_input *input, size_t check)
{
	/* What isn't written to can't be spoiled, only be old. */
	if (input->read_only && (check == NP_CHECK_JOURNAL || check == NP_CHECK_MEMBER))
		return true;
	if (check == NP_CHECK_JOURNAL)
		return input->allow_journal_lsn && input->allow_journal_lsn == input->facts->volume.journal_lsn;
	return table[check].overridable && input->allow >> check & 1;
}

/*
 * The data in whole logical blocks, without the slack; nothing where the sizes contradict the runlist. For a read-only map, zeros
 * from the first block on that isn't initialized.
 */
static int cut_data(struct np_checks *checks)
{
	const struct np_file_facts *file = &checks->facts->file;
	uint64_t block = checks->input->logical_block_size, size = file->data_size, valid;
	int r;

	size -= size % block;
	valid = size;
	if (checks->input->read_only && file->initialized_size < size)
		valid = file->initialized_size + (block - file->initialized_size % block) % block;
	r = np_extent_map_slice(&checks->facts->extents, 0, valid, &checks->data);
	if (!r)
		r = np_extent_map_append(&checks->data, NP_EXTENT_HOLE, size - valid);
	return r == -ERANGE ? 0 : r;
}

static int find_taken(struct np_checks *checks)
{
	const struct np_check_input *input = checks->input;

	for (size_t i = 0; i < input->taken_count && !checks->taken; i++) {
		const struct np_taken *taken = &input->taken[i];
		struct np_extent_index index = NP_EXTENT_INDEX_INIT;
		int r = taken->unknown ? 0 : np_extent_index_init(&index, &taken->extents);

		if (r < 0)
			return r;
		if (taken->unknown || np_extent_index_overlap(&checks->file, &index, &checks->taken_overlap))
			checks->taken = taken;
		np_extent_index_release(&index);
	}
	return 0;
}

int np_check_run(const struct np_check_input *input, struct np_findings *ret_findings,
		 struct np_extent_map *ret_extents)
{
	struct np_checks checks = { .input = input, .facts = input->facts };
	struct np_findings findings = { 0 };
	int r = cut_data(&checks);

	if (!r)
		r = np_extent_index_init(&checks.file, &input->facts->extents);
	if (!r)
		r = np_extent_index_init(&checks.system, &input->facts->system);
	if (!r)
		r = find_taken(&checks);
	for (size_t i = 0; i < NP_CHECK_COUNT && !r; i++) {
		struct np_finding *finding = &findings.of[i];

		if (table[i].needs > known(input->facts))
			continue;
		table[i].run(&checks, finding);
		if (finding->verdict == NP_VERDICT_REFUSE && allowed(input, i))
			finding->verdict = NP_VERDICT_WARN;
	}
	np_extent_index_release(&checks.file);
	np_extent_index_release(&checks.system);
	if (r < 0) {
		np_extent_map_release(&checks.data);
		return r;
	}
	*ret_findings = findings;
	*ret_extents = checks.data;
	return 0;
}

void np_check_run_late(const struct np_check_input *input, enum np_check check, struct np_findings *findings)
{
	struct np_checks checks = { .input = input, .facts = input->facts };

	findings->of[check] = (struct np_finding){ .verdict = NP_VERDICT_NONE };
	table[check].run(&checks, &findings->of[check]);
}

bool np_finding_repeats(const struct np_findings *first, const struct np_findings *other, enum np_check check)
{
	return other != first && np_check_is_of_device(check) &&
	       !strcmp(other->of[check].message, first->of[check].message);
}

size_t np_findings_refusals(const struct np_findings *findings)
{
	size_t refusals = 0;

	for (size_t i = 0; i < NP_CHECK_COUNT; i++)
		refusals += findings->of[i].verdict == NP_VERDICT_REFUSE;
	return refusals;
}
