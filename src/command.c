/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

/* What getopt returns for an option of some commands: its bit in np_command.options, past all letters. */
#define LONG_OPTION 256

static const struct option long_options[] = {
	{ "name", required_argument, NULL, LONG_OPTION | NP_OPTION_NAME },
	{ "table", no_argument, NULL, LONG_OPTION | NP_OPTION_TABLE },
	{ "allow", required_argument, NULL, LONG_OPTION | NP_OPTION_ALLOW },
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
	if (command->options & NP_OPTION_ALLOW) {
		printf("  --allow CHECK  let this check only warn (repeatable):");
		for (enum np_check check = 0; check < NP_CHECK_COUNT; check++)
			if (np_check_overridable(check))
				printf(" %s", np_check_name(check));
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

static enum np_exit allow(const struct np_command *command, const char *name, struct np_options *options)
{
	enum np_check check = np_check_by_name(name);

	if (check == NP_CHECK_COUNT)
		return usage_error(command, "--allow: there is no check ", name);
	if (!np_check_overridable(check))
		return usage_error(command, "--allow: this check can't be overridden: ", name);
	options->allow |= 1u << check;
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

enum np_exit np_command_run(const struct np_command *command, int argument_count, char **arguments)
{
	struct np_log log = { .emit = np_print_message, .most = NP_LOG_WARNING };
	struct np_options options = { 0 };
	int option, index = -1;

	opterr = 0;
	/* Options may stand anywhere; "--" ends them. */
	while ((option = getopt_long(argument_count, arguments, ":hVvq", long_options, &index)) != -1) {
		bool done = false;
		char word[256];
		enum np_exit code;

		option_word(option, index, arguments[optind - 1], word, sizeof(word));
		code = take_option(command, option, word, &options, &log, &done);
		if (code != NP_EXIT_DONE)
			return code;
		if (done)
			return np_flush_output(&log);
		index = -1;
	}
	options.arguments = arguments + optind;
	options.argument_count = argument_count - optind;
	if (options.argument_count < command->arguments_least)
		return usage_error(command, "missing: ", command->arguments);
	if (command->arguments_most >= 0 && options.argument_count > command->arguments_most)
		return usage_error(command, "too much: ", options.arguments[command->arguments_most]);
	return command->run(&options, &log);
}

enum np_exit np_exit_from_error(int r)
{
	switch (r) {
	case 0:
		return NP_EXIT_DONE;
	case -EBUSY:
		return NP_EXIT_BUSY;
	case -ESTALE:
		return NP_EXIT_REFUSED;
	case -ENODEV:
	case -ENOENT:
	case -ENOTUNIQ:
		return NP_EXIT_MISSING;
	default:
		return NP_EXIT_FAILED;
	}
}

enum np_exit np_exit_from_findings(const struct np_findings *findings)
{
	size_t refusals = np_findings_refusals(findings);

	if (!refusals)
		return NP_EXIT_DONE;
	if (findings->of[NP_CHECK_VOLUME_TYPE].verdict == NP_VERDICT_REFUSE)
		return NP_EXIT_NOT_NTFS;
	return refusals == 1 && findings->of[NP_CHECK_BUSY].verdict == NP_VERDICT_REFUSE ? NP_EXIT_BUSY :
											   NP_EXIT_REFUSED;
}

enum np_exit np_command_parse_path(const char *file, const struct np_log *log, struct np_path *ret_path)
{
	const char *why = "out of memory";
	int r = np_path_parse(file, ret_path, &why);

	if (r < 0)
		np_log_message(log, NP_LOG_ERROR, file, "FILE is a path on the volume: /linux.img or 'C:\\linux.img'",
			       "no file can be called this: %s", why);
	return r == -EINVAL ? NP_EXIT_USAGE : np_exit_from_error(r);
}

static void report_findings(const struct np_findings *findings, const char *device, const char *file,
			    const struct np_log *log)
{
	for (enum np_check check = 0; check < NP_CHECK_COUNT; check++) {
		const struct np_finding *finding = &findings->of[check];
		enum np_log_level level = finding->verdict == NP_VERDICT_REFUSE ? NP_LOG_ERROR : NP_LOG_WARNING;

		if (finding->verdict == NP_VERDICT_REFUSE || finding->verdict == NP_VERDICT_WARN)
			np_log_message(log, level, np_check_is_of_device(check) ? device : file,
				       *finding->remedy ? finding->remedy : NULL, "%s: %s", np_check_name(check),
				       finding->message);
	}
}

enum np_exit np_command_examine(const struct np_options *options, const struct np_path *path, const struct np_log *log,
				struct np_examination *ret_examination)
{
	const char *device = options->arguments[0], *file = options->arguments[1];
	int r = np_examine(device, file, path, options->allow, log, ret_examination);

	if (r < 0)
		return np_exit_from_error(r);
	report_findings(&ret_examination->findings, device, file, log);
	return np_exit_from_findings(&ret_examination->findings);
}
