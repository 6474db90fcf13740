/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Maps that are named beforehand: the lines of /etc/punchtab, and rd.ntfspunch= on the kernel command line. Both make the same
 * entries; punchtab(5) describes both.
 *
 * A line is NAME DEVICE FILE [OPTIONS], with blanks between and three octal digits after a backslash for what would end a field,
 * as in fstab(5). A word of the kernel command line is rd.ntfspunch=NAME:DEVICE:FILE[:OPTIONS], with %HH for what would; its
 * quotes are the kernel's (Linux, lib/cmdline.c, next_arg). Fields and options are told apart first and decoded then, so that an
 * encoded comma or colon is one of the value.
 *
 * What is wrong with a line is data too, so that a reader may report all of it, and may go on without that line.
 *
 * Pure: libc only.
 */
#ifndef NTFS_PUNCH_PUNCHTAB_H
#define NTFS_PUNCH_PUNCHTAB_H

#include <stdbool.h>
#include <stddef.h>

#define NP_PUNCHTAB_PATH "/etc/punchtab"
#define NP_CMDLINE_PATH  "/proc/cmdline"

/* How long to wait for a device: as long as systemd does (systemd-system.conf(5), DefaultDeviceTimeoutSec=). */
#define NP_PUNCHTAB_TIMEOUT 90u

/* More than anybody has; less than takes long. */
#define NP_PUNCHTAB_BYTES_MAX   (1u << 20)
#define NP_PUNCHTAB_ENTRIES_MAX 1000u

struct np_punchtab_entry {
	unsigned line; /* from 1; of the kernel command line, the how manieth rd.ntfspunch= it is */
	char *name;
	char *device; /* an absolute path or a tag */
	char *file;
	char **options; /* of `map`, a word each: --read-only, --volume=NAME */
	size_t option_count;

	/* What of it matters to others than `map`. */
	const char *volume; /* within `options`, or NULL */
	bool partitions;

	bool no_fail;
	bool no_auto;
	bool in_initrd; /* x-initrd.attach */
	bool has_timeout;
	unsigned timeout_seconds;
	char wait_option[24]; /* the same, for `map` */
};

struct np_punchtab_problem {
	unsigned line; /* as an entry's */
	const char *why;
	char *word; /* that it is about; may be empty */
};

struct np_punchtab {
	struct np_punchtab_entry *entries; /* as they come */
	size_t entry_count;
	struct np_punchtab_problem *problems;
	size_t problem_count;
	bool is_off; /* rd.ntfspunch=0; there are no entries then */
};

#define NP_PUNCHTAB_INIT ((struct np_punchtab){ 0 })

/* Both take a whole text. -ENOMEM. The caller releases the table. */
int np_punchtab_parse(const char *text, size_t size, struct np_punchtab *ret_table);
int np_cmdline_parse(const char *text, size_t size, struct np_punchtab *ret_table);

void np_punchtab_release(struct np_punchtab *table);

/* The value of `name`= on a kernel command line, the last one, or NULL. It lies in the text, which is taken apart. */
char *np_cmdline_find(char *text, const char *name);

/* Or NULL. */
const struct np_punchtab_entry *np_punchtab_find(const struct np_punchtab *table, const char *name);

/*
 * The words of `map` for an entry, from "map" on, with a NULL behind; they lie in the entry. The caller frees the array. NULL
 * without memory.
 */
char **np_punchtab_words(const struct np_punchtab_entry *entry, int *ret_count);

/* Whether DEVICE names a device by a tag, UUID= and the like; its value in `*ret_value`, with the quotes that it may have. */
bool np_punchtab_is_tag(const char *device, const char **ret_value);

#endif
