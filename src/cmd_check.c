/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "command.h"
#include "report.h"

/* What is no check, but would keep `map` from it: partitions that can't be relied on. */
static enum np_exit try_plan(const struct np_options *options, const struct np_examination *examination,
			     const struct np_log *log)
{
	struct np_plan plan;
	enum np_exit code = np_command_plan(options, examination, "map", log, &plan);

	if (code == NP_EXIT_DONE)
		np_plan_release(&plan);
	return code;
}

static enum np_exit run(const struct np_options *options, const struct np_log *log)
{
	struct np_examination examination = NP_EXAMINATION_INIT;
	struct np_request request;
	enum np_exit code = np_command_request(options, log, &request), written;
	char *name = NULL;
	int r;

	if (code != NP_EXIT_DONE)
		return code;
	/* As `map` would call it; from mft:NUMBER it makes no name. */
	if (request.file_count)
		name = np_path_stem(&request.files[0].path);
	request.name = name;
	request.looks_for_linux = true;
	np_lookup_wait(&request.source, log);
	r = np_examine(&request, log, &examination);
	code = r < 0 ? np_exit_from_error(r) : np_command_verdict(&examination);
	if (code == NP_EXIT_DONE && !r && options->partitions && request.file_count)
		code = try_plan(options, &examination, log);
	if (!r && options->json)
		r = np_report_json(&request, &examination, (int)code, log);
	else if (!r)
		np_report_text(&request, &examination);
	written = r < 0 ? np_exit_from_error(r) : np_flush_output(log);
	np_examination_release(&examination);
	np_command_release(&request);
	free(name);
	return code == NP_EXIT_DONE ? written : code;
}

const struct np_command np_command_check = {
	.name = "check",
	.arguments = "DEVICE [FILE] [options]",
	.summary = "print every check, its verdict and its remedy",
	.help = "Examines FILE on DEVICE as `map` does, and prints what is known of both and a line for each check:\n"
		"its name, its verdict (ok, info, warn, refuse), and the reason. Ends with the code that `map` would.\n"
		"Without FILE, only what is about the device and its volume.",
	.options = NP_OPTION_ALLOW | NP_OPTION_SOURCE | NP_OPTION_APPEND | NP_OPTION_JSON | NP_OPTION_MODE,
	.arguments_least = 1,
	.arguments_most = 2,
	.run = run,
};
