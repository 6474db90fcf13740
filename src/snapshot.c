/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/snapshot.h"

#include <string.h>

#include "ntfs-punch/table.h"
#include "number.h"

/* "USED/TOTAL METADATA", or a word. */
static bool parse_status(const char *text, struct np_snapshot *snapshot)
{
	snapshot->invalid = !strcmp(text, "Invalid");
	snapshot->overflowed = !strcmp(text, "Overflow");
	snapshot->merge_failed = !strcmp(text, "Merge failed");
	if (snapshot->invalid || snapshot->overflowed || snapshot->merge_failed)
		return true;
	return np_number_take(&text, INT64_MAX, &snapshot->used) && *text++ == '/' &&
	       np_number_take(&text, INT64_MAX, &snapshot->total) && *text++ == ' ' &&
	       np_number_parse(text, INT64_MAX, &snapshot->metadata);
}

bool np_snapshot_parse(const char *type, const char *text, struct np_snapshot *ret_snapshot)
{
	struct np_snapshot snapshot = { .merging = !strcmp(type, "snapshot-merge") };

	snapshot.is_snapshot = snapshot.merging || !strcmp(type, "snapshot");
	if (snapshot.is_snapshot && !parse_status(text, &snapshot))
		return false;
	*ret_snapshot = snapshot;
	return true;
}

bool np_snapshot_is_full(const struct np_snapshot *snapshot)
{
	return snapshot->is_snapshot && !snapshot->invalid && !snapshot->merge_failed &&
	       (snapshot->overflowed || snapshot->used + NP_SNAPSHOT_CHUNK_SECTORS > snapshot->total);
}
