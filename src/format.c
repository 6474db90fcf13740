/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "format-internal.h"

static const char *const names[] = { "auto", "raw", "vhd", "vhdx", "vdi" };

#define NAME_COUNT (sizeof(names) / sizeof(*names))

/* In messages. */
static const char *const titles[] = { "disk image", "raw image", "VHD", "VHDX", "VDI" };

void np_image_release(struct np_image *image)
{
	np_extent_map_release(&image->extents);
}

const char *np_format_name(enum np_format format)
{
	return names[format];
}

bool np_format_by_name(const char *name, enum np_format *ret_format)
{
	for (size_t i = 0; i < NAME_COUNT; i++) {
		if (!strcmp(name, names[i])) {
			*ret_format = (enum np_format)i;
			return true;
		}
	}
	return false;
}

const char *np_format_title(enum np_format format)
{
	return titles[format];
}

static int read_raw(struct np_format_parse *parse)
{
	parse->image.kind = NP_FORMAT_KIND_RAW;
	parse->image.size_bytes = parse->file_size;
	return np_format_append(parse, 0, parse->file_size);
}

/* A fixed VHD begins with whatever is on its disk, so that several formats' marks may be there. */
static int tell(struct np_format_parse *parse, enum np_format *ret_format)
{
	uint8_t start[FORMAT_SECTOR] = { 0 };
	size_t size = parse->file_size < sizeof(start) ? (size_t)parse->file_size : sizeof(start);
	bool is_vhd = false;
	enum np_format other;
	int r = np_format_get(parse, start, size, 0, "start");

	if (!r)
		r = np_format_is_vhd(parse, start, &is_vhd);
	if (r)
		return r;
	other = np_format_is_vhdx(start) ? NP_FORMAT_VHDX : np_format_is_vdi(start) ? NP_FORMAT_VDI : NP_FORMAT_RAW;
	if (is_vhd && other != NP_FORMAT_RAW)
		return np_format_refuse(parse, "say which it is with `--format`", "it begins as a %s and ends as a VHD",
					titles[other]);
	*ret_format = is_vhd ? NP_FORMAT_VHD : other;
	return 0;
}

static int read_as(struct np_format_parse *parse, enum np_format format)
{
	parse->image.format = format;
	switch (format) {
	case NP_FORMAT_VHD:
		return np_format_read_vhd(parse);
	case NP_FORMAT_VHDX:
		return np_format_read_vhdx(parse);
	case NP_FORMAT_VDI:
		return np_format_read_vdi(parse);
	default:
		return read_raw(parse);
	}
}

/* No byte of the file is there twice: neither for two parts of the content, nor for the content and a table. */
static int check_overlap(struct np_format_parse *parse)
{
	struct np_extent_index content = NP_EXTENT_INDEX_INIT, others = NP_EXTENT_INDEX_INIT;
	struct np_extent_overlap overlap;
	int r = np_extent_index_init(&content, &parse->image.extents);

	if (!r)
		r = np_extent_index_init(&others, &parse->others);
	if (!r && np_extent_index_overlap_self(&content, &overlap))
		r = np_format_refuse(parse, NULL,
				     "bytes %llu and %llu of its content lie at the same place, byte %llu of the file",
				     (unsigned long long)overlap.logical_a, (unsigned long long)overlap.logical_b,
				     (unsigned long long)overlap.physical);
	if (!r && np_extent_index_overlap_self(&others, &overlap))
		r = np_format_refuse(parse, NULL, "its headers and tables overlap each other, at byte %llu of the file",
				     (unsigned long long)overlap.physical);
	if (!r && np_extent_index_overlap(&content, &others, &overlap))
		r = np_format_refuse(
			parse, NULL,
			"byte %llu of its content lies in its headers and tables, at byte %llu of the file",
			(unsigned long long)overlap.logical_a, (unsigned long long)overlap.physical);
	np_extent_index_release(&content);
	np_extent_index_release(&others);
	return r;
}

static int read_image(struct np_format_parse *parse, enum np_format wanted)
{
	int r = 0;

	if (parse->file_size > INT64_MAX)
		return np_format_refuse(parse, NULL, "the file is larger than any");
	if (wanted == NP_FORMAT_AUTO)
		r = tell(parse, &wanted);
	if (!r)
		r = read_as(parse, wanted);
	if (!r)
		r = check_overlap(parse);
	return r;
}

int np_format_read(const struct np_format_reader *reader, uint64_t file_size, enum np_format wanted,
		   struct np_image *ret_image)
{
	struct np_format_parse parse = { .reader = reader, .file_size = file_size };
	int r;

	parse.image.format = wanted == NP_FORMAT_AUTO ? NP_FORMAT_RAW : wanted;
	parse.image.sector_size_bytes = FORMAT_SECTOR;
	r = read_image(&parse, wanted);
	np_extent_map_release(&parse.others);
	/* What an extent map can't hold. */
	if (r == -E2BIG)
		r = np_format_refuse(&parse, "convert it with `qemu-img convert -O raw`",
				     "its blocks are scattered too much");
	if (r == -EOVERFLOW)
		r = np_format_refuse(&parse, NULL, "its blocks lie past the end of any file");
	if (r) {
		np_image_release(&parse.image);
		if (r < 0)
			return r;
	}
	parse.image.outcome = r ? NP_FORMAT_REFUSED : NP_FORMAT_SOUND;
	*ret_image = parse.image;
	return 0;
}
