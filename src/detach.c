/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "brought.h"
#include "detach.h"
#include "ntfs-punch/attach.h"
#include "ntfs-punch/busy.h"
#include "ntfs-punch/dm.h"
#include "record.h"
#include "signals.h"

/* udev and desktops open a device for a moment after it was written to. */
#define OPEN_ATTEMPTS 50
#define OPEN_WAIT_NS  100000000L

int np_group_find(const char *uuid, const struct np_log *log, struct np_dm_device **ret_devices, size_t *ret_count)
{
	struct np_dm_device *devices;
	size_t count, kept = 0;
	int r = np_dm_list(log, &devices, &count);

	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++)
		if (!strcmp(devices[i].uuid, uuid) || np_uuid_is_of_map(devices[i].uuid, uuid))
			devices[kept++] = devices[i];
	np_dm_sort(devices, kept);
	*ret_devices = devices;
	*ret_count = kept;
	return 0;
}

/* Whether anybody but the map's own partitions has it open, or one of those. */
static bool is_open(const struct np_dm_device *devices, size_t count)
{
	int partitions = 0, opens = 0;

	for (size_t i = 0; i < count; i++) {
		struct np_dm_device now;
		enum np_role role = np_uuid_role(devices[i].uuid);

		if (role < NP_ROLE_MAP || np_dm_find_by_name(devices[i].name, &np_log_silent, &now) < 0)
			continue;
		partitions += role == NP_ROLE_PARTITION;
		opens += now.open_count;
	}
	return opens > partitions;
}

/* Before the first one goes, so that all stay if one has to. */
static int check_open(const char *name, const struct np_dm_device *devices, size_t count, const struct np_log *log)
{
	for (int attempt = 0; is_open(devices, count); attempt++) {
		if (attempt == OPEN_ATTEMPTS) {
			np_log_message(log, NP_LOG_ERROR, name,
				       "`fuser -v` on its nodes shows who has them open, `swapon` what is swap",
				       "it, or a partition of it, is in use");
			return -EBUSY;
		}
		nanosleep(&(struct timespec){ .tv_nsec = OPEN_WAIT_NS }, NULL);
	}
	return 0;
}

static int check_users(const struct np_dm_device *device, const struct np_log *log)
{
	char user[512];

	if (!np_busy_describe(device->number, user, sizeof(user)))
		return 0;
	np_log_message(log, NP_LOG_ERROR, device->name, "unmount or stop that first", "it is %s", user);
	return -EBUSY;
}

/* One that is only to go later is still as it was mapped. */
static int remove_one(const struct np_dm_device *device, bool deferred, const struct np_log *log)
{
	int r = np_dm_remove(device->name, deferred, log);

	if (!r && !deferred)
		np_record_forget(device->uuid);
	return r;
}

static int remove_all(const struct np_dm_device *devices, size_t count, bool deferred, const struct np_log *log)
{
	sigset_t before;
	int r = 0;

	np_signals_block(&before);
	for (size_t i = 0; i < count && !r; i++)
		r = remove_one(&devices[i], deferred, log);
	np_brought_release(log);
	np_signals_restore(&before);
	return r == -ENXIO ? -ENOENT : r;
}

/* The one that the user sees. */
int np_group_map(const char *name, const struct np_log *log, struct np_dm_device *ret_device)
{
	struct np_dm_device device;
	/* What can't be a name of ours, libdevmapper may take for something else: a path, say. */
	int r = np_name_problem(name) ? -ENOENT : np_dm_find_by_name(name, log, &device);
	enum np_role role = r < 0 ? NP_ROLE_NONE : np_uuid_role(device.uuid);

	if (!r && role == NP_ROLE_NONE)
		r = -ENOENT;
	if (r == -ENOENT)
		np_log_message(log, NP_LOG_ERROR, name, "`ntfs-punch list` shows the maps", "there is no such map");
	if (r < 0)
		return r;
	if (role == NP_ROLE_PARTITION || np_role_is_hidden(role)) {
		np_log_message(log, NP_LOG_ERROR, name, "`ntfs-punch list` shows which; name that one",
			       "it is only a part of a map");
		return -EBUSY;
	}
	*ret_device = device;
	return 0;
}

int np_detach_partitions(const struct np_dm_device *map, const struct np_log *log)
{
	struct np_dm_device *devices;
	size_t count, partitions = 0;
	int r = check_users(map, log);

	if (!r)
		r = np_group_find(map->uuid, log, &devices, &count);
	if (r < 0)
		return r;
	r = check_open(map->name, devices, count, log);
	/* They come first. */
	while (partitions < count && np_uuid_role(devices[partitions].uuid) == NP_ROLE_PARTITION)
		partitions++;
	if (!r)
		r = remove_all(devices, partitions, false, log);
	free(devices);
	return r;
}

int np_detach(const char *name, bool deferred, const struct np_log *log)
{
	struct np_dm_device device, *devices = NULL;
	size_t count = 0;
	int r = np_group_map(name, log, &device);

	if (!r && !deferred)
		r = check_users(&device, log);
	if (!r)
		r = np_group_find(device.uuid, log, &devices, &count);
	if (!r && !deferred && count > 1)
		r = check_open(name, devices, count, log);
	if (!r)
		r = remove_all(devices, count, deferred, log);
	free(devices);
	return r;
}
