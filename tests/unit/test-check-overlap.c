/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The check that no cluster of the file is anybody else's.
 */
#include "sample.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void test_overlap_self(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample_set_runs(&sample.facts, (const struct sample_run[]){ { 1000, 4 }, { 996, 4 }, { 1004, 4 }, { 0, 0 } });
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_OVERLAP, NP_VERDICT_OK);
	sample_set_runs(&sample.facts, (const struct sample_run[]){ { 1000, 4 }, { 2000, 4 }, { 1003, 4 }, { 0, 0 } });
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_OVERLAP, NP_VERDICT_REFUSE);
	sample_assert_refused_only_by(&sample, NP_CHECK_OVERLAP);
	sample_assert_message(&sample, NP_CHECK_OVERLAP, "4096 bytes at byte 4108288 of the volume twice");
	sample_assert_message(&sample, NP_CHECK_OVERLAP, "12288 and 32768");
	sample_assert_remedy(&sample, NP_CHECK_OVERLAP, "chkdsk");
	sample_release(&sample);
}

/* Each of NTFS's own files is named, by its first cluster as by its last; a cluster beside it is fine. */
static void test_overlap_system(void **state)
{
	static const char *const files[NP_OWNERS] = {
		"$MFT",
		"$MFTMirr",
		"$LogFile",
		"$Volume",
		"$AttrDef",
		"root directory",
		"$Bitmap",
		"$Boot",
		"$BadClus",
		"$Secure",
		"$UpCase",
		"$Extend",
		"a file below $Extend",
		"pagefile.sys, hiberfil.sys or swapfile.sys",
		"its own attribute list or another of its streams",
	};
	struct sample sample;

	(void)state;
	sample_init(&sample);
	for (unsigned record = 0; record < NP_OWNERS; record++) {
		uint64_t lcn = SAMPLE_SYSTEM_LCN(record);
		char place[64];

		for (unsigned last = 0; last < 2; last++) {
			sample_put_last_run(&sample, lcn + last, 1);
			sample_assert_all_ok_but(&sample, NP_CHECK_OVERLAP, NP_VERDICT_REFUSE);
			sample_assert_refused_only_by(&sample, NP_CHECK_OVERLAP);
			snprintf(place, sizeof(place), "4096 bytes at byte %" PRIu64 " ",
				 (lcn + last) * SAMPLE_CLUSTER);
			sample_assert_message(&sample, NP_CHECK_OVERLAP, place);
			snprintf(place, sizeof(place), "with %s%s", record == 5 ? "the " : "", files[record]);
			assert_string_equal(strstr(sample.findings.of[NP_CHECK_OVERLAP].message, "with "), place);
		}
		sample_put_last_run(&sample, lcn + 2, 6);
		sample_assert_all_ok_but(&sample, NP_CHECK_OVERLAP, NP_VERDICT_OK);
		sample_put_last_run(&sample, lcn - 1, 1);
		sample_assert_all_ok_but(&sample, NP_CHECK_OVERLAP, NP_VERDICT_OK);
	}
	sample_release(&sample);
}

/* Records 9 and 11 had no clusters before NTFS 3.0: the next one isn't taken for them. */
static void test_overlap_empty_records(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	np_extent_map_release(&sample.facts.system);
	assert_int_equal(np_extent_map_append(&sample.facts.system, 16 * SAMPLE_CLUSTER, 2 * SAMPLE_CLUSTER), 0);
	for (unsigned record = 0; record < NP_OWNERS; record++)
		sample.facts.system_end[record] = record < 6 ? 0 : 2 * SAMPLE_CLUSTER;
	sample_put_last_run(&sample, 16, 1);
	sample_assert_refused_only_by(&sample, NP_CHECK_OVERLAP);
	sample_assert_message(&sample, NP_CHECK_OVERLAP, "$Bitmap");
	sample_release(&sample);
}

/* What another map has is named by its own words; and one that shares nothing is in nobody's way. */
static void test_overlap_taken(void **state)
{
	struct np_taken taken[] = { { .name = "the active map first", .is_map = true }, { .name = "the file second" } };
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample.input.taken = taken;
	sample.input.taken_count = COUNT_OF(taken);
	/* Nothing; then beside the file; then its last cluster; then a byte of its first. */
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_OVERLAP, NP_VERDICT_OK);
	assert_int_equal(np_extent_map_append(&taken[0].extents, (SAMPLE_LCN_B - 1) * SAMPLE_CLUSTER, SAMPLE_CLUSTER),
			 0);
	assert_int_equal(np_extent_map_append(&taken[0].extents, NP_EXTENT_HOLE, SAMPLE_VOLUME_BYTES), 0);
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_OVERLAP, NP_VERDICT_OK);
	assert_int_equal(np_extent_map_append(&taken[1].extents, (SAMPLE_LCN_C + SAMPLE_COUNT_C - 1) * SAMPLE_CLUSTER,
					      2 * SAMPLE_CLUSTER),
			 0);
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_OVERLAP, NP_VERDICT_REFUSE);
	sample_assert_refused_only_by(&sample, NP_CHECK_OVERLAP);
	sample_assert_message(&sample, NP_CHECK_OVERLAP,
			      "4096 bytes at byte 8622080 of the volume with the file second");
	sample_assert_remedy(&sample, NP_CHECK_OVERLAP, "name each file once");
	assert_int_equal(np_extent_map_append(&taken[0].extents, SAMPLE_LCN_A * SAMPLE_CLUSTER - 511, 512), 0);
	sample_check(&sample);
	sample_assert_message(&sample, NP_CHECK_OVERLAP,
			      "shares 1 bytes at byte 4096000 of the volume with the active map first");
	sample_assert_remedy(&sample, NP_CHECK_OVERLAP, "unmap that first");
	sample.input.taken_count = 0;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_OVERLAP, NP_VERDICT_OK);
	for (size_t i = 0; i < COUNT_OF(taken); i++)
		np_extent_map_release(&taken[i].extents);
	sample_release(&sample);
}

static void test_overlap_unknown(void **state)
{
	struct np_taken taken[] = { { .name = "the active map first" },
				    { .name = "the active map second", .unknown = true } };
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample.input.taken = taken;
	sample.input.taken_count = COUNT_OF(taken);
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_OVERLAP, NP_VERDICT_REFUSE);
	sample_assert_refused_only_by(&sample, NP_CHECK_OVERLAP);
	sample_assert_message(&sample, NP_CHECK_OVERLAP, "may share bytes with the active map second");
	sample_assert_remedy(&sample, NP_CHECK_OVERLAP, "unmap");
	sample_release(&sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_overlap_self),          cmocka_unit_test(test_overlap_system),
		cmocka_unit_test(test_overlap_empty_records), cmocka_unit_test(test_overlap_taken),
		cmocka_unit_test(test_overlap_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
