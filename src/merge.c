/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/merge.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detach.h"
#include "ntfs-punch/attach.h"
#include "signals.h"
#include "store-write.h"

/* A map with an overlay. */
struct overlay {
	struct np_dm_device map;
	struct np_dm_device base;
	struct np_dm_device cow;
	struct np_dm_device store;
	struct np_store header;
	struct np_snapshot snapshot;
};

static int find_part(const struct np_dm_device *map, enum np_role role, const struct np_log *log,
		     struct np_dm_device *ret_device)
{
	char uuid[NP_UUID_SIZE];
	int r;

	np_uuid_format_role(map->uuid, role, 0, uuid);
	r = np_dm_find_by_uuid(uuid, log, ret_device);
	if (r == -ENOENT)
		np_log_message(log, NP_LOG_ERROR, map->name, "`ntfs-punch status NAME` tells how it is mapped",
			       "it has no overlay");
	return r == -ENOENT ? -ENODATA : r;
}

static int find(const char *name, const struct np_log *log, struct overlay *overlay)
{
	int r = np_group_map(name, log, &overlay->map);

	if (!r)
		r = find_part(&overlay->map, NP_ROLE_STORE, log, &overlay->store);
	if (!r)
		r = np_store_read(overlay->store.number, log, &overlay->header);
	if (!r)
		r = np_dm_read_snapshot(name, log, &overlay->snapshot);
	/* The store goes last: a run that was killed before that may have removed the rest. */
	if (!r && overlay->snapshot.is_snapshot)
		r = find_part(&overlay->map, NP_ROLE_BASE, log, &overlay->base);
	return r;
}

static int mark(struct overlay *overlay, enum np_store_state state, const struct np_log *log)
{
	overlay->header.state = state;
	return np_store_write(overlay->store.number, &overlay->header, false, log);
}

/* Whether it is what it was, whatever went wrong meanwhile. */
static bool is_still(const struct overlay *overlay)
{
	struct np_snapshot now;

	return !np_dm_read_snapshot(overlay->map.name, &np_log_silent, &now) && now.is_snapshot &&
	       now.merging == overlay->snapshot.merging;
}

static int swap_for_merge(const struct overlay *overlay, const struct np_log *log)
{
	char words[2 * NP_DEVICE_NUMBER_SIZE];
	struct np_table table;
	int r = np_table_build_snapshot(NP_TARGET_SNAPSHOT_MERGE, overlay->map.sectors * NP_SECTOR_SIZE, &table);

	if (r < 0)
		return r;
	np_device_format_number(overlay->base.number, words);
	np_device_format_number(overlay->cow.number, strcat(words, " ") + strlen(words));
	r = np_dm_load(overlay->map.name, &table, words, false, log);
	if (!r)
		r = np_dm_swap(overlay->map.name, NP_DM_VISIBLE, log);
	np_table_release(&table);
	return r;
}

/* Marked before anything can be written to the base; and as long as nothing could, the mark can be taken back. */
static int begin(struct overlay *overlay, const struct np_log *log)
{
	bool swaps_base = overlay->base.read_only;
	int r = find_part(&overlay->map, NP_ROLE_COW, log, &overlay->cow);

	if (!r && swaps_base)
		r = np_dm_load_from(overlay->base.name, &overlay->base, false, log);
	if (r < 0)
		return r;
	r = mark(overlay, NP_STORE_MERGING, log);
	if (!r && swaps_base)
		r = np_dm_swap(overlay->base.name, NP_DM_HIDDEN, log);
	if (!r)
		r = swap_for_merge(overlay, log);
	if (r < 0)
		np_dm_clear(overlay->base.name);
	if (r < 0 && is_still(overlay))
		mark(overlay, NP_STORE_ACTIVE, log);
	return r;
}

/* One that says no numbers any more wouldn't say either when all is merged. It forgets that when it is mapped anew. */
static int check_full(const char *name, const struct np_snapshot *snapshot, const struct np_log *log)
{
	if (!snapshot->overflowed)
		return 0;
	np_log_message(log, NP_LOG_ERROR, name,
		       "unmount what is on it, unmap it, and map it again: then `commit` writes what has been kept; or "
		       "`ntfs-punch discard NAME`",
		       "its store is full: what couldn't be written any more isn't in it");
	return -EBUSY;
}

int np_merge_begin(const char *name, const struct np_log *log)
{
	struct overlay overlay;
	sigset_t before;
	int r = find(name, log, &overlay);

	if (r < 0)
		return r;
	if (overlay.snapshot.invalid) {
		np_log_message(log, NP_LOG_ERROR, name, "`ntfs-punch discard NAME`",
			       "its overlay can't be read any more: the store couldn't be written");
		return -EBADMSG;
	}
	r = check_full(name, &overlay.snapshot, log);
	if (r < 0)
		return r;
	if (!overlay.snapshot.merging && np_snapshot_is_full(&overlay.snapshot))
		np_log_message(log, NP_LOG_WARNING, name, NULL,
			       "its store is full: what couldn't be written any more isn't in it");
	/* Begun before, and perhaps even done. */
	if (overlay.snapshot.merging || !overlay.snapshot.is_snapshot)
		return 0;
	np_signals_block(&before);
	r = begin(&overlay, log);
	np_signals_restore(&before);
	return r;
}

int np_merge_left(const char *name, const struct np_log *log, uint64_t *ret_bytes)
{
	struct np_snapshot snapshot;
	int r = np_dm_read_snapshot(name, log, &snapshot);

	if (!r)
		r = check_full(name, &snapshot, log);
	if (r < 0)
		return r;
	if (snapshot.merge_failed || snapshot.invalid) {
		np_log_message(
			log, NP_LOG_ERROR, name,
			"does `dmesg` tell of a failing disk? When it is mended, unmap it, map it again with --overlay, and "
			"`commit`",
			"the merge failed");
		return -EIO;
	}
	*ret_bytes = snapshot.merging && snapshot.used > snapshot.metadata ?
			     (snapshot.used - snapshot.metadata) * NP_SECTOR_SIZE :
			     0;
	return 0;
}

/* What is under the map goes. */
static int remove_parts(const struct overlay *overlay, const struct np_log *log)
{
	static const enum np_role roles[] = { NP_ROLE_COW, NP_ROLE_BASE, NP_ROLE_STORE };
	int r = 0;

	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles) && !r; i++) {
		struct np_dm_device device;
		char uuid[NP_UUID_SIZE];

		np_uuid_format_role(overlay->map.uuid, roles[i], 0, uuid);
		r = np_dm_find_by_uuid(uuid, log, &device);
		if (!r)
			r = np_dm_remove(device.name, false, log);
		else if (r == -ENOENT)
			r = 0;
	}
	return r;
}

/* The map gets the base's own table. The store is ended once that is loaded, and goes on if it can't become live. */
static int unlayer(struct overlay *overlay, const struct np_log *log)
{
	enum np_store_state before = overlay->header.state;
	int r = np_dm_load_from(overlay->map.name, &overlay->base, false, log);

	if (r < 0)
		return r;
	r = mark(overlay, NP_STORE_ENDED, log);
	if (!r)
		r = np_dm_swap(overlay->map.name, NP_DM_VISIBLE, log);
	if (r < 0)
		np_dm_clear(overlay->map.name);
	if (r < 0 && is_still(overlay))
		mark(overlay, before, log);
	return r;
}

static int end(struct overlay *overlay, const struct np_log *log)
{
	sigset_t before;
	int r;

	np_signals_block(&before);
	r = overlay->snapshot.is_snapshot ? unlayer(overlay, log) : mark(overlay, NP_STORE_ENDED, log);
	if (!r)
		r = remove_parts(overlay, log);
	np_signals_restore(&before);
	return r;
}

int np_merge_end(const char *name, const struct np_log *log)
{
	struct overlay overlay;
	uint64_t left = 0;
	int r = find(name, log, &overlay);

	if (!r)
		r = np_merge_left(name, log, &left);
	if (!r && (left || (overlay.snapshot.is_snapshot && !overlay.snapshot.merging)))
		r = -EAGAIN;
	return r ? r : end(&overlay, log);
}

int np_overlay_discard(const char *name, const struct np_log *log)
{
	struct overlay overlay;
	int r = find(name, log, &overlay);

	if (r < 0)
		return r;
	if (overlay.header.state == NP_STORE_MERGING) {
		np_log_message(log, NP_LOG_ERROR, name, "`ntfs-punch commit NAME` finishes it",
			       "its commit has begun: base and overlay are only whole together");
		return -EBADMSG;
	}
	r = np_detach_partitions(&overlay.map, log);
	return r ? r : end(&overlay, log);
}
