/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded: runs the shell command $NP_HOOK as the first target of a table is added, which is after the examination and
 * before the device below is claimed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

struct dm_task;

int dm_task_add_target(struct dm_task *task, uint64_t start, uint64_t size, const char *type, const char *parameters)
{
	static int (*next)(struct dm_task *, uint64_t, uint64_t, const char *, const char *);

	if (!next) {
		next = dlsym(RTLD_NEXT, "dm_task_add_target");
		unsetenv("LD_PRELOAD");
		if (!next || system(getenv("NP_HOOK")))
			abort();
	}
	return next(task, start, size, type, parameters);
}
