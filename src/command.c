/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ntfs-punch/dm.h"

/* What getopt returns for an option of some commands: its bit in np_command.options, past all letters. */
#define LONG_OPTION 256

/* Tells the options of one bit apart. */
#define WAIT 512

static const struct option long_options[] = {
	{ "name", required_argument, NULL, LONG_OPTION | NP_OPTION_NAME },
	{ "table", no_argument, NULL, LONG_OPTION | NP_OPTION_TABLE },
	{ "allow", required_argument, NULL, LONG_OPTION | NP_OPTION_ALLOW },
	{ "append", required_argument, NULL, LONG_OPTION | NP_OPTION_APPEND },
	{ "partition", required_argument, NULL, LONG_OPTION | NP_OPTION_SOURCE },
	{ "wait", required_argument, NULL, LONG_OPTION | NP_OPTION_SOURCE | WAIT },
	{ "all", no_argument, NULL, LONG_OPTION | NP_OPTION_ALL },
	{ "deferred", no_argument, NULL, LONG_OPTION | NP_OPTION_DEFERRED },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "quiet", no_argument, NULL, 'q' },
	{ NULL, 0, NULL, 0 },
};

static void print_help(const struct np_command *command)
{
	printf("Usage: ntfs-punch %s %s\n\n%s\n\nOptions:\n", command->name, command->arguments, command->help);
	if (command->options & NP_OPTION_NAME)
		puts("  --name NAME    the device's name; without it, FILE's without its extension");
	if (command->options & NP_OPTION_TABLE)
		puts("  --table        print the table and touch nothing, as `ntfs-punch table`");
	if (command->options & NP_OPTION_SOURCE)
		puts("  --partition N  DEVICE is a disk or a disk image: take its partition N\n"
		     "  --wait SECONDS wait that long for DEVICE to appear");
	if (command->options & NP_OPTION_APPEND)
		puts("  --append FILE  a further file, whose bytes follow those before (repeatable)");
	if (command->options & NP_OPTION_ALLOW) {
		printf("  --allow CHECK  let this check only warn (repeatable):");
		for (enum np_check check = 0; check < NP_CHECK_COUNT; check++)
			if (np_check_overridable(check))
				printf(" %s%s", np_check_name(check), check == NP_CHECK_JOURNAL ? ":LSN" : "");
		putchar('\n');
	}
	if (command->options & NP_OPTION_ALL)
		puts("  --all          every map there is; none is no error");
	if (command->options & NP_OPTION_DEFERRED)
		puts("  --deferred     let one that is in use go when its last user does");
	puts("  -v, --verbose  say what happens, and what the libraries say\n"
	     "  -q, --quiet    say nothing but errors\n"
	     "  -h, --help     this text\n"
	     "  -V, --version  the version");
}

static enum np_exit usage_error(const struct np_command *command, const char *what, const char *word)
{
	char escaped[256];

	np_escape(word, escaped, sizeof(escaped));
	fprintf(stderr, "ntfs-punch: %s: %s%s\n  remedy: `ntfs-punch %s --help` shows what it takes\n", command->name,
		what, escaped, command->name);
	return NP_EXIT_USAGE;
}

/* The LSN in `journal:LSN`: decimal or, as it is reported, hexadecimal with 0x. */
static enum np_exit allow_journal(const struct np_command *command, const char *lsn, struct np_options *options)
{
	bool hexadecimal = !strncasecmp(lsn, "0x", 2);
	const char *digits = hexadecimal ? lsn + 2 : lsn;

	errno = 0;
	options->allow_journal_lsn = strtoull(digits, NULL, hexadecimal ? 16 : 10);
	if (!*digits || digits[strspn(digits, hexadecimal ? "0123456789abcdefABCDEF" : "0123456789")] || errno ||
	    !options->allow_journal_lsn)
		return usage_error(command, "--allow journal: this is no LSN: ", lsn);
	return NP_EXIT_DONE;
}

static enum np_exit allow(const struct np_command *command, const char *name, struct np_options *options)
{
	static const char journal[] = "journal:";
	enum np_check check = np_check_by_name(name);

	if (!strncmp(name, journal, strlen(journal)))
		return allow_journal(command, name + strlen(journal), options);
	if (check == NP_CHECK_JOURNAL)
		return usage_error(command,
				   "--allow journal: it needs the LSN that was reported, so that it can't cover what "
				   "Windows does later: ",
				   "journal:LSN");
	if (check == NP_CHECK_COUNT)
		return usage_error(command, "--allow: there is no check ", name);
	if (!np_check_overridable(check))
		return usage_error(command, "--allow: this check can't be overridden: ", name);
	options->allow |= 1u << check;
	return NP_EXIT_DONE;
}

/* A decimal number, and nothing else. */
static enum np_exit take_number(const struct np_command *command, const char *option, unsigned least, unsigned *number)
{
	unsigned long value = strtoul(optarg, NULL, 10);
	char what[64];

	if (!*optarg || optarg[strspn(optarg, "0123456789")] || strlen(optarg) > 9 || value < least) {
		snprintf(what, sizeof(what), "%s: this is no such number: ", option);
		return usage_error(command, what, optarg);
	}
	*number = (unsigned)value;
	return NP_EXIT_DONE;
}

/* One option; `word` is what the user wrote. `*ret_done` if it was all that was asked for. */
static enum np_exit take_option(const struct np_command *command, int option, const char *word,
				struct np_options *options, struct np_log *log, bool *ret_done)
{
	if (option & LONG_OPTION && !((unsigned)option & command->options))
		return usage_error(command, "it has no option ", word);
	switch (option) {
	case LONG_OPTION | NP_OPTION_NAME:
		options->name = optarg;
		break;
	case LONG_OPTION | NP_OPTION_TABLE:
		options->table = true;
		break;
	case LONG_OPTION | NP_OPTION_SOURCE:
		return take_number(command, word, 1, &options->partition);
	case LONG_OPTION | NP_OPTION_SOURCE | WAIT:
		return take_number(command, word, 0, &options->wait_seconds);
	case LONG_OPTION | NP_OPTION_APPEND:
		options->append[options->append_count++] = optarg;
		break;
	case LONG_OPTION | NP_OPTION_ALL:
		options->all = true;
		break;
	case LONG_OPTION | NP_OPTION_DEFERRED:
		options->deferred = true;
		break;
	case LONG_OPTION | NP_OPTION_ALLOW:
		return allow(command, optarg, options);
	case 'v':
		log->most = NP_LOG_DEBUG;
		break;
	case 'q':
		log->most = NP_LOG_ERROR;
		break;
	case 'h':
		print_help(command);
		*ret_done = true;
		break;
	case 'V':
		puts("ntfs-punch " NP_VERSION);
		*ret_done = true;
		break;
	case ':':
		return usage_error(command, "a value is missing after ", word);
	default:
		return usage_error(command, "it has no option ", word);
	}
	return NP_EXIT_DONE;
}

/* How an option was written: getopt knows a long one by its place in the list, and a short one that is wrong by its letter. */
static void option_word(int option, int index, const char *argument, char *word, size_t size)
{
	if (index >= 0)
		snprintf(word, size, "--%s", long_options[index].name);
	else if (option == '?' && optopt > 0 && optopt < 256)
		snprintf(word, size, "-%c", optopt);
	else
		snprintf(word, size, "%s", argument);
}

static enum np_exit take_options(const struct np_command *command, int argument_count, char **arguments,
				 struct np_options *options, struct np_log *log, bool *ret_done)
{
	int option, index = -1;

	opterr = 0;
	/* Options may stand anywhere; "--" ends them. */
	while ((option = getopt_long(argument_count, arguments, ":hVvq", long_options, &index)) != -1) {
		char word[256];
		enum np_exit code;

		option_word(option, index, arguments[optind - 1], word, sizeof(word));
		code = take_option(command, option, word, options, log, ret_done);
		if (code != NP_EXIT_DONE || *ret_done)
			return code;
		index = -1;
	}
	options->arguments = arguments + optind;
	options->argument_count = argument_count - optind;
	if (options->argument_count < command->arguments_least)
		return usage_error(command, "missing: ", command->arguments);
	if (command->arguments_most >= 0 && options->argument_count > command->arguments_most)
		return usage_error(command, "too much: ", options->arguments[command->arguments_most]);
	if (options->append_count && options->argument_count < 2)
		return usage_error(command, "there is no FILE to append to: ", options->append[0]);
	return NP_EXIT_DONE;
}

enum np_exit np_command_run(const struct np_command *command, int argument_count, char **arguments)
{
	struct np_log log = { .emit = np_print_message, .most = NP_LOG_WARNING };
	struct np_options options = { .append = calloc((size_t)argument_count, sizeof(*options.append)) };
	bool done = false;
	enum np_exit code = NP_EXIT_FAILED;

	if (!options.append)
		np_log_message(&log, NP_LOG_ERROR, command->name, NULL, "out of memory");
	else
		code = take_options(command, argument_count, arguments, &options, &log, &done);
	np_dm_set_log(&log);
	if (code == NP_EXIT_DONE)
		code = done ? np_flush_output(&log) : command->run(&options, &log);
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
	for (size_t i = 0; i < examination->count; i++)
		for (enum np_check check = 0; check < NP_CHECK_COUNT; check++) {
			const struct np_finding *finding = &examination->examined[i].findings.of[check];
			const struct np_finding *first = &examination->examined[0].findings.of[check];

			if (!np_check_is_of_device(check))
				report_finding(check, finding, request->files[i].word, log);
			else if (!i || strcmp(finding->message, first->message))
				report_finding(check, finding, request->source.word, log);
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
