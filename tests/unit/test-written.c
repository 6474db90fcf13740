/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which devices of ours the volume is written through.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "ntfs-punch/dm.h"

#define A "NTFSPUNCH-1A2B3C4D5E6F7081-64-1"
#define B "NTFSPUNCH-1A2B3C4D5E6F7081-64-12"

/* One device after the other: R if it is read-only, w if not, r and . if it isn't live yet either, and its UUID. */
#define MOST 8
struct devices {
	struct np_dm_device of[MOST];
	size_t count;
};

static struct devices make(const char *const *words)
{
	struct devices devices = { .count = 0 };

	for (; *words; words++) {
		struct np_dm_device *device = &devices.of[devices.count++];

		assert_true(devices.count <= MOST);
		device->live = **words == 'w' || **words == 'R';
		device->read_only = **words == 'R' || **words == 'r';
		snprintf(device->uuid, sizeof(device->uuid), "%s", *words + 1);
		assert_in_case(*words, np_uuid_is_ours(device->uuid));
	}
	return devices;
}

static void test_written(void **state)
{
	/* Which of them are: a letter each. */
	static const struct {
		const char *name, *written, *words[MOST + 1];
	} cases[] = {
		{ "a plain map", "w", { "w" A } },
		{ "a read-only one", "-", { "R" A } },
		{ "its partitions are its", "w--", { "w" A, "wpart1-" A, "wpart2-" A } },
		{ "read-only ones too", "--", { "R" A, "Rpart1-" A } },
		{ "a blind map", "--", { "w" A, "R" A "-base" } },
		{ "its partitions", "---", { "w" A, "R" A "-base", "wpart1-" A } },
		{ "one whose base is writable", "-w", { "w" A, "w" A "-base" } },
		{ "an overlay", "---w", { "w" A, "R" A "-base", "w" A "-cow", "w" A "-store" } },
		{ "one that merges", "-w-w", { "w" A, "w" A "-base", "w" A "-cow", "w" A "-store" } },
		{ "one that has ended", "ww", { "w" A, "w" A "-store" } },
		{ "a volume", "-", { "RNTFSPUNCH-1A2B3C4D5E6F7081-volume" } },
		{ "a writable volume", "w", { "wNTFSPUNCH-1A2B3C4D5E6F7081-volume" } },
		{ "not live yet", "w", { "." A } },
		{ "not live yet, whatever it will be", "w", { "r" A } },
		{ "a blind one whose base isn't live yet", "-w", { "." A, "." A "-base" } },
		{ "two maps, one blind", "-w-", { "w" A, "w" B, "R" A "-base" } },
		{ "two maps, the other blind", "w--", { "w" A, "w" B, "R" B "-base" } },
		{ "a base without its map", "-", { "R" A "-base" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct devices devices = make(cases[i].words);

		assert_in_case(cases[i].name, strlen(cases[i].written) == devices.count);
		for (size_t j = 0; j < devices.count; j++)
			assert_in_case(cases[i].name, np_dm_is_written(devices.of, devices.count, &devices.of[j]) ==
							      (cases[i].written[j] == 'w'));
	}
}

static void test_map_of(void **state)
{
	static const char *const words[] = { "w" B,          "R" A "-base",     "w" A, "wpart3-" B,
					     "w" B "-store", "wpart1-" A "2-1", NULL };
	static const size_t maps[] = { 0, 2, 2, 0, 0, 5 };
	struct devices devices = make(words);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(maps); i++)
		assert_in_case(words[i],
			       np_dm_map_of(devices.of, devices.count, &devices.of[i]) == &devices.of[maps[i]]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written),
		cmocka_unit_test(test_map_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
