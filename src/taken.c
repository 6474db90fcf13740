/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "taken.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ntfs-punch/dm.h"
#include "ntfs-punch/log.h"
#include "ntfs-punch/name.h"

void np_taken_release(struct np_taken_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free((char *)list->entries[i].name);
		np_extent_map_release(&list->entries[i].extents);
	}
	free(list->entries);
	*list = (struct np_taken_list){ 0 };
}

static int add(struct np_taken_list *list, const char *what, const char *name, struct np_taken **ret_taken)
{
	struct np_taken *more = realloc(list->entries, (list->count + 1) * sizeof(*more));
	char *words;

	if (!more)
		return -ENOMEM;
	list->entries = more;
	if (asprintf(&words, "%s %s", what, name) < 0)
		return -ENOMEM;
	*ret_taken = &more[list->count++];
	**ret_taken = (struct np_taken){ .name = words };
	return 0;
}

int np_taken_add_file(struct np_taken_list *list, const char *file, const struct np_extent_map *extents)
{
	struct np_taken *taken;
	int r = add(list, "the file", file, &taken);

	return r < 0 ? r : np_extent_map_slice(extents, 0, np_extent_map_total(extents), &taken->extents);
}

/* From bytes of the device below the map to those of the volume; what lies outside that is left out. */
static int move_to_volume(const struct np_extent_map *below, int64_t start_bytes, uint64_t size_bytes,
			  struct np_extent_map *extents)
{
	int r = 0;

	for (size_t i = 0; i < below->count && !r; i++) {
		/* Both are less than 2^63. */
		int64_t first = (int64_t)below->extents[i].physical - start_bytes;
		int64_t end = first + (int64_t)below->extents[i].length;

		if (below->extents[i].physical == NP_EXTENT_HOLE)
			continue;
		first = first < 0 ? 0 : first;
		end = end > (int64_t)size_bytes ? (int64_t)size_bytes : end;
		if (first < end)
			r = np_extent_map_append(extents, (uint64_t)first, (uint64_t)(end - first));
	}
	return r;
}

/* What can't be found out, because the table is too long, isn't plain or is denied, isn't known. */
static int add_map(const struct np_device *device, const struct np_busy_map *map, const struct np_dm_device *found,
		   struct np_taken_list *list)
{
	struct np_extent_map below = NP_EXTENT_MAP_INIT;
	struct np_taken *taken;
	int r = add(list, "the active map", found ? found->name : "there", &taken);

	if (r < 0)
		return r;
	taken->is_map = true;
	if (!found || np_dm_read_extents(found, map->below, &np_log_silent, &below) < 0)
		taken->unknown = true;
	else
		r = move_to_volume(&below, map->start_bytes, device->size_bytes, &taken->extents);
	np_extent_map_release(&below);
	return r;
}

int np_taken_by_maps(const struct np_device *device, const struct np_busy *busy, const char *uuid,
		     struct np_taken_list *list)
{
	int r = 0;

	for (size_t i = 0; i < busy->map_count && !r; i++) {
		struct np_dm_device found;
		int looked = np_dm_find_by_number(busy->maps[i].map, &np_log_silent, &found);

		/* Gone meanwhile, half made, or the read-only device of the whole volume: nothing is written there. */
		if (looked == -ENOENT || (!looked && (!found.live || np_uuid_is_of_map(found.uuid, uuid) ||
						      (found.read_only && np_uuid_role(found.uuid) == NP_ROLE_VOLUME))))
			continue;
		r = add_map(device, &busy->maps[i], looked ? NULL : &found, list);
	}
	return r;
}
