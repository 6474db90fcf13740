/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checks on the file: what it is, its flags and sizes.
 */
#include "sample.h"

#include <string.h>

static void test_regular_file(void **state)
{
	static const struct {
		enum np_file_kind kind;
		uint32_t tag;
		const char *message, *number;
	} cases[] = {
		{ NP_FILE_DIRECTORY, 0, "a directory", "" },
		{ NP_FILE_REPARSE_POINT, 0x80000017, "WOF", "0x80000017" },
		{ NP_FILE_REPARSE_POINT, 0x80000013, "deduplicated", "0x80000013" },
		{ NP_FILE_REPARSE_POINT, 0xa000000c, "symbolic link", "0xa000000c" },
		{ NP_FILE_REPARSE_POINT, 0xa0000003, "junction", "0xa0000003" },
		{ NP_FILE_REPARSE_POINT, 0x80000018, "container", "0x80000018" },
		{ NP_FILE_REPARSE_POINT, 0x9000001a, "cloud", "0x9000001a" },
		{ NP_FILE_REPARSE_POINT, 0x9000f01a, "cloud", "0x9000f01a" },
		{ NP_FILE_REPARSE_POINT, 0x9001001a, "unknown", "0x9001001a" },
		{ NP_FILE_REPARSE_POINT, 0, "unknown", "0x00000000" },
	};
	static const enum np_check not_reached[] = {
		NP_CHECK_RESIDENT,    NP_CHECK_COMPRESSED, NP_CHECK_ENCRYPTED, NP_CHECK_SPARSE,
		NP_CHECK_INITIALIZED, NP_CHECK_SIZE,       NP_CHECK_ALIGNMENT, NP_CHECK_BOUNDS,
		NP_CHECK_OVERLAP,     NP_CHECK_ALLOCATED,  NP_CHECK_RUNLIST,   NP_CHECK_JOURNAL,
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct sample sample;

		sample_init(&sample);
		sample.facts.file.kind = cases[i].kind;
		sample.facts.file.reparse_tag = cases[i].tag;
		sample_check(&sample);
		sample_assert_refused_only_by(&sample, NP_CHECK_REGULAR_FILE);
		sample_assert_message(&sample, NP_CHECK_REGULAR_FILE, cases[i].message);
		sample_assert_message(&sample, NP_CHECK_REGULAR_FILE, cases[i].number);
		sample_assert_remedy(&sample, NP_CHECK_REGULAR_FILE, "name");
		for (size_t j = 0; j < COUNT_OF(not_reached); j++)
			sample_assert_verdict(&sample, not_reached[j], NP_VERDICT_NONE);
		sample_assert_verdict(&sample, NP_CHECK_DIRTY, NP_VERDICT_OK);
		sample_release(&sample);
	}
}

static void test_system_file(void **state)
{
	static const struct {
		enum np_system_reason reason;
		const char *message;
	} cases[] = {
		{ NP_SYSTEM_RECORD, "NTFS's own" },
		{ NP_SYSTEM_EXTEND, "$Extend" },
		{ NP_SYSTEM_VOLUME_INFORMATION, "System Volume Information" },
		{ NP_SYSTEM_PAGEFILE, "page file" },
		{ NP_SYSTEM_HIBERFIL, "hibernation" },
		{ NP_SYSTEM_SWAPFILE, "swap file" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct sample sample;

		sample_init(&sample);
		sample.facts.file.system_reason = cases[i].reason;
		sample_check(&sample);
		sample_assert_all_ok_but(&sample, NP_CHECK_SYSTEM_FILE, NP_VERDICT_REFUSE);
		sample_assert_refused_only_by(&sample, NP_CHECK_SYSTEM_FILE);
		sample_assert_message(&sample, NP_CHECK_SYSTEM_FILE, cases[i].message);
		sample_assert_message(&sample, NP_CHECK_SYSTEM_FILE, "4711");
		/* A directory below it is refused for both. */
		sample.facts.file.kind = NP_FILE_DIRECTORY;
		sample_check(&sample);
		assert_int_equal(np_findings_refusals(&sample.findings), 2);
		sample_release(&sample);
	}
}

static void test_resident(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	np_extent_map_release(&sample.facts.extents);
	sample.facts.file.flags = NP_FILE_RESIDENT;
	sample.facts.file.allocated_size = 0;
	sample.facts.file.data_size = 300;
	sample.facts.file.initialized_size = 300;
	sample.facts.file.runs = 0;
	sample_check(&sample);
	sample_assert_refused_only_by(&sample, NP_CHECK_RESIDENT);
	sample_assert_message(&sample, NP_CHECK_RESIDENT, "300 bytes");
	sample_assert_remedy(&sample, NP_CHECK_RESIDENT, "fsutil file createnew");
	assert_int_equal(sample.extents.count, 0);
	sample.facts.file.data_size = 1;
	sample.facts.file.initialized_size = 1;
	sample_check(&sample);
	sample_assert_message(&sample, NP_CHECK_RESIDENT, "its 1 byte ");
	sample_release(&sample);
}

static void test_flags(void **state)
{
	static const struct {
		uint32_t flag;
		enum np_check check;
		const char *message, *remedy;
	} cases[] = {
		{ NP_FILE_COMPRESSED, NP_CHECK_COMPRESSED, "compressed", "compact /u" },
		{ NP_FILE_ENCRYPTED, NP_CHECK_ENCRYPTED, "EFS", "cipher /d" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct sample sample;

		sample_init(&sample);
		sample.facts.file.flags = cases[i].flag;
		sample_check(&sample);
		sample_assert_all_ok_but(&sample, cases[i].check, NP_VERDICT_REFUSE);
		sample_assert_refused_only_by(&sample, cases[i].check);
		sample_assert_message(&sample, cases[i].check, cases[i].message);
		sample_assert_remedy(&sample, cases[i].check, cases[i].remedy);
		sample_release(&sample);
	}
}

static void test_sparse(void **state)
{
	static const struct sample_run one[] = { { 1000, 8 }, { SAMPLE_HOLE, 3 }, { 2000, 8 }, { 0, 0 } };
	static const struct sample_run two[] = { { SAMPLE_HOLE, 2 }, { 1000, 8 }, { SAMPLE_HOLE, 3 }, { 0, 0 } };
	static const struct sample_run whole[] = { { SAMPLE_HOLE, 16 }, { 0, 0 } };
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample.facts.file.flags = NP_FILE_SPARSE;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_SPARSE, NP_VERDICT_WARN);
	sample_assert_remedy(&sample, NP_CHECK_SPARSE, "fsutil sparse setflag");
	sample_set_runs(&sample.facts, one);
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_SPARSE, NP_VERDICT_REFUSE);
	sample_assert_refused_only_by(&sample, NP_CHECK_SPARSE);
	sample_assert_message(&sample, NP_CHECK_SPARSE, "1 hole, 12288 bytes");
	/* Holes count, not the flag. */
	sample.facts.file.flags = 0;
	sample_set_runs(&sample.facts, two);
	sample_check(&sample);
	sample_assert_refused_only_by(&sample, NP_CHECK_SPARSE);
	sample_assert_message(&sample, NP_CHECK_SPARSE, "2 holes, 20480 bytes");
	sample_set_runs(&sample.facts, whole);
	sample_check(&sample);
	sample_assert_refused_only_by(&sample, NP_CHECK_SPARSE);
	/* Compression leaves holes: it is refused for that. */
	sample.facts.file.flags = NP_FILE_COMPRESSED;
	sample_check(&sample);
	sample_assert_refused_only_by(&sample, NP_CHECK_COMPRESSED);
	sample_assert_verdict(&sample, NP_CHECK_SPARSE, NP_VERDICT_INFO);
	sample_release(&sample);
}

static void test_initialized(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample.facts.file.initialized_size = SAMPLE_FILE_BYTES - 1;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_INITIALIZED, NP_VERDICT_REFUSE);
	sample_assert_refused_only_by(&sample, NP_CHECK_INITIALIZED);
	sample_assert_message(&sample, NP_CHECK_INITIALIZED, "1048575 of its 1048576");
	sample_assert_remedy(&sample, NP_CHECK_INITIALIZED, "fsutil file setvaliddata");
	sample.facts.file.initialized_size = 0;
	sample_check(&sample);
	sample_assert_refused_only_by(&sample, NP_CHECK_INITIALIZED);
	sample_assert_message(&sample, NP_CHECK_INITIALIZED, "only 0 of its 1048576");
	/* As `fsutil file createnew` leaves it, with some preallocation. */
	sample.facts.file.data_size = SAMPLE_FILE_BYTES - 8192;
	sample.facts.file.initialized_size = SAMPLE_FILE_BYTES - 8192;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_SIZE, NP_VERDICT_OK);
	sample_release(&sample);
}

/* What is only read may have holes, and an end that NTFS shows as zeros, on a device that can't be written. */
static void test_read_only(void **state)
{
	static const struct sample_run runs[] = {
		{ SAMPLE_LCN_A, 8 }, { SAMPLE_HOLE, 4 }, { SAMPLE_LCN_B, 4 }, { 0, 0 }
	};
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample.input.read_only = true;
	sample.input.device_read_only = true;
	sample_set_runs(&sample.facts, runs);
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_SPARSE, NP_VERDICT_INFO);
	sample_assert_message(&sample, NP_CHECK_SPARSE, "1 hole, 16384 bytes of zeros");
	assert_int_equal(sample.extents.count, 3);
	assert_true(sample.extents.extents[1].physical == NP_EXTENT_HOLE);

	/* From the block on that the first byte past the initialized ones lies in, or behind it if that one is in use. */
	sample.facts.file.initialized_size = 13 * SAMPLE_CLUSTER + 513;
	sample_check(&sample);
	sample_assert_message(&sample, NP_CHECK_INITIALIZED, "53761 of its 65536 bytes are initialized");
	sample_assert_verdict(&sample, NP_CHECK_INITIALIZED, NP_VERDICT_INFO);
	assert_int_equal(sample.extents.count, 4);
	assert_int_equal(sample.extents.extents[2].length, SAMPLE_CLUSTER + 1024);
	assert_true(sample.extents.extents[3].physical == NP_EXTENT_HOLE);
	assert_int_equal(np_extent_map_total(&sample.extents), 16 * SAMPLE_CLUSTER);

	/* What that block has past them can't be hidden. */
	sample.facts.file.stale_bytes = 3;
	sample_check(&sample);
	sample_assert_refused_only_by(&sample, NP_CHECK_INITIALIZED);
	sample_assert_message(&sample, NP_CHECK_INITIALIZED, "others (3)");
	sample.facts.file.stale_bytes = 0;

	/* Nothing of it is: zeros from the first block on. */
	sample.facts.file.initialized_size = 0;
	sample_check(&sample);
	assert_int_equal(sample.extents.count, 1);
	assert_true(sample.extents.extents[0].physical == NP_EXTENT_HOLE);

	/* What isn't read-only stays refused, and what spoils only writes warns. */
	sample.facts.file.initialized_size = sample.facts.file.data_size;
	sample.input.membership = NP_MEMBERSHIP_LEG;
	sample.input.member = "an IMSM RAID";
	sample.facts.file.journal_reason = NP_JOURNAL_RECORD;
	sample_check(&sample);
	sample_assert_verdict(&sample, NP_CHECK_MEMBER, NP_VERDICT_WARN);
	sample_assert_verdict(&sample, NP_CHECK_JOURNAL, NP_VERDICT_WARN);
	sample.facts.file.flags = NP_FILE_COMPRESSED;
	sample_check(&sample);
	sample_assert_refused_only_by(&sample, NP_CHECK_COMPRESSED);
	sample.facts.file.flags = 0;
	sample.facts.file.free_clusters = 1;
	sample_check(&sample);
	sample_assert_refused_only_by(&sample, NP_CHECK_ALLOCATED);
	sample_release(&sample);
}

/* --allow turns this one refusal into a warning, and no other. */
static void test_allow(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample.facts.file.initialized_size = 0;
	sample.input.allow = ~(1u << NP_CHECK_INITIALIZED);
	sample_check(&sample);
	sample_assert_refused_only_by(&sample, NP_CHECK_INITIALIZED);
	sample.input.allow = 1u << NP_CHECK_INITIALIZED;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_INITIALIZED, NP_VERDICT_WARN);
	sample_assert_message(&sample, NP_CHECK_INITIALIZED, "only 0 of its 1048576");
	assert_true(*sample.findings.of[NP_CHECK_INITIALIZED].remedy);
	assert_true(np_extent_map_equal(&sample.extents, &sample.facts.extents));
	sample.facts.file.initialized_size = SAMPLE_FILE_BYTES;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_SIZE, NP_VERDICT_OK);

	sample.input.allow = UINT32_MAX;
	sample.facts.file.flags = NP_FILE_ENCRYPTED;
	sample_check(&sample);
	sample_assert_refused_only_by(&sample, NP_CHECK_ENCRYPTED);
	sample.facts.file.flags = 0;
	sample.input.device_size_bytes = 4096;
	sample_check(&sample);
	sample_assert_refused_only_by(&sample, NP_CHECK_BOUNDS);
	sample_release(&sample);
}

static void set_size(struct sample *sample, uint64_t size)
{
	sample->facts.file.data_size = size;
	sample->facts.file.initialized_size = size;
	sample_check(sample);
}

static void test_size(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	set_size(&sample, 0);
	sample_assert_refused_only_by(&sample, NP_CHECK_SIZE);
	sample_assert_message(&sample, NP_CHECK_SIZE, "empty");
	set_size(&sample, 511);
	sample_assert_refused_only_by(&sample, NP_CHECK_SIZE);
	sample_assert_message(&sample, NP_CHECK_SIZE, "511");
	sample_assert_message(&sample, NP_CHECK_SIZE, "512");
	assert_int_equal(sample.extents.count, 0);
	set_size(&sample, 512);
	sample_assert_all_ok_but(&sample, NP_CHECK_SIZE, NP_VERDICT_OK);
	assert_int_equal(np_extent_map_total(&sample.extents), 512);
	set_size(&sample, 513);
	sample_assert_all_ok_but(&sample, NP_CHECK_SIZE, NP_VERDICT_WARN);
	sample_assert_message(&sample, NP_CHECK_SIZE, "513 bytes; the last 1 ");
	assert_int_equal(np_extent_map_total(&sample.extents), 512);
	set_size(&sample, 1023);
	sample_assert_message(&sample, NP_CHECK_SIZE, "the last 511 ");
	assert_int_equal(np_extent_map_total(&sample.extents), 512);
	set_size(&sample, SAMPLE_FILE_BYTES - 1);
	assert_int_equal(np_extent_map_total(&sample.extents), SAMPLE_FILE_BYTES - 512);
	set_size(&sample, SAMPLE_FILE_BYTES);
	sample_assert_all_ok_but(&sample, NP_CHECK_SIZE, NP_VERDICT_OK);
	sample_release(&sample);
}

static void test_size_of_large_blocks(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample.input.logical_block_size = 4096;
	set_size(&sample, 4095);
	sample_assert_refused_only_by(&sample, NP_CHECK_SIZE);
	sample_assert_message(&sample, NP_CHECK_SIZE, "4096");
	set_size(&sample, 4096);
	sample_assert_all_ok_but(&sample, NP_CHECK_SIZE, NP_VERDICT_OK);
	set_size(&sample, 8192 + 512);
	sample_assert_all_ok_but(&sample, NP_CHECK_SIZE, NP_VERDICT_WARN);
	sample_assert_message(&sample, NP_CHECK_SIZE, "the last 512 ");
	assert_int_equal(np_extent_map_total(&sample.extents), 8192);
	sample_release(&sample);
}

/* What is said of an image depends on whether Windows may be in the middle of it. */
static void test_attached_image(void **state)
{
	static const struct {
		const char *name;
		enum np_image_kind image;
		uint32_t pending;
		enum np_hibernation hibernation;
		enum np_verdict verdict;
		const char *message;
	} cases[] = {
		{ "none", NP_IMAGE_NONE, 0, NP_HIBERNATION_YES, NP_VERDICT_OK, "no disk image" },
		{ "not seen", NP_IMAGE_UNKNOWN, 0, NP_HIBERNATION_YES, NP_VERDICT_INFO, "unknown" },
		{ "fixed VHD", NP_IMAGE_VHD_FIXED, 0, NP_HIBERNATION_NO, NP_VERDICT_INFO, "a VHD of fixed size" },
		{ "VHD", NP_IMAGE_VHD_DYNAMIC, 0, NP_HIBERNATION_NO, NP_VERDICT_INFO, "a VHD, " },
		{ "VHDX", NP_IMAGE_VHDX, 0, NP_HIBERNATION_NO, NP_VERDICT_INFO, "a VHDX, " },
		{ "hibernated", NP_IMAGE_VHD_FIXED, 0, NP_HIBERNATION_YES, NP_VERDICT_WARN, "a VHD of fixed size: " },
		{ "perhaps hibernated", NP_IMAGE_VHDX, 0, NP_HIBERNATION_UNKNOWN, NP_VERDICT_WARN, "a VHDX: " },
		{ "log", NP_IMAGE_VHDX, 1, NP_HIBERNATION_NO, NP_VERDICT_WARN, "a VHDX that wasn't detached cleanly" },
		{ "log, hibernated", NP_IMAGE_VHDX, 1, NP_HIBERNATION_YES, NP_VERDICT_WARN, "its log holds" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct np_finding *finding;
		struct sample sample;

		sample_init(&sample);
		sample.facts.file.image = cases[i].image;
		sample.facts.file.image_log_pending = cases[i].pending;
		sample.facts.volume.hibernation = cases[i].hibernation;
		sample_check(&sample);
		finding = &sample.findings.of[NP_CHECK_ATTACHED_IMAGE];
		assert_in_case(cases[i].name, finding->verdict == cases[i].verdict);
		assert_in_case(cases[i].name, strstr(finding->message, cases[i].message));
		assert_in_case(cases[i].name,
			       (finding->verdict == NP_VERDICT_WARN) ==
				       (strstr(finding->remedy, "Dismount-VHD") && strstr(finding->remedy, "restart")));
		assert_in_case(cases[i].name, !np_findings_refusals(&sample.findings));
		sample_release(&sample);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_regular_file),   cmocka_unit_test(test_system_file),
		cmocka_unit_test(test_resident),       cmocka_unit_test(test_flags),
		cmocka_unit_test(test_sparse),         cmocka_unit_test(test_initialized),
		cmocka_unit_test(test_read_only),      cmocka_unit_test(test_allow),
		cmocka_unit_test(test_size),           cmocka_unit_test(test_size_of_large_blocks),
		cmocka_unit_test(test_attached_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
