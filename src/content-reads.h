/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libblkid takes a superblock that it couldn't read for one that isn't there, so that a bad sector would hide a RAID's. Hence
 * read(2) and lseek(2) are here, for the whole program, as the dynamic linker prefers them to libc's: while they are watched,
 * a read is complete, and what failed or met the end is known. So libblkid can also read what is no file, but a map of extents.
 */
#ifndef NTFS_PUNCH_CONTENT_READS_H
#define NTFS_PUNCH_CONTENT_READS_H

#include <stdbool.h>

struct np_extent_map;
struct np_reader;

/* From here on, of this descriptor. With a map, it reads as what that maps of the reader's device, and has its own position. */
void np_content_reads_watch(int fd, const struct np_extent_map *map, struct np_reader *reader);

/* Ends it, and says whether a read or a seek failed, or a read met the end. */
bool np_content_reads_failed(void);

#endif
