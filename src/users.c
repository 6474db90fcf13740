/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "users.h"

#include <errno.h>
#include <libmount/libmount.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "ntfs-punch/name.h"
#include "sysfs.h"

int np_users_begin(struct np_users *users, int64_t size_bytes)
{
	*users = (struct np_users){ .size_bytes = size_bytes };
	users->mounts = mnt_new_table_from_file("/proc/self/mountinfo");
	return users->mounts ? np_loop_list(&users->loops, &users->loop_count) : -EIO;
}

void np_users_end(struct np_users *users)
{
	mnt_unref_table(users->mounts);
	free(users->loops);
	free(users->candidates);
	free(users->maps);
}

bool np_users_is_ours(dev_t number)
{
	char uuid[NP_UUID_SIZE];

	return np_sysfs_read_attribute(number, "dm/uuid", uuid, sizeof(uuid)) && np_uuid_is_ours(uuid);
}

/* Of a swap file on btrfs, and whatever else has no device of its own, st_dev names none: its major number is 0. */
static dev_t swap_number(const char *path)
{
	struct stat status;

	if (!path || stat(path, &status) < 0)
		return 0;
	if (S_ISBLK(status.st_mode))
		return status.st_rdev;
	return major(status.st_dev) ? status.st_dev : 0;
}

static int add_swap(const char *path, dev_t **numbers, size_t *count)
{
	dev_t *grown = reallocarray(*numbers, *count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	*numbers = grown;
	grown[(*count)++] = swap_number(path);
	return 0;
}

int np_users_list_swaps(const char *path, dev_t **ret_numbers, size_t *ret_count)
{
	struct libmnt_table *table = mnt_new_table();
	struct libmnt_iter *iterator = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *swap;
	dev_t *numbers = NULL;
	size_t count = 0;
	int r = table && iterator ? mnt_table_parse_swaps(table, path) : -ENOMEM;

	while (!r && !mnt_table_next_fs(table, iterator, &swap))
		r = add_swap(mnt_fs_get_source(swap), &numbers, &count);
	mnt_free_iter(iterator);
	mnt_unref_table(table);
	if (r) {
		free(numbers);
		return r < 0 ? r : -EIO;
	}
	*ret_numbers = numbers;
	*ret_count = count;
	return 0;
}

/* A FUSE filesystem without a block device of its own (ntfs-3g on an image file) names its source only. */
static bool is_source(struct libmnt_fs *filesystem, const struct np_node *node)
{
	const char *type = mnt_fs_get_fstype(filesystem), *source = mnt_fs_get_source(filesystem);
	struct stat status;

	if (!type || strncmp(type, "fuse", 4) || !source || *source != '/' || stat(source, &status) < 0)
		return false;
	if (node->is_block)
		return S_ISBLK(status.st_mode) && status.st_rdev == node->number;
	return status.st_dev == node->number && status.st_ino == node->inode;
}

static int look_at_mounts(struct np_users *users, const struct np_node *node)
{
	struct libmnt_iter *iterator = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *filesystem;

	if (!iterator)
		return -ENOMEM;
	while (!users->target && !mnt_table_next_fs(users->mounts, iterator, &filesystem))
		if ((node->is_block && mnt_fs_get_devno(filesystem) == node->number) || is_source(filesystem, node))
			users->target = mnt_fs_get_target(filesystem);
	mnt_free_iter(iterator);
	return users->target ? 1 : 0;
}

static int step_to(struct np_users *users, dev_t number, enum np_user_relation relation)
{
	if (users->step_count == NP_USERS_DEPTH)
		return -ELOOP;
	users->steps[users->step_count++] = (struct np_user_step){ number, relation };
	return 0;
}

/* One inside a map counts only if somebody uses it. */
static bool is_our_partition(dev_t number)
{
	char uuid[NP_UUID_SIZE];

	return np_sysfs_read_attribute(number, "dm/uuid", uuid, sizeof(uuid)) && np_uuid_partition(uuid);
}

/* Further up, if DEVICE's bytes are there at all. */
static int look_on(struct np_users *users, const struct np_node *node, enum np_user_relation relation)
{
	bool any, only;
	int r;

	np_node_compare(node, users->size_bytes, &any, &only);
	if (!any)
		return 0;
	r = step_to(users, node->number, relation);
	if (r < 0)
		return r;
	r = np_users_look(users, node, 0);
	if (r <= 0)
		users->step_count--;
	return r;
}

/* Somebody's device, which counts, whatever becomes of it further up; that's for the words. */
static int look_beyond(struct np_users *users, dev_t holder)
{
	users->everybody = true;
	users->size_bytes = INT64_MAX;
	if (!step_to(users, holder, NP_USER_HOLDER))
		np_users_look(users, &(struct np_node){ .is_block = true, .number = holder }, 0);
	return 1;
}

static int add_map(struct np_users *users, dev_t map, const struct np_node *node)
{
	struct np_busy_map *grown = reallocarray(users->maps, users->map_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	grown[users->map_count++] =
		(struct np_busy_map){ .map = map, .below = node->number, .start_bytes = node->start_bytes };
	users->maps = grown;
	return 0;
}

static int look_at_holders(struct np_users *users, const struct np_node *node, dev_t from, bool *is_claimed)
{
	dev_t *holders;
	size_t count;
	int r = np_sysfs_list_of(node->number, "holders", "dev", &holders, &count);

	if (r < 0)
		return r == -ENOENT ? 0 : r; /* it is gone meanwhile */
	for (size_t i = 0; i < count && !r; i++) {
		bool ours = !users->everybody && np_users_is_ours(holders[i]);

		*is_claimed = *is_claimed || ours || holders[i] == from;
		if (ours)
			r = add_map(users, holders[i], node);
		else if (holders[i] != from && is_our_partition(holders[i]))
			r = look_on(users, &(struct np_node){ .is_block = true, .number = holders[i] }, NP_USER_HOLDER);
		else if (holders[i] != from)
			r = look_beyond(users, holders[i]);
	}
	free(holders);
	return r;
}

static int look_at_partitions(struct np_users *users, const struct np_node *node, dev_t from)
{
	struct np_node partition;
	dev_t *numbers;
	size_t count;
	int r = np_sysfs_list_of(node->number, "", "partition", &numbers, &count);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	for (size_t i = 0; i < count && !r; i++)
		if (numbers[i] != from && np_node_partition(node, numbers[i], &partition))
			r = look_on(users, &partition, NP_USER_PARTITION);
	free(numbers);
	return r;
}

static int look_at_loops(struct np_users *users, const struct np_node *node, dev_t from)
{
	const struct np_loop *idle = NULL;
	struct np_node loop;
	int r = 0;

	for (size_t i = 0; i < users->loop_count && !r; i++)
		if (users->loops[i].number != from && np_node_loop(node, &users->loops[i], &loop)) {
			idle = &users->loops[i];
			r = look_on(users, &loop, NP_USER_LOOP);
		}
	if (r || !idle || !users->everybody)
		return r;
	r = step_to(users, idle->number, NP_USER_LOOP);
	return r < 0 ? r : 1;
}

static int add_candidate(struct np_users *users, const struct np_node *node, bool is_claimed)
{
	struct np_user_candidate *grown = reallocarray(users->candidates, users->candidate_count + 1, sizeof(*grown));
	struct np_user_candidate candidate = { .number = node->number, .is_claimed = is_claimed };
	bool any;

	if (!grown)
		return -ENOMEM;
	np_node_compare(node, users->size_bytes, &any, &candidate.is_only);
	grown[users->candidate_count++] = candidate;
	users->candidates = grown;
	return 0;
}

int np_users_look(struct np_users *users, const struct np_node *node, dev_t from)
{
	bool is_claimed = false;
	int r = look_at_mounts(users, node);

	if (!r && node->is_block)
		r = look_at_holders(users, node, from, &is_claimed);
	if (!r && node->is_block)
		r = add_candidate(users, node, is_claimed);
	if (!r && node->is_block)
		r = look_at_partitions(users, node, from);
	return r ? r : look_at_loops(users, node, from);
}
