/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a line of punchtab and a word of the kernel command line have in common.
 */
#ifndef NTFS_PUNCH_PUNCHTAB_INTERNAL_H
#define NTFS_PUNCH_PUNCHTAB_INTERNAL_H

#include "ntfs-punch/punchtab.h"

/* Decodes a text in place. Why it can't be, in static words, or NULL. */
typedef const char *np_punchtab_decode(char *text);

/* NAME, DEVICE, FILE and OPTIONS, or NULL for the last; still encoded, and spoilt by it. */
#define NP_PUNCHTAB_FIELDS 4

/* Adds an entry or a problem. -ENOMEM. */
int np_punchtab_add(struct np_punchtab *table, unsigned line, char *const fields[NP_PUNCHTAB_FIELDS],
		    np_punchtab_decode *decode);

/* Adds a problem. -ENOMEM. */
int np_punchtab_complain(struct np_punchtab *table, unsigned line, const char *why, const char *word);

/* Takes OPTIONS apart. -EINVAL: `*ret_why` says why, about `*ret_word`, which lies in `options`. -ENOMEM. */
int np_punchtab_take_options(char *options, np_punchtab_decode *decode, struct np_punchtab_entry *entry,
			     const char **ret_why, const char **ret_word);

#endif
