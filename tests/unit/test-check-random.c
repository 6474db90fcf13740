/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checks as a proof: whatever the facts, where none of them refuses, the map is safe; and where a fault was put in,
 * one of them does.
 */
#include "sample.h"

#include <string.h>

#define SEED   0x6e74667370756e63ULL
#define ROUNDS 20000u

/* A small volume, so that accidents happen. */
#define VOLUME_CLUSTERS 64u

static void draw_extents(struct np_extent_map *map, struct unit_random *source, uint64_t cluster, bool holes)
{
	uint64_t count = unit_random_below(source, 5);

	while (count--) {
		uint64_t physical = unit_random_below(source, VOLUME_CLUSTERS + 2) * cluster;
		uint64_t length = (1 + unit_random_below(source, 6)) * cluster;

		if (holes && !unit_random_below(source, 8))
			physical = NP_EXTENT_HOLE;
		assert_int_equal(np_extent_map_append(map, physical, length), 0);
	}
}

/* A size that is most often the likely one, or beside it. */
static uint64_t draw_size(struct unit_random *source, uint64_t likely)
{
	switch (unit_random_below(source, 8)) {
	case 0:
		return unit_random_below(source, 64 * 4096);
	case 1:
		return likely + 1 + unit_random_below(source, 512);
	case 2:
	case 3:
		return likely > 700 ? likely - unit_random_below(source, 700) : likely;
	default:
		return likely;
	}
}

/* What another map has, most often nothing. */
static void draw_taken(struct sample *sample, struct np_taken *taken, struct unit_random *source, uint64_t cluster)
{
	*taken = (struct np_taken){ .name = "a map", .unknown = !unit_random_below(source, 32) };
	if (!unit_random_below(source, 4))
		draw_extents(&taken->extents, source, cluster, true);
	sample->input.taken = taken;
	sample->input.taken_count = 1;
}

static void draw(struct sample *sample, struct np_taken *taken, struct unit_random *source)
{
	struct np_facts *facts = &sample->facts;
	uint64_t cluster = 512ULL << unit_random_below(source, 4);

	sample_init(sample);
	np_extent_map_release(&facts->extents);
	np_extent_map_release(&facts->system);
	facts->volume.cluster_size = (uint32_t)cluster;
	facts->volume.size_bytes = VOLUME_CLUSTERS * cluster;
	draw_extents(&facts->extents, source, cluster, true);
	for (size_t record = 0; record < NP_OWNERS; record++) {
		if (!unit_random_below(source, 6))
			assert_int_equal(np_extent_map_append(&facts->system,
							      unit_random_below(source, VOLUME_CLUSTERS) * cluster,
							      cluster),
					 0);
		facts->system_end[record] = np_extent_map_total(&facts->system);
	}
	facts->file.allocated_size = np_extent_map_total(&facts->extents);
	facts->file.data_size = draw_size(source, facts->file.allocated_size);
	facts->file.initialized_size = draw_size(source, facts->file.data_size);
	facts->file.flags = unit_random_below(source, 8) ? 0 : (uint32_t)unit_random_below(source, NP_FILE_FLAGS + 1);
	facts->file.free_clusters = !unit_random_below(source, 16);
	facts->file.runlist_problem = unit_random_below(source, 16) ? NP_RUNLIST_SOUND : NP_RUNLIST_GAP;
	facts->file.journal_reason = unit_random_below(source, 16) ? NP_JOURNAL_NOTHING : NP_JOURNAL_RECORD;
	sample->input.allow_journal_lsn = facts->volume.journal_lsn - unit_random_below(source, 2);
	sample->input.logical_block_size = unit_random_below(source, 4) ? 512 : 4096;
	sample->input.device_size_bytes = draw_size(source, facts->volume.size_bytes);
	sample->input.device_read_only = !unit_random_below(source, 16);
	sample->input.membership =
		(enum np_membership)(unit_random_below(source, 8) ? 0 : unit_random_below(source, 4));
	sample->input.member = "an array";
	sample->input.read_only = !unit_random_below(source, 4);
	facts->file.stale_bytes = unit_random_below(source, 4) ? 0 : 1;
	sample->input.flush_each_target = unit_random_below(source, 2);
	sample->input.allow = unit_random_below(source, 2) ? 0 : UINT32_MAX;
	draw_taken(sample, taken, source, cluster);
}

/* What may not pass, in other words than the checks'. */
static bool may_pass(const struct sample *sample)
{
	const struct np_file_facts *file = &sample->facts.file;

	if (file->flags & (NP_FILE_RESIDENT | NP_FILE_COMPRESSED | NP_FILE_ENCRYPTED) || file->free_clusters ||
	    file->runlist_problem != NP_RUNLIST_SOUND)
		return false;
	if (file->data_size > file->allocated_size || file->initialized_size > file->data_size)
		return false;
	if (sample->input.read_only)
		return sample->input.allow || file->initialized_size == file->data_size || !file->stale_bytes;
	if (sample->input.device_read_only)
		return false;
	if (file->journal_reason && sample->input.allow_journal_lsn != sample->facts.volume.journal_lsn)
		return false;
	for (size_t i = 0; i < sample->facts.extents.count; i++)
		if (sample->facts.extents.extents[i].physical == NP_EXTENT_HOLE)
			return false;
	return sample->input.allow ||
	       (file->initialized_size == file->data_size && sample->input.membership != NP_MEMBERSHIP_LEG &&
		sample->input.membership != NP_MEMBERSHIP_UNREADABLE);
}

static void test_safe_or_refused(void **state)
{
	unsigned passed = 0;

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct unit_random source = unit_random_init(SEED, round);
		struct np_taken taken;
		struct sample sample;

		draw(&sample, &taken, &source);
		assert_in_round(SEED, round, !np_check_run(&sample.input, &sample.findings, &sample.extents));
		if (!np_findings_refusals(&sample.findings)) {
			assert_in_round(SEED, round, may_pass(&sample));
			assert_in_round(SEED, round, sample_extents_are_safe(&sample));
			passed++;
		}
		np_extent_map_release(&taken.extents);
		sample_release(&sample);
	}
	/* Else this would prove nothing. */
	assert_in_range(passed, ROUNDS / 100, ROUNDS / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_safe_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
