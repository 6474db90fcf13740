/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signature.h"

#include <string.h>

struct signature {
	const char *name;
	size_t offset;
	size_t length;
	const char *bytes;
};

/* Offsets as in util-linux, libblkid/src/superblocks and src/partitions. The first that fits wins: a BitLocker To
 * Go volume looks like FAT32, and most volumes end their first sector like an MBR, which therefore comes last. */
static const struct signature signatures[] = {
	{ NP_SIGNATURE_BITLOCKER, 3, 8, "-FVE-FS-" },
	{ NP_SIGNATURE_BITLOCKER, 424, 16, "\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01" },
	{ "ReFS", 3, 8, "ReFS\0\0\0\0" },
	{ "exFAT", 3, 8, "EXFAT   " },
	{ NP_SIGNATURE_PARTITION_TABLE, 512, 8, "EFI PART" },
	{ NP_SIGNATURE_PARTITION_TABLE, 4096, 8, "EFI PART" },
	{ "FAT", 82, 8, "FAT32   " },
	{ "FAT", 54, 5, "FAT16" },
	{ "FAT", 54, 5, "FAT12" },
	{ "LUKS", 0, 6, "LUKS\xba\xbe" },
	{ "LVM physical volume", 512, 8, "LABELONE" },
	{ "ext2/3/4", 1080, 2, "\x53\xef" },
	{ "XFS", 0, 4, "XFSB" },
	{ "btrfs", 65600, 8, "_BHRfS_M" },
	{ "swap", 4086, 10, "SWAPSPACE2" },
	{ "ISO 9660", 32769, 5, "CD001" },
	{ "VHDX disk image", 0, 8, "vhdxfile" },
	{ "VHD disk image", 0, 8, "conectix" },
	{ "VDI disk image", 64, 4, "\x7f\x10\xda\xbe" },
	{ "qcow2 disk image", 0, 4, "QFI\xfb" },
};

static bool matches(const struct signature *signature, const char *data, size_t size)
{
	return size >= signature->offset + signature->length &&
	       !memcmp(data + signature->offset, signature->bytes, signature->length);
}

bool np_signature_is_ntfs(const void *data, size_t size)
{
	return matches(&(struct signature){ "NTFS", 3, 8, "NTFS    " }, data, size);
}

/* An MBR: its mark, and at least one of the four entries has a type and a length. */
static bool is_mbr(const unsigned char *data, size_t size)
{
	if (size < 512 || data[510] != 0x55 || data[511] != 0xaa)
		return false;
	for (size_t entry = 446; entry < 510; entry += 16) {
		bool has_length = data[entry + 12] || data[entry + 13] || data[entry + 14] || data[entry + 15];
		bool sane_status = !(data[entry] & 0x7f);

		if (data[entry + 4] && has_length && sane_status)
			return true;
	}
	return false;
}

static bool is_zero(const char *data, size_t size)
{
	return size && !data[0] && !memcmp(data, data + 1, size - 1);
}

const char *np_signature_name(const void *data, size_t size)
{
	for (size_t i = 0; i < sizeof(signatures) / sizeof(*signatures); i++)
		if (matches(&signatures[i], data, size))
			return signatures[i].name;
	if (is_mbr(data, size))
		return NP_SIGNATURE_PARTITION_TABLE;
	return is_zero(data, size) ? "zeros" : NULL;
}
