/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "brought.h"
#include "cookie.h"
#include "ntfs-punch/attach.h"
#include "ntfs-punch/dm.h"
#include "record.h"
#include "signals.h"

#define LOCK_FILE NP_RUN_FOLDER "/lock"

int np_lock(const struct np_log *log)
{
	int fd = -1, r = 0;

	if (mkdir(NP_RUN_FOLDER, 0755) < 0 && errno != EEXIST)
		r = -errno;
	if (!r)
		fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (!r && fd < 0)
		r = -errno;
	if (!r && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		np_log_message(log, NP_LOG_WARNING, LOCK_FILE, NULL, "waiting for another ntfs-punch to finish");
	while (!r && flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			r = -errno;
	if (!r)
		return fd;
	np_log_message(log, NP_LOG_ERROR, LOCK_FILE, r == -EACCES ? "run it as root" : NULL, "can't take the lock: %s",
		       strerror(-r));
	if (fd >= 0)
		close(fd);
	return r == -ENOENT ? -EIO : r; /* -ENOENT is about maps */
}

/* Whether a killed run has left it: not live, or under a map that isn't there. */
static bool is_left_over(const struct np_dm_device *devices, size_t count, const struct np_dm_device *device)
{
	if (!device->live)
		return true;
	if (!np_role_is_hidden(np_uuid_role(device->uuid)))
		return false;
	for (size_t i = 0; i < count; i++)
		if (devices[i].live && np_uuid_role(devices[i].uuid) == NP_ROLE_MAP &&
		    np_uuid_is_of_map(device->uuid, devices[i].uuid))
			return false;
	return true;
}

static int remove_left_over(const struct np_log *log)
{
	struct np_dm_device *devices;
	size_t count;
	int r = np_dm_list(log, &devices, &count);

	if (r < 0)
		return r;
	np_dm_sort(devices, count);
	for (size_t i = 0; i < count; i++) {
		int removed;

		if (devices[i].live && devices[i].has_loaded)
			np_dm_clear(devices[i].name);
		if (!is_left_over(devices, count, &devices[i]))
			continue;
		np_log_message(log, NP_LOG_WARNING, devices[i].name, NULL,
			       "a killed run has left it half made; it is removed");
		removed = np_dm_remove(devices[i].name, false, log);
		if (!r)
			r = removed;
	}
	np_record_heal(devices, count);
	free(devices);
	return r;
}

int np_heal(const struct np_log *log)
{
	sigset_t before;
	int r;

	np_signals_block(&before);
	np_cookie_heal(log);
	r = np_dm_is_available() ? remove_left_over(log) : 0;
	if (!r && np_dm_is_available())
		np_brought_release(log);
	np_signals_restore(&before);
	return r;
}
