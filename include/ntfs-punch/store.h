/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header of an overlay's store. dm-snapshot's own store doesn't say what it is a snapshot of, so that the wrong one, or one
 * whose base was written behind its back, would be taken. This one does, in the first sector of the store's file; the snapshot's
 * own begins NP_STORE_HEADER_BYTES behind (plan.h).
 *
 * A sector is written whole or not at all, and a checksum tells what is something else. A sandboxed child reads it.
 */
#ifndef NTFS_PUNCH_STORE_H
#define NTFS_PUNCH_STORE_H

#include <stdint.h>

#include "ntfs-punch/extent.h"
#include "ntfs-punch/log.h"
#include "ntfs-punch/name.h"

#define NP_STORE_SECTOR 512u

#define NP_FINGERPRINT_SIZE 32u
#define NP_BASE_SIZE        (NP_UUID_SIZE + 7)

/* What the fingerprint is of: as many bytes at the base's beginning, and as many at its end. */
#define NP_FINGERPRINT_BYTES (1u << 20)

enum np_store_state {
	NP_STORE_NONE,    /* no header of ours */
	NP_STORE_ACTIVE,  /* it holds what was written */
	NP_STORE_MERGING, /* a commit has begun: the base is half old, half new, and only both together are whole */
	NP_STORE_ENDED,   /* committed or discarded: what it holds is worth nothing */
};

struct np_store {
	uint32_t state;                               /* enum np_store_state */
	uint32_t unreadable;                          /* 1: not all of store and base that is needed could be read */
	uint64_t base_bytes;                          /* of the base that it was begun for */
	char base_uuid[NP_BASE_SIZE];                 /* the map's UUID; of several files, a hash of the others' too */
	uint8_t fingerprint[NP_FINGERPRINT_SIZE];     /* of that base, when it was begun */
	uint8_t fingerprint_now[NP_FINGERPRINT_SIZE]; /* of the base that was looked at; not the header's */
};

/* The header's sector, from what is not of now. */
void np_store_format(const struct np_store *store, uint8_t sector[NP_STORE_SECTOR]);

/* The other direction. State NONE if it is none, whatever the reason. */
void np_store_parse(const uint8_t sector[NP_STORE_SECTOR], struct np_store *ret_store);

/*
 * Looks at a store and its base, both as maps of `fd`, a device of `device_bytes`, past the page cache if it is open so. -EBADMSG:
 * the child died, hung or lied. -errno. Reported.
 */
int np_store_scan(int fd, uint64_t device_bytes, const struct np_extent_map *base, const struct np_extent_map *store,
		  const char *subject, const struct np_log *log, struct np_store *ret_store);

#endif
