/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replies with random faults: refused, or what is let through can do no harm.
 */
#include "replies.h"
#include "sample.h"

#include <errno.h>

#define SEED   0x6e74667370756e63ULL
#define ROUNDS 20000u

/* Changes a few bytes: at random, or to numbers that break things, or a length. */
static void mutate(struct reply *reply, struct unit_random *source)
{
	static const uint64_t numbers[] = { 0,         1, 2, 511, 4096, 1ULL << 31, 1ULL << 48, (uint64_t)INT64_MAX + 1,
					    UINT64_MAX };
	/* Most of a reply is text: leave that alone most of the time. */
	uint64_t reach = unit_random_below(source, 8) ? REPLY_AT_MESSAGES : reply->size;

	for (uint64_t changes = 1 + unit_random_below(source, 3); changes; changes--) {
		size_t offset = unit_random_below(source, reach);

		if (offset >= offsetof(struct np_reply_header, reason) && offset < REPLY_AT_VOLUME &&
		    unit_random_below(source, 8))
			offset = REPLY_AT_FILE + unit_random_below(source, REPLY_AT_MESSAGES - REPLY_AT_FILE);
		if (unit_random_below(source, 2))
			reply->bytes[offset] ^= (unsigned char)(1 + unit_random_below(source, 255));
		else
			reply_put(reply, offset & ~(size_t)7, 8, numbers[unit_random_below(source, COUNT_OF(numbers))]);
	}
	if (!unit_random_below(source, 50))
		reply->size = unit_random_below(source, reply->size);
}

/* What is accepted is sound; and the checks, given that, find it unsafe or it is safe. */
static void test_random(void **state)
{
	unsigned accepted = 0, refused = 0;

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct unit_random source = unit_random_init(SEED, round);
		const char *why = NULL;
		struct sample sample;
		struct reply reply;
		int r;

		reply_make_sample(&reply);
		mutate(&reply, &source);
		sample_init(&sample);
		np_facts_release(&sample.facts);
		r = reply_receive(&reply, &sample.facts, &why);
		assert_in_round(SEED, round, !r || (r == -EBADMSG && why));
		assert_in_round(SEED, round, r || reply_facts_are_sound(&sample.facts));
		accepted += !r;
		refused += r != 0;
		if (!r) {
			assert_in_round(SEED, round, !np_check_run(&sample.input, &sample.findings, &sample.extents));
			assert_in_round(SEED, round,
					sample.facts.outcome != NP_OUTCOME_COMPLETE ||
						np_findings_refusals(&sample.findings) ||
						sample_extents_are_safe(&sample));
			sample_release(&sample);
		}
		reply_release(&reply);
	}
	assert_true(accepted > ROUNDS / 10 && refused > ROUNDS / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
