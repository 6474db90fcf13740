/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between survey.c, which says what a volume and a file are made of, locate.c, which finds the file and says whose it is, and
 * owners.c, which says what belongs to others.
 */
#ifndef NTFS_PUNCH_SURVEY_INTERNAL_H
#define NTFS_PUNCH_SURVEY_INTERNAL_H

#include "ntfs-punch/facts.h"
#include "ntfs-punch/path.h"
#include "ntfs.h"
#include "reader.h"

struct np_survey {
	struct np_reader *reader;
	struct np_ntfs *ntfs;
	const struct np_path *path;
	struct np_facts *facts;
	size_t messages_left_out;
};

/* The functions of both files return 0 to go on, or end the survey: with this after they set the outcome, or -ENOMEM. */
#define NP_SURVEY_STOP 1

/* Sets the outcome and its reason. */
__attribute__((format(printf, 3, 4))) int np_survey_stop(struct np_survey *survey, enum np_outcome outcome,
							 const char *format, ...);

/* The same for what can't be read; `r` is the -errno. */
int np_survey_unreadable(struct np_survey *survey, const char *what, int r);

/*
 * The MFT record of a file in the root directory that Windows knows by its name, in whatever case, or 0. There may be two, by
 * POSIX names, and it isn't said which one Windows takes.
 */
int np_locate_in_root(struct np_survey *survey, const char *name, uint64_t ret_records[static 2]);

/* Finds the path's file: its reference, and facts->file from kind to system_reason. */
int np_locate_file(struct np_survey *survey, np_mft_reference *ret_reference);

/* Reads whose clusters the file, mapped in its stream `stream`, may not share: facts->system and system_end. */
int np_owners_read(struct np_survey *survey, np_mft_reference reference, const struct np_ntfs_name *stream);

#endif
