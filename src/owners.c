/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "runlist.h"
#include "survey-internal.h"

/* Far more than Windows has below $Extend. */
#define ENTRIES_MAX 16384u

/* The records below a directory, each once. */
struct entries {
	np_mft_reference *references;
	size_t count;
};

static int add_entry(void *context, np_mft_reference reference, const uint16_t *name, size_t length)
{
	struct entries *entries = context;

	(void)name, (void)length;
	/* Long and short names are two; and a directory that is its own parent would go on for ever. */
	for (size_t i = 0; i < entries->count; i++)
		if (entries->references[i] == reference)
			return 0;
	if (entries->count == ENTRIES_MAX)
		return -E2BIG;
	entries->references[entries->count++] = reference;
	return 0;
}

/* Adds a record's clusters, but not those of the file that is to be mapped: what else it has is added as its own. */
static int add_clusters(struct np_survey *survey, np_mft_reference reference)
{
	if (NP_MFT_RECORD(reference) == survey->facts->file.record)
		return 0;
	return np_runlist_read_clusters(survey->ntfs, reference, NULL, &survey->facts->system);
}

/* All that lies below $Extend, to any depth. */
static int add_below_extend(struct np_survey *survey, struct entries *entries)
{
	/* Volumes from before NTFS 3.0 have no such directory. */
	int r = np_ntfs_for_each_entry(survey->ntfs, NP_MFT_EXTEND, add_entry, entries);

	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	for (size_t i = 0; i < entries->count && !r; i++) {
		r = add_clusters(survey, entries->references[i]);
		if (!r)
			r = np_ntfs_for_each_entry(survey->ntfs, entries->references[i], add_entry, entries);
		if (r == -ENOTDIR)
			r = 0;
	}
	return r;
}

static int read_extend(struct np_survey *survey)
{
	struct entries entries = { .references = calloc(ENTRIES_MAX, sizeof(*entries.references)) };
	int r = entries.references ? add_below_extend(survey, &entries) : -ENOMEM;

	free(entries.references);
	return r < 0 ? np_survey_unreadable(survey, "$Extend", r) : 0;
}

static int read_windows(struct np_survey *survey)
{
	int r = 0;

	for (size_t i = 0; i < NP_WINDOWS_FILES && !r; i++)
		for (size_t j = 0; j < 2 && !r && survey->windows[i][j]; j++)
			r = add_clusters(survey, survey->windows[i][j]);
	return r < 0 ? np_survey_unreadable(survey, "pagefile.sys, hiberfil.sys or swapfile.sys", r) : 0;
}

static void end_owner(struct np_survey *survey, size_t owner)
{
	survey->facts->system_end[owner] = np_extent_map_total(&survey->facts->system);
}

int np_owners_read(struct np_survey *survey, np_mft_reference reference, const struct np_ntfs_name *stream)
{
	int r;

	for (uint64_t record = 0; record < NP_SYSTEM_RECORDS; record++) {
		r = add_clusters(survey, record);
		/* Before NTFS 3.0, records 9 and 11 had no use. */
		if (r < 0 && r != -ENOENT)
			return np_survey_unreadable(survey, "a system file", r);
		end_owner(survey, record);
	}
	r = read_extend(survey);
	end_owner(survey, NP_OWNER_EXTEND);
	if (!r)
		r = read_windows(survey);
	end_owner(survey, NP_OWNER_WINDOWS);
	if (r)
		return r;
	r = np_runlist_read_clusters(survey->ntfs, reference, stream, &survey->facts->system);
	end_owner(survey, NP_OWNER_ITSELF);
	return r < 0 ? np_survey_unreadable(survey, "one of the file's attributes", r) : 0;
}
