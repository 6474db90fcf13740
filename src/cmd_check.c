/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "command.h"

static void print_facts(const struct np_facts *facts)
{
	const struct np_volume_facts *volume = &facts->volume;
	const struct np_file_facts *file = &facts->file;
	char label[1024];

	if (facts->outcome != NP_OUTCOME_COMPLETE)
		return;
	np_escape(volume->label, label, sizeof(label));
	printf("volume: NTFS %u.%u, serial %016" PRIX64 ", label '%s', %" PRIu64 " bytes in clusters of %" PRIu32 "\n",
	       volume->version_major, volume->version_minor, volume->serial, label, volume->size_bytes,
	       volume->cluster_size);
	printf("file: mft:%" PRIu64 ", sequence %" PRIu32 ", %" PRIu64 " bytes, %" PRIu64 " initialized, %" PRIu64
	       " allocated, %" PRIu64 " runs, %zu extents\n",
	       file->record, file->sequence, file->data_size, file->initialized_size, file->allocated_size, file->runs,
	       facts->extents.count);
}

static void print_findings(const struct np_findings *findings)
{
	for (enum np_check check = 0; check < NP_CHECK_COUNT; check++) {
		const struct np_finding *finding = &findings->of[check];
		char message[4 * NP_FINDING_SIZE], remedy[4 * NP_FINDING_SIZE];

		np_escape(finding->verdict == NP_VERDICT_NONE ? "not reached" : finding->message, message,
			  sizeof(message));
		np_escape(finding->remedy, remedy, sizeof(remedy));
		printf("%-16s  %-6s  %s\n", np_check_name(check), np_verdict_name(finding->verdict), message);
		if (*finding->remedy)
			printf("%-16s  %-6s    remedy: %s\n", "", "", remedy);
	}
}

static enum np_exit run(const struct np_options *options, const struct np_log *log)
{
	struct np_examination examination = { .device = NP_DEVICE_INIT };
	struct np_path path = { 0 };
	enum np_exit code = np_command_parse_path(options->arguments[1], log, &path), written;
	int r;

	if (code != NP_EXIT_DONE)
		return code;
	r = np_examine(options->arguments[0], options->arguments[1], &path, options->allow, log, &examination);
	if (r < 0) {
		np_path_release(&path);
		return np_exit_from_error(r);
	}
	print_facts(&examination.facts);
	print_findings(&examination.findings);
	code = np_exit_from_findings(&examination.findings);
	written = np_flush_output(log);
	np_examination_release(&examination);
	np_path_release(&path);
	return code == NP_EXIT_DONE ? written : code;
}

const struct np_command np_command_check = {
	.name = "check",
	.arguments = "DEVICE FILE [options]",
	.summary = "print every check, its verdict and its remedy",
	.help = "Examines FILE on DEVICE as `map` does, and prints what is known of both and a line for each check:\n"
		"its name, its verdict (ok, info, warn, refuse), and the reason. Ends with the code that `map` would.",
	.options = NP_OPTION_ALLOW,
	.arguments_least = 2,
	.arguments_most = 2,
	.run = run,
};
