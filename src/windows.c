/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "survey-internal.h"

/* Windows zeroes the header when it has resumed; libntfs-3g's ntfs_volume_check_hiberfile() reads as much. */
static int read_hibernation(struct np_survey *survey)
{
	static const char zeros[4096];
	uint32_t *hibernation = &survey->facts->volume.hibernation;
	const uint64_t *records = survey->windows[NP_WINDOWS_HIBERFIL];

	*hibernation = NP_HIBERNATION_UNKNOWN;
	for (size_t i = 0; i < 2 && records[i]; i++) {
		char header[sizeof(zeros)] = { 0 };
		ssize_t n = np_ntfs_read_data(survey->ntfs, records[i], header, sizeof(header), 0);

		if (n < 0)
			return np_survey_unreadable(survey, "hiberfil.sys", (int)n);
		if (memcmp(header, zeros, sizeof(header)))
			*hibernation = NP_HIBERNATION_YES;
		else if (*hibernation == NP_HIBERNATION_UNKNOWN)
			*hibernation = NP_HIBERNATION_NO;
	}
	return 0;
}

/*
 * Shadow copies (libvshadow's "Volume Shadow Snapshot (VSS) format"). A volume that has copies has a header at 0x1e00,
 * the GUID of VSS first, the offset of a catalog at 48; with the last copy, that becomes 0. The copies are kept
 * in System Volume Information, as {GUID of the copy}{GUID of VSS}, of this volume or of another one; the file with the latter
 * name alone is the catalog, which stays.
 */
#define VSS_HEADER  0x1e00
#define VSS_CATALOG 48

static int read_vss_header(struct np_survey *survey, bool *ret_has_catalog)
{
	static const unsigned char guid[16] = { 0x6b, 0x87, 0x08, 0x38, 0x76, 0xc1, 0x48, 0x4e,
						0xb7, 0xae, 0x04, 0x04, 0x6e, 0x6c, 0xc7, 0x52 };
	char header[VSS_CATALOG + 8] = { 0 };
	uint64_t catalog;
	ssize_t n = np_reader_read(survey->reader, header, sizeof(header), VSS_HEADER);

	if (n < 0)
		return (int)n;
	memcpy(&catalog, header + VSS_CATALOG, sizeof(catalog));
	*ret_has_catalog = catalog && !memcmp(header, guid, sizeof(guid));
	return 0;
}

#define FOUND 1

struct store_search {
	const struct np_ntfs *ntfs;
	struct np_ntfs_name guid;
};

static int visit_store(void *context, np_mft_reference reference, const uint16_t *name, size_t length)
{
	const struct store_search *search = context;
	size_t tail = search->guid.length;

	(void)reference;
	return length == 2 * tail && np_ntfs_same_name(search->ntfs, &search->guid, name + tail, tail, true) ? FOUND :
													       0;
}

static int find_store(struct np_survey *survey, bool *ret_found)
{
	struct store_search search = { .ntfs = survey->ntfs };
	int r = np_ntfs_name_from_utf8("{3808876b-c176-4e48-b7ae-04046e6cc752}", &search.guid);

	for (size_t i = 0; i < 2 && !r && survey->volume_information[i]; i++)
		r = np_ntfs_for_each_entry(survey->ntfs, survey->volume_information[i], visit_store, &search);
	*ret_found = r == FOUND;
	return r < 0 ? r : 0;
}

static int read_shadow_copies(struct np_survey *survey)
{
	bool has_catalog = false, has_store = false;
	int header = read_vss_header(survey, &has_catalog);
	int store = find_store(survey, &has_store);

	if (header == -ENOMEM || store == -ENOMEM)
		return -ENOMEM;
	survey->facts->volume.shadow_copies = has_catalog || has_store ? NP_SHADOW_COPIES_PRESENT :
					      header || store          ? NP_SHADOW_COPIES_UNKNOWN :
									 NP_SHADOW_COPIES_NONE;
	return 0;
}

int np_windows_read_volume(struct np_survey *survey)
{
	int r = read_hibernation(survey);

	return r ? r : read_shadow_copies(survey);
}

/* Bytes of the mapped stream as NTFS shows them: zeros in holes, past what is initialized, and past its end. */
static int read_stream(struct np_survey *survey, void *data, size_t size, uint64_t offset)
{
	const struct np_facts *facts = survey->facts;

	memset(data, 0, size);
	if (offset > facts->file.initialized_size || size > facts->file.initialized_size - offset ||
	    offset > facts->file.data_size || size > facts->file.data_size - offset)
		return 0;
	return np_reader_read_map(survey->reader, &facts->extents, false, data, size, offset);
}

/*
 * [MS-VHDX] 2.2: two headers, of which the one with the higher sequence number counts. Where its LogGuid isn't zero,
 * the log has what isn't in place yet.
 */
static int read_vhdx_headers(struct np_survey *survey, bool *ret_pending)
{
	static const char zeros[16];
	uint64_t newest = 0;

	*ret_pending = false;
	for (uint64_t offset = 65536; offset <= 131072; offset += 65536) {
		struct {
			char signature[4];
			uint32_t checksum;
			uint64_t sequence;
			char file_write_guid[16];
			char data_write_guid[16];
			char log_guid[16];
		} header;
		int r = read_stream(survey, &header, sizeof(header), offset);

		if (r < 0)
			return r;
		if (memcmp(header.signature, "head", 4) || le64toh(header.sequence) < newest)
			continue;
		newest = le64toh(header.sequence);
		*ret_pending = memcmp(header.log_guid, zeros, sizeof(zeros));
	}
	return 0;
}

/* Microsoft's "Virtual Hard Disk Image Format Specification": a footer of 512 bytes at the end, a copy of it at the start
 * of all but fixed ones. */
static int read_image(struct np_survey *survey, enum np_image_kind *ret_image, bool *ret_pending)
{
	static const char vhd[8] = "conectix", vhdx[8] = "vhdxfile";
	uint64_t size = survey->facts->file.data_size;
	char start[8], footer[8] = { 0 };
	int r = read_stream(survey, start, sizeof(start), 0);

	if (!r && size >= 512 && !(size % 512))
		r = read_stream(survey, footer, sizeof(footer), size - 512);
	if (r < 0)
		return r;
	*ret_pending = false;
	if (!memcmp(start, vhdx, sizeof(start))) {
		*ret_image = NP_IMAGE_VHDX;
		return read_vhdx_headers(survey, ret_pending);
	}
	*ret_image = !memcmp(start, vhd, sizeof(start))   ? NP_IMAGE_VHD_DYNAMIC :
		     !memcmp(footer, vhd, sizeof(footer)) ? NP_IMAGE_VHD_FIXED :
							    NP_IMAGE_NONE;
	return 0;
}

/* What a `zero` target can't hide: it begins with a block of the disk. What can't be read may be anything. */
static uint64_t count_stale(struct np_survey *survey)
{
	const struct np_file_facts *file = &survey->facts->file;
	uint64_t offset = file->initialized_size, stale = 0;
	uint64_t end = offset + (NP_STALE_BLOCK - offset % NP_STALE_BLOCK) % NP_STALE_BLOCK;
	char data[NP_STALE_BLOCK];
	size_t size;

	end = end < file->data_size ? end : file->data_size;
	size = end > offset ? (size_t)(end - offset) : 0;
	if (np_reader_read_map(survey->reader, &survey->facts->extents, false, data, size, offset) < 0)
		memset(data, -1, size);
	for (size_t i = 0; i < size; i++)
		stale += data[i] != 0;
	return stale;
}

void np_windows_read_file(struct np_survey *survey)
{
	struct np_file_facts *file = &survey->facts->file;
	enum np_image_kind image;
	bool pending;

	file->image = NP_IMAGE_UNKNOWN;
	if (!(file->flags & (NP_FILE_RESIDENT | NP_FILE_COMPRESSED)))
		file->stale_bytes = count_stale(survey);
	if (file->flags & (NP_FILE_RESIDENT | NP_FILE_COMPRESSED | NP_FILE_ENCRYPTED) ||
	    read_image(survey, &image, &pending) < 0)
		return;
	file->image = image;
	file->image_log_pending = pending;
}
