/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the formats' parsers share. Their functions return 0, FORMAT_REFUSED where the image is refused, or -errno.
 */
#ifndef NTFS_PUNCH_FORMAT_INTERNAL_H
#define NTFS_PUNCH_FORMAT_INTERNAL_H

#include <endian.h>
#include <string.h>

#include "ntfs-punch/format.h"

#define FORMAT_REFUSED 1

/* Content and blocks are made of these. */
#define FORMAT_SECTOR 512u

/* As many as the largest VHDX has of the smallest blocks. */
#define FORMAT_BLOCKS_MAX (64u << 20)

struct np_format_parse {
	const struct np_format_reader *reader;
	uint64_t file_size;
	struct np_image image;

	/* Where in the file headers and tables lie, and of blocks what isn't content. */
	struct np_extent_map others;
};

/* A reason, and a remedy or NULL for that of what isn't this format at all. Always FORMAT_REFUSED. */
int np_format_refuse(struct np_format_parse *parse, const char *remedy, const char *reason, ...)
	__attribute__((format(printf, 3, 4)));

/* Refuses, in `what`'s name, bytes past the file's end. */
int np_format_get(struct np_format_parse *parse, void *data, size_t size, uint64_t offset, const char *what);

/* Those bytes of the file hold `what`, and so no content. */
int np_format_claim(struct np_format_parse *parse, uint64_t offset, uint64_t length, const char *what);

/* The content goes on with these bytes of the file, or NP_EXTENT_HOLE. */
int np_format_append(struct np_format_parse *parse, uint64_t physical, uint64_t length);

/*
 * The content goes on with its block `number`, all of which lies at `physical`, which is a whole sector, or is a hole. The last
 * one's end may be past the content's. All of the content's must be within the first `limit` bytes of the file.
 */
int np_format_append_block(struct np_format_parse *parse, uint64_t number, uint64_t physical, uint64_t limit);

/* Of block `number`, how much is content: 0 past the content's end. */
uint64_t np_format_block_length(const struct np_format_parse *parse, uint64_t number);

/* Blocks that the content takes. */
uint64_t np_format_block_count(const struct np_format_parse *parse);

/* Refuse sizes that aren't. */
int np_format_check_size(struct np_format_parse *parse);
int np_format_check_blocks(struct np_format_parse *parse, uint64_t block_least, uint64_t block_most);

/* Part of a table of 4 or 8 bytes an entry, as large as can be read at once. */
struct np_format_table {
	uint64_t offset;
	uint64_t count;
	size_t width;
	uint64_t first; /* of those in the buffer */
	size_t filled;
	uint8_t buffer[4096];
};

/* Sets `*ret_entry` to entry `number`, below the table's count. The table must lie within the file. */
int np_format_table_get(struct np_format_parse *parse, struct np_format_table *table, uint64_t number,
			const uint8_t **ret_entry);

/* UTF-16 up to its end or a NUL, as UTF-8, cut to fit; a lone surrogate is U+FFFD. */
void np_format_utf16(const uint8_t *text, size_t size_bytes, bool big_endian, char *to, size_t to_size);

/* Names the parent, if that isn't "". */
int np_format_refuse_differencing(struct np_format_parse *parse, const char *parent);

int np_format_read_vhd(struct np_format_parse *parse);
int np_format_read_vhdx(struct np_format_parse *parse);
int np_format_read_vdi(struct np_format_parse *parse);

/* In messages: "VHD". */
const char *np_format_title(enum np_format format);

/* `start` is the file's first sector, zeros past its end. */
bool np_format_is_vhdx(const uint8_t *start);
bool np_format_is_vdi(const uint8_t *start);
int np_format_is_vhd(struct np_format_parse *parse, const uint8_t *start, bool *ret_is_vhd);

static inline uint16_t get_le16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t get_le32(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return le32toh(value);
}

static inline uint64_t get_le64(const uint8_t *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return le64toh(value);
}

static inline uint32_t get_be32(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return be32toh(value);
}

static inline uint64_t get_be64(const uint8_t *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return be64toh(value);
}

#endif
