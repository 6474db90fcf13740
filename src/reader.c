/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A multiple of every logical block size that Linux has, and O_DIRECT's buffers are aligned to it too. */
#define BLOCK_SIZE  65536u
#define BLOCK_COUNT 32u

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

/* The slot that holds block `number`, read if need be. */
static int load_block(struct np_reader *reader, uint64_t number, const char **ret_block)
{
	size_t slot = number % BLOCK_COUNT;
	char *block = reader->blocks + slot * BLOCK_SIZE;
	uint64_t offset = number * BLOCK_SIZE;
	size_t want = reader->size_bytes - offset < BLOCK_SIZE ? (size_t)(reader->size_bytes - offset) : BLOCK_SIZE;
	size_t have = 0;

	if (reader->numbers[slot] == number) {
		*ret_block = block;
		return 0;
	}
	reader->numbers[slot] = NO_BLOCK;
	while (have < want) {
		/* A whole block even at the end: O_DIRECT takes no odd lengths, and the end makes it short. */
		ssize_t n = pread(reader->fd, block + have, BLOCK_SIZE - have,
				  (off_t)(reader->start_bytes + offset + have));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return -EIO; /* the device has shrunk */
		have += (size_t)n;
	}
	reader->numbers[slot] = number;
	*ret_block = block;
	return 0;
}

ssize_t np_reader_read(struct np_reader *reader, void *data, size_t size, uint64_t offset)
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
		int r = load_block(reader, offset / BLOCK_SIZE, &block);

		if (r < 0)
			return r;
		memcpy(position, block + skip, part);
		position += part;
		offset += part;
		left -= part;
	}
	return (ssize_t)size;
}
