/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTFS_PUNCH_SYSFS_H
#define NTFS_PUNCH_SYSFS_H

#include <stdbool.h>
#include <stddef.h>

/* The first line of a file in sysfs, without its newline. False, and an empty line: there is no such file. */
bool np_sysfs_read_line(const char *path, char *line, size_t size);

#endif
