/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What systemd is told of a map, as data: the files that ntfs-punch-generator writes (systemd.generator(7)).
 *
 * All maps are instances of one template, ntfs-punch@.service, and part of ntfs-punch.target. What differs between them are
 * drop-ins: for the service its device, its place in the order, and when it ends; for the devices that it makes, that they need
 * it, so that whatever needs one of them, as a line of fstab, brings it up and fails with it. The model is systemd's
 * veritysetup-generator.
 *
 * Pure: libc only.
 */
#ifndef NTFS_PUNCH_SYSTEMD_H
#define NTFS_PUNCH_SYSTEMD_H

#include <stdbool.h>
#include <stddef.h>

#include "ntfs-punch/punchtab.h"

/* The longest name of a unit, with its NUL (systemd, src/basic/unit-name.h, UNIT_NAME_MAX). */
#define NP_UNIT_SIZE 256

/* As many partitions of a map are waited for. */
#define NP_UNIT_PARTITIONS 16

/* A device's file, "/dev/…". */
#define NP_DEVLINK_SIZE 1024

/* What follows the @ in an instance's name. False: it is too long. */
bool np_unit_escape(const char *text, char *unit, size_t size);

/* The unit of a path. `suffix` as ".device". False: it is too long, or no unit can have it. */
bool np_unit_of_path(const char *path, const char *suffix, char unit[NP_UNIT_SIZE]);

/* The unit of the device in /dev/mapper. */
bool np_unit_of_map(const char *name, const char *suffix, char unit[NP_UNIT_SIZE]);

/*
 * Where udev has the DEVICE of an entry: a path as it is, of a tag its link in /dev/disk. False: it can't be told.
 * `*ret_unique`, unless another device could come to have it too, as with a copy's UUID.
 */
bool np_unit_devlink(const char *device, char path[NP_DEVLINK_SIZE], bool *ret_unique);

/* A file to be written; all in the same folder or in one below it. */
struct np_unit_file {
	char *path;
	char *text; /* or NULL: then it is a link to `target` */
	char *target;
};

struct np_unit_files {
	struct np_unit_file *files;
	size_t count;
};

struct np_unit_input {
	const struct np_punchtab *table;
	const struct np_punchtab_entry *entry; /* one of its */
	const char *source;                    /* the table's path */
	const char *folder;                    /* where the template is installed */
	bool by_cmdline;                       /* it is of the kernel command line */
	bool starts;                           /* it is to be started at boot */
	bool is_initrd;                        /* that is in the initrd */
};

/* -EINVAL: its units' names would be too long. -ENOMEM. The caller releases the files. */
int np_unit_files_make(const struct np_unit_input *input, struct np_unit_files *ret_files);
void np_unit_files_release(struct np_unit_files *files);

#endif
