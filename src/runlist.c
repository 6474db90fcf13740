/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runlist.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LCN_OF_A_HOLE (-1)

/* What the walks over a record's attributes take along. */
struct walk {
	struct np_ntfs *ntfs;
	uint32_t cluster_size;
	struct np_ntfs_name name;  /* of the stream */
	struct np_ntfs_name match; /* what is there under this name but for case */
	size_t matches;
	bool exact;
	const struct np_ntfs_name *except; /* the stream whose clusters don't count */
	size_t pieces;
	uint64_t vcn; /* where the next piece must begin */
	struct np_file_facts *facts;
	struct np_extent_map *extents;
};

static struct walk walk_init(struct np_ntfs *ntfs, struct np_extent_map *extents)
{
	return (struct walk){ .ntfs = ntfs, .cluster_size = np_ntfs_cluster_size(ntfs), .extents = extents };
}

/* One run, in bytes. -EOVERFLOW: no disk is as large. */
static int append_run(struct walk *walk, const struct np_ntfs_run *run)
{
	uint64_t physical = NP_EXTENT_HOLE, length;

	if (run->lcn < LCN_OF_A_HOLE || __builtin_mul_overflow(run->length, walk->cluster_size, &length))
		return -EOVERFLOW;
	if (run->lcn != LCN_OF_A_HOLE && __builtin_mul_overflow((uint64_t)run->lcn, walk->cluster_size, &physical))
		return -EOVERFLOW;
	return np_extent_map_append(walk->extents, physical, length);
}

/* Ends the walk, without an error: the check `runlist` has the say. */
#define STOP 1

static int problem(struct walk *walk, enum np_runlist_problem what, uint64_t found)
{
	walk->facts->runlist_problem = what;
	walk->facts->runlist_expected = walk->vcn;
	walk->facts->runlist_found = found;
	return STOP;
}

static int add_runs(struct walk *walk, const struct np_ntfs_attribute *attribute)
{
	if (attribute->lowest_vcn != walk->vcn)
		return problem(walk, NP_RUNLIST_GAP, attribute->lowest_vcn);
	if (attribute->runs_error)
		return problem(walk, NP_RUNLIST_UNREADABLE, 0);
	for (size_t i = 0; i < attribute->run_count; i++) {
		const struct np_ntfs_run *run = &attribute->runs[i];
		int r = append_run(walk, run);

		if (r == -EOVERFLOW)
			return problem(walk, NP_RUNLIST_OUT_OF_RANGE, (uint64_t)run->lcn);
		if (r == -E2BIG)
			return problem(walk, NP_RUNLIST_TOO_LONG, 0);
		if (r < 0)
			return r;
		walk->vcn += run->length;
		walk->facts->runs++;
	}
	/* libntfs-3g takes a highest VCN of 0 for any. */
	if (attribute->highest_vcn + 1 != walk->vcn)
		return problem(walk, NP_RUNLIST_END, attribute->highest_vcn);
	return 0;
}

/* The first piece's sizes are those of the stream. On the disk they are signed. */
static int take_sizes(struct walk *walk, const struct np_ntfs_attribute *attribute)
{
	const uint64_t sizes[] = { attribute->allocated_size, attribute->data_size, attribute->initialized_size };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		if (sizes[i] > INT64_MAX)
			return problem(walk, NP_RUNLIST_NEGATIVE, sizes[i]);
	walk->facts->allocated_size = attribute->allocated_size;
	walk->facts->data_size = attribute->data_size;
	walk->facts->initialized_size = attribute->initialized_size;
	return 0;
}

static int visit_stream(void *context, const struct np_ntfs_attribute *attribute)
{
	struct walk *walk = context;
	struct np_file_facts *facts = walk->facts;
	bool first;

	if (!np_ntfs_same_name(walk->ntfs, &walk->name, attribute->name, attribute->name_length, false))
		return 0;
	first = !walk->pieces++;
	facts->flags |= attribute->compressed ? NP_FILE_COMPRESSED : 0;
	facts->flags |= attribute->encrypted ? NP_FILE_ENCRYPTED : 0;
	facts->flags |= attribute->sparse ? NP_FILE_SPARSE : 0;
	/* Only a stream in one piece can be resident. */
	if (!first && (attribute->resident || facts->flags & NP_FILE_RESIDENT))
		return problem(walk, NP_RUNLIST_UNREADABLE, 0);
	if (attribute->resident) {
		facts->flags |= NP_FILE_RESIDENT;
		facts->data_size = attribute->value_length;
		facts->initialized_size = attribute->value_length;
		return 0;
	}
	if (first && take_sizes(walk, attribute))
		return STOP;
	return add_runs(walk, attribute);
}

/* Looks for the name that the stream has on the volume; the exact one wins. */
static int visit_name(void *context, const struct np_ntfs_attribute *attribute)
{
	struct walk *walk = context;

	if (np_ntfs_same_name(walk->ntfs, &walk->name, attribute->name, attribute->name_length, false)) {
		walk->exact = true;
		return STOP;
	}
	if (!np_ntfs_same_name(walk->ntfs, &walk->name, attribute->name, attribute->name_length, true))
		return 0;
	/* A later piece of the same stream has the same name. */
	if (walk->matches &&
	    np_ntfs_same_name(walk->ntfs, &walk->match, attribute->name, attribute->name_length, false))
		return 0;
	memcpy(walk->match.units, attribute->name, attribute->name_length * sizeof(*attribute->name));
	walk->match.length = attribute->name_length;
	walk->matches++;
	return 0;
}

static int resolve_name(struct walk *walk, np_mft_reference reference, const char *stream)
{
	int r = np_ntfs_name_from_utf8(stream, &walk->name);

	if (r < 0)
		return r == -ENAMETOOLONG ? -ENOENT : r;
	r = np_ntfs_for_each_attribute(walk->ntfs, reference, NP_ATTRIBUTE_DATA, visit_name, walk);
	if (r < 0 || walk->exact)
		return r < 0 ? r : 0;
	if (walk->matches != 1)
		return walk->matches ? -ENOTUNIQ : -ENOENT;
	walk->name = walk->match;
	return 0;
}

static uint32_t hash_name(const struct np_ntfs_name *name)
{
	const unsigned char *byte = (const unsigned char *)name->units;
	uint32_t hash = 2166136261u; /* 32-bit FNV-1a */

	for (size_t i = 0; i < name->length * sizeof(*name->units); i++)
		hash = (hash ^ byte[i]) * 16777619u;
	return hash;
}

int np_runlist_read_stream(struct np_ntfs *ntfs, np_mft_reference reference, const char *stream,
			   struct np_file_facts *facts, struct np_extent_map *extents, struct np_ntfs_name *ret_name)
{
	struct walk walk = walk_init(ntfs, extents);
	int r = 0;

	walk.facts = facts;
	facts->runlist_problem = NP_RUNLIST_SOUND;
	if (stream)
		r = resolve_name(&walk, reference, stream);
	if (!r)
		r = np_ntfs_for_each_attribute(ntfs, reference, NP_ATTRIBUTE_DATA, visit_stream, &walk);
	if (r < 0)
		return r;
	if (stream) {
		facts->has_stream = 1;
		facts->stream_hash = hash_name(&walk.name);
	}
	*ret_name = walk.name;
	return walk.pieces ? 0 : -ENOENT;
}

static int visit_clusters(void *context, const struct np_ntfs_attribute *attribute)
{
	struct walk *walk = context;

	if (attribute->resident ||
	    (walk->except && attribute->type == NP_ATTRIBUTE_DATA &&
	     np_ntfs_same_name(walk->ntfs, walk->except, attribute->name, attribute->name_length, false)))
		return 0;
	if (attribute->runs_error)
		return attribute->runs_error;
	for (size_t i = 0; i < attribute->run_count; i++) {
		int r = attribute->runs[i].lcn == LCN_OF_A_HOLE ? 0 : append_run(walk, &attribute->runs[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

int np_runlist_read_clusters(struct np_ntfs *ntfs, np_mft_reference reference, const struct np_ntfs_name *except,
			     struct np_extent_map *extents)
{
	struct walk walk = walk_init(ntfs, extents);

	walk.except = except;
	return np_ntfs_for_each_attribute(ntfs, reference, NP_ATTRIBUTE_ANY, visit_clusters, &walk);
}
