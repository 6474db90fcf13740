/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "brought.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "ntfs-punch/busy.h"
#include "run-folder.h"

#define KIND "brought-"

int np_brought_mark(const char *uuid)
{
	char path[NP_RUN_PATH_SIZE];
	int fd;

	np_run_path(KIND, uuid, path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

void np_brought_forget(const char *uuid)
{
	np_run_forget(KIND, uuid);
}

static bool is_marked(const char *uuid)
{
	char path[NP_RUN_PATH_SIZE];

	np_run_path(KIND, uuid, path);
	return !access(path, F_OK);
}

static bool has_map(const struct np_dm_device *devices, size_t count, const struct np_dm_device *volume)
{
	for (size_t i = 0; i < count; i++)
		if (np_uuid_role(devices[i].uuid) == NP_ROLE_MAP && !devices[i].removal_pending &&
		    np_uuid_same_volume(devices[i].uuid, volume->uuid))
			return true;
	return false;
}

void np_brought_release(const struct np_log *log)
{
	struct np_dm_device *devices;
	size_t count;

	if (np_dm_list(log, &devices, &count) < 0)
		return;
	np_run_forget_missing(KIND, devices, count);
	for (size_t i = 0; i < count; i++) {
		char user[512];
		bool busy;

		if (np_uuid_role(devices[i].uuid) != NP_ROLE_VOLUME || !is_marked(devices[i].uuid) ||
		    devices[i].removal_pending || has_map(devices, count, &devices[i]))
			continue;
		busy = np_busy_describe(devices[i].number, user, sizeof(user));
		if (busy)
			np_log_message(log, NP_LOG_WARNING, devices[i].name, NULL,
				       "no map is beside it any more, but it is %s: it goes when its last user does",
				       user);
		if (!np_dm_remove(devices[i].name, busy, log))
			np_brought_forget(devices[i].uuid);
	}
	free(devices);
}
