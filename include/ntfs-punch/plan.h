/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plans: the devices of a map, as data, in the order in which they are made. `table` prints a plan, `map` executes it, `unmap`
 * removes its devices from the last to the first.
 *
 * A plain map is one device. Where writes go elsewhere, the file is a hidden device, the base, and a snapshot of it is what the
 * user sees. What is written goes to memory, or to a second file: that is another hidden device, the store, of which all but our
 * header is the snapshot's own, the COW device.
 *
 * Pure: libc only.
 */
#ifndef NTFS_PUNCH_PLAN_H
#define NTFS_PUNCH_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ntfs-punch/extent.h"
#include "ntfs-punch/name.h"
#include "ntfs-punch/table.h"

/* What a device's targets name, where it isn't a device of the plan. */
#define NP_BELOW_SOURCE (-1) /* what the volume is on */
#define NP_BELOW_MEMORY (-2) /* a loop device on plan->memory_bytes of memory */

struct np_plan_device {
	enum np_role role;
	char name[NP_NAME_SIZE];
	char uuid[NP_UUID_SIZE];
	bool read_only;
	int below; /* a device before this one, by its index, or NP_BELOW_… */
	int store; /* of a snapshot, likewise; else as `below` */
	struct np_table table;
};

struct np_plan {
	struct np_plan_device *devices;
	size_t count;
	uint64_t memory_bytes;
};

#define NP_PLAN_INIT ((struct np_plan){ 0 })

/* A partition inside the image. */
struct np_plan_partition {
	unsigned number;
	uint64_t start_bytes;
	uint64_t size_bytes;
};

/* What to plan for; borrowed. */
struct np_plan_input {
	const char *name; /* the map's; one that has no problem */
	const char *uuid;
	const struct np_extent_map *extents; /* of the source, in the map's order */
	bool read_only;

	uint64_t memory_bytes;             /* not 0: writes go to as much memory */
	const struct np_extent_map *store; /* not NULL: they go to these bytes of the source */
	bool merging;                      /* and are on their way to the file */

	const char *volume; /* not NULL: a read-only device of this name, of all of the volume */
	uint64_t serial;
	uint64_t volume_start_bytes;
	uint64_t volume_size_bytes;
};

/* What of a store is ours, before the snapshot's own: a header, and room. */
#define NP_STORE_HEADER_BYTES 65536u

/* The most extents that a base may have: its table is read back when the overlay ends (dm.h, NP_DM_TARGETS_READABLE). */
#define NP_BASE_EXTENTS_MOST 400000u

/* The least that a store's file is of use with. */
#define NP_STORE_LEAST_BYTES (1u << 20)

/* The volume's device alone if there are no extents. -EINVAL: a device would have no bytes, or no whole sectors; or a name is too
 * long. -EEXIST: two would have one name. -ENOMEM. The caller releases the plan. */
int np_plan_build(const struct np_plan_input *input, struct np_plan *ret_plan);

/* Adds a device NAME-part<N> for a partition within the map. As np_plan_build(); -ERANGE: it isn't within. */
int np_plan_add_partition(struct np_plan *plan, const struct np_plan_partition *partition);

void np_plan_release(struct np_plan *plan);

/* The map's device, the one that the user sees; NULL in a volume's plan. */
const struct np_plan_device *np_plan_map(const struct np_plan *plan);

/* Whether nobody but other devices of the plan is to use it. */
bool np_role_is_hidden(enum np_role role);

#endif
