/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "brought.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cookie.h"
#include "ntfs-punch/busy.h"
#include "ntfs-punch/dm.h"

#define MARK      "brought-"
#define PATH_SIZE (sizeof(NP_RUN_FOLDER) + NP_UUID_SIZE + 16)

static void mark_path(const char *uuid, char *path)
{
	snprintf(path, PATH_SIZE, NP_RUN_FOLDER "/" MARK "%s", uuid);
}

int np_brought_mark(const char *uuid)
{
	char path[PATH_SIZE];
	int fd;

	mark_path(uuid, path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

void np_brought_forget(const char *uuid)
{
	char path[PATH_SIZE];

	mark_path(uuid, path);
	unlink(path);
}

static bool is_marked(const char *uuid)
{
	char path[PATH_SIZE];

	mark_path(uuid, path);
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

/* A killed run leaves the mark of a device that it hasn't made yet. */
static void forget_missing(const struct np_dm_device *devices, size_t count)
{
	DIR *folder = opendir(NP_RUN_FOLDER);
	const struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		const char *uuid = entry->d_name + strlen(MARK);
		bool there = false;

		if (strncmp(entry->d_name, MARK, strlen(MARK)))
			continue;
		for (size_t i = 0; i < count; i++)
			there = there || !strcmp(devices[i].uuid, uuid);
		if (!there)
			np_brought_forget(uuid);
	}
	if (folder)
		closedir(folder);
}

void np_brought_release(const struct np_log *log)
{
	struct np_dm_device *devices;
	size_t count;

	if (np_dm_list(log, &devices, &count) < 0)
		return;
	forget_missing(devices, count);
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
