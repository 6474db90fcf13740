/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The users of a node: who has it mounted, which devices lie on it, and who uses those in turn.
 */
#ifndef NTFS_PUNCH_USERS_H
#define NTFS_PUNCH_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "node.h"
#include "ntfs-punch/busy.h"

/* Nobody stacks devices as deep as that: it is a circle. */
#define NP_USERS_DEPTH 32

/* What a device is to the one below it. */
enum np_user_relation { NP_USER_HOLDER, NP_USER_LOOP, NP_USER_PARTITION };

struct np_user_step {
	dev_t number;
	enum np_user_relation relation;
};

/* A block device that was looked at, and that only trying could still show to be in use. */
struct np_user_candidate {
	dev_t number;
	bool is_claimed; /* by a device that doesn't count */
	bool is_only;    /* nothing but DEVICE's bytes is on it: whoever uses it uses them */
};

struct libmnt_table;

struct np_users {
	struct libmnt_table *mounts;
	struct np_loop *loops;
	size_t loop_count;
	int64_t size_bytes; /* DEVICE's */
	bool everybody;     /* maps of ours count too, and loop devices that nobody uses */

	/* From the node that was looked at up to who uses it; where that is mounted, or NULL. */
	struct np_user_step steps[NP_USERS_DEPTH];
	size_t step_count;
	const char *target;

	struct np_user_candidate *candidates;
	size_t candidate_count;
	struct np_busy_map *maps;
	size_t map_count;
};

/* -errno. The caller ends it in any case. */
int np_users_begin(struct np_users *users, int64_t size_bytes);
void np_users_end(struct np_users *users);

/*
 * 1: somebody uses the node, and `steps` and `target` tell who; what else is there is not looked at any more. 0: nobody.
 * -errno. `from` is the device whose way down led to the node, or 0: that is none of its users.
 */
int np_users_look(struct np_users *users, const struct np_node *node, dev_t from);

/* Whether the device is a map of ours. */
bool np_users_is_ours(dev_t number);

/*
 * What the system swaps to, as `path` lists it, which is /proc/swaps: block devices, of a swap file its filesystem's; 0 where that
 * can't be told, as on btrfs. -ENOENT: there is no such list. -errno. The caller frees `*ret_numbers`.
 */
int np_users_list_swaps(const char *path, dev_t **ret_numbers, size_t *ret_count);

#endif
