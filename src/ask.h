/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sandboxed child whose whole reply is one structure without pointers, sent as it lies in memory: both ends are one program.
 */
#ifndef NTFS_PUNCH_ASK_H
#define NTFS_PUNCH_ASK_H

#include "ntfs-punch/sandbox.h"

/* Whether what the structure says makes sense, whoever sent it. */
typedef bool np_ask_sound_fn(const void *reply);

/*
 * Starts the child, as np_sandbox_start(), and takes its reply, a minute long. Whatever fails, `why` says it. -EBADMSG: the child
 * died, hung or lied. -ENOSYS: it couldn't enter the sandbox. -errno: it couldn't be started.
 */
int np_ask(np_sandbox_prepare_fn *prepare, np_sandbox_fn *function, int device_fd, void *context,
	   np_ask_sound_fn *is_sound, void *reply, size_t reply_size, char *why, size_t why_size);

#endif
