/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cookie.h"
#include "ntfs-punch/dm.h"
#include "ntfs-punch/loop.h"

#define LOCK_FILE NP_RUN_FOLDER "/lock"

int np_plan_build(const struct np_examination *examination, const char *name, struct np_plan *ret_plan)
{
	struct np_plan plan = { .name = name };
	int r = np_table_build(&examination->extents, &plan.table);

	if (r < 0)
		return r;
	np_uuid_format(&examination->examined[0].facts, plan.uuid);
	*ret_plan = plan;
	return 0;
}

void np_plan_release(struct np_plan *plan)
{
	np_table_release(&plan->table);
}

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

/* A signal that comes while devices are made or removed waits until they are, or are undone. */
static void block_signals(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, before);
}

/* Whether one waits that is to end us. */
static int interrupted(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct sigaction action;
	sigset_t pending;

	if (sigpending(&pending) < 0)
		return 0;
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		/* One that is ignored waits, too, as long as it is blocked. */
		if (sigismember(&pending, signals[i]) && !sigaction(signals[i], NULL, &action) &&
		    action.sa_handler != SIG_IGN)
			return -EINTR;
	return 0;
}

static int remove_half_made(const struct np_log *log)
{
	struct np_dm_device *devices;
	size_t count;
	int r = np_dm_list(log, &devices, &count);

	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		int removed;

		if (devices[i].live)
			continue;
		np_log_message(log, NP_LOG_WARNING, devices[i].name, NULL,
			       "a killed run has left it half made; it is removed");
		removed = np_dm_remove(devices[i].name, false, log);
		if (!r)
			r = removed;
	}
	free(devices);
	return r;
}

int np_heal(const struct np_log *log)
{
	sigset_t before;
	int r;

	block_signals(&before);
	np_cookie_heal(log);
	r = np_dm_is_available() ? remove_half_made(log) : 0;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

/* Whether a device of ours lies on the device that the user named. */
static bool lies_on(const struct np_dm_device *device, const struct np_device *named)
{
	return named->is_block ? device->below == named->number : np_loop_is_whole(device->below, named);
}

/* The file is mapped already: just so, or in the way. */
static int accept_existing(const struct np_examination *examination, const struct np_plan *plan,
			   const struct np_dm_device *existing, const struct np_log *log)
{
	char word[NP_DEVICE_NUMBER_SIZE], node[NP_DEVICE_NODE_SIZE];
	bool same = false;
	int r;

	if (np_device_node(existing->below, node) < 0) {
		np_log_message(log, NP_LOG_ERROR, plan->name, "unmap that, and map the file again",
			       "it is mapped already, as %s, but on a disk that is gone", existing->name);
		return -EBUSY;
	}
	if (!lies_on(existing, &examination->device)) {
		np_device_format_number(existing->below, word);
		np_log_message(
			log, NP_LOG_ERROR, plan->name,
			"use one of the two at a time, or give one disk another serial number",
			"a file of the same identity is mapped as %s, but from another device (%s instead of %s): "
			"is one disk a clone of the other?",
			existing->name, word, examination->device.path);
		return -EBUSY;
	}
	if (strcmp(existing->name, plan->name)) {
		np_log_message(log, NP_LOG_ERROR, plan->name, "use that one, or unmap it first",
			       "the file is mapped already, as %s", existing->name);
		return -EBUSY;
	}
	np_device_format_number(existing->below, word);
	r = np_dm_has_table(existing, &plan->table, word, log, &same);
	if (r < 0)
		return r;
	if (!same) {
		np_log_message(log, NP_LOG_ERROR, plan->name, "unmap it, and map it again",
			       "it is mapped already, but not to the same extents");
		return -EBUSY;
	}
	if (existing->removal_pending) {
		np_log_message(log, NP_LOG_ERROR, plan->name, "unmount or stop what uses it, and map the file again",
			       "it is mapped already, but its removal is pending: it goes when its last user does");
		return -EBUSY;
	}
	if (existing->suspended) {
		np_log_message(log, NP_LOG_ERROR, plan->name, "`dmsetup resume NAME`",
			       "it is mapped already, but somebody has suspended it");
		return -EBUSY;
	}
	np_log_message(log, NP_LOG_DEBUG, plan->name, NULL, "it is mapped already");
	return 0;
}

/* Looks for whatever has our UUID or name. 1: it is mapped just so, nothing to do. */
static int look_for_existing(const struct np_examination *examination, const struct np_plan *plan,
			     const struct np_log *log)
{
	struct np_dm_device existing;
	int r = np_dm_find_by_uuid(plan->uuid, log, &existing);

	if (!r)
		r = accept_existing(examination, plan, &existing, log);
	if (r != -ENOENT)
		return r < 0 ? r : 1;
	r = np_dm_find_by_name(plan->name, log, &existing);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	np_log_message(log, NP_LOG_ERROR, plan->name, "choose another name with --name",
		       "the name is taken by another device of device-mapper's");
	return -EBUSY;
}

/* With `below` being a block device. */
static int make_device(const struct np_examination *examination, const struct np_request *request,
		       const struct np_plan *plan, const struct np_device *below, const struct np_log *log)
{
	char word[NP_DEVICE_NUMBER_SIZE];
	int r;

	np_device_format_number(below->number, word);
	r = np_dm_create(plan->name, plan->uuid, &plan->table, word, log);
	if (r < 0)
		return r;
	r = np_examine_again(examination, request, below, plan->name, log);
	if (!r)
		r = interrupted();
	if (!r)
		r = np_dm_resume(plan->name, log);
	if (!r)
		r = interrupted();
	if (r < 0)
		np_dm_remove(plan->name, false, log);
	return r;
}

static int attach(const struct np_examination *examination, const struct np_request *request,
		  const struct np_plan *plan, const struct np_log *log)
{
	struct np_device loop = NP_DEVICE_INIT;
	int r = look_for_existing(examination, plan, log);

	if (r)
		return r < 0 ? r : 0;
	if (!examination->device.is_block)
		r = np_loop_attach(&examination->device, log, &loop);
	if (!r)
		r = make_device(examination, request, plan, examination->device.is_block ? &examination->device : &loop,
				log);
	/* The map keeps the loop device now; without one it goes with this. */
	np_device_close(&loop);
	return r;
}

int np_attach(const struct np_examination *examination, const struct np_request *request, const struct np_plan *plan,
	      const struct np_log *log)
{
	sigset_t before;
	int r;

	block_signals(&before);
	r = attach(examination, request, plan, log);
	/* What is mapped is done: nobody shall see this process end by a signal and the map there. */
	if (r < 0)
		sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

int np_detach(const char *name, bool deferred, const struct np_log *log)
{
	struct np_dm_device device;
	sigset_t before;
	char user[512];
	/* What can't be a name of ours, libdevmapper may take for something else: a path, say. */
	int r = np_name_problem(name) ? -ENOENT : np_dm_find_by_name(name, log, &device);

	if (!r && !np_uuid_is_ours(device.uuid))
		r = -ENOENT;
	if (r == -ENOENT)
		np_log_message(log, NP_LOG_ERROR, name, "`ntfs-punch list` shows the maps", "there is no such map");
	if (r < 0)
		return r;
	if (!deferred && np_busy_describe(device.number, user, sizeof(user))) {
		np_log_message(log, NP_LOG_ERROR, name, "unmount or stop that first", "it is %s", user);
		return -EBUSY;
	}
	block_signals(&before);
	r = np_dm_remove(name, deferred, log);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r == -ENXIO ? -ENOENT : r;
}
