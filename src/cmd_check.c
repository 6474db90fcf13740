/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "command.h"

static void print_volume(const struct np_volume_facts *volume)
{
	char label[1024], journal[256];

	np_escape(volume->label, label, sizeof(label));
	printf("volume: NTFS %u.%u, serial %016" PRIX64 ", label '%s', %" PRIu64 " bytes in clusters of %" PRIu32 "\n",
	       volume->version_major, volume->version_minor, volume->serial, label, volume->size_bytes,
	       volume->cluster_size);
	np_journal_describe(volume, journal, sizeof(journal));
	printf("journal: %s\n", journal);
}

static void print_file(const struct np_facts *facts)
{
	const struct np_file_facts *file = &facts->file;

	printf("file: mft:%" PRIu64 ", sequence %" PRIu32 ", %" PRIu64 " bytes, %" PRIu64 " initialized, %" PRIu64
	       " allocated, %" PRIu64 " runs, %zu extents\n",
	       file->record, file->sequence, file->data_size, file->initialized_size, file->allocated_size, file->runs,
	       facts->extents.count);
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

/* Each file as if it were examined alone. */
static void print_examined(const struct np_examined *examined, bool with_file)
{
	const struct np_facts *facts = &examined->facts;

	if (facts->outcome == NP_OUTCOME_COMPLETE) {
		print_volume(&facts->volume);
		if (with_file)
			print_file(facts);
	}
	print_findings(&examined->findings, with_file);
}

static enum np_exit run(const struct np_options *options, const struct np_log *log)
{
	struct np_examination examination = NP_EXAMINATION_INIT;
	struct np_request request;
	enum np_exit code = np_command_request(options, log, &request), written;
	int r;

	if (code != NP_EXIT_DONE)
		return code;
	np_lookup_wait(&request.source);
	r = np_examine(&request, log, &examination);
	code = r < 0 ? np_exit_from_error(r) : np_command_verdict(&examination);
	for (size_t i = 0; i < examination.count && !r; i++)
		print_examined(&examination.examined[i], request.file_count);
	written = r < 0 ? NP_EXIT_DONE : np_flush_output(log);
	np_examination_release(&examination);
	np_command_release(&request);
	return code == NP_EXIT_DONE ? written : code;
}

const struct np_command np_command_check = {
	.name = "check",
	.arguments = "DEVICE [FILE] [options]",
	.summary = "print every check, its verdict and its remedy",
	.help = "Examines FILE on DEVICE as `map` does, and prints what is known of both and a line for each check:\n"
		"its name, its verdict (ok, info, warn, refuse), and the reason. Ends with the code that `map` would.\n"
		"Without FILE, only what is about the device and its volume.",
	.options = NP_OPTION_ALLOW | NP_OPTION_SOURCE | NP_OPTION_APPEND,
	.arguments_least = 1,
	.arguments_most = 2,
	.run = run,
};
