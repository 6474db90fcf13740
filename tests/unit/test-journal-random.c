/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes of good journals changed at random: never a crash, never long, and what is found makes sense. Most bytes aren't under a
 * fixup, so the changes reach the records. Usage: test-journal-random FOLDER, as test-journal.
 */
#include "journals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS      40u
#define SECONDS_MAX 4.0 /* for one journal: what the sandbox allows */

static const char *folder;
static uint64_t seed = 1;

/* xorshift64 */
static uint64_t draw(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

/* Something that is used: a restart page, or a place at which there isn't 0xff or 0. */
static size_t draw_place(const struct journal *journal)
{
	size_t place = 0;

	for (unsigned i = 0; i < 64; i++) {
		place = draw(8) ? draw(journal->size) : draw(8192) & ~0xf00u;
		if (journal->log[place] != 0xff && journal->log[place])
			break;
	}
	return place;
}

static void change(const struct journal *journal)
{
	static const uint64_t values[] = { 0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, UINT32_MAX, INT64_MAX, UINT64_MAX };
	size_t place = draw_place(journal), width = (size_t)1 << draw(4);
	uint64_t value = values[draw(COUNT_OF(values))];

	if (draw(2))
		journal->log[place] = (unsigned char)(journal->log[place] ^ (1u << draw(8)));
	else if ((place & ~(width - 1)) + width <= journal->size)
		memcpy(journal->log + (place & ~(width - 1)), &value, width);
}

static void mutate(struct journal *journal)
{
	unsigned char *good = malloc(journal->size);

	assert_non_null(good);
	memcpy(good, journal->log, journal->size);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct np_journal_result result;
		clock_t begin;

		memcpy(journal->log, good, journal->size);
		for (uint64_t i = draw(round / 8 + 1) + 1; i; i--)
			change(journal);
		begin = clock();
		journal_examine(journal, &result);
		assert_in_case(journal->name, (double)(clock() - begin) / CLOCKS_PER_SEC < SECONDS_MAX);
	}
	free(good);
}

static void test_random(void **state)
{
	(void)state;
	journal_for_each(folder, mutate);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random) };

	if (argc != 2)
		return 2;
	folder = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
