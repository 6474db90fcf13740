/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The survey: everything a map has to know about a volume and one file on it, as np_facts.
 *
 * Sandboxed child only: it reads what nobody has checked. It opens nothing and calls no more of the system than
 * reader.h does.
 */
#ifndef NTFS_PUNCH_SURVEY_H
#define NTFS_PUNCH_SURVEY_H

#include <stdint.h>

#include "ntfs-punch/facts.h"
#include "ntfs-punch/path.h"

/*
 * Surveys the volume that fills the `size_bytes` of `fd` from byte `start_bytes` on, and if `path` isn't NULL a file. What is
 * found, and what is not, is in `*facts`, which the caller zeroes before and releases afterwards. -ENOMEM, or 0.
 */
int np_survey(int fd, uint64_t start_bytes, uint64_t size_bytes, const struct np_path *path, struct np_facts *facts);

#endif
