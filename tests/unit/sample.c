/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sample.h"

#include <string.h>

static void append(struct np_extent_map *map, uint64_t lcn, uint64_t count)
{
	uint64_t physical = lcn == SAMPLE_HOLE ? NP_EXTENT_HOLE : lcn * SAMPLE_CLUSTER;

	assert_int_equal(np_extent_map_append(map, physical, count * SAMPLE_CLUSTER), 0);
}

void sample_set_runs(struct np_facts *facts, const struct sample_run *runs)
{
	np_extent_map_release(&facts->extents);
	facts->file.runs = 0;
	for (; runs->count; runs++) {
		append(&facts->extents, runs->lcn, runs->count);
		facts->file.runs++;
	}
	facts->file.allocated_size = np_extent_map_total(&facts->extents);
	facts->file.data_size = facts->file.allocated_size;
	facts->file.initialized_size = facts->file.allocated_size;
}

void sample_facts(struct np_facts *ret_facts)
{
	static const struct sample_run runs[] = {
		{ SAMPLE_LCN_A, SAMPLE_COUNT_A },
		{ SAMPLE_LCN_B, SAMPLE_COUNT_B },
		{ SAMPLE_LCN_C, SAMPLE_COUNT_C },
		{ 0, 0 },
	};

	memset(ret_facts, 0, sizeof(*ret_facts));
	ret_facts->outcome = NP_OUTCOME_COMPLETE;
	ret_facts->volume = (struct np_volume_facts){
		.serial = 0x1a2b3c4d5e6f7081ULL,
		.size_bytes = SAMPLE_VOLUME_BYTES,
		.cluster_size = SAMPLE_CLUSTER,
		.sector_size = 512,
		.journal_lsn = 0x106d26,
		.journal_state = NP_JOURNAL_UNCLEAN,
		.journal_major = 2,
		.hibernation = NP_HIBERNATION_NO,
		.version_major = 3,
		.version_minor = 1,
		.shadow_copies = NP_SHADOW_COPIES_NONE,
		.label = "Windows",
		.content = "NTFS",
	};
	ret_facts->file = (struct np_file_facts){
		.record = 4711,
		.sequence = 3,
		.kind = NP_FILE_REGULAR,
		.system_reason = NP_SYSTEM_NONE,
		.runlist_problem = NP_RUNLIST_SOUND,
		.image = NP_IMAGE_NONE,
	};
	sample_set_runs(ret_facts, runs);
	for (unsigned record = 0; record < NP_OWNERS; record++) {
		append(&ret_facts->system, SAMPLE_SYSTEM_LCN(record), 2);
		ret_facts->system_end[record] = np_extent_map_total(&ret_facts->system);
	}
}

void sample_init(struct sample *sample)
{
	static const struct np_hibernation_facts no_hibernation = { .image = "" };

	memset(sample, 0, sizeof(*sample));
	sample_facts(&sample->facts);
	sample->input = (struct np_check_input){
		.facts = &sample->facts,
		.device_size_bytes = SAMPLE_VOLUME_BYTES + 512,
		.logical_block_size = 512,
		.device_is_disk = true,
		.hibernation = &no_hibernation,
	};
}

void sample_release(struct sample *sample)
{
	np_facts_release(&sample->facts);
	np_extent_map_release(&sample->extents);
}

/* Whether the file lies at [physical, physical + length) with its bytes from `logical` on. */
static bool lies_at(const struct np_extent_map *file, uint64_t logical, uint64_t physical, uint64_t length)
{
	const struct np_extent *extent = np_extent_map_find_logical(file, logical);

	return extent && extent->physical != NP_EXTENT_HOLE &&
	       extent->physical + (logical - extent->logical) == physical &&
	       length <= extent->length - (logical - extent->logical);
}

static bool shares(const struct np_extent *a, const struct np_extent *b)
{
	return b->physical != NP_EXTENT_HOLE && a->physical < b->physical + b->length &&
	       b->physical < a->physical + a->length;
}

static bool shares_taken(const struct np_extent *extent, const struct np_taken *taken)
{
	for (size_t i = 0; i < taken->extents.count; i++)
		if (shares(extent, &taken->extents.extents[i]))
			return true;
	return taken->unknown;
}

/* What a read-only map may show as zeros: holes, and what isn't initialized. */
static bool are_zeros(const struct sample *sample, const struct np_extent *hole)
{
	const struct np_facts *facts = &sample->facts;

	for (uint64_t at = hole->logical; at < hole->logical + hole->length; at += sample->input.logical_block_size)
		if (at < facts->file.initialized_size &&
		    np_extent_map_find_logical(&facts->extents, at)->physical != NP_EXTENT_HOLE)
			return false;
	return sample->input.read_only;
}

bool sample_extents_are_safe(const struct sample *sample)
{
	const struct np_facts *facts = &sample->facts;
	const struct np_extent_map *map = &sample->extents;
	uint64_t block = sample->input.logical_block_size, total = np_extent_map_total(map);

	if (!total || total != facts->file.data_size - facts->file.data_size % block || !unit_map_is_canonical(map))
		return false;
	for (size_t i = 0; i < map->count; i++) {
		const struct np_extent *extent = &map->extents[i];
		uint64_t end = extent->physical + extent->length;

		if (extent->physical == NP_EXTENT_HOLE) {
			if (!are_zeros(sample, extent))
				return false;
			continue;
		}
		if (sample->input.read_only && extent->logical + extent->length >= facts->file.initialized_size + block)
			return false;
		if (!lies_at(&facts->extents, extent->logical, extent->physical, extent->length))
			return false;
		if (end > facts->volume.size_bytes || end > sample->input.device_size_bytes)
			return false;
		if (extent->physical % block || extent->length % block)
			return false;
		for (size_t j = 0; j < i; j++)
			if (shares(extent, &map->extents[j]))
				return false;
		for (size_t j = 0; j < facts->system.count; j++)
			if (shares(extent, &facts->system.extents[j]))
				return false;
		for (size_t j = 0; j < sample->input.taken_count; j++)
			if (shares_taken(extent, &sample->input.taken[j]))
				return false;
	}
	return true;
}

void sample_check(struct sample *sample)
{
	np_extent_map_release(&sample->extents);
	assert_int_equal(np_check_run(&sample->input, &sample->findings, &sample->extents), 0);
	assert_true(unit_map_is_canonical(&sample->extents));
	for (unsigned i = 0; i < NP_CHECK_COUNT; i++) {
		const struct np_finding *finding = &sample->findings.of[i];
		const char *name = np_check_name((enum np_check)i);

		assert_in_case(name, finding->verdict <= NP_VERDICT_REFUSE);
		assert_in_case(name, memchr(finding->message, '\0', sizeof(finding->message)));
		assert_in_case(name, memchr(finding->remedy, '\0', sizeof(finding->remedy)));
		assert_in_case(name, (finding->verdict == NP_VERDICT_NONE) == !*finding->message);
		assert_in_case(name, finding->verdict > NP_VERDICT_OK || !*finding->remedy);
	}
	if (!np_findings_refusals(&sample->findings))
		assert_true(sample_extents_are_safe(sample));
}

void sample_put_last_run(struct sample *sample, uint64_t lcn, uint64_t count)
{
	sample_set_runs(&sample->facts, (const struct sample_run[]){ { 1000, 8 - count }, { lcn, count }, { 0, 0 } });
	sample_check(sample);
}

void sample_assert_verdict(const struct sample *sample, enum np_check check, enum np_verdict verdict)
{
	const struct np_finding *finding = &sample->findings.of[check];

	if (finding->verdict != verdict)
		fail_msg("%s: '%s' instead of '%s': %s", np_check_name(check), np_verdict_name(finding->verdict),
			 np_verdict_name(verdict), finding->message);
}

void sample_assert_all_ok_but(const struct sample *sample, enum np_check check, enum np_verdict verdict)
{
	/* What the files are as an image is only looked at later. */
	for (unsigned i = 0; i < NP_CHECK_COUNT; i++)
		sample_assert_verdict(sample, (enum np_check)i,
				      i == check           ? verdict :
				      i == NP_CHECK_FORMAT ? NP_VERDICT_NONE :
							     NP_VERDICT_OK);
}

void sample_assert_refused_only_by(const struct sample *sample, enum np_check check)
{
	sample_assert_verdict(sample, check, NP_VERDICT_REFUSE);
	assert_true(*sample->findings.of[check].remedy);
	for (unsigned i = 0; i < NP_CHECK_COUNT; i++)
		if (i != check && sample->findings.of[i].verdict == NP_VERDICT_REFUSE)
			fail_msg("%s refuses too: %s", np_check_name((enum np_check)i), sample->findings.of[i].message);
	assert_int_equal(np_findings_refusals(&sample->findings), 1);
}

void sample_assert_message(const struct sample *sample, enum np_check check, const char *part)
{
	if (!strstr(sample->findings.of[check].message, part))
		fail_msg("%s: no '%s' in its message: %s", np_check_name(check), part,
			 sample->findings.of[check].message);
}

void sample_assert_remedy(const struct sample *sample, enum np_check check, const char *part)
{
	if (!strstr(sample->findings.of[check].remedy, part))
		fail_msg("%s: no '%s' in its remedy: %s", np_check_name(check), part,
			 sample->findings.of[check].remedy);
}
