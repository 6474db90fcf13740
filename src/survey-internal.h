/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between survey.c, which says what a volume and a file are made of, locate.c, which finds the file and says whose it is,
 * owners.c, which says what belongs to others, windows.c, which says what Windows may be in the middle of, and pending.c, which
 * says what it has yet to write.
 */
#ifndef NTFS_PUNCH_SURVEY_INTERNAL_H
#define NTFS_PUNCH_SURVEY_INTERNAL_H

#include "ntfs-punch/facts.h"
#include "ntfs-punch/path.h"
#include "ntfs.h"
#include "reader.h"

/* The files in the root directory that Windows knows by their names. */
enum np_windows_file { NP_WINDOWS_PAGEFILE, NP_WINDOWS_HIBERFIL, NP_WINDOWS_SWAPFILE, NP_WINDOWS_FILES };

struct np_survey {
	struct np_reader *reader;
	struct np_ntfs *ntfs;
	const struct np_path *path;
	struct np_facts *facts;
	size_t messages_left_out;

	/* Their MFT records, 0 for none. There may be two of a name, by POSIX names that differ in case, and it isn't said
	 * which one Windows takes. */
	uint64_t windows[NP_WINDOWS_FILES][2];
	uint64_t volume_information[2]; /* the same of the directory System Volume Information */
};

/* The functions of these files return 0 to go on, or end the survey: with this after they set the outcome, or -ENOMEM. */
#define NP_SURVEY_STOP 1

/* Sets the outcome and its reason. */
__attribute__((format(printf, 3, 4))) int np_survey_stop(struct np_survey *survey, enum np_outcome outcome,
							 const char *format, ...);

/* The same for what can't be read; `r` is the -errno. */
int np_survey_unreadable(struct np_survey *survey, const char *what, int r);

/* Fills in survey->windows and volume_information. */
int np_locate_windows(struct np_survey *survey);

/* Reads facts->volume's hibernation and shadow_copies. */
int np_windows_read_volume(struct np_survey *survey);

/* Reads facts->file's image, image_log_pending and stale_bytes, once the extents are known. What can't be read is unknown. */
void np_windows_read_file(struct np_survey *survey);

/* Finds the path's file: its reference, and facts->file from kind to system_reason. */
int np_locate_file(struct np_survey *survey, np_mft_reference *ret_reference);

/* Reads whose clusters the file, mapped in its stream `stream`, may not share: facts->system and system_end. */
int np_owners_read(struct np_survey *survey, np_mft_reference reference, const struct np_ntfs_name *stream);

/* Reads what the journal says: facts->volume's and, if there is a file, facts->file's journal_ fields. */
int np_pending_read(struct np_survey *survey, const np_mft_reference *file);

#endif
