/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a map was made, kept while it is there: the words of the command, in a file in the run folder. From them `status` makes the
 * same plan again. All under the lock, but for reading.
 */
#ifndef NTFS_PUNCH_RECORD_H
#define NTFS_PUNCH_RECORD_H

#include <stddef.h>

#include "ntfs-punch/dm.h"

struct np_record {
	char **words;
	int count;
	char *text; /* that the words point into */
};

/* -errno. */
int np_record_write(const char *uuid, char *const *words, int count);

/* -ENOENT: there is none. -errno. The caller releases it. */
int np_record_read(const char *uuid, struct np_record *ret_record);
void np_record_release(struct np_record *record);

void np_record_forget(const char *uuid);

/* Forgets those of maps that aren't among these devices. */
void np_record_heal(const struct np_dm_device *devices, size_t count);

#endif
