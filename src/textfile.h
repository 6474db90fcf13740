/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small files, whole.
 */
#ifndef NTFS_PUNCH_TEXTFILE_H
#define NTFS_PUNCH_TEXTFILE_H

#include <stddef.h>

/* With a NUL behind. -EFBIG: it has more than `most` bytes. -errno. The caller frees the text. */
int np_textfile_read(const char *path, size_t most, char **ret_text, size_t *ret_size);

#endif
