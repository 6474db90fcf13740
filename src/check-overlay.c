/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check-internal.h"

#include <inttypes.h>
#include <string.h>

#include "ntfs-punch/plan.h"

static const char *const begin_anew = "--overlay-init begins a new one, and loses what the file holds";

/* One that is to be begun. */
static void check_begin(const struct np_check_store *store, uint64_t size, struct np_finding *finding)
{
	if (store->header->state == NP_STORE_ACTIVE || store->header->state == NP_STORE_MERGING)
		np_say(finding, NP_VERDICT_REFUSE,
		       "map with it without --overlay-init, then `ntfs-punch commit NAME` or `ntfs-punch discard NAME`; "
		       "if its base is gone, map this file by itself and zero its first 64 KiB",
		       "it is an overlay's store already, and holds what was written there");
	else if (store->unreadable)
		np_say(finding, NP_VERDICT_REFUSE, "does `dmesg` tell of a failing disk?",
		       "it can't be told what the file holds: not all of it can be read");
	else if (store->content)
		np_say(finding, NP_VERDICT_REFUSE,
		       "take another file; if it holds nothing that you need, map it by itself and run `wipefs --all` on it",
		       "it looks as if it held something (%s), which would be overwritten", store->content);
	else
		np_say(finding, NP_VERDICT_OK, NULL, "its %" PRIu64 " bytes may be overwritten", size);
}

/* One that there is. */
static void check_found(const struct np_check_store *store, struct np_finding *finding)
{
	const struct np_store *header = store->header;

	if (header->state == NP_STORE_NONE)
		np_say(finding, NP_VERDICT_REFUSE, begin_anew, "it is no overlay's store");
	else if (header->state == NP_STORE_ENDED)
		np_say(finding, NP_VERDICT_REFUSE, begin_anew, "its overlay was committed or discarded");
	else if (strcmp(header->base_uuid, store->base_uuid) || header->base_bytes != store->base_bytes)
		np_say(finding, NP_VERDICT_REFUSE, "name the file that it was begun with",
		       "it is the store of another base: %s, of %" PRIu64 " bytes", header->base_uuid,
		       header->base_bytes);
	else if (header->state == NP_STORE_MERGING)
		np_say(finding, NP_VERDICT_WARN, "`ntfs-punch commit NAME` finishes it",
		       "its commit was begun and not finished: it goes on");
	else if (memcmp(header->fingerprint, header->fingerprint_now, sizeof(header->fingerprint)))
		np_say(finding, NP_VERDICT_REFUSE,
		       "what the overlay holds doesn't fit the base any more: copy out what you need from a base of that "
		       "time, or give it up with --overlay-init after zeroing the store's first 64 KiB",
		       "the base was written to since the overlay was begun");
	else
		np_say(finding, NP_VERDICT_OK, NULL, "it is the store of this base, which hasn't changed since");
}

void np_check_overlay(const struct np_checks *checks, struct np_finding *finding)
{
	const struct np_check_store *store = checks->input->store;
	uint64_t size = checks->facts->file.data_size;

	if (!store)
		np_say(finding, NP_VERDICT_OK, NULL, "it is not to be an overlay's store");
	else if (size < NP_STORE_LEAST_BYTES)
		np_say(finding, NP_VERDICT_REFUSE, "make a larger file",
		       "its %" PRIu64 " bytes are too few for an overlay, which takes %u at least", size,
		       NP_STORE_LEAST_BYTES);
	else if (store->base_extents > NP_BASE_EXTENTS_MOST)
		np_say(finding, NP_VERDICT_REFUSE,
		       "defragment the base in Windows: `defrag C:`, or Sysinternals' contig",
		       "its base has %zu extents: with more than %u an overlay could not be ended", store->base_extents,
		       NP_BASE_EXTENTS_MOST);
	else if (store->header->unreadable)
		np_say(finding, NP_VERDICT_REFUSE, "does `dmesg` tell of a failing disk?",
		       "it can't be told what it is a store of: it or its base can't be read");
	else if (store->begin)
		check_begin(store, size, finding);
	else
		check_found(store, finding);
}
