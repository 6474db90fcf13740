/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run-folder.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void np_run_path(const char *kind, const char *uuid, char *path)
{
	snprintf(path, NP_RUN_PATH_SIZE, NP_RUN_FOLDER "/%s%s", kind, uuid);
}

void np_run_forget(const char *kind, const char *uuid)
{
	char path[NP_RUN_PATH_SIZE];

	np_run_path(kind, uuid, path);
	unlink(path);
}

void np_run_forget_missing(const char *kind, const struct np_dm_device *devices, size_t count)
{
	DIR *folder = opendir(NP_RUN_FOLDER);
	const struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		const char *uuid = entry->d_name + strlen(kind);
		bool there = false;

		if (strncmp(entry->d_name, kind, strlen(kind)))
			continue;
		for (size_t i = 0; i < count; i++)
			there = there || !strcmp(devices[i].uuid, uuid);
		if (!there)
			np_run_forget(kind, uuid);
	}
	if (folder)
		closedir(folder);
}
