/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysfs: attributes of one line, and folders of devices.
 */
#ifndef NTFS_PUNCH_SYSFS_H
#define NTFS_PUNCH_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The first line of a file, without its newline. False, and an empty line: there is no such file, or it is empty. */
bool np_sysfs_read_line(const char *path, char *line, size_t size);

/* An attribute of a block device, "dm/uuid" say: its line; "size" or "start", in bytes; "../dev", a device's number. */
bool np_sysfs_read_attribute(dev_t number, const char *attribute, char *line, size_t size);
bool np_sysfs_read_bytes(dev_t number, const char *attribute, uint64_t *ret_bytes);
bool np_sysfs_read_number(dev_t number, const char *attribute, dev_t *ret_number);

/* What those attributes say, "8:3". */
bool np_sysfs_parse_number(const char *line, dev_t *ret_number);

/*
 * The node of the device that a link in /sys/dev/block leads to, by its last name. sysfs has no slashes in names: cciss!c0d0 is
 * /dev/cciss/c0d0. -ENAMETOOLONG.
 */
int np_sysfs_parse_link(const char *target, char *path, size_t size);

/*
 * The block devices in a folder, or in a folder of a block device's ("holders", or "" for its own), that have the attribute
 * `having`. -ENOENT: there is no such folder. -errno. The caller frees `*ret_numbers`.
 */
int np_sysfs_list(const char *folder, const char *having, dev_t **ret_numbers, size_t *ret_count);
int np_sysfs_list_of(dev_t number, const char *folder, const char *having, dev_t **ret_numbers, size_t *ret_count);

#endif
