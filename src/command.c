/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ntfs-punch/dm.h"

enum np_exit np_command_run(const struct np_command *command, int argument_count, char **arguments)
{
	struct np_log log = { .emit = np_print_message, .most = NP_LOG_WARNING };
	struct np_options options = { .append = calloc((size_t)argument_count, sizeof(*options.append)) };
	bool done = false;
	enum np_exit code = NP_EXIT_FAILED;

	if (!options.append)
		np_log_message(&log, NP_LOG_ERROR, command->name, NULL, "out of memory");
	else
		code = np_options_take(command, argument_count, arguments, &options, &log, &done);
	np_dm_set_log(&log);
	if (code == NP_EXIT_DONE)
		code = done ? np_flush_output(&log) : command->run(&options, &log);
	/* libdevmapper has something to say even as the process ends. */
	np_dm_set_log(NULL);
	free(options.append);
	return code;
}

enum np_exit np_exit_from_error(int r)
{
	switch (r) {
	case 0:
		return NP_EXIT_DONE;
	case -EBUSY:
		return NP_EXIT_BUSY;
	case -ESTALE:
	case -EBADMSG:
		return NP_EXIT_REFUSED;
	case -ENODEV:
	case -ENOENT:
	case -ENOTUNIQ:
		return NP_EXIT_MISSING;
	default:
		return NP_EXIT_FAILED;
	}
}

/* A file's findings: DONE if nothing refuses. */
static enum np_exit exit_from_findings(const struct np_findings *findings)
{
	size_t refusals = np_findings_refusals(findings);

	if (!refusals)
		return NP_EXIT_DONE;
	if (findings->of[NP_CHECK_VOLUME_TYPE].verdict == NP_VERDICT_REFUSE)
		return NP_EXIT_NOT_NTFS;
	return refusals == 1 && findings->of[NP_CHECK_BUSY].verdict == NP_VERDICT_REFUSE ? NP_EXIT_BUSY :
											   NP_EXIT_REFUSED;
}

enum np_exit np_command_verdict(const struct np_examination *examination)
{
	enum np_exit verdict = NP_EXIT_DONE;

	/* Of several files, one that is refused outweighs another one's being busy. */
	for (size_t i = 0; i < examination->count; i++) {
		enum np_exit code = exit_from_findings(&examination->examined[i].findings);

		if (verdict == NP_EXIT_DONE || (verdict == NP_EXIT_BUSY && code == NP_EXIT_REFUSED))
			verdict = code;
	}
	return verdict;
}

static enum np_exit parse_file(const char *word, const struct np_log *log, struct np_file *ret_file)
{
	const char *why = "out of memory";
	int r = np_path_parse(word, &ret_file->path, &why);

	ret_file->word = word;
	if (r < 0)
		np_log_message(log, NP_LOG_ERROR, word, "FILE is a path on the volume: /linux.img or 'C:\\linux.img'",
			       "no file can be called this: %s", why);
	return r == -EINVAL ? NP_EXIT_USAGE : np_exit_from_error(r);
}

static enum np_exit parse_files(const struct np_options *options, const struct np_log *log, struct np_file *files,
				size_t *count)
{
	enum np_exit code = parse_file(options->arguments[1], log, &files[0]);

	for (int i = 0; i < options->append_count && code == NP_EXIT_DONE; i++) {
		(*count)++;
		code = parse_file(options->append[i], log, &files[*count]);
	}
	if (code == NP_EXIT_DONE)
		(*count)++;
	return code;
}

enum np_exit np_command_request(const struct np_options *options, const struct np_log *log,
				struct np_request *ret_request)
{
	struct np_file *files = calloc((size_t)options->append_count + 1, sizeof(*files));
	struct np_request request = {
		.source = { options->arguments[0], options->partition, options->wait_seconds },
		.files = files,
		.allow = options->allow,
		.allow_journal_lsn = options->allow_journal_lsn,
	};
	enum np_exit code = files ? NP_EXIT_DONE : np_exit_from_error(-ENOMEM);

	if (!files)
		np_log_message(log, NP_LOG_ERROR, options->arguments[0], NULL, "out of memory");
	if (code == NP_EXIT_DONE && options->argument_count > 1)
		code = parse_files(options, log, files, &request.file_count);
	if (code != NP_EXIT_DONE) {
		np_command_release(&request);
		return code;
	}
	*ret_request = request;
	return NP_EXIT_DONE;
}

void np_command_release(struct np_request *request)
{
	struct np_file *files = (struct np_file *)request->files;

	for (size_t i = 0; i < request->file_count; i++)
		np_path_release(&files[i].path);
	free(files);
}

static void report_finding(enum np_check check, const struct np_finding *finding, const char *subject,
			   const struct np_log *log)
{
	enum np_log_level level = finding->verdict == NP_VERDICT_REFUSE ? NP_LOG_ERROR : NP_LOG_WARNING;

	if (finding->verdict == NP_VERDICT_REFUSE || finding->verdict == NP_VERDICT_WARN)
		np_log_message(log, level, subject, *finding->remedy ? finding->remedy : NULL, "%s: %s",
			       np_check_name(check), finding->message);
}

/* What is about the device is said once, whatever the number of files. */
static void report_findings(const struct np_request *request, const struct np_examination *examination,
			    const struct np_log *log)
{
	for (size_t i = 0; i < examination->count; i++) {
		const struct np_findings *findings = &examination->examined[i].findings;

		for (enum np_check check = 0; check < NP_CHECK_COUNT; check++) {
			const char *subject =
				np_check_is_of_device(check) ? request->source.word : request->files[i].word;

			if (!np_finding_repeats(&examination->examined[0].findings, findings, check))
				report_finding(check, &findings->of[check], subject, log);
		}
	}
}

enum np_exit np_command_examine(const struct np_request *request, const struct np_log *log,
				struct np_examination *ret_examination)
{
	int r = np_examine(request, log, ret_examination);

	if (r < 0)
		return np_exit_from_error(r);
	report_findings(request, ret_examination, log);
	return np_command_verdict(ret_examination);
}
