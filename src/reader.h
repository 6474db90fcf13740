/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads of any size and place from a device that may want aligned ones (O_DIRECT), through a small cache of large
 * blocks: NTFS' records are read a kilobyte at a time, and a fragmented file has thousands of them.
 *
 * Sandboxed child only. Needs no system call but pread64(2).
 */
#ifndef NTFS_PUNCH_READER_H
#define NTFS_PUNCH_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ntfs-punch/extent.h"

struct np_reader;

/* `fd` is borrowed; what is read lies in the `size_bytes` from byte `start_bytes` on. NULL without memory. */
struct np_reader *np_reader_new(int fd, uint64_t start_bytes, uint64_t size_bytes);
void np_reader_free(struct np_reader *reader);

uint64_t np_reader_size(const struct np_reader *reader);

/* As pread(2), but short only at the device's end. Returns bytes read or -errno. */
ssize_t np_reader_read(struct np_reader *reader, void *data, size_t size, uint64_t offset);

/*
 * Bytes of what `map` maps of the device, holes being zeros. `alone`: it is something small that has no neighbours that will be
 * wanted, so no more is read, and nothing kept. 0, or -errno: -EIO where the map or the device ends before.
 */
int np_reader_read_map(struct np_reader *reader, const struct np_extent_map *map, bool alone, void *data, size_t size,
		       uint64_t offset);

#endif
