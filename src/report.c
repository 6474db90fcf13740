/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include <inttypes.h>
#include <stdio.h>

#include "command.h"

const char *np_report_hibernation(const struct np_volume_facts *volume)
{
	static const char *const words[] = {
		[NP_HIBERNATION_UNKNOWN] = "unknown",
		[NP_HIBERNATION_NO] = "no",
		[NP_HIBERNATION_YES] = "yes",
	};

	return words[volume->hibernation];
}

const char *np_report_shadow_copies(const struct np_volume_facts *volume)
{
	static const char *const words[] = {
		[NP_SHADOW_COPIES_UNKNOWN] = "unknown",
		[NP_SHADOW_COPIES_NONE] = "no",
		[NP_SHADOW_COPIES_PRESENT] = "yes",
	};

	return words[volume->shadow_copies];
}

static void print_volume(const struct np_volume_facts *volume)
{
	char label[1024], journal[256];

	np_escape(volume->label, label, sizeof(label));
	printf("volume: NTFS %u.%u, serial %016" PRIX64 ", label '%s', %" PRIu64 " bytes in clusters of %" PRIu32 "\n",
	       volume->version_major, volume->version_minor, volume->serial, label, volume->size_bytes,
	       volume->cluster_size);
	printf("hibernated: %s\n", np_report_hibernation(volume));
	np_journal_describe(volume, journal, sizeof(journal));
	printf("journal: %s\n", journal);
}

static void print_file(const struct np_examined *examined)
{
	const struct np_file_facts *file = &examined->facts.file;
	uint64_t least, most;

	np_extent_map_lengths(&examined->facts.extents, &least, &most);
	printf("file: mft:%" PRIu64 ", sequence %" PRIu32 ", %" PRIu64 " bytes, %" PRIu64 " initialized, %" PRIu64
	       " allocated\n",
	       file->record, file->sequence, file->data_size, file->initialized_size, file->allocated_size);
	printf("extents: %zu in %" PRIu64 " runs, the smallest %" PRIu64 " bytes, the largest %" PRIu64 "; ",
	       examined->facts.extents.count, file->runs, least, most);
	if (examined->targets)
		printf("%zu targets\n", examined->targets);
	else
		puts("no table");
}

/* All, or of the volume alone those that are about it. */
static void print_findings(const struct np_findings *findings, bool with_file)
{
	for (enum np_check check = 0; check < NP_CHECK_COUNT; check++) {
		const struct np_finding *finding = &findings->of[check];
		char message[4 * NP_FINDING_SIZE], remedy[4 * NP_FINDING_SIZE];

		if (!with_file && !np_check_is_of_device(check))
			continue;
		np_escape(finding->verdict == NP_VERDICT_NONE ? "not reached" : finding->message, message,
			  sizeof(message));
		np_escape(finding->remedy, remedy, sizeof(remedy));
		printf("%-16s  %-6s  %s\n", np_check_name(check), np_verdict_name(finding->verdict), message);
		if (*finding->remedy)
			printf("%-16s  %-6s    remedy: %s\n", "", "", remedy);
	}
}

void np_report_text(const struct np_request *request, const struct np_examination *examination)
{
	for (size_t i = 0; i < examination->count; i++) {
		const struct np_examined *examined = &examination->examined[i];

		if (examined->facts.outcome == NP_OUTCOME_COMPLETE) {
			print_volume(&examined->facts.volume);
			if (request->file_count)
				print_file(examined);
		}
		print_findings(&examined->findings, request->file_count);
	}
}
