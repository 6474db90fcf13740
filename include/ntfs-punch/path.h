/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FILE, as the user names it: /a/b, \a\b, C:\a\b, with :stream, or mft:NUMBER.
 *
 * Both slashes separate, since Windows allows neither in a name. A drive letter counts only before a slash. The
 * path begins at the volume's root, with or without a slash. `:stream`, on the last name, may end in `:$DATA`,
 * the only type of stream that can be mapped (Microsoft, [MS-FSCC] 2.1.5, "Pathname"). Nothing is looked up
 * here, and "." and ".." are names like any other.
 *
 * Pure: libc only.
 */
#ifndef NTFS_PUNCH_PATH_H
#define NTFS_PUNCH_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct np_path {
	bool by_record; /* mft:NUMBER: then there are no components */
	uint64_t record;
	char **components; /* UTF-8, from the root; none: the root itself */
	size_t count;
	char *stream; /* NULL: the unnamed one */
};

/*
 * Takes FILE apart. -EINVAL: it can't be one, and `*ret_why` says why, in static words. -ENOMEM.
 * The caller releases `*ret_path`.
 */
int np_path_parse(const char *text, struct np_path *ret_path, const char **ret_why);

void np_path_release(struct np_path *path);

/*
 * The last name without its extension, as a default for the map's name: "linux" for C:\linux.img; a leading dot
 * begins no extension. NULL for the root and mft:NUMBER, or without memory. The caller frees it.
 */
char *np_path_stem(const struct np_path *path);

#endif
