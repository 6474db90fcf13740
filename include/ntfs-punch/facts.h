/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a scan finds out about a volume and a file on it. Facts only: what follows from them is check.h's.
 *
 * The structures below are, byte for byte, what the sandboxed child sends to its parent (reply.h), hence the
 * fixed widths, the explicit order without padding, and text in place. Text is UTF-8 and NUL-terminated, cut to
 * fit by the child; it comes from the volume, so escape it before printing.
 */
#ifndef NTFS_PUNCH_FACTS_H
#define NTFS_PUNCH_FACTS_H

#include <stddef.h>
#include <stdint.h>

#include "ntfs-punch/extent.h"

/* How far the scan came. */
enum np_outcome {
	NP_OUTCOME_COMPLETE = 1,
	NP_OUTCOME_NOT_NTFS,  /* no NTFS signature; np_volume_facts.content says what is there instead */
	NP_OUTCOME_METADATA,  /* the volume or the file's record can't be read; .reason says why */
	NP_OUTCOME_NO_FILE,   /* no such file; .reason names what is missing */
	NP_OUTCOME_AMBIGUOUS, /* several names match but for case; .reason names them */
};

/* What hiberfil.sys says. Windows zeroes its header when it has resumed. */
enum np_hibernation {
	NP_HIBERNATION_UNKNOWN = 1, /* no hiberfil.sys here: another volume's may cover this one */
	NP_HIBERNATION_NO,          /* its header is zero */
	NP_HIBERNATION_YES,         /* it isn't */
};

/* Whether there are shadow copies on the volume, its own or another's. */
enum np_shadow_copies {
	NP_SHADOW_COPIES_UNKNOWN = 1, /* System Volume Information can't be read */
	NP_SHADOW_COPIES_NONE,        /* nor any left, where there were some once */
	NP_SHADOW_COPIES_PRESENT,
};

/* What the journal, $LogFile, says of itself. */
enum np_journal_state {
	NP_JOURNAL_EMPTY = 1, /* never used since it was made anew */
	NP_JOURNAL_CLEAN,     /* closed: nothing is pending */
	NP_JOURNAL_UNCLEAN,   /* changes may be pending */
	NP_JOURNAL_BROKEN,    /* changes may be pending, and it can't be followed */
};

/* Why it can't be followed; journal_trouble_at is what the comment says. */
enum np_journal_trouble {
	NP_JOURNAL_TROUBLE_NONE,
	NP_JOURNAL_TROUBLE_UNREADABLE, /* byte offset where it can't be read */
	NP_JOURNAL_TROUBLE_TOO_LARGE,  /* its size */
	NP_JOURNAL_TROUBLE_RESTART,    /* no sound restart page */
	NP_JOURNAL_TROUBLE_VERSION,    /* one that isn't known here */
	NP_JOURNAL_TROUBLE_CHKDSK,     /* chkdsk changed the volume past it */
	NP_JOURNAL_TROUBLE_TORN,       /* byte offset of a page that was written in part or not at all */
	NP_JOURNAL_TROUBLE_SHORT,    /* LSN of its last record, before the one that the restart page has for the last */
	NP_JOURNAL_TROUBLE_PAST_END, /* LSN of a page past the last record */
	NP_JOURNAL_TROUBLE_RECORD,   /* LSN of a record that makes no sense or isn't there */
	NP_JOURNAL_TROUBLE_TABLE,    /* LSN of a table that makes no sense */
	NP_JOURNAL_TROUBLE_OPERATION, /* LSN of an operation that isn't known here */
	NP_JOURNAL_TROUBLE_SLOT,      /* LSN of an operation on an attribute that isn't open */
	NP_JOURNAL_TROUBLE_HOTFIX,    /* LSN of the replacement of a bad cluster */
	NP_JOURNAL_TROUBLE_TOO_MUCH,  /* LSN where the work became too much */
};

/* Why a file's runlist on the disk may not be the one that Windows knows. */
enum np_journal_reason {
	NP_JOURNAL_NOTHING,
	NP_JOURNAL_RECORD,         /* a change of its MFT record, journal_target */
	NP_JOURNAL_LOSER,          /* a transaction that will be undone, journal_target being its number */
	NP_JOURNAL_ATTRIBUTE_LIST, /* a change of its attribute list */
	NP_JOURNAL_EXTENSION,      /* MFT record journal_target becomes a part of it */
	NP_JOURNAL_CLUSTERS,       /* a change that goes to its cluster journal_target */
	NP_JOURNAL_MFT,            /* a change of MFT record journal_target, or a cluster of $MFT: where the MFT lies */
	NP_JOURNAL_BITMAP,         /* its cluster journal_target becomes free */
	NP_JOURNAL_UNKNOWN,        /* the journal is BROKEN; or MFT record journal_target is newer than the journal */
};

/* The highest operation that is known. */
#define NP_JOURNAL_OPERATION_MAX 0x25u

enum np_file_kind {
	NP_FILE_NONE = 1, /* nobody asked for one */
	NP_FILE_REGULAR,
	NP_FILE_DIRECTORY,
	NP_FILE_REPARSE_POINT, /* reparse_tag says which */
};

/* Why Windows owns a file's clusters, whatever its name. */
enum np_system_reason {
	NP_SYSTEM_NONE = 1,
	NP_SYSTEM_RECORD,             /* one of the first 24 MFT records, NTFS's own */
	NP_SYSTEM_EXTEND,             /* below $Extend */
	NP_SYSTEM_VOLUME_INFORMATION, /* below System Volume Information */
	NP_SYSTEM_PAGEFILE,
	NP_SYSTEM_HIBERFIL,
	NP_SYSTEM_SWAPFILE,
};

/* What is wrong with a runlist's form; the extents are then incomplete. */
enum np_runlist_problem {
	NP_RUNLIST_SOUND = 1,
	NP_RUNLIST_GAP,          /* a piece begins at VCN runlist_found, not at runlist_expected */
	NP_RUNLIST_OUT_OF_RANGE, /* LCN runlist_found can't be a place on any disk */
	NP_RUNLIST_UNREADABLE,   /* the mapping pairs from VCN runlist_expected on make no sense */
	NP_RUNLIST_TOO_LONG,     /* more than NP_EXTENT_MAX extents */
	NP_RUNLIST_NEGATIVE,     /* the size runlist_found is negative */
	NP_RUNLIST_END,          /* a piece ends before VCN runlist_expected, but says runlist_found */
};

/* Which kind of disk image the stream is, of those that Windows attaches. */
enum np_image_kind {
	NP_IMAGE_UNKNOWN = 1, /* its content doesn't lie open in clusters, or can't be read */
	NP_IMAGE_NONE,
	NP_IMAGE_VHD_FIXED,
	NP_IMAGE_VHD_DYNAMIC, /* or differencing */
	NP_IMAGE_VHDX,
};

/* Bits of np_file_facts.flags. */
#define NP_FILE_RESIDENT   1u
#define NP_FILE_COMPRESSED 2u
#define NP_FILE_ENCRYPTED  4u
#define NP_FILE_SPARSE     8u /* the attribute's flag; whether there are holes, the extents tell */
#define NP_FILE_FLAGS      15u

/* MFT records 0 to 11, NTFS's own files, whose clusters no other file may share ([MS-FSA]; libntfs-3g's
 * layout.h, NTFS_SYSTEM_FILES). */
#define NP_SYSTEM_RECORDS 12u

/* Whose clusters the file may not share: those records, numbered as they are, and then */
#define NP_OWNER_EXTEND  12u /* all that lies below $Extend */
#define NP_OWNER_WINDOWS 13u /* pagefile.sys, hiberfil.sys and swapfile.sys */
#define NP_OWNER_ITSELF  14u /* the file, in all its attributes but the mapped one */
#define NP_OWNERS        15u

/* No disk has larger blocks. */
#define NP_STALE_BLOCK 4096u

#define NP_TEXT_SIZE  512u
#define NP_LABEL_SIZE 392u /* 128 UTF-16 units as UTF-8 */

struct np_volume_facts {
	uint64_t serial;
	uint64_t size_bytes;  /* whole clusters */
	uint64_t journal_lsn; /* the newest in the journal; 0: it has none, or can't be read as far */
	uint64_t journal_trouble_at;
	uint32_t journal_state;   /* enum np_journal_state */
	uint32_t journal_trouble; /* enum np_journal_trouble */
	uint32_t journal_major;   /* its version; 0.0: none, or it can't be read as far */
	uint32_t journal_minor;
	uint32_t cluster_size;
	uint32_t sector_size;
	uint32_t hibernation;  /* enum np_hibernation */
	uint8_t dirty;         /* 0 or 1 */
	uint8_t shadow_copies; /* enum np_shadow_copies */
	uint8_t version_major;
	uint8_t version_minor;
	char label[NP_LABEL_SIZE];
	char content[64]; /* what its start holds, in signature.h's words; empty: nothing known */
};

struct np_file_facts {
	uint64_t record; /* of the MFT */
	uint64_t allocated_size;
	uint64_t data_size;
	uint64_t initialized_size;
	uint64_t runs; /* in the runlist, before coalescing */
	uint64_t runlist_expected;
	uint64_t runlist_found;
	uint64_t free_clusters; /* of the file's, how many $Bitmap calls free */
	uint64_t first_free_lcn;
	uint64_t stale_bytes; /* past initialized_size, within its NP_STALE_BLOCK, that aren't zero on the disk */
	uint64_t journal_lsn; /* of the change */
	uint64_t journal_target;
	uint32_t journal_reason;    /* enum np_journal_reason */
	uint32_t journal_operation; /* of the change, as $LogFile numbers them */
	uint32_t sequence;
	uint32_t kind; /* enum np_file_kind */
	uint32_t reparse_tag;
	uint32_t system_reason; /* enum np_system_reason */
	uint32_t flags;
	uint32_t runlist_problem; /* enum np_runlist_problem */
	uint32_t has_stream;      /* 1: a named stream, whose name hashes to stream_hash */
	uint32_t stream_hash;
	uint32_t image;             /* enum np_image_kind */
	uint32_t image_log_pending; /* 1: a VHDX that wasn't detached cleanly */
};

struct np_facts {
	uint32_t outcome; /* enum np_outcome */
	char reason[NP_TEXT_SIZE];
	struct np_volume_facts volume;
	struct np_file_facts file;

	/* The stream's whole runlist, allocated_size bytes where all is well, in bytes of the volume. */
	struct np_extent_map extents;

	/* The clusters of all owners, one owner after the other: owner N's are the logical bytes from
	 * system_end[N - 1] (or 0) to system_end[N]. */
	struct np_extent_map system;
	uint64_t system_end[NP_OWNERS];

	/* What libntfs-3g said on the way, oldest first. */
	char (*messages)[NP_TEXT_SIZE];
	size_t message_count;
};

void np_facts_release(struct np_facts *facts);

/* Same volume, same file, same extents: everything but the messages. */
bool np_facts_equal(const struct np_facts *a, const struct np_facts *b);

#endif
