/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void np_plan_release(struct np_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		np_table_release(&plan->devices[i].table);
	free(plan->devices);
	*plan = NP_PLAN_INIT;
}

bool np_role_is_hidden(enum np_role role)
{
	return role == NP_ROLE_BASE || role == NP_ROLE_STORE || role == NP_ROLE_COW;
}

static const struct np_plan_device *find(const struct np_plan *plan, enum np_role role)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->devices[i].role == role)
			return &plan->devices[i];
	return NULL;
}

const struct np_plan_device *np_plan_map(const struct np_plan *plan)
{
	return find(plan, NP_ROLE_MAP);
}

static int index_of(const struct np_plan *plan, enum np_role role)
{
	return (int)(find(plan, role) - plan->devices);
}

/* NAME, and what is put after it. */
static int set_name(struct np_plan_device *device, const char *name, const char *suffix)
{
	int length = snprintf(device->name, sizeof(device->name), "%s%s", name, suffix);

	return length < (int)sizeof(device->name) ? 0 : -EINVAL;
}

/* Takes the device, or what it holds goes. */
static int add(struct np_plan *plan, struct np_plan_device *device)
{
	struct np_plan_device *more;

	for (size_t i = 0; i < plan->count; i++)
		if (!strcmp(plan->devices[i].name, device->name)) {
			np_table_release(&device->table);
			return -EEXIST;
		}
	more = realloc(plan->devices, (plan->count + 1) * sizeof(*more));
	if (!more) {
		np_table_release(&device->table);
		return -ENOMEM;
	}
	plan->devices = more;
	more[plan->count++] = *device;
	return 0;
}

static int add_linear(struct np_plan *plan, struct np_plan_device *device, const struct np_extent_map *extents)
{
	int r = np_table_build(extents, &device->table);

	device->store = device->below;
	return r < 0 ? r : add(plan, device);
}

/* One extent of what is below. */
static int add_part(struct np_plan *plan, struct np_plan_device *device, uint64_t start_bytes, uint64_t size_bytes)
{
	struct np_extent_map extents = NP_EXTENT_MAP_INIT;
	int r = np_extent_map_append(&extents, start_bytes, size_bytes);

	if (!r)
		r = add_linear(plan, device, &extents);
	np_extent_map_release(&extents);
	return r;
}

static int add_file(struct np_plan *plan, const struct np_plan_input *input, enum np_role role,
		    const struct np_extent_map *extents, bool read_only)
{
	static const char *const suffixes[] = {
		[NP_ROLE_MAP] = "",
		[NP_ROLE_BASE] = "-base",
		[NP_ROLE_STORE] = "-store",
	};
	struct np_plan_device device = { .role = role, .read_only = read_only, .below = NP_BELOW_SOURCE };
	int r = set_name(&device, input->name, suffixes[role]);

	np_uuid_format_role(input->uuid, role, 0, device.uuid);
	return r < 0 ? r : add_linear(plan, &device, extents);
}

static int add_cow(struct np_plan *plan, const struct np_plan_input *input)
{
	struct np_plan_device device = { .role = NP_ROLE_COW, .below = index_of(plan, NP_ROLE_STORE) };
	uint64_t size = np_extent_map_total(input->store);
	int r = set_name(&device, input->name, "-cow");

	np_uuid_format_role(input->uuid, NP_ROLE_COW, 0, device.uuid);
	if (!r && size <= NP_STORE_HEADER_BYTES)
		r = -EINVAL;
	return r < 0 ? r : add_part(plan, &device, NP_STORE_HEADER_BYTES, size - NP_STORE_HEADER_BYTES);
}

static int add_snapshot(struct np_plan *plan, const struct np_plan_input *input)
{
	enum np_target_type type = !input->store  ? NP_TARGET_SNAPSHOT_TRANSIENT :
				   input->merging ? NP_TARGET_SNAPSHOT_MERGE :
						    NP_TARGET_SNAPSHOT;
	struct np_plan_device device = {
		.role = NP_ROLE_MAP,
		.below = index_of(plan, NP_ROLE_BASE),
		.store = input->store ? index_of(plan, NP_ROLE_COW) : NP_BELOW_MEMORY,
	};
	int r = set_name(&device, input->name, "");

	np_uuid_format_role(input->uuid, NP_ROLE_MAP, 0, device.uuid);
	if (!r)
		r = np_table_build_snapshot(type, np_extent_map_total(input->extents), &device.table);
	return r < 0 ? r : add(plan, &device);
}

/* The file, and where writes go. The base is written to by nobody but a merge. */
static int add_map(struct np_plan *plan, const struct np_plan_input *input)
{
	int r;

	if (!input->memory_bytes && !input->store)
		return add_file(plan, input, NP_ROLE_MAP, input->extents, input->read_only);
	r = add_file(plan, input, NP_ROLE_BASE, input->extents, !input->merging);
	if (!r && input->store)
		r = add_file(plan, input, NP_ROLE_STORE, input->store, false);
	if (!r && input->store)
		r = add_cow(plan, input);
	return r ? r : add_snapshot(plan, input);
}

static int add_volume(struct np_plan *plan, const struct np_plan_input *input)
{
	struct np_plan_device device = { .role = NP_ROLE_VOLUME, .read_only = true, .below = NP_BELOW_SOURCE };
	int r = set_name(&device, input->volume, "");

	np_uuid_format_volume(input->serial, device.uuid);
	return r < 0 ? r : add_part(plan, &device, input->volume_start_bytes, input->volume_size_bytes);
}

int np_plan_build(const struct np_plan_input *input, struct np_plan *ret_plan)
{
	struct np_plan plan = { .memory_bytes = input->memory_bytes };
	int r = input->extents ? add_map(&plan, input) : 0;

	if (!r && input->volume)
		r = add_volume(&plan, input);
	if (r < 0)
		np_plan_release(&plan);
	else
		*ret_plan = plan;
	return r;
}

int np_plan_add_partition(struct np_plan *plan, const struct np_plan_partition *partition)
{
	const struct np_plan_device *map = np_plan_map(plan);
	uint64_t map_bytes = np_table_sectors(&map->table) * NP_SECTOR_SIZE;
	struct np_plan_device device = {
		.role = NP_ROLE_PARTITION,
		.read_only = map->read_only,
		.below = (int)(map - plan->devices),
	};
	char suffix[16];
	int r;

	if (partition->start_bytes > map_bytes || partition->size_bytes > map_bytes - partition->start_bytes)
		return -ERANGE;
	snprintf(suffix, sizeof(suffix), "-part%u", partition->number);
	r = set_name(&device, map->name, suffix);
	np_uuid_format_role(map->uuid, NP_ROLE_PARTITION, partition->number, device.uuid);
	return r < 0 ? r : add_part(plan, &device, partition->start_bytes, partition->size_bytes);
}
