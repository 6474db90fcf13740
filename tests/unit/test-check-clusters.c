/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checks on the file's clusters: alignment, bounds, allocation, cost, and the runlist's form.
 */
#include "sample.h"

static void test_alignment(void **state)
{
	static const struct {
		const char *name;
		uint64_t physical[2], length[2]; /* in sectors */
		const char *message;             /* NULL: it is aligned */
	} cases[] = {
		{ "aligned", { 80, 160 }, { 8, 16 }, NULL },
		{ "begins in a block", { 81, 160 }, { 8, 16 }, "4096 bytes at byte 41472" },
		{ "the second does", { 80, 167 }, { 8, 16 }, "8192 bytes at byte 85504" },
		{ "ends in a block", { 80, 160 }, { 9, 15 }, "4608 bytes at byte 40960" },
		{ "shorter than one", { 80, 160 }, { 1, 23 }, "512 bytes at byte 40960" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct sample sample;

		/* 512-byte clusters on a disk with blocks of 4096. */
		sample_init(&sample);
		sample_set_runs(&sample.facts, (const struct sample_run[]){ { 0, 0 } });
		for (size_t j = 0; j < 2; j++)
			assert_int_equal(np_extent_map_append(&sample.facts.extents, cases[i].physical[j] * 512,
							      cases[i].length[j] * 512),
					 0);
		np_extent_map_release(&sample.facts.system);
		sample.facts.volume.cluster_size = 512;
		sample.facts.file.allocated_size = 24 * 512;
		sample.facts.file.data_size = 24 * 512;
		sample.facts.file.initialized_size = 24 * 512;
		sample_check(&sample);
		sample_assert_all_ok_but(&sample, NP_CHECK_ALIGNMENT, NP_VERDICT_OK);
		sample.input.logical_block_size = 4096;
		sample_check(&sample);
		sample_assert_all_ok_but(&sample, NP_CHECK_ALIGNMENT,
					 cases[i].message ? NP_VERDICT_REFUSE : NP_VERDICT_OK);
		if (cases[i].message) {
			sample_assert_refused_only_by(&sample, NP_CHECK_ALIGNMENT);
			sample_assert_message(&sample, NP_CHECK_ALIGNMENT, cases[i].message);
			sample_assert_message(&sample, NP_CHECK_ALIGNMENT, "blocks of 4096 bytes");
		}
		sample_release(&sample);
	}
}

/* The slack isn't mapped: it may lie where it likes. */
static void test_alignment_of_slack(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample_set_runs(&sample.facts, (const struct sample_run[]){ { 1000, 1 }, { 0, 0 } });
	assert_int_equal(np_extent_map_append(&sample.facts.extents, 8192000 + 512, 512), 0);
	sample.facts.file.allocated_size = 4096 + 512;
	sample.input.logical_block_size = 4096;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_ALIGNMENT, NP_VERDICT_OK);
	assert_int_equal(np_extent_map_total(&sample.extents), 4096);
	sample_release(&sample);
}

static void test_bounds_of_volume(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample.input.device_size_bytes = 2 * SAMPLE_VOLUME_BYTES;
	sample_put_last_run(&sample, SAMPLE_VOLUME_CLUSTERS - 1, 1);
	sample_assert_all_ok_but(&sample, NP_CHECK_BOUNDS, NP_VERDICT_OK);
	sample_put_last_run(&sample, SAMPLE_VOLUME_CLUSTERS - 4, 4);
	sample_assert_all_ok_but(&sample, NP_CHECK_BOUNDS, NP_VERDICT_OK);
	sample_put_last_run(&sample, SAMPLE_VOLUME_CLUSTERS - 3, 4);
	sample_assert_all_ok_but(&sample, NP_CHECK_BOUNDS, NP_VERDICT_REFUSE);
	sample_assert_refused_only_by(&sample, NP_CHECK_BOUNDS);
	sample_assert_message(&sample, NP_CHECK_BOUNDS, "16384 bytes at byte 268423168");
	sample_assert_message(&sample, NP_CHECK_BOUNDS, "volume, which has 268435456 bytes");
	sample_assert_remedy(&sample, NP_CHECK_BOUNDS, "chkdsk");
	sample_put_last_run(&sample, SAMPLE_VOLUME_CLUSTERS, 1);
	sample_assert_refused_only_by(&sample, NP_CHECK_BOUNDS);
	sample_put_last_run(&sample, INT64_MAX / SAMPLE_CLUSTER - 1, 1);
	sample_assert_refused_only_by(&sample, NP_CHECK_BOUNDS);
	sample_release(&sample);
}

static void test_bounds_of_device(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	/* As large as the volume; then smaller, a byte missing. */
	sample.input.device_size_bytes = SAMPLE_VOLUME_BYTES;
	sample_put_last_run(&sample, SAMPLE_VOLUME_CLUSTERS - 1, 1);
	sample_assert_all_ok_but(&sample, NP_CHECK_BOUNDS, NP_VERDICT_OK);
	sample.input.device_size_bytes = 2001 * SAMPLE_CLUSTER;
	sample_put_last_run(&sample, 2000, 1);
	sample_assert_all_ok_but(&sample, NP_CHECK_BOUNDS, NP_VERDICT_WARN);
	sample.input.device_size_bytes--;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_BOUNDS, NP_VERDICT_REFUSE);
	sample_assert_refused_only_by(&sample, NP_CHECK_BOUNDS);
	sample_assert_message(&sample, NP_CHECK_BOUNDS, "4096 bytes at byte 8192000");
	sample_assert_message(&sample, NP_CHECK_BOUNDS, "device, which has 8196095 bytes");
	sample.input.device_size_bytes = 0;
	sample_check(&sample);
	sample_assert_refused_only_by(&sample, NP_CHECK_BOUNDS);
	/* Preallocated clusters count: what isn't data now may be soon. */
	sample.input.device_size_bytes = SAMPLE_VOLUME_BYTES;
	sample_put_last_run(&sample, SAMPLE_VOLUME_CLUSTERS, 1);
	sample.facts.file.data_size = 4096;
	sample.facts.file.initialized_size = 4096;
	sample_check(&sample);
	sample_assert_refused_only_by(&sample, NP_CHECK_BOUNDS);
	sample_release(&sample);
}

/* A file of `count` extents. */
static void put_extents(struct sample *sample, size_t count)
{
	np_extent_map_release(&sample->facts.extents);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(np_extent_map_append(&sample->facts.extents, (1000 + 2 * i) * SAMPLE_CLUSTER,
						      SAMPLE_CLUSTER),
				 0);
	sample->facts.file.allocated_size = count * SAMPLE_CLUSTER;
	sample->facts.file.data_size = count * SAMPLE_CLUSTER;
	sample->facts.file.initialized_size = count * SAMPLE_CLUSTER;
	sample_check(sample);
}

static void test_flush_cost(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	put_extents(&sample, 20000);
	sample_assert_all_ok_but(&sample, NP_CHECK_FLUSH_COST, NP_VERDICT_OK);
	sample_assert_message(&sample, NP_CHECK_FLUSH_COST, "20000 extents");
	sample.input.flush_each_target = true;
	put_extents(&sample, 256);
	sample_assert_all_ok_but(&sample, NP_CHECK_FLUSH_COST, NP_VERDICT_OK);
	put_extents(&sample, 257);
	sample_assert_all_ok_but(&sample, NP_CHECK_FLUSH_COST, NP_VERDICT_WARN);
	sample_assert_message(&sample, NP_CHECK_FLUSH_COST, "257 extents");
	sample_assert_message(&sample, NP_CHECK_FLUSH_COST, "136 ms");
	sample_assert_remedy(&sample, NP_CHECK_FLUSH_COST, "Linux 6.11");
	/* What is mapped counts, not what is allocated past the data. */
	sample.facts.file.data_size = 256 * SAMPLE_CLUSTER;
	sample.facts.file.initialized_size = 256 * SAMPLE_CLUSTER;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_FLUSH_COST, NP_VERDICT_OK);
	sample_release(&sample);
}

static void test_allocated(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample.facts.file.free_clusters = 1;
	sample.facts.file.first_free_lcn = 5003;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_ALLOCATED, NP_VERDICT_REFUSE);
	sample_assert_refused_only_by(&sample, NP_CHECK_ALLOCATED);
	sample_assert_message(&sample, NP_CHECK_ALLOCATED, "1 of its clusters is free");
	sample_assert_message(&sample, NP_CHECK_ALLOCATED, "cluster 5003");
	sample_assert_remedy(&sample, NP_CHECK_ALLOCATED, "chkdsk");
	sample.facts.file.free_clusters = 256;
	sample.facts.file.first_free_lcn = 0;
	sample_check(&sample);
	sample_assert_message(&sample, NP_CHECK_ALLOCATED, "256 of its clusters are free");
	sample_assert_message(&sample, NP_CHECK_ALLOCATED, "cluster 0");
	sample_release(&sample);
}

static void assert_runlist_refused(struct sample *sample, const char *message)
{
	sample_check(sample);
	sample_assert_verdict(sample, NP_CHECK_RUNLIST, NP_VERDICT_REFUSE);
	sample_assert_message(sample, NP_CHECK_RUNLIST, message);
	sample_assert_remedy(sample, NP_CHECK_RUNLIST, "chkdsk");
}

static void test_runlist_problems(void **state)
{
	struct sample sample;
	struct np_file_facts *file = &sample.facts.file;

	(void)state;
	sample_init(&sample);
	file->runlist_expected = 12345;
	file->runlist_found = 12399;
	file->runlist_problem = NP_RUNLIST_GAP;
	assert_runlist_refused(&sample, "VCN 12399 instead of 12345");
	sample_assert_refused_only_by(&sample, NP_CHECK_RUNLIST);
	file->runlist_problem = NP_RUNLIST_UNREADABLE;
	assert_runlist_refused(&sample, "from VCN 12345 on");
	sample_assert_refused_only_by(&sample, NP_CHECK_RUNLIST);
	file->runlist_problem = NP_RUNLIST_TOO_LONG;
	assert_runlist_refused(&sample, "more than 4194304 extents");
	sample_assert_refused_only_by(&sample, NP_CHECK_RUNLIST);
	file->runlist_found = (uint64_t)-4096;
	file->runlist_problem = NP_RUNLIST_NEGATIVE;
	assert_runlist_refused(&sample, "negative: -4096");
	sample_assert_refused_only_by(&sample, NP_CHECK_RUNLIST);
	file->runlist_found = (uint64_t)-1;
	file->runlist_problem = NP_RUNLIST_END;
	assert_runlist_refused(&sample, "VCN -1 as its highest, but its runs end with 12344");
	sample_assert_refused_only_by(&sample, NP_CHECK_RUNLIST);
	/* This one is out of bounds too. */
	file->runlist_problem = NP_RUNLIST_OUT_OF_RANGE;
	file->runlist_found = (uint64_t)-7;
	assert_runlist_refused(&sample, "at VCN 12345");
	sample_assert_verdict(&sample, NP_CHECK_BOUNDS, NP_VERDICT_REFUSE);
	sample_assert_message(&sample, NP_CHECK_BOUNDS, "cluster -7");
	assert_int_equal(np_findings_refusals(&sample.findings), 2);
	sample_release(&sample);
}

static void test_runlist_sizes(void **state)
{
	struct sample sample;
	struct np_file_facts *file = &sample.facts.file;

	(void)state;
	sample_init(&sample);
	/* data == allocated == 1 MiB in the sample; and less, down to the last cluster's first byte. */
	file->data_size = SAMPLE_FILE_BYTES - SAMPLE_CLUSTER + 512;
	file->initialized_size = file->data_size;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_RUNLIST, NP_VERDICT_OK);
	file->initialized_size++;
	assert_runlist_refused(&sample, "1044993 bytes are initialized, but the data size is 1044992");
	sample_assert_refused_only_by(&sample, NP_CHECK_RUNLIST);

	file->data_size = SAMPLE_FILE_BYTES + 1;
	file->initialized_size = file->data_size;
	assert_runlist_refused(&sample, "the data size is 1048577, but only 1048576 bytes are allocated");
	sample_assert_refused_only_by(&sample, NP_CHECK_RUNLIST);
	file->data_size = INT64_MAX;
	file->initialized_size = INT64_MAX;
	assert_runlist_refused(&sample, "the data size is 9223372036854775807");
	sample_assert_refused_only_by(&sample, NP_CHECK_RUNLIST);
	assert_int_equal(sample.extents.count, 0);

	file->data_size = SAMPLE_FILE_BYTES;
	file->initialized_size = SAMPLE_FILE_BYTES;
	file->allocated_size = SAMPLE_FILE_BYTES + SAMPLE_CLUSTER;
	assert_runlist_refused(&sample, "the runlist has 1048576 bytes, but the allocated size is 1052672");
	sample_assert_refused_only_by(&sample, NP_CHECK_RUNLIST);
	file->allocated_size = SAMPLE_FILE_BYTES - SAMPLE_CLUSTER;
	assert_runlist_refused(&sample, "the runlist has 1048576 bytes, but the allocated size is 1044480");
	sample_assert_refused_only_by(&sample, NP_CHECK_RUNLIST);
	file->allocated_size = SAMPLE_FILE_BYTES;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_RUNLIST, NP_VERDICT_OK);
	sample_release(&sample);
}

/* What a map gets: the data, in whole blocks, in the file's order. */
static void test_resulting_extents(void **state)
{
	struct sample sample;
	struct np_extent_map expected = NP_EXTENT_MAP_INIT;

	(void)state;
	sample_init(&sample);
	sample.facts.file.data_size = (SAMPLE_COUNT_A + 1) * SAMPLE_CLUSTER + 1300;
	sample.facts.file.initialized_size = sample.facts.file.data_size;
	sample_check(&sample);
	assert_int_equal(
		np_extent_map_append(&expected, SAMPLE_LCN_A * SAMPLE_CLUSTER, SAMPLE_COUNT_A * SAMPLE_CLUSTER), 0);
	assert_int_equal(np_extent_map_append(&expected, SAMPLE_LCN_B * SAMPLE_CLUSTER, SAMPLE_CLUSTER + 1024), 0);
	assert_true(np_extent_map_equal(&sample.extents, &expected));
	np_extent_map_release(&expected);
	sample_release(&sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alignment),         cmocka_unit_test(test_alignment_of_slack),
		cmocka_unit_test(test_bounds_of_volume),  cmocka_unit_test(test_bounds_of_device),
		cmocka_unit_test(test_flush_cost),        cmocka_unit_test(test_allocated),
		cmocka_unit_test(test_runlist_problems),  cmocka_unit_test(test_runlist_sizes),
		cmocka_unit_test(test_resulting_extents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
