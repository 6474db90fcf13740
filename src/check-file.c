/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check-internal.h"

#include <inttypes.h>
#include <stdio.h>

/* [MS-FSCC] 2.1.2.1, "Reparse Tags". */
static const char *reparse_name(uint32_t tag)
{
	if ((tag & 0xffff0fff) == 0x9000001a)
		return "a cloud file, whose data may not be here (OneDrive)";
	switch (tag) {
	case 0x80000017:
		return "compressed by Windows (WOF, CompactOS)";
	case 0x80000013:
		return "deduplicated";
	case 0xa000000c:
		return "a symbolic link";
	case 0xa0000003:
		return "a junction or mount point";
	case 0x80000018:
		return "a Windows container's";
	default:
		return "of a kind unknown here";
	}
}

void np_check_regular_file(const struct np_checks *checks, struct np_finding *finding)
{
	const struct np_file_facts *file = &checks->facts->file;

	if (file->kind == NP_FILE_DIRECTORY)
		np_say(finding, NP_VERDICT_REFUSE, "name a file", "it is a directory");
	else if (file->kind == NP_FILE_REPARSE_POINT)
		np_say(finding, NP_VERDICT_REFUSE,
		       "name the file that it stands for, or make one anew: `fsutil file createnew C:\\linux.img SIZE`",
		       "it is a reparse point (0x%08" PRIx32 "): %s", file->reparse_tag,
		       reparse_name(file->reparse_tag));
	else
		np_say(finding, NP_VERDICT_OK, NULL, "a regular file, MFT record %" PRIu64 ", sequence %" PRIu32,
		       file->record, file->sequence);
}

void np_check_system_file(const struct np_checks *checks, struct np_finding *finding)
{
	static const char *const reasons[] = {
		[NP_SYSTEM_RECORD] = "is one of NTFS's own files",
		[NP_SYSTEM_EXTEND] = "is one of NTFS's own files, below $Extend",
		[NP_SYSTEM_VOLUME_INFORMATION] = "lies below System Volume Information (shadow copies and the like)",
		[NP_SYSTEM_PAGEFILE] = "is Windows' page file",
		[NP_SYSTEM_HIBERFIL] = "is Windows' hibernation file",
		[NP_SYSTEM_SWAPFILE] = "is Windows' swap file",
	};
	const struct np_file_facts *file = &checks->facts->file;

	if (file->system_reason == NP_SYSTEM_NONE)
		np_say(finding, NP_VERDICT_OK, NULL, "not a file of Windows' own");
	else
		np_say(finding, NP_VERDICT_REFUSE, "name a file of your own",
		       "it %s (MFT record %" PRIu64 "); writing to it would destroy the volume or Windows",
		       reasons[file->system_reason], file->record);
}

void np_check_resident(const struct np_checks *checks, struct np_finding *finding)
{
	const struct np_file_facts *file = &checks->facts->file;

	if (file->flags & NP_FILE_RESIDENT)
		np_say(finding, NP_VERDICT_REFUSE, "make a larger file: `fsutil file createnew C:\\linux.img SIZE`",
		       "its %" PRIu64 " byte%s lie within the MFT, which has no clusters to map", file->data_size,
		       np_plural(file->data_size));
	else
		np_say(finding, NP_VERDICT_OK, NULL, "the data lie in clusters of their own");
}

void np_check_compressed(const struct np_checks *checks, struct np_finding *finding)
{
	if (checks->facts->file.flags & NP_FILE_COMPRESSED)
		np_say(finding, NP_VERDICT_REFUSE, "in Windows: `compact /u C:\\linux.img`",
		       "it is compressed by NTFS: what is on the disk is not its data");
	else
		np_say(finding, NP_VERDICT_OK, NULL, "not compressed");
}

void np_check_encrypted(const struct np_checks *checks, struct np_finding *finding)
{
	if (checks->facts->file.flags & NP_FILE_ENCRYPTED)
		np_say(finding, NP_VERDICT_REFUSE, "in Windows: `cipher /d C:\\linux.img`",
		       "it is encrypted by NTFS (EFS): what is on the disk is not its data");
	else
		np_say(finding, NP_VERDICT_OK, NULL, "not encrypted");
}

void np_check_sparse(const struct np_checks *checks, struct np_finding *finding)
{
	const struct np_facts *facts = checks->facts;
	uint64_t holes = 0, bytes = 0;

	for (size_t i = 0; i < facts->extents.count; i++)
		if (facts->extents.extents[i].physical == NP_EXTENT_HOLE) {
			holes++;
			bytes += facts->extents.extents[i].length;
		}
	if (holes && facts->file.flags & NP_FILE_COMPRESSED)
		np_say(finding, NP_VERDICT_INFO, NULL, "%" PRIu64 " hole%s, which compression leaves", holes,
		       np_plural(holes));
	else if (holes && checks->input->read_only)
		np_say(finding, NP_VERDICT_INFO, NULL, "it is sparse: %" PRIu64 " hole%s, %" PRIu64 " bytes of zeros",
		       holes, np_plural(holes), bytes);
	else if (holes)
		np_say(finding, NP_VERDICT_REFUSE,
		       "map it with --read-only, or in Windows: `fsutil sparse setflag C:\\linux.img 0` on a full copy, or make the file anew with "
		       "`fsutil file createnew`",
		       "it is sparse: %" PRIu64 " hole%s, %" PRIu64 " bytes without clusters", holes, np_plural(holes),
		       bytes);
	else if (facts->file.flags & NP_FILE_SPARSE && !checks->input->read_only)
		np_say(finding, NP_VERDICT_WARN, "in Windows: `fsutil sparse setflag C:\\linux.img 0`",
		       "it is marked sparse, though it has no holes: Windows may punch some");
	else
		np_say(finding, NP_VERDICT_OK, NULL, "no holes");
}

void np_check_initialized(const struct np_checks *checks, struct np_finding *finding)
{
	const struct np_file_facts *file = &checks->facts->file;
	char remedy[128];

	snprintf(remedy, sizeof(remedy),
		 "in Windows, as administrator: `fsutil file setvaliddata C:\\linux.img %" PRIu64 "`", file->data_size);
	if (file->initialized_size < file->data_size && checks->input->read_only && file->stale_bytes)
		np_say(finding, NP_VERDICT_REFUSE, remedy,
		       "Windows shows zeros past its %" PRIu64 " initialized bytes, but the disk's block there holds "
		       "others (%" PRIu64 "), which a device can't hide",
		       file->initialized_size, file->stale_bytes);
	else if (file->initialized_size < file->data_size && checks->input->read_only)
		np_say(finding, NP_VERDICT_INFO, NULL,
		       "%" PRIu64 " of its %" PRIu64 " bytes are initialized; past them are zeros",
		       file->initialized_size, file->data_size);
	else if (file->initialized_size < file->data_size)
		np_say(finding, NP_VERDICT_REFUSE, remedy,
		       "only %" PRIu64 " of its %" PRIu64 " bytes are initialized: Windows shows zeros past them, "
		       "whatever is written there",
		       file->initialized_size, file->data_size);
	else
		np_say(finding, NP_VERDICT_OK, NULL, "all of it is initialized");
}

void np_check_size(const struct np_checks *checks, struct np_finding *finding)
{
	uint64_t size = checks->facts->file.data_size, block = checks->input->logical_block_size;

	if (!size)
		np_say(finding, NP_VERDICT_REFUSE,
		       "make it as large as it shall be: `fsutil file createnew C:\\linux.img SIZE`", "it is empty");
	else if (size < block && !(checks->facts->file.flags & NP_FILE_RESIDENT))
		np_say(finding, NP_VERDICT_REFUSE, "make a larger file",
		       "its %" PRIu64 " bytes are less than one block of the disk (%" PRIu64 ")", size, block);
	else if (size > block && size % block)
		np_say(finding, NP_VERDICT_WARN, NULL,
		       "%" PRIu64 " bytes; the last %" PRIu64
		       " are left out, as they fill no block of the disk (%" PRIu64 ")",
		       size, size % block, block);
	else
		np_say(finding, NP_VERDICT_OK, NULL, "%" PRIu64 " bytes", size);
}

void np_check_alignment(const struct np_checks *checks, struct np_finding *finding)
{
	uint32_t block = checks->input->logical_block_size;

	for (size_t i = 0; i < checks->data.count; i++) {
		const struct np_extent *extent = &checks->data.extents[i];

		if (extent->physical == NP_EXTENT_HOLE ||
		    !(extent->physical % block || extent->length % block || extent->logical % block))
			continue;
		np_say(finding, NP_VERDICT_REFUSE,
		       "make the file anew on a volume with clusters of at least the disk's block size",
		       "the extent of %" PRIu64 " bytes at byte %" PRIu64
		       " of the volume doesn't lie on the disk's blocks of %" PRIu32 " bytes",
		       extent->length, extent->physical, block);
		return;
	}
	np_say(finding, NP_VERDICT_OK, NULL, "all extents lie on the disk's blocks of %" PRIu32 " bytes", block);
}

/* Nothing on the disk says that Windows has an image attached: only that it may have. */
void np_check_attached_image(const struct np_checks *checks, struct np_finding *finding)
{
	static const char *const names[] = {
		[NP_IMAGE_VHD_FIXED] = "a VHD of fixed size",
		[NP_IMAGE_VHD_DYNAMIC] = "a VHD",
		[NP_IMAGE_VHDX] = "a VHDX",
	};
	const struct np_file_facts *file = &checks->facts->file;
	const char *eject = "in Windows, eject its disk (`Dismount-VHD`), and restart (not: shut down)";

	if (file->image == NP_IMAGE_UNKNOWN)
		np_say(finding, NP_VERDICT_INFO, NULL, "unknown: its content can't be read from its clusters");
	else if (file->image == NP_IMAGE_NONE)
		np_say(finding, NP_VERDICT_OK, NULL, "no disk image that Windows could have attached");
	else if (file->image_log_pending)
		np_say(finding, NP_VERDICT_WARN,
		       "in Windows, attach it once more, eject its disk (`Dismount-VHD`), and restart (not: shut down)",
		       "it is %s that wasn't detached cleanly: its log holds changes that aren't in place yet, and "
		       "Windows may have it attached still",
		       names[file->image]);
	else if (checks->facts->volume.hibernation == NP_HIBERNATION_NO)
		np_say(finding, NP_VERDICT_INFO, NULL,
		       "it is %s, but Windows is not hibernated, and so doesn't have it attached", names[file->image]);
	else
		np_say(finding, NP_VERDICT_WARN, eject,
		       "it is %s: if Windows had it attached when it hibernated, it has it still, and both would write "
		       "to it",
		       names[file->image]);
}
