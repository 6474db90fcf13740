/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "format-internal.h"

int np_format_refuse(struct np_format_parse *parse, const char *remedy, const char *reason, ...)
{
	struct np_image *image = &parse->image;
	va_list arguments;

	va_start(arguments, reason);
	vsnprintf(image->reason, sizeof(image->reason), reason, arguments);
	va_end(arguments);
	if (remedy)
		snprintf(image->remedy, sizeof(image->remedy), "%s", remedy);
	else
		snprintf(image->remedy, sizeof(image->remedy),
			 "if it isn't meant to be a %s, `--format raw` maps the bytes as they are",
			 np_format_title((enum np_format)image->format));
	return FORMAT_REFUSED;
}

int np_format_refuse_differencing(struct np_format_parse *parse, const char *parent)
{
	parse->image.kind = NP_FORMAT_KIND_DIFFERENCING;
	return np_format_refuse(parse,
				"merge the image into its parent, or convert the two to one, where they were made",
				*parent ? "it is a differencing image: what isn't in it is in its parent, %s" :
					  "it is a differencing image: what isn't in it is in its parent%s",
				parent);
}

static bool lies_within(uint64_t offset, uint64_t length, uint64_t limit)
{
	return offset <= limit && length <= limit - offset;
}

int np_format_get(struct np_format_parse *parse, void *data, size_t size, uint64_t offset, const char *what)
{
	int r;

	if (!lies_within(offset, size, parse->file_size))
		return np_format_refuse(parse, NULL, "the file ends before its %s does", what);
	r = parse->reader->read(parse->reader->context, data, size, offset);
	if (r && r != -ENOMEM)
		return np_format_refuse(parse, "look for errors of the disk",
					"its %s can't be read, at byte %llu of the file", what,
					(unsigned long long)offset);
	return r;
}

int np_format_claim(struct np_format_parse *parse, uint64_t offset, uint64_t length, const char *what)
{
	if (!lies_within(offset, length, parse->file_size))
		return np_format_refuse(parse, NULL, "the file ends before its %s does", what);
	return np_extent_map_append(&parse->others, offset, length);
}

int np_format_append(struct np_format_parse *parse, uint64_t physical, uint64_t length)
{
	return np_extent_map_append(&parse->image.extents, physical, length);
}

uint64_t np_format_block_length(const struct np_format_parse *parse, uint64_t number)
{
	uint64_t size = parse->image.size_bytes, block = parse->image.block_size_bytes, begin = number * block;

	return begin >= size ? 0 : size - begin < block ? size - begin : block;
}

uint64_t np_format_block_count(const struct np_format_parse *parse)
{
	uint64_t size = parse->image.size_bytes, block = parse->image.block_size_bytes;

	return size / block + !!(size % block);
}

int np_format_check_size(struct np_format_parse *parse)
{
	const struct np_image *image = &parse->image;

	if (!image->size_bytes || image->size_bytes % image->sector_size_bytes)
		return np_format_refuse(parse, NULL, "its disk's size, %llu bytes, isn't made of sectors",
					(unsigned long long)image->size_bytes);
	if (image->size_bytes > NP_FORMAT_SIZE_MAX)
		return np_format_refuse(parse, NULL, "its disk's size, %llu bytes, is more than an image can have",
					(unsigned long long)image->size_bytes);
	return 0;
}

int np_format_check_blocks(struct np_format_parse *parse, uint64_t block_least, uint64_t block_most)
{
	uint64_t block = parse->image.block_size_bytes;

	if (block < block_least || block > block_most || (block & (block - 1)))
		return np_format_refuse(parse, NULL, "its block size, %llu bytes, is none", (unsigned long long)block);
	if (np_format_block_count(parse) > FORMAT_BLOCKS_MAX)
		return np_format_refuse(parse, NULL, "it has more than %u blocks", FORMAT_BLOCKS_MAX);
	return 0;
}

int np_format_append_block(struct np_format_parse *parse, uint64_t number, uint64_t physical, uint64_t limit)
{
	uint64_t length = np_format_block_length(parse, number);
	int r;

	if (physical != NP_EXTENT_HOLE && !lies_within(physical, length, limit))
		return np_format_refuse(parse, NULL, "its block %llu lies past the end of the file, at byte %llu",
					(unsigned long long)number, (unsigned long long)physical);
	r = np_format_append(parse, physical, length);
	if (!r && physical != NP_EXTENT_HOLE)
		r = np_extent_map_append(&parse->others, physical + length, parse->image.block_size_bytes - length);
	return r;
}

int np_format_table_get(struct np_format_parse *parse, struct np_format_table *table, uint64_t number,
			const uint8_t **ret_entry)
{
	uint64_t room = sizeof(table->buffer) / table->width, left;
	int r;

	if (number < table->first || number - table->first >= table->filled) {
		table->first = number - number % room;
		left = table->count - table->first;
		table->filled = (size_t)(left < room ? left : room);
		r = np_format_get(parse, table->buffer, table->filled * table->width,
				  table->offset + table->first * table->width, "block table");
		if (r)
			return r;
	}
	*ret_entry = table->buffer + (number - table->first) * table->width;
	return 0;
}

static size_t put_utf8(uint32_t character, char bytes[4])
{
	if (character < 0x80) {
		bytes[0] = (char)character;
		return 1;
	}
	if (character < 0x800) {
		bytes[0] = (char)(0xc0 | character >> 6);
		bytes[1] = (char)(0x80 | (character & 0x3f));
		return 2;
	}
	if (character < 0x10000) {
		bytes[0] = (char)(0xe0 | character >> 12);
		bytes[1] = (char)(0x80 | (character >> 6 & 0x3f));
		bytes[2] = (char)(0x80 | (character & 0x3f));
		return 3;
	}
	bytes[0] = (char)(0xf0 | character >> 18);
	bytes[1] = (char)(0x80 | (character >> 12 & 0x3f));
	bytes[2] = (char)(0x80 | (character >> 6 & 0x3f));
	bytes[3] = (char)(0x80 | (character & 0x3f));
	return 4;
}

static uint32_t unit_at(const uint8_t *text, size_t index, size_t count, bool big_endian)
{
	if (index >= count)
		return 0;
	text += 2 * index;
	return big_endian ? (uint32_t)(text[0] << 8 | text[1]) : get_le16(text);
}

void np_format_utf16(const uint8_t *text, size_t size_bytes, bool big_endian, char *to, size_t to_size)
{
	size_t count = size_bytes / 2, fill = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t character = unit_at(text, i, count, big_endian), low = unit_at(text, i + 1, count, big_endian);
		char bytes[4];
		size_t length;

		if (!character)
			break;
		if (character >= 0xd800 && character < 0xe000) {
			bool pair = character < 0xdc00 && low >= 0xdc00 && low < 0xe000;

			character = pair ? 0x10000 + ((character - 0xd800) << 10 | (low - 0xdc00)) : 0xfffd;
			i += pair;
		}
		length = put_utf8(character, bytes);
		if (fill + length >= to_size)
			break;
		memcpy(to + fill, bytes, length);
		fill += length;
	}
	to[fill] = '\0';
}
