/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reader.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A multiple of every logical block size that Linux has, and O_DIRECT's buffers are aligned to it too. */
#define BLOCK_SIZE  65536u
#define BLOCK_COUNT 32u

/* A multiple of those that disks have. */
#define NARROW_SIZE 4096u

#define NO_BLOCK UINT64_MAX

struct np_reader {
	int fd;
	uint64_t start_bytes;
	uint64_t size_bytes;
	uint64_t numbers[BLOCK_COUNT]; /* which block lies in which slot; a block has one slot that it can take */
	char *blocks;
};

struct np_reader *np_reader_new(int fd, uint64_t start_bytes, uint64_t size_bytes)
{
	struct np_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->fd = fd;
	reader->start_bytes = start_bytes;
	reader->size_bytes = size_bytes;
	reader->blocks = aligned_alloc(BLOCK_SIZE, (size_t)BLOCK_SIZE * BLOCK_COUNT);
	if (!reader->blocks) {
		free(reader);
		return NULL;
	}
	for (size_t i = 0; i < BLOCK_COUNT; i++)
		reader->numbers[i] = NO_BLOCK;
	return reader;
}

void np_reader_free(struct np_reader *reader)
{
	if (reader)
		free(reader->blocks);
	free(reader);
}

uint64_t np_reader_size(const struct np_reader *reader)
{
	return reader->size_bytes;
}

/*
 * Reads `want` bytes from `offset` on. It asks for all that there is `room` for, as O_DIRECT takes no odd lengths; the device's
 * end makes it short.
 */
static int fill(const struct np_reader *reader, char *data, size_t want, size_t room, uint64_t offset)
{
	size_t have = 0;

	while (have < want) {
		ssize_t n = pread(reader->fd, data + have, room - have, (off_t)(reader->start_bytes + offset + have));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return -EIO; /* the device has shrunk */
		have += (size_t)n;
	}
	return 0;
}

/* How much of a block there is. */
static size_t block_length(const struct np_reader *reader, uint64_t number)
{
	uint64_t left = reader->size_bytes - number * BLOCK_SIZE;

	return left < BLOCK_SIZE ? (size_t)left : BLOCK_SIZE;
}

static int fill_part(const struct np_reader *reader, uint64_t number, size_t skip, size_t part, char *block)
{
	size_t begin = skip / NARROW_SIZE * NARROW_SIZE, want = skip + part - begin;
	size_t room = (want + NARROW_SIZE - 1) / NARROW_SIZE * NARROW_SIZE;

	return fill(reader, block + begin, want, room, number * BLOCK_SIZE + begin);
}

/*
 * Reads block `number` into its slot if need be. Where the disk can't read all of it, only the `part` bytes at `skip` that are
 * wanted: others may lie on a bad sector. So too where they are wanted `alone`.
 */
static int load(struct np_reader *reader, uint64_t number, size_t skip, size_t part, bool alone, const char **ret_block)
{
	size_t slot = number % BLOCK_COUNT;
	char *block = reader->blocks + slot * BLOCK_SIZE;
	int r = 0;

	if (reader->numbers[slot] != number) {
		reader->numbers[slot] = NO_BLOCK;
		if (!alone)
			r = fill(reader, block, block_length(reader, number), BLOCK_SIZE, number * BLOCK_SIZE);
		if (!alone && !r)
			reader->numbers[slot] = number;
		else if (alone || r == -EIO)
			r = fill_part(reader, number, skip, part, block);
	}
	*ret_block = block;
	return r;
}

static ssize_t read_blocks(struct np_reader *reader, void *data, size_t size, uint64_t offset, bool alone)
{
	char *position = data;
	size_t left;

	if (offset >= reader->size_bytes)
		return 0;
	if (size > reader->size_bytes - offset)
		size = (size_t)(reader->size_bytes - offset);
	for (left = size; left;) {
		size_t skip = offset % BLOCK_SIZE;
		size_t part = BLOCK_SIZE - skip < left ? BLOCK_SIZE - skip : left;
		const char *block = NULL;
		int r = load(reader, offset / BLOCK_SIZE, skip, part, alone, &block);

		if (r < 0)
			return r;
		memcpy(position, block + skip, part);
		position += part;
		offset += part;
		left -= part;
	}
	return (ssize_t)size;
}

ssize_t np_reader_read(struct np_reader *reader, void *data, size_t size, uint64_t offset)
{
	return read_blocks(reader, data, size, offset, false);
}

int np_reader_read_map(struct np_reader *reader, const struct np_extent_map *map, bool alone, void *data, size_t size,
		       uint64_t offset)
{
	char *position = data;

	while (size) {
		const struct np_extent *extent = np_extent_map_find_logical(map, offset);
		uint64_t skip = extent ? offset - extent->logical : 0;
		size_t part;

		if (!extent)
			return -EIO;
		part = extent->length - skip < size ? (size_t)(extent->length - skip) : size;
		if (extent->physical == NP_EXTENT_HOLE) {
			memset(position, 0, part);
		} else {
			ssize_t n = read_blocks(reader, position, part, extent->physical + skip, alone);

			if (n != (ssize_t)part)
				return n < 0 ? (int)n : -EIO;
		}
		position += part;
		offset += part;
		size -= part;
	}
	return 0;
}
