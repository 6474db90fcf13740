/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `check` prints of an examination, to stdout. The manual page has the form of both.
 */
#ifndef NTFS_PUNCH_REPORT_H
#define NTFS_PUNCH_REPORT_H

#include "ntfs-punch/examine.h"
#include "ntfs-punch/log.h"

/* For people: each file as if it were examined alone. */
void np_report_text(const struct np_request *request, const struct np_examination *examination);

/* For programs, with the exit status that it all comes to. -ENOMEM, reported. */
int np_report_json(const struct np_request *request, const struct np_examination *examination, int exit_status,
		   const struct np_log *log);

/* Words that both have. */
const char *np_report_hibernation(const struct np_volume_facts *volume);   /* "yes", "no", "unknown" */
const char *np_report_shadow_copies(const struct np_volume_facts *volume); /* the same */

#endif
