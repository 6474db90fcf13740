/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The check of an overlay's store: each verdict, and beside it one that differs in that alone.
 */
#include "sample.h"

#include <stdio.h>
#include <string.h>

#include "ntfs-punch/plan.h"

#define UUID  "NTFSPUNCH-1A2B3C4D5E6F7081-64-1"
#define BYTES (5u << 20)

struct fixture {
	struct sample sample;
	struct np_store header;
	struct np_check_store store;
};

/* A store of this base, as it was left. The sample's file is just large enough. */
static void setup(struct fixture *fixture)
{
	sample_init(&fixture->sample);
	fixture->header = (struct np_store){ .state = NP_STORE_ACTIVE, .base_bytes = BYTES };
	snprintf(fixture->header.base_uuid, sizeof(fixture->header.base_uuid), UUID);
	memset(fixture->header.fingerprint, 1, NP_FINGERPRINT_SIZE);
	memset(fixture->header.fingerprint_now, 1, NP_FINGERPRINT_SIZE);
	fixture->store = (struct np_check_store){ .header = &fixture->header, .base_uuid = UUID, .base_bytes = BYTES };
	fixture->sample.input.store = &fixture->store;
}

static void assert_verdict(struct fixture *fixture, enum np_verdict verdict, const char *message, const char *remedy)
{
	sample_check(&fixture->sample);
	sample_assert_verdict(&fixture->sample, NP_CHECK_OVERLAY, verdict);
	sample_assert_message(&fixture->sample, NP_CHECK_OVERLAY, message);
	if (remedy)
		sample_assert_remedy(&fixture->sample, NP_CHECK_OVERLAY, remedy);
	if (verdict == NP_VERDICT_REFUSE)
		sample_assert_refused_only_by(&fixture->sample, NP_CHECK_OVERLAY);
	sample_release(&fixture->sample);
}

static void test_none(void **state)
{
	struct fixture fixture;

	(void)state;
	setup(&fixture);
	fixture.sample.input.store = NULL;
	assert_verdict(&fixture, NP_VERDICT_OK, "not to be an overlay's store", NULL);
}

static void test_found(void **state)
{
	struct fixture fixture;

	(void)state;
	setup(&fixture);
	assert_verdict(&fixture, NP_VERDICT_OK, "the store of this base", NULL);

	setup(&fixture);
	fixture.header.state = NP_STORE_NONE;
	assert_verdict(&fixture, NP_VERDICT_REFUSE, "no overlay's store", "--overlay-init");
	setup(&fixture);
	fixture.header.state = NP_STORE_ENDED;
	assert_verdict(&fixture, NP_VERDICT_REFUSE, "was committed or discarded", "--overlay-init");

	setup(&fixture);
	fixture.header.unreadable = 1;
	assert_verdict(&fixture, NP_VERDICT_REFUSE, "can't be read", "dmesg");
}

static void test_base(void **state)
{
	struct fixture fixture;

	(void)state;
	setup(&fixture);
	fixture.header.base_uuid[strlen(UUID) - 1] = '2';
	assert_verdict(&fixture, NP_VERDICT_REFUSE, "another base: NTFSPUNCH-1A2B3C4D5E6F7081-64-2", "begun with");
	setup(&fixture);
	fixture.store.base_uuid = UUID "1";
	assert_verdict(&fixture, NP_VERDICT_REFUSE, "another base: " UUID, NULL);
	setup(&fixture);
	fixture.header.base_bytes--;
	assert_verdict(&fixture, NP_VERDICT_REFUSE, "of 5242879 bytes", NULL);
	setup(&fixture);
	fixture.store.base_bytes++;
	assert_verdict(&fixture, NP_VERDICT_REFUSE, "of 5242880 bytes", NULL);
	/* Nor does a merge go on over another one. */
	setup(&fixture);
	fixture.header.state = NP_STORE_MERGING;
	fixture.store.base_uuid = UUID "1";
	assert_verdict(&fixture, NP_VERDICT_REFUSE, "another base", NULL);
}

static void test_fingerprint(void **state)
{
	struct fixture fixture;

	(void)state;
	for (size_t i = 0; i < NP_FINGERPRINT_SIZE; i++) {
		setup(&fixture);
		fixture.header.fingerprint_now[i] ^= 1;
		assert_verdict(&fixture, NP_VERDICT_REFUSE, "the base was written to", "copy out");
	}
	/* By the merge itself. */
	setup(&fixture);
	fixture.header.state = NP_STORE_MERGING;
	fixture.header.fingerprint_now[0] ^= 1;
	assert_verdict(&fixture, NP_VERDICT_WARN, "it goes on", "`ntfs-punch commit NAME`");
}

static void test_begin(void **state)
{
	static const struct {
		enum np_store_state state;
		enum np_verdict verdict;
	} states[] = {
		{ NP_STORE_NONE, NP_VERDICT_OK },
		{ NP_STORE_ACTIVE, NP_VERDICT_REFUSE },
		{ NP_STORE_MERGING, NP_VERDICT_REFUSE },
		{ NP_STORE_ENDED, NP_VERDICT_OK },
	};
	struct fixture fixture;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(states); i++) {
		bool ok = states[i].verdict == NP_VERDICT_OK;

		setup(&fixture);
		fixture.store.begin = true;
		fixture.header.state = states[i].state;
		/* Of what base it was, and what that is like now, doesn't matter. */
		fixture.header.fingerprint_now[0] ^= 1;
		fixture.store.base_bytes++;
		assert_verdict(&fixture, states[i].verdict, ok ? "may be overwritten" : "an overlay's store already",
			       ok ? NULL : "commit");

		setup(&fixture);
		fixture.store.begin = true;
		fixture.header.state = states[i].state;
		fixture.store.content = "ext4";
		assert_verdict(&fixture, NP_VERDICT_REFUSE, ok ? "(ext4)" : "an overlay's store already", NULL);
	}
	setup(&fixture);
	fixture.store.begin = true;
	fixture.header.state = NP_STORE_NONE;
	fixture.store.unreadable = true;
	assert_verdict(&fixture, NP_VERDICT_REFUSE, "can't be told what the file holds", "dmesg");
	setup(&fixture);
	fixture.store.begin = true;
	fixture.header.state = NP_STORE_NONE;
	fixture.header.unreadable = 1;
	assert_verdict(&fixture, NP_VERDICT_REFUSE, "can't be told", "dmesg");
}

/* The sample's file has the least that does, and of one that is looked at before, no one sector less. */
/* One that could be begun, but not ended. */
static void test_extents(void **state)
{
	struct fixture fixture;

	(void)state;
	setup(&fixture);
	fixture.store.base_extents = NP_BASE_EXTENTS_MOST;
	assert_verdict(&fixture, NP_VERDICT_OK, "the store of this base", NULL);
	setup(&fixture);
	fixture.store.base_extents = NP_BASE_EXTENTS_MOST + 1;
	assert_verdict(&fixture, NP_VERDICT_REFUSE, "could not be ended", "defrag");
}

static void test_size(void **state)
{
	struct fixture fixture;

	(void)state;
	assert_int_equal(SAMPLE_FILE_BYTES, NP_STORE_LEAST_BYTES);
	for (int begin = 0; begin < 2; begin++) {
		setup(&fixture);
		fixture.store.begin = begin;
		if (begin)
			fixture.header.state = NP_STORE_NONE;
		fixture.sample.facts.file.data_size -= 512;
		fixture.sample.facts.file.initialized_size -= 512;
		assert_verdict(&fixture, NP_VERDICT_REFUSE, "1048064 bytes are too few", "larger");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),        cmocka_unit_test(test_found), cmocka_unit_test(test_base),
		cmocka_unit_test(test_fingerprint), cmocka_unit_test(test_begin), cmocka_unit_test(test_extents),
		cmocka_unit_test(test_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
