/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/busy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "block.h"
#include "sysfs.h"
#include "users.h"

bool np_busy_is_ours(dev_t number)
{
	dev_t *holders;
	size_t count;
	bool found = false;

	if (np_sysfs_list_of(number, "holders", "dev", &holders, &count) < 0)
		return false;
	for (size_t i = 0; i < count; i++)
		found = found || np_users_is_ours(holders[i]);
	free(holders);
	return found;
}

__attribute__((format(printf, 3, 4))) static void append(char *text, size_t size, const char *format, ...)
{
	size_t length = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + length, size - length, format, arguments);
	va_end(arguments);
}

/* Its node; if that is gone meanwhile, its number. */
static void path_of(dev_t number, char *path)
{
	if (np_device_node(number, path) < 0)
		np_device_format_number(number, path);
}

/* As lsblk names it. */
static const char *name_of(const char *path)
{
	static const char *const folders[] = { "/dev/mapper/", "/dev/" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		if (!strncmp(path, folders[i], strlen(folders[i])))
			return path + strlen(folders[i]);
	return path;
}

/* Appends "in use by md0, which is used by vg-root, which is mounted at /", `used_by` being the first words. */
static void tell_who(const struct np_users *users, const char *used_by, char *text, size_t size)
{
	bool first = true;

	for (size_t i = 0; i < users->step_count; i++) {
		char path[NP_DEVICE_NODE_SIZE];

		/* A partition's name tells its disk. */
		if (i + 1 < users->step_count && users->steps[i + 1].relation == NP_USER_PARTITION)
			continue;
		path_of(users->steps[i].number, path);
		append(text, size, "%s %s", first ? used_by : ", which is used by", name_of(path));
		first = false;
	}
	if (users->target)
		append(text, size, "%smounted at %s", first ? "" : ", which is ", users->target);
}

static bool goes_by_itself(dev_t loop)
{
	char line[16];

	return np_sysfs_read_attribute(loop, "loop/autoclear", line, sizeof(line)) && !strcmp(line, "1");
}

/* Appends what to do, from the last user down to the node that has the path. */
static void tell_remedy(const struct np_users *users, const char *path, char *text, size_t size)
{
	if (users->target)
		append(text, size, "`umount %s`", users->target);
	for (size_t i = users->step_count; i--;) {
		const struct np_user_step *step = &users->steps[i];
		char carrier[NP_DEVICE_NODE_SIZE];
		const char *then = *text ? ", then " : "";

		if (step->relation == NP_USER_LOOP && !goes_by_itself(step->number)) {
			path_of(step->number, carrier);
			append(text, size, "%s`losetup --detach %s`", then, carrier);
		}
		/* lsblk shows holders of holders, but no loop devices. */
		if (step->relation != NP_USER_HOLDER || (i && users->steps[i - 1].relation == NP_USER_HOLDER))
			continue;
		if (i)
			path_of(users->steps[i - 1].number, carrier);
		append(text, size, "%sstop what `lsblk %s` shows on it", then, i ? carrier : path);
	}
}

/* A disk and its partitions are claimed for one another. */
static bool is_explained(const struct np_users *users, dev_t number)
{
	dev_t disk = np_block_disk(number);

	for (size_t i = 0; i < users->candidate_count; i++) {
		const struct np_user_candidate *other = &users->candidates[i];

		if (other->is_claimed &&
		    (other->number == number || other->number == disk || np_block_disk(other->number) == number))
			return true;
	}
	return false;
}

/* Mounted in another namespace, or swapped to: no list shows it, but nobody else may open it. */
static void try_exclusively(const char *path, struct np_busy *busy)
{
	int fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC);

	/* Who only tries, as this does, has it for a moment. */
	for (int attempt = 0; attempt < 10 && fd < 0 && errno == EBUSY; attempt++) {
		nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
		fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC);
	}
	if (fd < 0 && errno == EBUSY) {
		snprintf(busy->who, sizeof(busy->who),
			 "%s is in use by something that can't be seen from here, such as a mount in another namespace",
			 path);
		snprintf(busy->remedy, sizeof(busy->remedy),
			 "`lsblk` shows what lies on its disk, "
			 "`grep -l %s /proc/*/mountinfo` who has it mounted elsewhere",
			 path);
	}
	if (fd >= 0)
		close(fd);
}

static void try_all(const struct np_users *users, const struct np_device *device, struct np_busy *busy)
{
	for (size_t i = 0; i < users->candidate_count && !*busy->who; i++) {
		const struct np_user_candidate *candidate = &users->candidates[i];
		bool itself = device->is_block && candidate->number == device->number;
		char path[NP_DEVICE_NODE_SIZE];

		if (!candidate->is_only || is_explained(users, candidate->number))
			continue;
		path_of(candidate->number, path);
		try_exclusively(itself ? device->path : path, busy);
	}
}

/* Looks at what DEVICE's bytes lie on, one below the other: `node` and `from` become the last that was looked at. */
static int look_down(struct np_users *users, struct np_node *node, dev_t *from)
{
	struct np_node below;
	int r;

	for (int depth = 0; depth < NP_USERS_DEPTH; depth++) {
		r = np_users_look(users, node, *from);
		if (r || !np_node_below(node, &below))
			return r;
		*from = node->number;
		*node = below;
	}
	return -ELOOP;
}

static int find(struct np_users *users, const struct np_device *device, struct np_busy *busy)
{
	struct np_node node = { .is_block = device->is_block,
				.number = device->number,
				.inode = device->inode,
				.start_bytes = (int64_t)device->start_bytes };
	char path[PATH_MAX];
	dev_t from = 0;
	int r = look_down(users, &node, &from);

	if (r < 0)
		return r;
	if (r) {
		if (!from)
			snprintf(path, sizeof(path), "%s", device->path);
		else if (node.is_block)
			path_of(node.number, path);
		else
			np_sysfs_read_attribute(from, "loop/backing_file", path, sizeof(path));
		append(busy->who, sizeof(busy->who), "%s is ", path);
		tell_who(users, "in use by", busy->who, sizeof(busy->who));
		tell_remedy(users, path, busy->remedy, sizeof(busy->remedy));
	} else {
		try_all(users, device, busy);
	}
	busy->maps = users->maps;
	busy->map_count = users->map_count;
	users->maps = NULL;
	return 0;
}

int np_busy_find(const struct np_device *device, const struct np_log *log, struct np_busy *ret_busy)
{
	struct np_busy busy = { .who = "" };
	struct np_users users;
	int r = np_users_begin(&users, (int64_t)device->size_bytes);

	if (!r)
		r = find(&users, device, &busy);
	np_users_end(&users);
	if (r < 0) {
		np_log_message(log, NP_LOG_ERROR, device->path, NULL, "can't find out who uses it: %s", strerror(-r));
		return -EIO; /* -ENOENT and the like are about DEVICE */
	}
	*ret_busy = busy;
	return 0;
}

void np_busy_release(struct np_busy *busy)
{
	free(busy->maps);
	*busy = (struct np_busy){ .who = "" };
}

bool np_busy_describe(dev_t number, char *text, size_t size)
{
	struct np_users users;
	int r = np_users_begin(&users, INT64_MAX);

	users.everybody = true;
	if (!r)
		r = np_users_look(&users, &(struct np_node){ .is_block = true, .number = number }, 0);
	*text = '\0';
	if (r > 0)
		tell_who(&users, "used by", text, size);
	np_users_end(&users);
	return r > 0;
}
