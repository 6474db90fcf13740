/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "survey.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ntfs-punch/reply.h"
#include "runlist.h"
#include "signature.h"
#include "survey-internal.h"

int np_survey_stop(struct np_survey *survey, enum np_outcome outcome, const char *format, ...)
{
	va_list arguments;

	survey->facts->outcome = outcome;
	va_start(arguments, format);
	vsnprintf(survey->facts->reason, sizeof(survey->facts->reason), format, arguments);
	va_end(arguments);
	return NP_SURVEY_STOP;
}

/* The numbers of errno in words: strerror() opens files, which the sandbox forbids. */
static const char *error_name(int r)
{
	const char *name = strerrorname_np(-r);

	return name ? name : "unknown error";
}

/* A failure to read something. What libntfs-3g said says more than its errno: the last, but where it doesn't even open
 * the volume the first, for then it goes on with hints. */
int np_survey_unreadable(struct np_survey *survey, const char *what, int r)
{
	const struct np_facts *facts = survey->facts;

	if (r == -ENOMEM)
		return r;
	if (r == -EREMCHG)
		return np_survey_stop(
			survey, NP_OUTCOME_METADATA,
			"%s can't be trusted: an attribute list leads into a record that isn't the file's", what);
	if (facts->message_count)
		return np_survey_stop(survey, NP_OUTCOME_METADATA, "%s can't be read: %s (%s)", what,
				      facts->messages[survey->ntfs ? facts->message_count - 1 : 0], error_name(r));
	return np_survey_stop(survey, NP_OUTCOME_METADATA, "%s can't be read (%s)", what, error_name(r));
}

static void take_message(void *context, const char *message)
{
	struct np_survey *survey = context;
	struct np_facts *facts = survey->facts;

	if (facts->message_count == NP_REPLY_MESSAGES_MAX) {
		survey->messages_left_out++;
		snprintf(facts->messages[NP_REPLY_MESSAGES_MAX - 1], sizeof(*facts->messages),
			 "%zu more messages were left out", survey->messages_left_out + 1);
		return;
	}
	snprintf(facts->messages[facts->message_count++], sizeof(*facts->messages), "%s", message);
}

static int open_volume(struct np_survey *survey)
{
	struct np_volume_facts *volume = &survey->facts->volume;
	char *start = calloc(1, NP_SIGNATURE_SIZE);
	ssize_t n;
	int r;

	if (!start)
		return -ENOMEM;
	n = np_reader_read(survey->reader, start, NP_SIGNATURE_SIZE, 0);
	if (n < 0) {
		free(start);
		snprintf(volume->content, sizeof(volume->content), NP_SIGNATURE_UNREADABLE);
		return np_survey_unreadable(survey, "the first sector", (int)n);
	}
	if (!np_signature_is_ntfs(start, (size_t)n)) {
		const char *name = np_signature_name(start, (size_t)n);

		snprintf(volume->content, sizeof(volume->content), "%s", name ? name : "");
		free(start);
		return np_survey_stop(survey, NP_OUTCOME_NOT_NTFS, "no NTFS signature");
	}
	snprintf(volume->content, sizeof(volume->content), NP_SIGNATURE_NTFS);
	/* libntfs-3g's layout.h, NTFS_BOOT_SECTOR: volume_serial_number. */
	memcpy(&volume->serial, start + 0x48, sizeof(volume->serial));
	volume->serial = le64toh(volume->serial);
	free(start);

	r = np_ntfs_open(survey->reader, take_message, survey, &survey->ntfs);
	if (r < 0)
		return np_survey_unreadable(survey, "the volume", r);
	if (np_ntfs_describe(survey->ntfs, volume) < 0)
		return np_survey_stop(survey, NP_OUTCOME_METADATA, "the boot sector's size of the volume is absurd");
	return 0;
}

static int read_extents(struct np_survey *survey, np_mft_reference reference, struct np_ntfs_name *ret_name)
{
	struct np_facts *facts = survey->facts;
	const char *stream = survey->path->stream;
	int r = np_runlist_read_stream(survey->ntfs, reference, stream, &facts->file, &facts->extents, ret_name);

	if (r == -ENOENT && stream)
		return np_survey_stop(survey, NP_OUTCOME_NO_FILE, "the file has no stream '%s'", stream);
	if (r == -EILSEQ)
		return np_survey_stop(survey, NP_OUTCOME_NO_FILE, "'%s' is not UTF-8", stream);
	if (r == -ENOTUNIQ)
		return np_survey_stop(survey, NP_OUTCOME_AMBIGUOUS, "several streams match '%s' but for case", stream);
	/* A directory has no $DATA, nor have some of NTFS's own files, and both are refused for what they are. */
	if (r == -ENOENT && (facts->file.kind != NP_FILE_REGULAR || facts->file.system_reason != NP_SYSTEM_NONE))
		return 0;
	return r < 0 ? np_survey_unreadable(survey, "the file's $DATA", r) : 0;
}

/* $Bitmap, a window at a time. */
struct bitmap {
	unsigned char window[65536];
	uint64_t offset;
	size_t length;
};

static int count_free(struct np_survey *survey, struct bitmap *bitmap, uint64_t lcn, uint64_t count)
{
	struct np_file_facts *file = &survey->facts->file;

	for (uint64_t end = lcn + count, step; lcn < end; lcn += step) {
		uint64_t byte = lcn / 8;
		unsigned char bits;
		ssize_t n;

		if (byte < bitmap->offset || byte >= bitmap->offset + bitmap->length) {
			bitmap->offset = byte - byte % sizeof(bitmap->window);
			n = np_ntfs_read_data(survey->ntfs, NP_MFT_BITMAP, bitmap->window, sizeof(bitmap->window),
					      bitmap->offset);
			if (n < 0)
				return np_survey_unreadable(survey, "$Bitmap", (int)n);
			bitmap->length = (size_t)n;
			if (byte >= bitmap->offset + bitmap->length)
				return np_survey_stop(survey, NP_OUTCOME_METADATA,
						      "$Bitmap ends before cluster %" PRIu64, lcn);
		}
		bits = bitmap->window[byte - bitmap->offset];
		step = bits == 0xff ? 8 - lcn % 8 : 1;
		if (bits >> lcn % 8 & 1)
			continue;
		if (!file->free_clusters++)
			file->first_free_lcn = lcn;
	}
	return 0;
}

/* In physical order, so that each part of $Bitmap is read once. */
static int read_allocation(struct np_survey *survey)
{
	const struct np_volume_facts *volume = &survey->facts->volume;
	struct np_extent_index index = NP_EXTENT_INDEX_INIT;
	struct bitmap bitmap = { .length = 0 };
	int r = np_extent_index_init(&index, &survey->facts->extents);

	for (size_t i = 0; i < index.count && !r; i++) {
		const struct np_extent *extent = index.by_physical[i];

		/* What lies outside the volume has no bit; the check `bounds` refuses it. */
		if (extent->physical + extent->length > volume->size_bytes)
			break;
		r = count_free(survey, &bitmap, extent->physical / volume->cluster_size,
			       extent->length / volume->cluster_size);
	}
	np_extent_index_release(&index);
	return r;
}

static int survey_file(struct np_survey *survey)
{
	struct np_ntfs_name stream = { .length = 0 };
	np_mft_reference reference = 0;
	int r = np_locate_file(survey, &reference);

	if (!r)
		r = read_extents(survey, reference, &stream);
	if (!r)
		r = read_allocation(survey);
	if (!r)
		r = np_owners_read(survey, reference, &stream);
	if (!r)
		np_windows_read_file(survey);
	return r ? r : np_pending_read(survey, &reference);
}

int np_survey(int fd, uint64_t start_bytes, uint64_t size_bytes, const struct np_path *path, struct np_facts *facts)
{
	struct np_survey survey = { .path = path, .facts = facts };
	int r = -ENOMEM;

	facts->file.kind = NP_FILE_NONE;
	facts->file.system_reason = NP_SYSTEM_NONE;
	facts->file.runlist_problem = NP_RUNLIST_SOUND;
	facts->file.image = NP_IMAGE_UNKNOWN;
	facts->messages = calloc(NP_REPLY_MESSAGES_MAX, sizeof(*facts->messages));
	survey.reader = np_reader_new(fd, start_bytes, size_bytes);
	if (facts->messages && survey.reader)
		r = open_volume(&survey);
	if (!r)
		r = np_locate_windows(&survey);
	if (!r)
		r = np_windows_read_volume(&survey);
	if (!r)
		r = path ? survey_file(&survey) : np_pending_read(&survey, NULL);
	if (!r)
		facts->outcome = NP_OUTCOME_COMPLETE;
	np_ntfs_close(survey.ntfs);
	np_reader_free(survey.reader);
	if (facts->outcome != NP_OUTCOME_COMPLETE) {
		np_extent_map_release(&facts->extents);
		np_extent_map_release(&facts->system);
		memset(facts->system_end, 0, sizeof(facts->system_end));
	}
	return r < 0 ? r : 0;
}
