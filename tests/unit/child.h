/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sandbox that is none, linked in place of the real one: its child replies what a test says, or does what it is asked to.
 */
#ifndef NTFS_PUNCH_TESTS_CHILD_H
#define NTFS_PUNCH_TESTS_CHILD_H

#include <stdbool.h>

#include "ntfs-punch/log.h"

struct child {
	void (*reply)(int fd); /* what it writes; or NULL: what the function does that it was started with */
	bool prepares;         /* whether it is to be started with a function that prepares it */
	int end;               /* what np_sandbox_end() says of it; not 0: "it crashed" */
};

extern struct child child;

/* Writes the `have` bytes of a reply that is to be `size` long: cut short, or with more behind. */
void child_write(int fd, const void *reply, size_t have, size_t size);

/* What was said last, "SUBJECT: MESSAGE", to a log that hears all errors. */
extern char child_said[256];
extern const struct np_log child_log;

#endif
