/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "journal.h"
#include "runlist.h"
#include "survey-internal.h"

/* The MFT records of one file, ascending. */
struct records {
	struct np_journal_record *of;
	size_t count;
	size_t capacity;
};

static int grow(struct records *records)
{
	size_t capacity = records->capacity ? 2 * records->capacity : 16;
	struct np_journal_record *of;

	if (records->count < records->capacity)
		return 0;
	of = reallocarray(records->of, capacity, sizeof(*of));
	if (!of)
		return -ENOMEM;
	records->of = of;
	records->capacity = capacity;
	return 0;
}

/* Attributes come record by record, nearly in their order. */
static int visit_attribute(void *context, const struct np_ntfs_attribute *attribute)
{
	struct records *records = context;
	size_t i = records->count;

	while (i && records->of[i - 1].number > attribute->record)
		i--;
	if (i && records->of[i - 1].number == attribute->record)
		return 0;
	if (grow(records) < 0)
		return -ENOMEM;
	memmove(records->of + i + 1, records->of + i, (records->count - i) * sizeof(*records->of));
	records->of[i] = (struct np_journal_record){ attribute->record, attribute->record_lsn };
	records->count++;
	return 0;
}

static int read_log(void *context, void *data, size_t size, uint64_t offset)
{
	ssize_t n = np_ntfs_read_data(context, NP_MFT_LOGFILE, data, size, offset);

	if (n < 0)
		return (int)n;
	return (size_t)n == size ? 0 : -EIO;
}

static int read_record_lsn(void *context, uint64_t number, uint64_t *ret_lsn)
{
	return np_ntfs_read_record_lsn(context, number, ret_lsn);
}

/* Of $LogFile's $DATA, only how long it is. */
static int visit_log(void *context, const struct np_ntfs_attribute *attribute)
{
	struct np_logfile_io *log = context;

	if (!attribute->name_length && !attribute->resident && !attribute->lowest_vcn)
		log->size_bytes = attribute->data_size;
	return 0;
}

static void keep(struct np_facts *facts, const struct np_journal_result *result)
{
	struct np_volume_facts *volume = &facts->volume;
	struct np_file_facts *file = &facts->file;

	volume->journal_state = result->status.state;
	volume->journal_trouble = result->trouble.what;
	volume->journal_trouble_at = result->trouble.at;
	volume->journal_major = result->status.major;
	volume->journal_minor = result->status.minor;
	volume->journal_lsn = result->newest_lsn;
	file->journal_reason = result->reason;
	file->journal_operation = result->operation;
	file->journal_lsn = result->lsn;
	file->journal_target = result->target;
}

/* Where the MFT lies, by its own record. */
static int read_mft(struct np_survey *survey, struct np_extent_map *mft, struct records *records)
{
	struct np_file_facts unused = { .kind = NP_FILE_NONE };
	struct np_ntfs_name name;
	int r = np_runlist_read_stream(survey->ntfs, NP_MFT_MFT, NULL, &unused, mft, &name);

	if (!r)
		r = np_ntfs_for_each_attribute(survey->ntfs, NP_MFT_MFT, NP_ATTRIBUTE_ANY, visit_attribute, records);
	return r < 0 ? np_survey_unreadable(survey, "$MFT", r) : 0;
}

static int read_file(struct np_survey *survey, np_mft_reference file, struct records *records,
		     struct np_extent_index *clusters)
{
	int r = np_ntfs_for_each_attribute(survey->ntfs, file, NP_ATTRIBUTE_ANY, visit_attribute, records);

	if (r < 0)
		return np_survey_unreadable(survey, "the file's records", r);
	return np_extent_index_init(clusters, &survey->facts->extents);
}

int np_pending_read(struct np_survey *survey, const np_mft_reference *file)
{
	struct np_extent_map mft = NP_EXTENT_MAP_INIT;
	struct np_extent_index clusters = NP_EXTENT_INDEX_INIT;
	struct records mft_records = { 0 }, file_records = { 0 };
	struct np_journal_input input = {
		.log = { .read = read_log, .context = survey->ntfs },
		.cluster_size = np_ntfs_cluster_size(survey->ntfs),
		.record_size = np_ntfs_record_size(survey->ntfs),
		.record_lsn = read_record_lsn,
		.context = survey->ntfs,
	};
	struct np_journal_result result;
	/* A $LogFile that can't be read isn't there: the journal is broken then. */
	int r = np_ntfs_for_each_attribute(survey->ntfs, NP_MFT_LOGFILE, NP_ATTRIBUTE_DATA, visit_log, &input.log);

	r = r == -ENOMEM ? r : read_mft(survey, &mft, &mft_records);
	if (!r && file)
		r = read_file(survey, *file, &file_records, &clusters);
	if (!r) {
		input.mft = &mft;
		input.mft_records = mft_records.of;
		input.mft_record_count = mft_records.count;
		input.file_reference = survey->facts->file.record | (uint64_t)survey->facts->file.sequence << 48;
		input.file_records = file_records.of;
		input.file_record_count = file_records.count;
		input.file_clusters = file ? &clusters : NULL;
		r = np_journal_examine(&input, &result);
		if (r < 0)
			r = np_survey_unreadable(survey, "an MFT record that the journal names", r);
		else
			keep(survey->facts, &result);
	}
	np_extent_map_release(&mft);
	np_extent_index_release(&clusters);
	free(mft_records.of);
	free(file_records.of);
	return r;
}
