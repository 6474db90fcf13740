/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The check on what the files hold as a disk image, which is run once nothing else refuses.
 */
#include "sample.h"

#include <string.h>

#define MI (1ull << 20)

struct fixture {
	struct sample sample;
	struct np_image image;
	struct np_extent_map extents;
	struct np_check_image check;
};

/* A fixed VHDX whose content lies in two extents. */
static void setup(struct fixture *fixture)
{
	memset(fixture, 0, sizeof(*fixture));
	sample_init(&fixture->sample);
	fixture->image = (struct np_image){
		.format = NP_FORMAT_VHDX,
		.kind = NP_FORMAT_KIND_FIXED,
		.outcome = NP_FORMAT_SOUND,
		.sector_size_bytes = 512,
		.size_bytes = 3 * MI,
		.block_size_bytes = MI,
	};
	assert_int_equal(np_extent_map_append(&fixture->extents, 8 * MI, 2 * MI), 0);
	assert_int_equal(np_extent_map_append(&fixture->extents, 4 * MI, MI), 0);
	fixture->check = (struct np_check_image){ &fixture->image, &fixture->extents };
	fixture->sample.input.image = &fixture->check;
	sample_check(&fixture->sample);
}

static void teardown(struct fixture *fixture)
{
	np_extent_map_release(&fixture->extents);
	sample_release(&fixture->sample);
}

static void assert_format(struct fixture *fixture, enum np_verdict verdict, const char *message, const char *remedy)
{
	np_check_run_late(&fixture->sample.input, NP_CHECK_FORMAT, &fixture->sample.findings);
	sample_assert_verdict(&fixture->sample, NP_CHECK_FORMAT, verdict);
	sample_assert_message(&fixture->sample, NP_CHECK_FORMAT, message);
	assert_non_null(strstr(fixture->sample.findings.of[NP_CHECK_FORMAT].remedy, remedy));
}

/* Its content in place of `extents`, the map's. */
static void put(struct fixture *fixture, uint64_t first, uint64_t first_length, uint64_t second, uint64_t second_length)
{
	np_extent_map_release(&fixture->extents);
	assert_int_equal(np_extent_map_append(&fixture->extents, first, first_length), 0);
	assert_int_equal(np_extent_map_append(&fixture->extents, second, second_length), 0);
	fixture->image.size_bytes = first_length + second_length;
}

static void test_not_looked_at(void **state)
{
	struct fixture fixture;

	(void)state;
	setup(&fixture);
	fixture.sample.input.image = NULL;
	np_check_run_late(&fixture.sample.input, NP_CHECK_FORMAT, &fixture.sample.findings);
	sample_assert_verdict(&fixture.sample, NP_CHECK_FORMAT, NP_VERDICT_NONE);
	teardown(&fixture);
}

static void test_sound(void **state)
{
	struct fixture fixture;

	(void)state;
	setup(&fixture);
	assert_format(&fixture, NP_VERDICT_OK, "it is a fixed VHDX of 3145728 bytes", "");
	fixture.image.format = NP_FORMAT_VDI;
	fixture.image.kind = NP_FORMAT_KIND_DYNAMIC;
	assert_format(&fixture, NP_VERDICT_OK, "it is a dynamic VDI of 3145728 bytes", "");
	fixture.image.format = NP_FORMAT_RAW;
	fixture.image.kind = NP_FORMAT_KIND_RAW;
	assert_format(&fixture, NP_VERDICT_OK, "taken as they are", "");
	teardown(&fixture);
}

static void test_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	setup(&fixture);
	fixture.image.outcome = NP_FORMAT_REFUSED;
	strcpy(fixture.image.reason, "its parent is base.vhdx");
	strcpy(fixture.image.remedy, "merge them");
	assert_format(&fixture, NP_VERDICT_REFUSE, "its parent is base.vhdx", "merge them");
	/* Also where nothing is written. */
	fixture.sample.input.read_only = true;
	assert_format(&fixture, NP_VERDICT_REFUSE, "its parent is base.vhdx", "merge them");
	teardown(&fixture);
}

static void test_holes(void **state)
{
	struct fixture fixture;

	(void)state;
	setup(&fixture);
	fixture.image.kind = NP_FORMAT_KIND_DYNAMIC;
	put(&fixture, 8 * MI, 2 * MI, NP_EXTENT_HOLE, MI);
	assert_format(&fixture, NP_VERDICT_REFUSE, "1048576 of its 3145728 bytes have no place", "--read-only");
	fixture.sample.input.read_only = true;
	assert_format(&fixture, NP_VERDICT_OK, "a dynamic VHDX of 3145728 bytes", "");
	teardown(&fixture);
}

static void test_blocks(void **state)
{
	struct fixture fixture;

	(void)state;
	setup(&fixture);
	fixture.sample.input.logical_block_size = 4096;
	fixture.image.sector_size_bytes = 4096;
	assert_format(&fixture, NP_VERDICT_OK, "a fixed VHDX", "");
	/* Its place, then its length, off the disk's blocks. */
	put(&fixture, 8 * MI + 512, 2 * MI, 4 * MI, MI);
	assert_format(&fixture, NP_VERDICT_REFUSE, "don't lie on the disk's blocks of 4096", "blocks");
	put(&fixture, 8 * MI, 2 * MI + 512, 4 * MI, MI - 512);
	assert_format(&fixture, NP_VERDICT_REFUSE, "don't lie on the disk's blocks of 4096", "blocks");
	/* What is past the last whole block is left out. */
	put(&fixture, 8 * MI, 2 * MI, 4 * MI, MI + 512);
	assert_format(&fixture, NP_VERDICT_WARN, "the last 512 are left out", "");
	put(&fixture, 8 * MI, 512, 4 * MI, 512);
	assert_format(&fixture, NP_VERDICT_REFUSE, "less than one block of the disk (4096)", "larger");
	/* Sectors that the disk doesn't have. */
	fixture.image.sector_size_bytes = 512;
	put(&fixture, 8 * MI, 2 * MI, 4 * MI, MI);
	assert_format(&fixture, NP_VERDICT_WARN, "sectors of 512 bytes, but the disk has blocks of 4096", "partitions");
	teardown(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_looked_at), cmocka_unit_test(test_sound),  cmocka_unit_test(test_refused),
		cmocka_unit_test(test_holes),         cmocka_unit_test(test_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
