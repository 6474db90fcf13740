/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tells whether a base was written to since: SHA-256 of its first and last NP_FINGERPRINT_BYTES, which is where filesystems
 * and partition tables keep what changes with every use. Sandboxed child only.
 */
#ifndef NTFS_PUNCH_FINGERPRINT_H
#define NTFS_PUNCH_FINGERPRINT_H

#include "ntfs-punch/store.h"
#include "reader.h"

/* -errno: it can't be read. */
int np_fingerprint(struct np_reader *reader, const struct np_extent_map *base,
		   uint8_t fingerprint[NP_FINGERPRINT_SIZE]);

#endif
