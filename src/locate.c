/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "survey-internal.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Deeper than any path of Windows (32,767 characters): the parents go in a circle. */
#define DEPTH_MAX 16384u

/* NTFS allows 1024 links, and Windows gives each a short name too. */
#define PARENTS_MAX 2048u

/* The records of that name in the root directory, in whatever case; 0 for none. */
static int find_in_root(struct np_survey *survey, const char *name, uint64_t ret_records[static 2])
{
	struct np_ntfs_matches matches;
	struct np_ntfs_name unicode;
	int r = np_ntfs_name_from_utf8(name, &unicode);

	if (!r)
		r = np_ntfs_lookup(survey->ntfs, NP_MFT_ROOT, &unicode, false, &matches);
	if (r < 0)
		return np_survey_unreadable(survey, "the root directory", r);
	for (size_t i = 0; i < 2; i++)
		ret_records[i] = i < matches.count ? NP_MFT_RECORD(matches.references[i]) : 0;
	return 0;
}

int np_locate_windows(struct np_survey *survey)
{
	static const char *const names[NP_WINDOWS_FILES] = {
		[NP_WINDOWS_PAGEFILE] = "pagefile.sys",
		[NP_WINDOWS_HIBERFIL] = "hiberfil.sys",
		[NP_WINDOWS_SWAPFILE] = "swapfile.sys",
	};
	int r = 0;

	for (size_t i = 0; i < NP_WINDOWS_FILES && !r; i++)
		r = find_in_root(survey, names[i], survey->windows[i]);
	return r ? r : find_in_root(survey, "System Volume Information", survey->volume_information);
}

/* libntfs-3g's layout.h, FILE_NAME_ATTR: the parent's reference comes first. */
#define FILE_NAME_LENGTH_OFFSET 0x40
#define FILE_NAME_OFFSET        0x42

/* The parent in a $FILE_NAME, of which there must be so much. */
static int read_parent(const struct np_ntfs_attribute *attribute, size_t length_least, np_mft_reference *ret_parent)
{
	np_mft_reference parent;

	if (!attribute->resident || attribute->value_length < length_least)
		return -EIO;
	memcpy(&parent, attribute->value, sizeof(parent));
	*ret_parent = le64toh(parent);
	return 0;
}

static int for_each_file_name(struct np_survey *survey, np_mft_reference reference, np_ntfs_attribute_fn *function,
			      void *context)
{
	int r = np_ntfs_for_each_attribute(survey->ntfs, reference, NP_ATTRIBUTE_FILE_NAME, function, context);

	return r < 0 ? np_survey_unreadable(survey, "a $FILE_NAME", r) : 0;
}

/* A place in a directory. */
struct place {
	np_mft_reference directory;
	const struct np_ntfs_name *name;
	bool found;
};

static int compare_file_name(void *context, const struct np_ntfs_attribute *attribute)
{
	struct place *place = context;
	const unsigned char *value = attribute->value;
	size_t size = place->name->length * sizeof(*place->name->units);
	np_mft_reference directory;
	int r = read_parent(attribute, FILE_NAME_OFFSET, &directory);

	if (r < 0)
		return r;
	if (directory == place->directory && value[FILE_NAME_LENGTH_OFFSET] == place->name->length &&
	    attribute->value_length >= FILE_NAME_OFFSET + size &&
	    !memcmp(value + FILE_NAME_OFFSET, place->name->units, size))
		place->found = true;
	return 0;
}

/* The record must say of itself what the directory says of it. */
static int compare_place(struct np_survey *survey, const char *name, np_mft_reference reference, struct place *place)
{
	struct np_ntfs_record directory;
	int r = np_ntfs_read_record(survey->ntfs, place->directory, &directory);

	if (r < 0)
		return np_survey_unreadable(survey, "a directory of the path", r);
	place->directory = NP_MFT_REFERENCE(directory.number, directory.sequence);
	r = for_each_file_name(survey, reference, compare_file_name, place);
	if (!r && !place->found)
		return np_survey_stop(survey, NP_OUTCOME_METADATA,
				      "the directory lists MFT record %" PRIu64
				      " as '%s', but the record doesn't say so",
				      NP_MFT_RECORD(reference), name);
	return r;
}

static int stop_at_two(struct np_survey *survey, const char *name, const struct np_ntfs_matches *matches)
{
	char found[2][128];

	for (size_t i = 0; i < 2; i++)
		np_ntfs_name_to_utf8(&matches->names[i], found[i], sizeof(found[i]));
	return np_survey_stop(survey, NP_OUTCOME_AMBIGUOUS, "'%.120s' may be '%s' or '%s'", name, found[0], found[1]);
}

static int walk_component(struct np_survey *survey, const char *name, np_mft_reference *directory)
{
	struct np_ntfs_matches matches;
	struct np_ntfs_name unicode;
	struct place place;
	int r = np_ntfs_name_from_utf8(name, &unicode);

	if (r == -EILSEQ)
		return np_survey_stop(survey, NP_OUTCOME_NO_FILE, "'%s' is not UTF-8", name);
	if (r == -ENAMETOOLONG)
		return np_survey_stop(survey, NP_OUTCOME_NO_FILE, "'%s' is longer than any name on NTFS", name);
	r = np_ntfs_lookup(survey->ntfs, *directory, &unicode, true, &matches);
	if (r == -ENOTDIR)
		return np_survey_stop(survey, NP_OUTCOME_NO_FILE,
				      "'%s' is looked for in something that is no directory", name);
	if (r < 0)
		return np_survey_unreadable(survey, "a directory of the path", r);
	if (!matches.count)
		return np_survey_stop(survey, NP_OUTCOME_NO_FILE, "there is no '%s'", name);
	if (matches.count > 1)
		return stop_at_two(survey, name, &matches);
	place = (struct place){ .directory = *directory, .name = &matches.names[0] };
	*directory = matches.references[0];
	return compare_place(survey, name, *directory, &place);
}

/* The directories that a record's names are in. */
struct parents {
	np_mft_reference references[PARENTS_MAX];
	size_t count;
};

static int visit_file_name(void *context, const struct np_ntfs_attribute *attribute)
{
	struct parents *parents = context;
	np_mft_reference parent;
	int r = read_parent(attribute, sizeof(parent), &parent);

	if (r < 0)
		return r;
	for (size_t i = 0; i < parents->count; i++)
		if (parents->references[i] == parent)
			return 0;
	if (parents->count == PARENTS_MAX)
		return -EMLINK;
	parents->references[parents->count++] = parent;
	return 0;
}

static int read_parents(struct np_survey *survey, np_mft_reference reference, struct parents *parents)
{
	parents->count = 0;
	return for_each_file_name(survey, reference, visit_file_name, parents);
}

static int visit_reparse_point(void *context, const struct np_ntfs_attribute *attribute)
{
	struct np_file_facts *file = context;
	uint32_t tag = 0;

	/* libntfs-3g's layout.h, REPARSE_POINT: the tag comes first. */
	if (attribute->resident && attribute->value_length >= sizeof(tag))
		memcpy(&tag, attribute->value, sizeof(tag));
	file->kind = NP_FILE_REPARSE_POINT;
	file->reparse_tag = le32toh(tag);
	return 0;
}

static int read_record(struct np_survey *survey, np_mft_reference reference)
{
	struct np_file_facts *file = &survey->facts->file;
	struct np_ntfs_record record;
	int r = np_ntfs_read_record(survey->ntfs, reference, &record);

	if (r == -ENOENT)
		return np_survey_stop(survey, NP_OUTCOME_NO_FILE, "MFT record %" PRIu64 " is not in use",
				      NP_MFT_RECORD(reference));
	if (r < 0)
		return np_survey_unreadable(survey, "the file's MFT record", r);
	if (record.base)
		return np_survey_stop(survey, NP_OUTCOME_NO_FILE,
				      "MFT record %" PRIu64 " is part of the file mft:%" PRIu64, record.number,
				      record.base);
	file->record = record.number;
	file->sequence = record.sequence;
	file->kind = record.directory ? NP_FILE_DIRECTORY : NP_FILE_REGULAR;
	if (record.encrypted)
		file->flags |= NP_FILE_ENCRYPTED;
	if (record.reparse_point)
		file->kind = NP_FILE_REPARSE_POINT;
	r = np_ntfs_for_each_attribute(survey->ntfs, reference, NP_ATTRIBUTE_REPARSE_POINT, visit_reparse_point, file);
	return r < 0 ? np_survey_unreadable(survey, "a reparse point", r) : 0;
}

/* Which file is meant. */
static int find_file(struct np_survey *survey, np_mft_reference *ret_reference)
{
	const struct np_path *path = survey->path;
	np_mft_reference reference = path->by_record ? path->record : NP_MFT_ROOT;
	int r = 0;

	for (size_t i = 0; i < path->count && !r; i++)
		r = walk_component(survey, path->components[i], &reference);
	if (!r)
		r = read_record(survey, reference);
	*ret_reference = reference;
	return r;
}

/* Goes up from one directory to the root. */
static int classify_parent(struct np_survey *survey, np_mft_reference directory, struct parents *parents)
{
	const uint64_t *volume_information = survey->volume_information;
	struct np_file_facts *file = &survey->facts->file;

	for (size_t depth = 0; depth < DEPTH_MAX; depth++) {
		uint64_t record = NP_MFT_RECORD(directory);
		int r;

		if (record == NP_MFT_EXTEND)
			file->system_reason = NP_SYSTEM_EXTEND;
		if (record == volume_information[0] || record == volume_information[1])
			file->system_reason = NP_SYSTEM_VOLUME_INFORMATION;
		if (record == NP_MFT_ROOT || file->system_reason != NP_SYSTEM_NONE)
			return 0;
		r = read_parents(survey, directory, parents);
		if (r)
			return r;
		if (!parents->count)
			return np_survey_stop(survey, NP_OUTCOME_METADATA, "a directory above the file has no name");
		directory = parents->references[0]; /* a directory has one place */
	}
	return np_survey_stop(survey, NP_OUTCOME_METADATA, "the directories above the file go in a circle");
}

/* A file that Windows owns is one whatever name it is called by, so all its names' directories count. */
static int classify(struct np_survey *survey, np_mft_reference reference)
{
	static const enum np_system_reason reasons[NP_WINDOWS_FILES] = {
		[NP_WINDOWS_PAGEFILE] = NP_SYSTEM_PAGEFILE,
		[NP_WINDOWS_HIBERFIL] = NP_SYSTEM_HIBERFIL,
		[NP_WINDOWS_SWAPFILE] = NP_SYSTEM_SWAPFILE,
	};
	struct np_file_facts *file = &survey->facts->file;
	struct parents parents, above;
	int r;

	file->system_reason = file->record < 24 ? NP_SYSTEM_RECORD : NP_SYSTEM_NONE;
	for (size_t i = 0; i < NP_WINDOWS_FILES && file->system_reason == NP_SYSTEM_NONE; i++)
		if (survey->windows[i][0] == file->record || survey->windows[i][1] == file->record)
			file->system_reason = reasons[i];
	if (file->system_reason != NP_SYSTEM_NONE)
		return 0;
	r = read_parents(survey, reference, &parents);
	if (!r && !parents.count)
		r = np_survey_stop(survey, NP_OUTCOME_METADATA, "the file has no name");
	for (size_t i = 0; !r && i < parents.count && file->system_reason == NP_SYSTEM_NONE; i++)
		r = classify_parent(survey, parents.references[i], &above);
	return r;
}

int np_locate_file(struct np_survey *survey, np_mft_reference *ret_reference)
{
	int r = find_file(survey, ret_reference);

	return r ? r : classify(survey, *ret_reference);
}
