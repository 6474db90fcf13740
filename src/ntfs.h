/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NTFS, read through libntfs-3g over a reader: every write and ioctl is refused. libntfs-3g's own types stay in
 * ntfs.c, which only asks it; what the answers are good for is survey.c's.
 *
 * Sandboxed child only. Calls nothing that needs more than memory and np_reader_read(). Functions return 0 or
 * -errno: -ENOENT where the thing isn't there, -EIO and others where it can't be read.
 */
#ifndef NTFS_PUNCH_NTFS_H
#define NTFS_PUNCH_NTFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ntfs-punch/extent.h"
#include "ntfs-punch/facts.h"
#include "reader.h"

struct np_ntfs;

/* Takes what libntfs-3g has to say, a line at a time, without the newline. */
typedef void np_ntfs_message_fn(void *context, const char *message);

/* Opens the volume that begins at the reader's byte 0. The reader is borrowed. One volume at a time: libntfs-3g's
 * message handler is global. */
int np_ntfs_open(struct np_reader *reader, np_ntfs_message_fn *message, void *context, struct np_ntfs **ret_ntfs);
void np_ntfs_close(struct np_ntfs *ntfs);

uint32_t np_ntfs_cluster_size(const struct np_ntfs *ntfs);
uint32_t np_ntfs_record_size(const struct np_ntfs *ntfs);

/* Fills in cluster and sector size, size, version, dirty flag and label. -EOVERFLOW: no disk is as large. */
int np_ntfs_describe(const struct np_ntfs *ntfs, struct np_volume_facts *facts);

/* An MFT reference: a record's number in the lower 48 bits, its sequence above; sequence 0 fits any. */
typedef uint64_t np_mft_reference;

#define NP_MFT_RECORD(reference)           ((uint64_t)(reference)&UINT64_C(0xffffffffffff))
#define NP_MFT_REFERENCE(record, sequence) ((uint64_t)(sequence) << 48 | (record))
#define NP_MFT_MFT                         0u
#define NP_MFT_LOGFILE                     2u
#define NP_MFT_ROOT                        5u
#define NP_MFT_BITMAP                      6u
#define NP_MFT_EXTEND                      11u

/* A name as it lies on the disk: UTF-16LE. */
struct np_ntfs_name {
	uint16_t units[255];
	size_t length;
};

/* -EILSEQ: not UTF-8. -ENAMETOOLONG: no name on NTFS is as long. */
int np_ntfs_name_from_utf8(const char *text, struct np_ntfs_name *ret_name);

/* For the eye: what isn't Unicode becomes a question mark. */
void np_ntfs_name_to_utf8(const struct np_ntfs_name *name, char *text, size_t size);

/* Whether both are one name, by the volume's own table of upper case if without regard to case. */
bool np_ntfs_same_name(const struct np_ntfs *ntfs, const struct np_ntfs_name *name, const uint16_t *units,
		       size_t length, bool ignore_case);

/* Records that a directory lists under a name. */
struct np_ntfs_matches {
	size_t count; /* 0, 1, or 2: more than one name matches but for case */
	np_mft_reference references[2];
	struct np_ntfs_name names[2]; /* as the directory has them */
};

/*
 * Looks up a name in a directory: exactly, unless `exactly` is false, and else without regard to case. No match is no error,
 * but a count of 0. -ENOTDIR: not a directory.
 */
int np_ntfs_lookup(struct np_ntfs *ntfs, np_mft_reference directory, const struct np_ntfs_name *name, bool exactly,
		   struct np_ntfs_matches *ret_matches);

/* Returns 0 to go on, or what the walk shall end with. */
typedef int np_ntfs_entry_fn(void *context, np_mft_reference reference, const uint16_t *name, size_t length);

/* Calls `function` for each name in a directory, Windows' short ones too. -ENOTDIR: not a directory. */
int np_ntfs_for_each_entry(struct np_ntfs *ntfs, np_mft_reference directory, np_ntfs_entry_fn *function, void *context);

struct np_ntfs_record {
	uint64_t number;
	uint64_t base; /* not 0: an extension of this record */
	uint16_t sequence;
	bool directory;
	/* By $STANDARD_INFORMATION. */
	bool encrypted;
	bool reparse_point;
};

/* -ENOENT: there is no such record, or it isn't in use. */
int np_ntfs_read_record(struct np_ntfs *ntfs, np_mft_reference reference, struct np_ntfs_record *ret_record);

/* The log sequence number that the MFT record has, in use or not. -ENOENT: the MFT ends before it. */
int np_ntfs_read_record_lsn(struct np_ntfs *ntfs, uint64_t number, uint64_t *ret_lsn);

struct np_ntfs_run {
	int64_t lcn;     /* -1: a hole */
	uint64_t length; /* clusters */
};

/* Attribute types (libntfs-3g's layout.h, ATTR_TYPES). */
enum np_attribute_type {
	NP_ATTRIBUTE_ANY = 0,
	NP_ATTRIBUTE_FILE_NAME = 0x30,
	NP_ATTRIBUTE_DATA = 0x80,
	NP_ATTRIBUTE_REPARSE_POINT = 0xc0,
};

/* An attribute, or one piece of it, where its runlist needs several records. */
struct np_ntfs_attribute {
	uint64_t record; /* of the MFT, that it lies in */
	uint64_t record_lsn;
	enum np_attribute_type type;
	const uint16_t *name;
	size_t name_length;
	bool compressed;
	bool encrypted;
	bool sparse;

	bool resident;
	const void *value;
	size_t value_length;

	/* Not resident. The sizes are those of the whole attribute, and only valid in the piece with VCN 0. */
	uint64_t lowest_vcn;
	uint64_t highest_vcn; /* -1 where there are no runs */
	uint64_t allocated_size;
	uint64_t data_size;
	uint64_t initialized_size;
	const struct np_ntfs_run *runs;
	size_t run_count;
	int runs_error; /* not 0: the runlist makes no sense, and there are no runs */
};

/* Returns 0 to go on, or what the walk shall end with. The attribute is gone afterwards. */
typedef int np_ntfs_attribute_fn(void *context, const struct np_ntfs_attribute *attribute);

/*
 * Calls `function` for each attribute of a type, and each of its pieces, in the order in which the record or its
 * attribute list has them. Decodes each piece once: linear in the number of runs, unlike
 * ntfs_attr_map_whole_runlist(). Returns 0, what `function` returned, or -errno; -EREMCHG: an extension record in the
 * file's attribute list isn't the file's.
 */
int np_ntfs_for_each_attribute(struct np_ntfs *ntfs, np_mft_reference reference, enum np_attribute_type type,
			       np_ntfs_attribute_fn *function, void *context);

/* Reads from a record's unnamed $DATA. Returns bytes read, short at its end, or -errno. */
ssize_t np_ntfs_read_data(struct np_ntfs *ntfs, np_mft_reference reference, void *data, size_t size, uint64_t offset);

#endif
