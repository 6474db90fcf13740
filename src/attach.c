/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/attach.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brought.h"
#include "ntfs-punch/dm.h"
#include "ntfs-punch/loop.h"
#include "signals.h"
#include "store-write.h"

/* What becomes of a plan's device. */
struct step {
	bool existed; /* just so, before */
	bool made;
	dev_t number; /* of either */
};

struct work {
	const struct np_examination *examination;
	const struct np_request *request;
	const struct np_plan *plan;
	const struct np_log *log;
	const struct np_device *source; /* the block device below; NULL while there is none yet, for an image */
	struct np_device memory;
	struct step *steps;
	const char *marked; /* the UUID of a volume's device that is to go by itself, once that is written down */
};

static enum np_dm_visibility visibility(const struct np_plan_device *device)
{
	if (np_role_is_hidden(device->role))
		return NP_DM_HIDDEN;
	return device->role == NP_ROLE_VOLUME ? NP_DM_BESIDE : NP_DM_VISIBLE;
}

/* ---- What is there already ---------------------------------------------------------------------------- */

/* Whether a device of ours lies on the device that the user named. */
static bool lies_on(const struct np_dm_device *device, const struct np_device *named)
{
	return named->is_block ? device->below == named->number : np_loop_is_whole(device->below, named);
}

static int refuse_existing(const struct np_dm_device *existing, const struct np_plan_device *planned,
			   const struct np_log *log)
{
	bool is_volume = planned->role == NP_ROLE_VOLUME;

	np_log_message(log, NP_LOG_ERROR, planned->name, "use that one, or unmap it first",
		       "the %s is mapped already, as %s", is_volume ? "volume" : "file", existing->name);
	return -EBUSY;
}

/* It lies on the source: is that the one that the user named? */
static int check_source(const struct work *work, const struct np_dm_device *existing,
			const struct np_plan_device *planned)
{
	char word[NP_DEVICE_NUMBER_SIZE], node[NP_DEVICE_NODE_SIZE];

	if (np_device_node(existing->below, node) < 0) {
		np_log_message(work->log, NP_LOG_ERROR, planned->name, "unmap that, and map the file again",
			       "it is mapped already, as %s, but on a disk that is gone", existing->name);
		return -EBUSY;
	}
	if (lies_on(existing, &work->examination->device))
		return 0;
	np_device_format_number(existing->below, word);
	np_log_message(work->log, NP_LOG_ERROR, planned->name,
		       "use one of the two at a time, or give one disk another serial number",
		       "a file of the same identity is mapped as %s, but from another device (%s instead of %s): "
		       "is one disk a clone of the other?",
		       existing->name, word, work->examination->device.path);
	return -EBUSY;
}

/* The words of what is below, as the kernel has them in a live table. */
static void describe_below(const struct work *work, const struct np_plan_device *planned, dev_t source, char *words)
{
	int below[] = { planned->below, planned->store };
	size_t count = planned->store == planned->below ? 1 : 2;

	*words = '\0';
	for (size_t i = 0; i < count; i++) {
		char number[NP_DEVICE_NUMBER_SIZE] = "*";

		if (below[i] != NP_BELOW_MEMORY)
			np_device_format_number(below[i] == NP_BELOW_SOURCE ? source : work->steps[below[i]].number,
						number);
		strcat(strcat(words, i ? " " : ""), number);
	}
}

/* The map, or its volume's device, is there: just so, or in the way. */
static int accept_existing(const struct work *work, size_t i, const struct np_dm_device *existing)
{
	const struct np_plan_device *planned = &work->plan->devices[i];
	char words[2 * NP_DEVICE_NUMBER_SIZE];
	bool same = false;
	int r = planned->below == NP_BELOW_SOURCE ? check_source(work, existing, planned) : 0;

	if (r < 0)
		return r;
	if (strcmp(existing->name, planned->name))
		return refuse_existing(existing, planned, work->log);
	describe_below(work, planned, existing->below, words);
	r = np_dm_has_table(existing, &planned->table, words, work->log, &same);
	if (r < 0)
		return r;
	if (!same || existing->read_only != planned->read_only) {
		np_log_message(work->log, NP_LOG_ERROR, planned->name, "unmap it, and map it again",
			       same ? "it is mapped already, but %s" :
				      "it is mapped already, but not to the same extents",
			       existing->read_only ? "read-only" : "not read-only");
		return -EBUSY;
	}
	if (existing->removal_pending) {
		np_log_message(work->log, NP_LOG_ERROR, planned->name,
			       "unmount or stop what uses it, and map the file again",
			       "it is mapped already, but its removal is pending: it goes when its last user does");
		return -EBUSY;
	}
	if (existing->suspended) {
		np_log_message(work->log, NP_LOG_ERROR, planned->name, "`dmsetup resume NAME`",
			       "it is mapped already, but somebody has suspended it");
		return -EBUSY;
	}
	return 0;
}

/* The file is mapped in another way than is planned: with other devices under it. */
static int check_way(const struct work *work, const struct np_dm_device *existing)
{
	const struct np_plan_device *map = np_plan_map(work->plan);
	enum np_role roles[] = { NP_ROLE_BASE, NP_ROLE_STORE };

	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
		struct np_dm_device below;
		char uuid[NP_UUID_SIZE];
		bool planned = false;
		int r;

		for (size_t j = 0; j < work->plan->count; j++)
			planned = planned || work->plan->devices[j].role == roles[i];
		np_uuid_format_role(map->uuid, roles[i], 0, uuid);
		r = np_dm_find_by_uuid(uuid, work->log, &below);
		if (r < 0 && r != -ENOENT)
			return r;
		if (planned == !r)
			continue;
		if (strcmp(existing->name, map->name))
			return refuse_existing(existing, map, work->log);
		np_log_message(work->log, NP_LOG_ERROR, map->name, "unmap it, and map it again",
			       "it is mapped already, but in another mode (--blind, --overlay)");
		return -EBUSY;
	}
	return 0;
}

static int look_for_one(const struct work *work, size_t i)
{
	const struct np_plan_device *planned = &work->plan->devices[i];
	struct np_dm_device existing;
	int r = np_dm_find_by_uuid(planned->uuid, work->log, &existing);

	if (!r) {
		work->steps[i].existed = true;
		work->steps[i].number = existing.number;
		return accept_existing(work, i, &existing);
	}
	if (r == -ENOENT)
		r = np_dm_find_by_name(planned->name, work->log, &existing);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	np_log_message(work->log, NP_LOG_ERROR, planned->name, "choose another name with --name",
		       "the name is taken by another device of device-mapper's");
	return -EBUSY;
}

/* Looks for whatever has our UUIDs or names. */
static int look_for_existing(const struct work *work)
{
	const struct np_plan_device *map = np_plan_map(work->plan);
	struct np_dm_device existing;
	int r = map ? np_dm_find_by_uuid(map->uuid, work->log, &existing) : -ENOENT;

	if (!r)
		r = check_way(work, &existing);
	if (r < 0 && r != -ENOENT)
		return r;
	r = 0;
	for (size_t i = 0; i < work->plan->count && !r; i++)
		r = look_for_one(work, i);
	return r;
}

static int compare_one(const struct np_examination *examination, const struct np_plan_device *planned,
		       const struct np_log *log, bool *ret_same)
{
	struct np_dm_device active;
	char word[NP_DEVICE_NUMBER_SIZE];
	int r = np_dm_find_by_uuid(planned->uuid, log, &active);

	*ret_same = false;
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (!active.live || !lies_on(&active, &examination->device))
		return 0;
	np_device_format_number(active.below, word);
	return np_dm_has_table(&active, &planned->table, word, log, ret_same);
}

int np_attach_compare(const struct np_examination *examination, const struct np_plan *plan, const struct np_log *log,
		      bool *ret_same)
{
	bool same = true;
	int r = 0;

	for (size_t i = 0; i < plan->count && !r && same; i++)
		if (plan->devices[i].below == NP_BELOW_SOURCE)
			r = compare_one(examination, &plan->devices[i], log, &same);
	if (!r)
		*ret_same = same;
	return r;
}

/* ---- Making ------------------------------------------------------------------------------------------- */

static dev_t number_below(const struct work *work, int below)
{
	if (below == NP_BELOW_SOURCE)
		return work->source->number;
	return below == NP_BELOW_MEMORY ? work->memory.number : work->steps[below].number;
}

static int create(struct work *work, size_t i)
{
	const struct np_plan_device *device = &work->plan->devices[i];
	char words[2 * NP_DEVICE_NUMBER_SIZE];
	int r = 0;

	if (device->store == NP_BELOW_MEMORY)
		r = np_loop_attach_memory(work->plan->memory_bytes, work->log, &work->memory);
	if (r < 0)
		return r;
	np_device_format_number(number_below(work, device->below), words);
	if (device->store != device->below)
		np_device_format_number(number_below(work, device->store), strcat(words, " ") + strlen(words));
	r = np_dm_create(device->name, device->uuid, &device->table, words, device->read_only, work->log,
			 &work->steps[i].number);
	/* The device keeps the memory now; without one it goes with this. */
	if (device->store == NP_BELOW_MEMORY)
		np_device_close(&work->memory);
	work->steps[i].made = !r;
	return r;
}

static int examine_again(const struct work *work, const struct np_plan_device *device, bool *examined)
{
	int r = *examined ? 0 :
			    np_examine_again(work->examination, work->request, work->source, device->name, work->log);

	*examined = true;
	return r;
}

/* Whether it comes after all that a map has on the source, or is seen. */
static bool is_late(const struct np_plan_device *device)
{
	return !np_role_is_hidden(device->role) || device->below != NP_BELOW_SOURCE;
}

/* The snapshot's own store begins with zeros; only then is it a store. */
static int begin_store(const struct work *work)
{
	const struct np_plan_device *map = np_plan_map(work->plan);
	struct np_store header = work->examination->header;

	header.state = NP_STORE_ACTIVE;
	header.base_bytes = np_table_sectors(&map->table) * NP_SECTOR_SIZE;
	snprintf(header.base_uuid, sizeof(header.base_uuid), "%s", map->uuid);
	memcpy(header.fingerprint, header.fingerprint_now, sizeof(header.fingerprint));
	for (size_t i = 0; i < work->plan->count; i++)
		if (work->plan->devices[i].role == NP_ROLE_STORE)
			return np_store_write(work->steps[i].number, &header, true, work->log);
	return 0;
}

/* Only once all that lies on the source has claimed it, and the volume says what it said before, is anything written, and does
 * a device go live that anybody sees. */
static int make(struct work *work, size_t i, bool *examined)
{
	const struct np_plan_device *device = &work->plan->devices[i];
	int r = 0;

	if (device->role == NP_ROLE_COW && work->request->store_begin) {
		r = examine_again(work, device, examined);
		if (!r)
			r = begin_store(work);
	}
	if (!r)
		r = create(work, i);
	if (!r && is_late(device))
		r = examine_again(work, device, examined);
	if (!r)
		r = np_signals_pending();
	if (!r)
		r = np_dm_resume(device->name, visibility(device), work->log);
	return r ? r : np_signals_pending();
}

static int make_all(struct work *work)
{
	const struct np_plan *plan = work->plan;
	const struct np_plan_device *map = np_plan_map(plan);
	/* What is added to a map that is active reaches no more of the source. */
	bool examined = map && work->steps[map - plan->devices].existed;
	int r = 0;

	for (size_t i = 0; i < plan->count && !r; i++)
		if (!work->steps[i].existed)
			r = make(work, i, &examined);
	for (size_t i = plan->count; i-- && r;)
		if (work->steps[i].made)
			np_dm_remove(plan->devices[i].name, false, work->log);
	return r;
}

static bool all_existed(const struct work *work)
{
	for (size_t i = 0; i < work->plan->count; i++)
		if (!work->steps[i].existed)
			return false;
	return true;
}

/* Which of volume's devices go by themselves. */
static int mark_volume(struct work *work)
{
	for (size_t i = 0; i < work->plan->count; i++) {
		const struct np_plan_device *device = &work->plan->devices[i];

		if (device->role != NP_ROLE_VOLUME)
			continue;
		if (!np_plan_map(work->plan)) {
			np_brought_forget(device->uuid);
		} else if (!work->steps[i].existed) {
			work->marked = device->uuid;
			return np_brought_mark(device->uuid);
		}
	}
	return 0;
}

/* After a failure; one that couldn't be removed goes with the next run. */
static void unmark_volume(const struct work *work)
{
	struct np_dm_device left;

	if (work->marked && np_dm_find_by_uuid(work->marked, &np_log_silent, &left) == -ENOENT)
		np_brought_forget(work->marked);
}

static int attach(struct work *work)
{
	const struct np_device *device = &work->examination->device;
	struct np_device loop = NP_DEVICE_INIT;
	int r = look_for_existing(work);

	if (!r)
		r = mark_volume(work);
	if (!r && all_existed(work)) {
		np_log_message(work->log, NP_LOG_DEBUG, work->plan->devices[0].name, NULL, "it is mapped already");
		return 0;
	}
	if (!r && !device->is_block)
		r = np_loop_attach(device, work->log, &loop);
	work->source = device->is_block ? device : &loop;
	if (!r)
		r = make_all(work);
	/* The map keeps the loop device now; without one it goes with this. */
	np_device_close(&loop);
	if (r < 0)
		unmark_volume(work);
	return r;
}

int np_attach(const struct np_examination *examination, const struct np_request *request, const struct np_plan *plan,
	      const struct np_log *log)
{
	struct work work = {
		.examination = examination,
		.request = request,
		.plan = plan,
		.log = log,
		.memory = NP_DEVICE_INIT,
		.steps = calloc(plan->count, sizeof(*work.steps)),
	};
	sigset_t before;
	int r = -ENOMEM;

	if (!work.steps) {
		np_log_message(log, NP_LOG_ERROR, plan->devices[0].name, NULL, "out of memory");
		return r;
	}
	np_signals_block(&before);
	r = attach(&work);
	/* What is mapped is done: nobody shall see this process end by a signal and the map there. */
	if (r < 0)
		np_signals_restore(&before);
	free(work.steps);
	return r;
}
