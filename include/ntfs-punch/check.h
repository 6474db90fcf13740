/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checks: what follows from the facts. Each has a name that stays, and gives one verdict; together they are the proof
 * that a mapping is right. Believes no number of the facts that it can hold against another one.
 *
 * Pure: libc only, no I/O.
 */
#ifndef NTFS_PUNCH_CHECK_H
#define NTFS_PUNCH_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ntfs-punch/extent.h"
#include "ntfs-punch/facts.h"
#include "ntfs-punch/format.h"
#include "ntfs-punch/hibernation.h"
#include "ntfs-punch/store.h"

enum np_check {
	NP_CHECK_VOLUME_TYPE,
	NP_CHECK_METADATA,
	NP_CHECK_REGULAR_FILE,
	NP_CHECK_SYSTEM_FILE,
	NP_CHECK_RESIDENT,
	NP_CHECK_COMPRESSED,
	NP_CHECK_ENCRYPTED,
	NP_CHECK_SPARSE,
	NP_CHECK_INITIALIZED,
	NP_CHECK_SIZE,
	NP_CHECK_ALIGNMENT,
	NP_CHECK_BOUNDS,
	NP_CHECK_OVERLAP,
	NP_CHECK_ALLOCATED,
	NP_CHECK_RUNLIST,
	NP_CHECK_FORMAT,
	NP_CHECK_OVERLAY,
	NP_CHECK_JOURNAL,
	NP_CHECK_READ_ONLY_DEVICE,
	NP_CHECK_MEMBER,
	NP_CHECK_HIBERNATED,
	NP_CHECK_LINUX_HIBERNATED,
	NP_CHECK_DIRTY,
	NP_CHECK_SHADOW_COPIES,
	NP_CHECK_ATTACHED_IMAGE,
	NP_CHECK_FLUSH_COST,
	NP_CHECK_BUSY,
	NP_CHECK_COUNT,
};

enum np_verdict {
	NP_VERDICT_NONE, /* not reached, since an earlier one left nothing to look at */
	NP_VERDICT_OK,
	NP_VERDICT_INFO,
	NP_VERDICT_WARN,
	NP_VERDICT_REFUSE,
};

#define NP_FINDING_SIZE 1024u

struct np_finding {
	enum np_verdict verdict;
	char message[NP_FINDING_SIZE]; /* with names from the volume: escape it */
	char remedy[NP_FINDING_SIZE];  /* empty: none is needed, or there is none */
};

struct np_findings {
	struct np_finding of[NP_CHECK_COUNT];
};

/* Bytes of the volume that somebody else has: an active map, or a file that is mapped along. Not the same file's own map. */
struct np_taken {
	const char *name;             /* "the active map linux" */
	bool is_map;                  /* else a file */
	bool unknown;                 /* which bytes: couldn't be read */
	struct np_extent_map extents; /* unless unknown */
};

/* Whether the disk is only a leg of something. */
enum np_membership {
	NP_MEMBERSHIP_NONE, /* nothing says so */
	NP_MEMBERSHIP_LEG,
	NP_MEMBERSHIP_UNREADABLE, /* not all could be looked at that would tell */
	NP_MEMBERSHIP_DENIED,     /* the same, but for want of permission: not who maps it */
};

/* What all files together are as a disk image. */
struct np_check_image {
	const struct np_image *image;
	const struct np_extent_map *extents; /* where its content lies on the device; without a sound image: nothing */
};

/* A file as an overlay's store. */
struct np_check_store {
	const struct np_store *header; /* and the base's fingerprint */
	bool begin;                    /* it is to be begun anew: what the file holds is overwritten */
	const char *content;           /* then: what the file holds ("ext4"), or NULL */
	bool unreadable;               /* then: it can't be told */
	const char *base_uuid;
	uint64_t base_bytes;
	size_t base_extents;
};

/* All that the checks look at. Everything is borrowed. */
struct np_check_input {
	const struct np_facts *facts; /* outcome COMPLETE, NOT_NTFS or METADATA */
	uint64_t device_size_bytes;
	uint32_t logical_block_size;
	bool device_is_disk; /* a whole block device, not a file: for the words of a remedy */
	bool device_read_only;
	bool read_only;         /* the map is to be: nothing is written, and what NTFS shows as zeros can be */
	bool flush_each_target; /* what a kernel before 6.11 does */
	enum np_membership membership;
	const char *member;      /* of what it is a leg ("an IMSM RAID"), or what can't be read */
	const char *busy;        /* who has it, or NULL */
	const char *busy_remedy; /* or NULL */
	const struct np_hibernation_facts *hibernation; /* NULL: it wasn't looked for */
	const struct np_taken *taken;
	size_t taken_count;
	const struct np_check_image *image; /* of the first file, once nothing else is wrong with any; or NULL */
	const struct np_check_store *store; /* NULL: the file is none, or it wasn't looked at for what else is wrong */
	uint32_t allow;                     /* bits 1 << NP_CHECK_… that may not refuse */
	uint64_t allow_journal_lsn;         /* the journal may not refuse while this is its newest LSN; 0: it may */
};

/* "volume-type", … */
const char *np_check_name(enum np_check check);

/* Whether --allow may name it. */
bool np_check_overridable(enum np_check check);

/* Whether it is about the device and its volume; else it is about the file. */
bool np_check_is_of_device(enum np_check check);

/* The check of that name, or NP_CHECK_COUNT. */
enum np_check np_check_by_name(const char *name);

/* "ok", "info", "warn", "refuse"; "-" for NONE. */
const char *np_verdict_name(enum np_verdict verdict);

/*
 * Runs every check that the facts suffice for. `*ret_extents` are the bytes of the device that a map may use, in the
 * file's order: what of the file is data in whole logical blocks. It is only to be used where nothing refuses, and is
 * released by the caller. -ENOMEM.
 */
int np_check_run(const struct np_check_input *input, struct np_findings *ret_findings,
		 struct np_extent_map *ret_extents);

/*
 * Runs one of those checks that only make sense once nothing else refuses, NP_CHECK_FORMAT or NP_CHECK_OVERLAY, and puts its finding in
 * the place of the one that there was. Of the input it takes what they need: facts, logical_block_size, read_only, image, store.
 */
void np_check_run_late(const struct np_check_input *input, enum np_check check, struct np_findings *findings);

/* "empty", "clean", "unclean", "broken". */
const char *np_journal_state_name(enum np_journal_state state);

/* What the journal is like, in words: "unclean, version 1.1, newest LSN 0x106d26". */
void np_journal_describe(const struct np_volume_facts *volume, char *text, size_t size);

/* Whether a further file's finding only repeats the first file's: it is about the device, and says the same. */
bool np_finding_repeats(const struct np_findings *first, const struct np_findings *other, enum np_check check);

/* How many checks refuse. */
size_t np_findings_refusals(const struct np_findings *findings);

#endif
