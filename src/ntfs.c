/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libntfs-3g's headers expect its configure's answers, else they define struct timespec again. */
#define HAVE_STDINT_H   1
#define HAVE_SYS_STAT_H 1
#define HAVE_TIME_H     1
#include <ntfs-3g/attrib.h>
#include <ntfs-3g/device.h>
#include <ntfs-3g/dir.h>
#include <ntfs-3g/inode.h>
#include <ntfs-3g/layout.h>
#include <ntfs-3g/logging.h>
#include <ntfs-3g/mft.h>
#include <ntfs-3g/runlist.h>
#include <ntfs-3g/unistr.h>
#include <ntfs-3g/volume.h>

struct np_ntfs {
	struct np_reader *reader;
	uint64_t position; /* of the device, for read and seek */
	ntfs_volume *volume;
	np_ntfs_message_fn *message;
	void *context;
};

/* errno as libntfs-3g left it; it forgets to set one here and there. */
static int library_error(void)
{
	return errno > 0 ? -errno : -EIO;
}

/* ---- The device, as libntfs-3g wants it ------------------------------------------------------------- */

/* NDevSetOpen() and NDevClearOpen(), without their conversions. */
static void set_open(struct ntfs_device *device, bool open)
{
	unsigned long bit = 1ul << ND_Open;

	device->d_state = open ? device->d_state | bit : device->d_state & ~bit;
}

static int device_open(struct ntfs_device *device, int flags)
{
	if ((flags & O_ACCMODE) != O_RDONLY) {
		errno = EROFS;
		return -1;
	}
	set_open(device, true);
	NDevSetReadOnly(device);
	return 0;
}

static int device_close(struct ntfs_device *device)
{
	set_open(device, false);
	return 0;
}

static s64 device_pread(struct ntfs_device *device, void *data, s64 count, s64 offset)
{
	struct np_ntfs *ntfs = device->d_private;
	ssize_t n;

	if (count < 0 || offset < 0) {
		errno = EINVAL;
		return -1;
	}
	n = np_reader_read(ntfs->reader, data, (size_t)count, (uint64_t)offset);
	if (n < 0) {
		errno = (int)-n;
		return -1;
	}
	return n;
}

static s64 device_seek(struct ntfs_device *device, s64 offset, int whence)
{
	struct np_ntfs *ntfs = device->d_private;
	int64_t base = whence == SEEK_CUR ? (int64_t)ntfs->position :
		       whence == SEEK_END ? (int64_t)np_reader_size(ntfs->reader) :
					    0;
	int64_t position;

	if (__builtin_add_overflow(base, offset, &position) || position < 0) {
		errno = EINVAL;
		return -1;
	}
	ntfs->position = (uint64_t)position;
	return position;
}

static s64 device_read(struct ntfs_device *device, void *data, s64 count)
{
	struct np_ntfs *ntfs = device->d_private;
	s64 n = device_pread(device, data, count, (s64)ntfs->position);

	if (n > 0)
		ntfs->position += (uint64_t)n;
	return n;
}

static s64 device_write(struct ntfs_device *device, const void *data, s64 count)
{
	(void)device, (void)data, (void)count;
	errno = EROFS;
	return -1;
}

static s64 device_pwrite(struct ntfs_device *device, const void *data, s64 count, s64 offset)
{
	(void)offset;
	return device_write(device, data, count);
}

static int device_sync(struct ntfs_device *device)
{
	(void)device;
	return 0;
}

static int device_stat(struct ntfs_device *device, struct stat *status)
{
	(void)device, (void)status;
	errno = ENOSYS;
	return -1;
}

static int device_ioctl(struct ntfs_device *device, unsigned long request, void *argument)
{
	(void)device, (void)request, (void)argument;
	errno = ENOTTY;
	return -1;
}

static struct ntfs_device_operations device_operations = {
	.open = device_open,
	.close = device_close,
	.seek = device_seek,
	.read = device_read,
	.write = device_write,
	.pread = device_pread,
	.pwrite = device_pwrite,
	.sync = device_sync,
	.stat = device_stat,
	.ioctl = device_ioctl,
};

/* ---- Messages ---------------------------------------------------------------------------------------- */

/* libntfs-3g's handlers have no context of ours to take along. */
static struct np_ntfs *logging;

/* Not one of libntfs-3g's own handlers: they call strerror(), which opens a file. */
static int take_message(const char *function, const char *file, int line, u32 level, void *data, const char *format,
			va_list arguments)
{
	int saved_errno = errno;
	char text[NP_TEXT_SIZE];
	size_t length;

	(void)function, (void)file, (void)line, (void)data;
	vsnprintf(text, sizeof(text), format, arguments);
	length = strcspn(text, "\n");
	text[length] = '\0';
	if (level == NTFS_LOG_LEVEL_PERROR)
		snprintf(text + length, sizeof(text) - length, " (error %d)", saved_errno);
	logging->message(logging->context, text);
	return 0;
}

/* ---- The volume -------------------------------------------------------------------------------------- */

int np_ntfs_open(struct np_reader *reader, np_ntfs_message_fn *message, void *context, struct np_ntfs **ret_ntfs)
{
	struct np_ntfs *ntfs = calloc(1, sizeof(*ntfs));
	struct ntfs_device *device;
	int r;

	if (!ntfs)
		return -ENOMEM;
	*ntfs = (struct np_ntfs){ .reader = reader, .message = message, .context = context };
	device = ntfs_device_alloc("volume", 0, &device_operations, ntfs);
	if (!device) {
		free(ntfs);
		return -ENOMEM;
	}
	logging = ntfs;
	ntfs_log_set_handler(take_message);
	ntfs_log_set_levels(NTFS_LOG_LEVEL_WARNING | NTFS_LOG_LEVEL_ERROR | NTFS_LOG_LEVEL_PERROR |
			    NTFS_LOG_LEVEL_CRITICAL);
	errno = 0;
	ntfs->volume = ntfs_device_mount(device, NTFS_MNT_RDONLY);
	if (!ntfs->volume) {
		r = library_error();
		set_open(device, false); /* it isn't always closed on failure */
		ntfs_device_free(device);
		free(ntfs);
		return r;
	}
	*ret_ntfs = ntfs;
	return 0;
}

void np_ntfs_close(struct np_ntfs *ntfs)
{
	if (ntfs)
		ntfs_umount(ntfs->volume, FALSE);
	free(ntfs);
}

uint32_t np_ntfs_cluster_size(const struct np_ntfs *ntfs)
{
	return ntfs->volume->cluster_size;
}

uint32_t np_ntfs_record_size(const struct np_ntfs *ntfs)
{
	return ntfs->volume->mft_record_size;
}

int np_ntfs_describe(const struct np_ntfs *ntfs, struct np_volume_facts *facts)
{
	const ntfs_volume *volume = ntfs->volume;

	if (volume->nr_clusters < 0 ||
	    __builtin_mul_overflow((uint64_t)volume->nr_clusters, volume->cluster_size, &facts->size_bytes))
		return -EOVERFLOW;
	facts->cluster_size = volume->cluster_size;
	facts->sector_size = volume->sector_size;
	facts->version_major = volume->major_ver;
	facts->version_minor = volume->minor_ver;
	facts->dirty = !!(volume->flags & VOLUME_IS_DIRTY);
	snprintf(facts->label, sizeof(facts->label), "%s", volume->vol_name);
	return 0;
}

/*
 * libntfs-3g's ntfs_mst_post_read_fixup() leaves a record as it lies on the disk if its update sequence array makes no sense, and
 * its callers go on with it: then the last two bytes of each 512 are the sequence number, and not the record's.
 */
static bool has_fixups(const struct np_ntfs *ntfs, const MFT_RECORD *record)
{
	unsigned offset = le16_to_cpu(record->usa_ofs), count = le16_to_cpu(record->usa_count);

	return !(offset & 1) && count == ntfs->volume->mft_record_size / NTFS_BLOCK_SIZE + 1 &&
	       offset + count * sizeof(u16) <= NTFS_BLOCK_SIZE - sizeof(u16);
}

/* NULL, with errno. */
static ntfs_inode *open_inode(struct np_ntfs *ntfs, np_mft_reference reference)
{
	ntfs_inode *inode = ntfs_inode_open(ntfs->volume, reference);

	if (!inode || has_fixups(ntfs, inode->mrec))
		return inode;
	ntfs_inode_close(inode);
	errno = EIO;
	return NULL;
}

/* ---- Names and directories --------------------------------------------------------------------------- */

int np_ntfs_name_from_utf8(const char *text, struct np_ntfs_name *ret_name)
{
	ntfschar *units = NULL;
	int length = ntfs_mbstoucs(text, &units);

	if (length < 0)
		return -EILSEQ;
	if ((size_t)length > sizeof(ret_name->units) / sizeof(*ret_name->units)) {
		free(units);
		return -ENAMETOOLONG;
	}
	memcpy(ret_name->units, units, (size_t)length * sizeof(*units));
	ret_name->length = (size_t)length;
	free(units);
	return 0;
}

bool np_ntfs_same_name(const struct np_ntfs *ntfs, const struct np_ntfs_name *name, const uint16_t *units,
		       size_t length, bool ignore_case)
{
	const ntfs_volume *volume = ntfs->volume;

	return ntfs_names_are_equal(name->units, name->length, units, length,
				    ignore_case ? IGNORE_CASE : CASE_SENSITIVE, volume->upcase, volume->upcase_len);
}

void np_ntfs_name_to_utf8(const struct np_ntfs_name *name, char *text, size_t size)
{
	char *utf8 = NULL;

	if (ntfs_ucstombs(name->units, (int)name->length, &utf8, 0) < 0)
		snprintf(text, size, "?");
	else
		snprintf(text, size, "%s", utf8);
	free(utf8);
}

struct lookup {
	struct np_ntfs *ntfs;
	const struct np_ntfs_name *name;
	struct np_ntfs_matches *matches;
};

/* Called for each name in a directory, Windows' short ones too. */
static int match_ignoring_case(void *context, const ntfschar *name, const int length, const int type,
			       const s64 position, const MFT_REF reference, const unsigned kind)
{
	struct lookup *lookup = context;
	struct np_ntfs_matches *matches = lookup->matches;
	size_t slot = matches->count;

	(void)type, (void)kind;
	/* The first two are "." and "..", which aren't on the volume. */
	if (position < 2 || length < 0 || (size_t)length > sizeof(matches->names->units) / sizeof(*name) || slot == 2 ||
	    !np_ntfs_same_name(lookup->ntfs, lookup->name, name, (size_t)length, true))
		return 0;
	matches->references[slot] = reference;
	memcpy(matches->names[slot].units, name, (size_t)length * sizeof(*name));
	matches->names[slot].length = (size_t)length;
	matches->count++;
	return 0;
}

static int lookup_in(struct np_ntfs *ntfs, ntfs_inode *directory, const struct np_ntfs_name *name, bool exactly,
		     struct np_ntfs_matches *matches)
{
	struct lookup lookup = { .ntfs = ntfs, .name = name, .matches = matches };
	s64 position = 0;

	errno = 0;
	if (exactly) {
		u64 reference = ntfs_inode_lookup_by_name(directory, name->units, (int)name->length);

		if (reference != (u64)-1) {
			matches->references[0] = reference;
			matches->names[0] = *name;
			matches->count = 1;
			return 0;
		}
		if (errno != ENOENT)
			return library_error();
	}
	if (ntfs_readdir(directory, &position, &lookup, match_ignoring_case))
		return library_error();
	return 0;
}

int np_ntfs_lookup(struct np_ntfs *ntfs, np_mft_reference reference, const struct np_ntfs_name *name, bool exactly,
		   struct np_ntfs_matches *ret_matches)
{
	struct np_ntfs_matches matches = { 0 };
	ntfs_inode *directory;
	int r;

	errno = 0;
	directory = open_inode(ntfs, reference);
	if (!directory)
		return library_error();
	r = directory->mrec->flags & MFT_RECORD_IS_DIRECTORY ? lookup_in(ntfs, directory, name, exactly, &matches) :
							       -ENOTDIR;
	ntfs_inode_close(directory);
	if (!r)
		*ret_matches = matches;
	return r;
}

struct listing {
	np_ntfs_entry_fn *function;
	void *context;
	int r; /* the function's */
};

static int list_entry(void *context, const ntfschar *name, const int length, const int type, const s64 position,
		      const MFT_REF reference, const unsigned kind)
{
	struct listing *listing = context;

	(void)type, (void)kind;
	if (position >= 2 && length >= 0) /* not "." and ".." */
		listing->r = listing->function(listing->context, reference, name, (size_t)length);
	return listing->r ? -1 : 0;
}

int np_ntfs_for_each_entry(struct np_ntfs *ntfs, np_mft_reference reference, np_ntfs_entry_fn *function, void *context)
{
	struct listing listing = { .function = function, .context = context };
	ntfs_inode *directory;
	s64 position = 0;
	int r = 0;

	errno = 0;
	directory = open_inode(ntfs, reference);
	if (!directory)
		return library_error();
	if (!(directory->mrec->flags & MFT_RECORD_IS_DIRECTORY))
		r = -ENOTDIR;
	else if (ntfs_readdir(directory, &position, &listing, list_entry))
		r = listing.r ? listing.r : library_error();
	ntfs_inode_close(directory);
	return r;
}

/* ---- Records and attributes -------------------------------------------------------------------------- */

static uint64_t record_count(const struct np_ntfs *ntfs)
{
	return (uint64_t)ntfs->volume->mft_na->data_size >> ntfs->volume->mft_record_size_bits;
}

int np_ntfs_read_record_lsn(struct np_ntfs *ntfs, uint64_t number, uint64_t *ret_lsn)
{
	MFT_RECORD *record;
	int r = 0;

	if (number >= record_count(ntfs))
		return -ENOENT;
	record = calloc(1, ntfs->volume->mft_record_size);
	if (!record)
		return -ENOMEM;
	errno = 0;
	if (ntfs_mft_records_read(ntfs->volume, number, 1, record))
		r = library_error();
	else if (!has_fixups(ntfs, record))
		r = -EIO;
	else
		*ret_lsn = (uint64_t)sle64_to_cpu(record->lsn);
	free(record);
	return r;
}

int np_ntfs_read_record(struct np_ntfs *ntfs, np_mft_reference reference, struct np_ntfs_record *ret_record)
{
	ntfs_inode *inode;

	if (NP_MFT_RECORD(reference) >= record_count(ntfs))
		return -ENOENT;
	errno = 0;
	inode = open_inode(ntfs, reference);
	if (!inode)
		return library_error();
	*ret_record = (struct np_ntfs_record){
		.number = inode->mft_no,
		.sequence = le16_to_cpu(inode->mrec->sequence_number),
		.base = MREF_LE(inode->mrec->base_mft_record),
		.directory = inode->mrec->flags & MFT_RECORD_IS_DIRECTORY,
		.encrypted = inode->flags & FILE_ATTR_ENCRYPTED,
		.reparse_point = inode->flags & FILE_ATTR_REPARSE_POINT,
	};
	ntfs_inode_close(inode);
	return 0;
}

ssize_t np_ntfs_read_data(struct np_ntfs *ntfs, np_mft_reference reference, void *data, size_t size, uint64_t offset)
{
	ntfs_inode *inode;
	ssize_t n;

	errno = 0;
	inode = open_inode(ntfs, reference);
	if (!inode)
		return library_error();
	n = ntfs_attr_data_read(inode, AT_UNNAMED, 0, data, size, (off_t)offset);
	ntfs_inode_close(inode);
	return n;
}

/* Whether `length` bytes at `offset` lie within the attribute. */
static bool holds(const ATTR_RECORD *attribute, size_t offset, size_t length)
{
	return offset + length <= le32_to_cpu(attribute->length);
}

/*
 * The piece's runs, without the not mapped elements that ntfs_mapping_pairs_decompress() puts before a piece that
 * doesn't begin at VCN 0, and behind the first one where others follow.
 */
static int decode_runs(const struct np_ntfs *ntfs, const ATTR_RECORD *record, struct np_ntfs_run **ret_runs,
		       size_t *ret_count)
{
	runlist_element *elements;
	struct np_ntfs_run *runs;
	size_t count = 0;

	errno = 0;
	elements = ntfs_mapping_pairs_decompress(ntfs->volume, record, NULL);
	if (!elements)
		return library_error();
	for (const runlist_element *element = elements; element->length; element++)
		count++;
	runs = calloc(count + 1, sizeof(*runs));
	if (!runs) {
		free(elements);
		return -ENOMEM;
	}
	*ret_runs = runs;
	for (const runlist_element *element = elements; element->length; element++)
		if (element->lcn != LCN_RL_NOT_MAPPED)
			*runs++ = (struct np_ntfs_run){ .lcn = element->lcn, .length = (uint64_t)element->length };
	*ret_count = (size_t)(runs - *ret_runs);
	free(elements);
	return 0;
}

static int fill_non_resident(const struct np_ntfs *ntfs, const ATTR_RECORD *record, struct np_ntfs_attribute *attribute,
			     struct np_ntfs_run **ret_runs)
{
	if (!holds(record, 0, offsetof(ATTR_RECORD, compressed_size)))
		return -EIO;
	attribute->lowest_vcn = (uint64_t)sle64_to_cpu(record->lowest_vcn);
	attribute->highest_vcn = (uint64_t)sle64_to_cpu(record->highest_vcn);
	attribute->allocated_size = (uint64_t)sle64_to_cpu(record->allocated_size);
	attribute->data_size = (uint64_t)sle64_to_cpu(record->data_size);
	attribute->initialized_size = (uint64_t)sle64_to_cpu(record->initialized_size);
	attribute->runs_error = decode_runs(ntfs, record, ret_runs, &attribute->run_count);
	attribute->runs = *ret_runs;
	return attribute->runs_error == -ENOMEM ? -ENOMEM : 0;
}

static int fill_resident(const ATTR_RECORD *record, struct np_ntfs_attribute *attribute)
{
	if (!holds(record, le16_to_cpu(record->value_offset), le32_to_cpu(record->value_length)))
		return -EIO;
	attribute->resident = true;
	attribute->value = (const char *)record + le16_to_cpu(record->value_offset);
	attribute->value_length = le32_to_cpu(record->value_length);
	return 0;
}

static int visit(const struct np_ntfs *ntfs, const ntfs_attr_search_ctx *search, np_ntfs_attribute_fn *function,
		 void *context)
{
	const ATTR_RECORD *record = search->attr;
	struct np_ntfs_attribute attribute = {
		.record = search->ntfs_ino->mft_no,
		.record_lsn = (uint64_t)sle64_to_cpu(search->ntfs_ino->mrec->lsn),
		.type = (enum np_attribute_type)le32_to_cpu(record->type),
		.name = (const uint16_t *)((const char *)record + le16_to_cpu(record->name_offset)),
		.name_length = record->name_length,
		.compressed = record->flags & ATTR_COMPRESSION_MASK,
		.encrypted = record->flags & ATTR_IS_ENCRYPTED,
		.sparse = record->flags & ATTR_IS_SPARSE,
	};
	struct np_ntfs_run *runs = NULL;
	int r;

	if (!holds(record, le16_to_cpu(record->name_offset), record->name_length * sizeof(ntfschar)))
		return -EIO;
	r = record->non_resident ? fill_non_resident(ntfs, record, &attribute, &runs) :
				   fill_resident(record, &attribute);
	if (!r)
		r = function(context, &attribute);
	free(runs);
	return r;
}

/*
 * Whether the record that holds an attribute is the file's base record or an extension that belongs to it. libntfs-3g goes
 * wherever the attribute list sends it, be it another file's record.
 */
static bool is_own_record(const ntfs_inode *base, const ntfs_inode *holder)
{
	leMFT_REF reference = holder->mrec->base_mft_record;

	return holder == base || (holder->mrec->flags & MFT_RECORD_IN_USE && MREF_LE(reference) == base->mft_no &&
				  MSEQNO_LE(reference) == le16_to_cpu(base->mrec->sequence_number));
}

int np_ntfs_for_each_attribute(struct np_ntfs *ntfs, np_mft_reference reference, enum np_attribute_type type,
			       np_ntfs_attribute_fn *function, void *context)
{
	ntfs_attr_search_ctx *search = NULL;
	ntfs_inode *inode;
	int r = -ENOMEM;

	errno = 0;
	inode = open_inode(ntfs, reference);
	if (!inode)
		return library_error();
	search = ntfs_attr_get_search_ctx(inode, NULL);
	if (search) {
		ATTR_TYPES wanted = (ATTR_TYPES)cpu_to_le32((u32)type);

		/* One context for the whole walk: each attribute is looked up once. */
		for (r = 0, errno = 0; !r && !ntfs_attr_lookup(wanted, NULL, 0, CASE_SENSITIVE, 0, NULL, 0, search);
		     errno = 0)
			r = !has_fixups(ntfs, search->ntfs_ino->mrec) ? -EIO :
			    is_own_record(inode, search->ntfs_ino)    ? visit(ntfs, search, function, context) :
									-EREMCHG;
		if (!r && errno != ENOENT)
			r = library_error();
		ntfs_attr_put_search_ctx(search);
	}
	ntfs_inode_close(inode);
	return r;
}
