/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a device without an NTFS signature holds instead, for a message that helps. libblkid knows far more, but
 * looks into /sys and asks the disk, which the sandbox forbids, and here a wrong answer costs only words.
 *
 * Pure: libc only.
 */
#ifndef NTFS_PUNCH_SIGNATURE_H
#define NTFS_PUNCH_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

/* How much of a device's start np_signature_name() looks at; less is fine. */
#define NP_SIGNATURE_SIZE 69632u

/* Whether the boot sector says NTFS. */
bool np_signature_is_ntfs(const void *data, size_t size);

/* Static words ("BitLocker", "partition table", ...), or NULL if it is nothing known. "zeros" if all are. */
const char *np_signature_name(const void *data, size_t size);

/* What is said of a volume's start besides: NTFS it is, or it couldn't be read. */
#define NP_SIGNATURE_NTFS       "NTFS"
#define NP_SIGNATURE_UNREADABLE "unreadable"

/* The names that get a remedy of their own. */
#define NP_SIGNATURE_BITLOCKER       "BitLocker"
#define NP_SIGNATURE_PARTITION_TABLE "partition table"

#endif
