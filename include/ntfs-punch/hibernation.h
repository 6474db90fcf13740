/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Linux' own hibernation, as far as it has to do with maps. A map is right for as long as Windows doesn't run, and a hibernated
 * Linux sleeps through that: once resumed, it would write with the table that it had.
 *
 * Nothing here fails: what can't be looked at isn't known.
 */
#ifndef NTFS_PUNCH_HIBERNATION_H
#define NTFS_PUNCH_HIBERNATION_H

#include <stdbool.h>

#include "ntfs-punch/log.h"
#include "ntfs-punch/name.h"

#define NP_HIBERNATION_PATH_SIZE 264

/* Each text is empty where there is nothing of the kind. */
struct np_hibernation_facts {
	char image[NP_HIBERNATION_PATH_SIZE];   /* a device on which a hibernated Linux waits */
	char swap[NP_NAME_SIZE];                /* a map of ours, or a partition in one, that is swapped to */
	char resume[NP_NAME_SIZE];              /* one that resume= on the kernel command line names */
	char unknown[NP_HIBERNATION_PATH_SIZE]; /* what couldn't be looked at, or the first of it */
	bool denied;                            /* that was for want of permission */
};

/* Looks for swap and resume=. A map called `name`, which may be NULL, is one also if it isn't there yet. */
void np_hibernation_find_swap(const char *name, struct np_hibernation_facts *hibernation);

/* Looks for an image, on all devices, as libblkid knows it ("swsuspend"): not in a swap file. What is locked (LUKS), or looks like
 * several things at once, isn't known. */
void np_hibernation_find_image(const struct np_log *log, struct np_hibernation_facts *hibernation);

#endif
