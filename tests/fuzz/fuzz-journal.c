/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Journals, changed as patch.h says: what is found makes sense. An input is the journal's number below, whether in version 1.1
 * or 2.0, and the patches.
 */
#include "patch.h"

#include <stdio.h>

#include "journals.h"

/* Of make-log's kinds. The corpus counts them, so a new one comes last. */
static const char *const kinds[] = {
	"1",        "1-extension", "2",
	"2-undo",   "2-bits",      "3",
	"4",        "5",           "5-dirty",
	"6",        "6-lcn",       "6-list",
	"7",        "8-hits",      "8-cleared",
	"8-hotfix", "wrap",        "long",
	"copy",     "torncopy",    "tornplace",
	"table0",   "big",         "skip",
	"deleted",  "name",        "compensation",
	"stale",    "5-between",   "2-long-table0",
	"8-chkdsk", "1-clean",
};

#define VERSIONS 2u

static struct journal journals[COUNT_OF(kinds)][VERSIONS];
static struct patch_base bases[COUNT_OF(kinds)][VERSIONS];

int LLVMFuzzerInitialize(int *argument_count, char ***arguments)
{
	(void)argument_count, (void)arguments;
	for (size_t kind = 0; kind < COUNT_OF(kinds); kind++)
		for (size_t version = 0; version < VERSIONS; version++) {
			struct journal *journal = &journals[kind][version];
			char name[64];

			snprintf(name, sizeof(name), "%s-v%zu", kinds[kind], version + 1);
			journal_init(journal, FUZZ_JOURNALS, name);
			bases[kind][version].image = journal->log;
			patch_add(&bases[kind][version], 0, journal->size);
		}
	return 0;
}

/* What an input begins with. */
#define HEADER 2u

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_most, unsigned seed)
{
	struct fuzz_input input = { data, size };
	size_t kind = fuzz_take_number(&input, 1) % COUNT_OF(kinds);
	size_t version = fuzz_take_number(&input, 1) % VERSIONS;

	return patch_mutate(&bases[kind][version], HEADER, data, size, size_most, seed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	size_t kind = fuzz_take_number(&input, 1) % COUNT_OF(kinds);
	size_t version = fuzz_take_number(&input, 1) % VERSIONS;
	struct np_journal_result result;

	patch_apply(&bases[kind][version], input);
	journal_examine(&journals[kind][version], &result);
	patch_undo(&bases[kind][version]);
	return 0;
}
