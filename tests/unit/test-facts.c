/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether two scans saw the same: what stands between the look and the claim.
 */
#include "sample.h"

#include <stdlib.h>

static void test_equal(void **state)
{
	struct np_facts a, b;

	(void)state;
	sample_facts(&a);
	sample_facts(&b);
	assert_true(np_facts_equal(&a, &b));
	/* What libntfs-3g says is no fact. */
	b.messages = calloc(1, sizeof(*b.messages));
	b.message_count = 1;
	assert_true(np_facts_equal(&a, &b));
	np_facts_release(&a);
	np_facts_release(&b);
	assert_null(b.messages);
	assert_int_equal(b.message_count, 0);
	assert_null(b.extents.extents);
	assert_null(b.system.extents);
	np_facts_release(&b);
}

/* Every byte counts: numbers, label and what the volume holds. */
static void assert_each_byte_counts(struct np_facts *changed, const struct np_facts *facts, void *part, size_t size)
{
	unsigned char *bytes = part;

	for (size_t i = 0; i < size; i++) {
		bytes[i] ^= 1;
		assert_false(np_facts_equal(changed, facts));
		assert_false(np_facts_equal(facts, changed));
		bytes[i] ^= 1;
	}
	assert_true(np_facts_equal(changed, facts));
}

static void test_numbers(void **state)
{
	struct np_facts facts, changed;

	(void)state;
	sample_facts(&facts);
	sample_facts(&changed);
	assert_each_byte_counts(&changed, &facts, &changed.outcome, sizeof(changed.outcome));
	assert_each_byte_counts(&changed, &facts, &changed.volume, sizeof(changed.volume));
	assert_each_byte_counts(&changed, &facts, &changed.file, sizeof(changed.file));
	assert_each_byte_counts(&changed, &facts, changed.system_end, sizeof(changed.system_end));
	np_facts_release(&facts);
	np_facts_release(&changed);
}

static void test_extents(void **state)
{
	struct np_facts facts, changed;

	(void)state;
	sample_facts(&facts);
	sample_facts(&changed);
	for (size_t i = 0; i < facts.extents.count; i++)
		assert_each_byte_counts(&changed, &facts, &changed.extents.extents[i], sizeof(struct np_extent));
	for (size_t i = 0; i < facts.system.count; i++)
		assert_each_byte_counts(&changed, &facts, &changed.system.extents[i], sizeof(struct np_extent));
	changed.extents.count--;
	assert_false(np_facts_equal(&changed, &facts));
	changed.extents.count++;
	changed.system.count--;
	assert_false(np_facts_equal(&changed, &facts));
	np_facts_release(&facts);
	np_facts_release(&changed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_extents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
