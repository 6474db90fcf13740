/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check-internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "signature.h"

/* Where nothing more is known of the volume; of a scanner that can't be believed, not even that. */
static void say_signature(const char *content, struct np_finding *finding)
{
	if (!strcmp(content, NP_SIGNATURE_NTFS))
		np_say(finding, NP_VERDICT_OK, NULL, "it has the signature of NTFS");
	else if (!strcmp(content, NP_SIGNATURE_UNREADABLE))
		np_say(finding, NP_VERDICT_INFO, NULL, "unknown: its start couldn't be read");
	else
		np_say(finding, NP_VERDICT_INFO, NULL, "unknown: the scanner gave no answer to be trusted");
}

void np_check_volume_type(const struct np_checks *checks, struct np_finding *finding)
{
	const struct np_volume_facts *volume = &checks->facts->volume;
	const char *content = volume->content;

	if (checks->facts->outcome == NP_OUTCOME_METADATA)
		say_signature(content, finding);
	else if (checks->facts->outcome != NP_OUTCOME_NOT_NTFS)
		np_say(finding, NP_VERDICT_OK, NULL, "NTFS %u.%u, serial number %016" PRIX64, volume->version_major,
		       volume->version_minor, volume->serial);
	else if (!strcmp(content, NP_SIGNATURE_BITLOCKER))
		np_say(finding, NP_VERDICT_REFUSE,
		       "open it with `cryptsetup open --type bitlk DEVICE NAME` and use /dev/mapper/NAME as DEVICE",
		       "it is not an NTFS volume but a BitLocker one");
	else if (!strcmp(content, NP_SIGNATURE_PARTITION_TABLE))
		np_say(finding, NP_VERDICT_REFUSE,
		       checks->input->device_is_disk ?
			       "say which of them with --partition N, or name its device; `lsblk -f` shows which one "
			       "is ntfs" :
			       "say which of them with --partition N; `fdisk --list IMAGE` shows them",
		       "it is not an NTFS volume but a whole disk with partitions");
	else if (!strcmp(content, "zeros"))
		np_say(finding, NP_VERDICT_REFUSE, "`lsblk -f` shows which partition is ntfs",
		       "it is not an NTFS volume: its start holds zeros");
	else
		np_say(finding, NP_VERDICT_REFUSE, "`lsblk -f` shows which partition is ntfs",
		       "it is not an NTFS volume: its start holds %s", *content ? content : "nothing known");
}

void np_check_metadata(const struct np_checks *checks, struct np_finding *finding)
{
	if (checks->facts->outcome == NP_OUTCOME_METADATA &&
	    !strcmp(checks->facts->volume.content, NP_SIGNATURE_UNREADABLE))
		np_say(finding, NP_VERDICT_REFUSE, "does `dmesg` tell of a failing disk?", "%s", checks->facts->reason);
	else if (checks->facts->outcome == NP_OUTCOME_METADATA)
		np_say(finding, NP_VERDICT_REFUSE,
		       "run `chkdsk X: /f` in Windows, and restart it (not: shut down); if that finds nothing wrong, "
		       "the fault is with ntfs-punch: report it",
		       "%s", checks->facts->reason);
	else
		np_say(finding, NP_VERDICT_OK, NULL,
		       checks->facts->file.kind == NP_FILE_NONE ? "the volume can be read" :
								  "the volume and the file's record can be read");
}

void np_check_hibernated(const struct np_checks *checks, struct np_finding *finding)
{
	const char *careful = "unmap it before Windows starts again; and if the file was made, moved or resized "
			      "in Windows, restart that (not: shut down) before mapping it";

	switch (checks->facts->volume.hibernation) {
	case NP_HIBERNATION_YES:
		np_say(finding, NP_VERDICT_WARN, careful,
		       "Windows is hibernated here (Fast Startup, most likely): it goes on with what it remembers of "
		       "the volume");
		break;
	case NP_HIBERNATION_NO:
		np_say(finding, NP_VERDICT_OK, NULL, "hiberfil.sys says that Windows is not hibernated");
		break;
	default:
		np_say(finding, NP_VERDICT_INFO, NULL,
		       "unknown: there is no hiberfil.sys here, but a Windows that is hibernated on another "
		       "volume may still remember this one");
	}
}

/* The worst alone: the rest is said once that is mended. */
static void judge_hibernation(const struct np_hibernation_facts *found, struct np_finding *finding)
{
	char remedy[NP_FINDING_SIZE];

	if (*found->image) {
		snprintf(
			remedy, sizeof(remedy),
			"don't use the map: if neither Windows has run since nor anybody written to the file, start that "
			"Linux, and shut it down; else drop its image, and what it had in memory: `swapon %s`, then "
			"`swapoff %s`",
			found->image, found->image);
		np_say(finding, NP_VERDICT_WARN, remedy,
		       "a hibernated Linux waits on %s: if it had a file of this volume mapped, it writes with an old table "
		       "once it is resumed",
		       found->image);
	} else if (*found->swap) {
		np_say(finding, NP_VERDICT_WARN, "suspend or power off, but don't hibernate; or `swapoff` it",
		       "Linux swaps to the map %s, so it would hibernate to it", found->swap);
	} else if (*found->resume) {
		np_say(finding, NP_VERDICT_WARN, "take `resume=` off the kernel command line",
		       "resume= on the kernel command line names the map %s: Linux must not hibernate to it",
		       found->resume);
	} else if (*found->unknown) {
		np_say(finding, NP_VERDICT_INFO, found->denied ? "run it as root" : NULL,
		       "unknown: not all could be looked at, such as %s", found->unknown);
	} else {
		np_say(finding, NP_VERDICT_OK, NULL,
		       "no hibernated Linux was found on a swap device, nor would one hibernate to a map");
	}
}

void np_check_linux_hibernated(const struct np_checks *checks, struct np_finding *finding)
{
	if (checks->input->read_only)
		np_say(finding, NP_VERDICT_OK, NULL, "nothing is written to the volume");
	else if (!checks->input->hibernation)
		np_say(finding, NP_VERDICT_INFO, NULL, "unknown: it wasn't looked for");
	else
		judge_hibernation(checks->input->hibernation, finding);
}

void np_check_dirty(const struct np_checks *checks, struct np_finding *finding)
{
	if (checks->facts->volume.dirty)
		np_say(finding, NP_VERDICT_WARN, "run `chkdsk X: /f` in Windows when there is time",
		       "the volume is marked dirty: Windows wants to check it");
	else
		np_say(finding, NP_VERDICT_OK, NULL, "the volume is not marked dirty");
}

void np_check_shadow_copies(const struct np_checks *checks, struct np_finding *finding)
{
	switch (checks->facts->volume.shadow_copies) {
	case NP_SHADOW_COPIES_PRESENT:
		np_say(finding, NP_VERDICT_WARN,
		       "in Windows, as administrator: `vssadmin list shadows` shows them, `vssadmin delete shadows "
		       "/for=X: /all` deletes them, if you need none",
		       "there are shadow copies of this volume, or another's lie on it (restore points, previous "
		       "versions, backups): this one's don't see what Linux writes, so what they show of the file will "
		       "be wrong");
		break;
	case NP_SHADOW_COPIES_NONE:
		np_say(finding, NP_VERDICT_OK, NULL, "no shadow copies");
		break;
	default:
		np_say(finding, NP_VERDICT_INFO, NULL, "unknown: System Volume Information can't be read");
	}
}

void np_check_read_only_device(const struct np_checks *checks, struct np_finding *finding)
{
	if (checks->input->read_only)
		np_say(finding, NP_VERDICT_OK, NULL, "nothing is written to the device");
	else if (checks->input->device_read_only)
		np_say(finding, NP_VERDICT_REFUSE,
		       checks->input->device_is_disk ? "find out who made it so (a write-protect switch? a failing "
						       "disk?); `blockdev --setrw DEVICE`" :
						       "make the image file writable, or its filesystem",
		       "the device is read-only, and device-mapper would write to it all the same");
	else
		np_say(finding, NP_VERDICT_OK, NULL, "the device is writable");
}

void np_check_member(const struct np_checks *checks, struct np_finding *finding)
{
	const char *what = checks->input->member;

	switch (checks->input->membership) {
	case NP_MEMBERSHIP_LEG:
		np_say(finding, NP_VERDICT_REFUSE,
		       "assemble the array with mdadm or multipath, and name its device; what only Windows assembles "
		       "(dynamic disks, Storage Spaces): put the file on a plain disk",
		       "the disk is a leg of %s: what is written to it alone, the others don't have", what);
		break;
	case NP_MEMBERSHIP_UNREADABLE:
		np_say(finding, NP_VERDICT_REFUSE, "does `dmesg` tell of a failing disk?",
		       "it can't be told whether the disk is a leg of an array: %s can't be read", what);
		break;
	case NP_MEMBERSHIP_DENIED:
		np_say(finding, NP_VERDICT_WARN, "run it as root",
		       "it can't be told whether the disk is a leg of an array: %s may not be read", what);
		break;
	default:
		np_say(finding, NP_VERDICT_OK, NULL, "nothing says that the disk is a leg of an array");
	}
}

void np_check_busy(const struct np_checks *checks, struct np_finding *finding)
{
	if (checks->input->busy)
		np_say(finding, NP_VERDICT_REFUSE, checks->input->busy_remedy, "%s", checks->input->busy);
	else
		np_say(finding, NP_VERDICT_OK, NULL, "nobody else uses the device");
}
