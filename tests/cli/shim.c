/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded: a libntfs-3g whose mount does what $NP_SHIM says, as a defect in it might under a hostile volume. Runs in the
 * scanner's sandbox.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *ntfs_device_mount(void *device, unsigned long flags);

void *ntfs_device_mount(void *device, unsigned long flags)
{
	const char *what = getenv("NP_SHIM");
	char junk[65536];

	(void)device, (void)flags;
	if (!strcmp(what, "crash"))
		*(volatile int *)8 = 0;
	if (!strcmp(what, "open"))
		open("/etc/passwd", O_RDONLY);
	if (!strcmp(what, "spin"))
		for (volatile unsigned long count = 0;; count++)
			continue;
	if (!strcmp(what, "exit"))
		_exit(0);
	if (!strcmp(what, "lie")) {
		memset(junk, 'x', sizeof(junk));
		write(4, junk, sizeof(junk));
		_exit(0);
	}
	if (!strcmp(what, "memory"))
		for (;;)
			if (!malloc(1 << 20))
				break;
	_exit(1);
}
