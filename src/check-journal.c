/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check-internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* By their numbers, as Linux' fs/ntfs3/fslog.c has them. */
static const char *const operations[NP_JOURNAL_OPERATION_MAX + 1] = {
	"Noop",
	"CompensationLogRecord",
	"InitializeFileRecordSegment",
	"DeallocateFileRecordSegment",
	"WriteEndOfFileRecordSegment",
	"CreateAttribute",
	"DeleteAttribute",
	"UpdateResidentValue",
	"UpdateNonresidentValue",
	"UpdateMappingPairs",
	"DeleteDirtyClusters",
	"SetNewAttributeSizes",
	"AddIndexEntryRoot",
	"DeleteIndexEntryRoot",
	"AddIndexEntryAllocation",
	"DeleteIndexEntryAllocation",
	"WriteEndOfIndexBuffer",
	"SetIndexEntryVcnRoot",
	"SetIndexEntryVcnAllocation",
	"UpdateFileNameRoot",
	"UpdateFileNameAllocation",
	"SetBitsInNonresidentBitMap",
	"ClearBitsInNonresidentBitMap",
	"HotFix",
	"EndTopLevelAction",
	"PrepareTransaction",
	"CommitTransaction",
	"ForgetTransaction",
	"OpenNonresidentAttribute",
	"OpenAttributeTableDump",
	"AttributeNamesDump",
	"DirtyPageTableDump",
	"TransactionTableDump",
	"UpdateRecordDataRoot",
	"UpdateRecordDataAllocation",
	"UpdateRelativeDataInIndex",
	"UpdateRelativeDataAllocation",
	"ZeroEndOfFileRecord",
};

enum number { NO_NUMBER, DECIMAL, LSN };

/* What each trouble is, around the number that goes with it. */
static const struct {
	const char *before;
	enum number number;
	const char *after;
} troubles[NP_JOURNAL_TROUBLE_TOO_MUCH + 1] = {
	[NP_JOURNAL_TROUBLE_NONE] = { "nothing", NO_NUMBER, "" },
	[NP_JOURNAL_TROUBLE_UNREADABLE] = { "it can't be read at byte ", DECIMAL, "" },
	[NP_JOURNAL_TROUBLE_TOO_LARGE] = { "its size of ", DECIMAL, " bytes is too large" },
	[NP_JOURNAL_TROUBLE_RESTART] = { "it has no sound restart page", NO_NUMBER, "" },
	[NP_JOURNAL_TROUBLE_VERSION] = { "its version isn't known here", NO_NUMBER, "" },
	[NP_JOURNAL_TROUBLE_CHKDSK] = { "chkdsk has changed the volume past it", NO_NUMBER, "" },
	[NP_JOURNAL_TROUBLE_TORN] = { "the page at byte ", DECIMAL, " was written in part, or not at all" },
	[NP_JOURNAL_TROUBLE_SHORT] = { "it ends at ", LSN, ", before its restart page says" },
	[NP_JOURNAL_TROUBLE_PAST_END] = { "a page has ", LSN, ", past the last record" },
	[NP_JOURNAL_TROUBLE_RECORD] = { "the record ", LSN, " makes no sense, or isn't there" },
	[NP_JOURNAL_TROUBLE_TABLE] = { "the table at ", LSN, " makes no sense, or isn't there" },
	[NP_JOURNAL_TROUBLE_OPERATION] = { "the operation at ", LSN, " isn't known here" },
	[NP_JOURNAL_TROUBLE_SLOT] = { "the operation at ", LSN, " is on an attribute that isn't open" },
	[NP_JOURNAL_TROUBLE_HOTFIX] = { "HotFix at ", LSN, " moves what lay on a bad cluster" },
	[NP_JOURNAL_TROUBLE_TOO_MUCH] = { "up to ", LSN, " there is more to keep in mind than can be" },
};

static void describe_trouble(const struct np_volume_facts *volume, char *text, size_t size)
{
	const char *before = troubles[volume->journal_trouble].before, *after = troubles[volume->journal_trouble].after;

	if (troubles[volume->journal_trouble].number == LSN)
		snprintf(text, size, "%sLSN 0x%" PRIx64 "%s", before, volume->journal_trouble_at, after);
	else if (troubles[volume->journal_trouble].number == DECIMAL)
		snprintf(text, size, "%s%" PRIu64 "%s", before, volume->journal_trouble_at, after);
	else
		snprintf(text, size, "%s", before);
}

const char *np_journal_state_name(enum np_journal_state state)
{
	static const char *const names[] = {
		[NP_JOURNAL_EMPTY] = "empty",
		[NP_JOURNAL_CLEAN] = "clean",
		[NP_JOURNAL_UNCLEAN] = "unclean",
		[NP_JOURNAL_BROKEN] = "broken",
	};

	return names[state];
}

void np_journal_describe(const struct np_volume_facts *volume, char *text, size_t size)
{
	bool broken = volume->journal_state == NP_JOURNAL_BROKEN;
	char trouble[128] = "", version[32] = "", lsn[48] = "";

	if (broken)
		describe_trouble(volume, trouble, sizeof(trouble));
	if (volume->journal_major)
		snprintf(version, sizeof(version), ", version %" PRIu32 ".%" PRIu32, volume->journal_major,
			 volume->journal_minor);
	if (volume->journal_lsn)
		snprintf(lsn, sizeof(lsn), ", newest LSN 0x%" PRIx64, volume->journal_lsn);
	snprintf(text, size, "%s%s%s%s", broken ? "can't be followed: " : np_journal_state_name(volume->journal_state),
		 trouble, version, lsn);
}

/* What is pending. */
static void describe_change(const struct np_file_facts *file, char *text, size_t size)
{
	static const struct {
		const char *before, *after;
	} reasons[] = {
		[NP_JOURNAL_NOTHING] = { "nothing ", "" },
		[NP_JOURNAL_RECORD] = { "isn't on the disk yet, and changes MFT record ", ", which is the file's" },
		[NP_JOURNAL_LOSER] = { "will be undone with the unfinished transaction ", ", and is about the file" },
		[NP_JOURNAL_ATTRIBUTE_LIST] = { "may not be on the disk yet, and changes the attribute list of "
						"MFT record ",
						", which is the file's" },
		[NP_JOURNAL_EXTENSION] = { "isn't on the disk yet, and makes MFT record ", " a part of the file" },
		[NP_JOURNAL_CLUSTERS] = { "may yet write to cluster ", ", which is the file's by now" },
		[NP_JOURNAL_MFT] = { "isn't on the disk yet, and changes where the MFT lies (record or cluster ", ")" },
		[NP_JOURNAL_BITMAP] = { "frees cluster ", ", which is the file's" },
		[NP_JOURNAL_UNKNOWN] = { "", "" },
	};

	if (file->journal_reason == NP_JOURNAL_UNKNOWN) {
		snprintf(text, size,
			 "MFT record %" PRIu64 " has LSN 0x%" PRIx64
			 ", which it doesn't reach, so that nothing can be compared",
			 file->journal_target, file->journal_lsn);
		return;
	}
	snprintf(text, size, "%s, LSN 0x%" PRIx64 ", %s%" PRIu64 "%s", operations[file->journal_operation],
		 file->journal_lsn, reasons[file->journal_reason].before, file->journal_target,
		 reasons[file->journal_reason].after);
}

static void refuse(const struct np_checks *checks, struct np_finding *finding)
{
	const struct np_volume_facts *volume = &checks->facts->volume;
	bool broken = volume->journal_state == NP_JOURNAL_BROKEN;
	uint64_t allowed = checks->input->allow_journal_lsn;
	char what[512], other[96] = "", remedy[256];

	if (broken)
		np_journal_describe(volume, what, sizeof(what));
	else
		describe_change(&checks->facts->file, what, sizeof(what));
	if (allowed && allowed != volume->journal_lsn)
		snprintf(other, sizeof(other), "; --allow is for LSN 0x%" PRIx64 ", but the newest is 0x%" PRIx64,
			 allowed, volume->journal_lsn);
	snprintf(remedy, sizeof(remedy), "start Windows%s and restart it (not: shut down)",
		 broken ? ", run `chkdsk X: /f`," : "");
	if (volume->journal_lsn)
		snprintf(remedy + strlen(remedy), sizeof(remedy) - strlen(remedy),
			 "; if you know better: --allow journal:0x%" PRIx64, volume->journal_lsn);
	np_say(finding, NP_VERDICT_REFUSE, remedy, "%s%s%s", broken ? "the journal " : "in the journal: ", what, other);
}

void np_check_journal(const struct np_checks *checks, struct np_finding *finding)
{
	const struct np_volume_facts *volume = &checks->facts->volume;
	bool hibernated = volume->hibernation == NP_HIBERNATION_YES;
	char state[256];

	if (checks->facts->file.journal_reason != NP_JOURNAL_NOTHING) {
		refuse(checks, finding);
		return;
	}
	np_journal_describe(volume, state, sizeof(state));
	np_say(finding, hibernated ? NP_VERDICT_WARN : NP_VERDICT_OK,
	       hibernated ? "if it was, or may have been: start Windows, and restart it (not: shut down)" : NULL,
	       "the journal is %s%s%s", state,
	       volume->journal_state == NP_JOURNAL_UNCLEAN ? ": nothing in it is pending for this file" : "",
	       hibernated ?
		       "; but the hibernated Windows may have in its memory what isn't in the journal: the file must "
		       "not have been made, moved or resized since its last full shutdown or restart" :
		       "");
}
