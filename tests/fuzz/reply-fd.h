/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sandbox that is none, linked in place of the real one: what its child replies is what a target wrote into `reply_fd`.
 */
#ifndef NTFS_PUNCH_TESTS_REPLY_FD_H
#define NTFS_PUNCH_TESTS_REPLY_FD_H

extern int reply_fd;

#endif
