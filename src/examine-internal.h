/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between examine.c, which examines files, examine-image.c, which looks at what they hold as a disk image, and examine-store.c,
 * which looks at an overlay's store. Both come only where nothing else refuses, and add the one finding of theirs.
 */
#ifndef NTFS_PUNCH_EXAMINE_INTERNAL_H
#define NTFS_PUNCH_EXAMINE_INTERNAL_H

#include "ntfs-punch/examine.h"

/* Where the device ends that the volume is on, or is a part of. */
static inline uint64_t np_examine_device_bytes(const struct np_device *device)
{
	return device->start_bytes + device->size_bytes;
}

/* How many of the first `end` files something refuses. */
size_t np_examine_refused(const struct np_examination *examination, size_t end);

/* Appends the volume's bytes as the device's. -errno. */
int np_examine_append(const struct np_examination *examination, const struct np_extent_map *extents,
		      struct np_extent_map *map);

/* -errno, reported or -ENOMEM. If it is no raw image, the examination's extents become those of its content. */
int np_examine_image(struct np_examination *examination, const struct np_request *request, const struct np_log *log);

/* -errno, reported or -ENOMEM. */
int np_examine_store(struct np_examination *examination, const struct np_request *request, const struct np_log *log);

/* Once more, of the claimed device. -ESTALE: it says something else now. -errno. Reported. */
int np_examine_image_again(const struct np_examination *examination, const struct np_request *request,
			   const struct np_device *below, const char *name, const struct np_log *log);
int np_examine_store_again(const struct np_examination *examination, const struct np_device *below, const char *name,
			   const struct np_log *log);

/* What to do about that. */
extern const char np_examine_changed_remedy[];

#endif
