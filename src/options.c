/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

/* What getopt returns for an option of some commands: its bit in np_command.options, and this. */
#define LONG_OPTION (1 << 20)

/* Tell the options of one bit apart. */
enum {
	WAIT = 1 << 11,
	VOLUME = 2 << 11,
	PARTITIONS = 3 << 11,
	BLIND = 4 << 11,
	OVERLAY = 5 << 11,
	OVERLAY_INIT = 6 << 11,
	NO_HEADINGS = 7 << 11,
	FORMAT = 8 << 11,
	CMDLINE = 9 << 11,
};

static const struct option long_options[] = {
	{ "name", required_argument, NULL, LONG_OPTION | NP_OPTION_NAME },
	{ "table", no_argument, NULL, LONG_OPTION | NP_OPTION_TABLE },
	{ "allow", required_argument, NULL, LONG_OPTION | NP_OPTION_ALLOW },
	{ "append", required_argument, NULL, LONG_OPTION | NP_OPTION_APPEND },
	{ "partition", required_argument, NULL, LONG_OPTION | NP_OPTION_SOURCE },
	{ "wait", required_argument, NULL, LONG_OPTION | NP_OPTION_SOURCE | WAIT },
	{ "concise", no_argument, NULL, LONG_OPTION | NP_OPTION_CONCISE },
	{ "read-only", no_argument, NULL, LONG_OPTION | NP_OPTION_MODE },
	{ "format", required_argument, NULL, LONG_OPTION | NP_OPTION_MODE | FORMAT },
	{ "volume", required_argument, NULL, LONG_OPTION | NP_OPTION_MODE | VOLUME },
	{ "partitions", no_argument, NULL, LONG_OPTION | NP_OPTION_MODE | PARTITIONS },
	{ "blind", optional_argument, NULL, LONG_OPTION | NP_OPTION_MODE | BLIND },
	{ "overlay", required_argument, NULL, LONG_OPTION | NP_OPTION_MODE | OVERLAY },
	{ "overlay-init", no_argument, NULL, LONG_OPTION | NP_OPTION_MODE | OVERLAY_INIT },
	{ "json", no_argument, NULL, LONG_OPTION | NP_OPTION_JSON },
	{ "output", required_argument, NULL, 'o' },
	{ "noheadings", no_argument, NULL, 'n' },
	{ "tab", required_argument, NULL, LONG_OPTION | NP_OPTION_TAB },
	{ "cmdline", optional_argument, NULL, LONG_OPTION | NP_OPTION_TAB | CMDLINE },
	{ "initrd", no_argument, NULL, LONG_OPTION | NP_OPTION_INITRD },
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
		puts("  --name NAME    the device's name; without it, one made of FILE's, or without FILE of DEVICE's");
	if (command->options & NP_OPTION_TABLE)
		puts("  --table        print the table and touch nothing, as `ntfs-punch table`");
	if (command->options & NP_OPTION_SOURCE)
		puts("  --partition N  DEVICE is a disk or a disk image: take its partition N\n"
		     "  --wait SECONDS wait that long for DEVICE to appear");
	if (command->options & NP_OPTION_APPEND)
		puts("  --append FILE  a further file, whose bytes follow those before (repeatable)");
	if (command->options & NP_OPTION_MODE)
		puts("  --format FORMAT\n"
		     "                 what FILE holds: auto, raw, vhd, vhdx or vdi; without it, auto: its content tells\n"
		     "  --read-only    nothing is written; holes and what isn't initialized read as zeros\n"
		     "  --blind[=SIZE] what is written goes to memory, SIZE at most, and is gone with the map\n"
		     "  --overlay FILE what is written goes to this file of the volume, until `commit` or `discard`\n"
		     "  --overlay-init overwrite that file, to begin with it\n"
		     "  --partitions   a device NAME-part1, ... for each partition inside the image too\n"
		     "  --volume NAME  a read-only device of the whole volume too, to mount Windows' other files");
	if (command->options & NP_OPTION_CONCISE)
		puts("  --concise      print all devices, as `dmsetup create --concise` reads them");
	if (command->options & NP_OPTION_ALLOW) {
		printf("  --allow CHECK  let this check only warn (repeatable):");
		for (enum np_check check = 0; check < NP_CHECK_COUNT; check++)
			if (np_check_overridable(check))
				printf(" %s%s", np_check_name(check), check == NP_CHECK_JOURNAL ? ":LSN" : "");
		putchar('\n');
	}
	if (command->options & NP_OPTION_LIST)
		puts("  -o, --output COLUMNS\n"
		     "                 only these, in this order, with commas between\n"
		     "  -n, --noheadings\n"
		     "                 no line with the columns' names");
	if (command->options & NP_OPTION_JSON)
		puts("  --json         print JSON");
	if (command->options & NP_OPTION_TAB)
		puts("  --all          all that are named there, but for those that are left out as said above\n"
		     "  --tab FILE     this file instead of /etc/punchtab\n"
		     "  --cmdline[=FILE]\n"
		     "                 the kernel command line's rd.ntfspunch= instead; FILE holds it, or /proc/cmdline");
	else if (command->options & NP_OPTION_ALL)
		puts("  --all          every map there is; none is no error");
	if (command->options & NP_OPTION_INITRD)
		puts("  --initrd       what is to be there for root: both of these, of the table the lines with x-initrd.attach");
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
	fprintf(stderr, "ntfs-punch: %s: %s%s\n  remedy: `ntfs-punch %s --help` shows what it takes\n",
		command->place ? command->place : command->name, what, escaped, command->name);
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

/* Bytes, or with a letter KiB, MiB, GiB, TiB. At least a MiB: less is no use to anybody. */
static enum np_exit take_size(const struct np_command *command, const char *option, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	size_t digits = strspn(optarg, "0123456789");
	const char *unit = optarg[digits] ? strchr(units, optarg[digits]) : NULL;
	unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
	char what[320];

	errno = 0;
	*bytes = strtoull(optarg, NULL, 10);
	if (digits && !errno && (unit ? !optarg[digits + 1] : !optarg[digits]) &&
	    *bytes <= (uint64_t)INT64_MAX >> shift && *bytes << shift >= 1u << 20) {
		*bytes = *bytes << shift & ~(uint64_t)4095;
		return NP_EXIT_DONE;
	}
	snprintf(what, sizeof(what), "%s: this is no size of 1M or more: ", option);
	return usage_error(command, what, optarg);
}

static bool has_mode(const struct np_options *options)
{
	return options->read_only || options->blind || options->overlay || options->overlay_init ||
	       options->partitions || options->volume || options->format != NP_FORMAT_AUTO;
}

/* Modes that are no mode together. */
static enum np_exit check_modes(const struct np_command *command, const struct np_options *options)
{
	if (options->read_only && options->blind)
		return usage_error(command, "there is nothing to be written with --read-only, so no use for ",
				   "--blind");
	if (options->read_only && options->overlay)
		return usage_error(command, "there is nothing to be written with --read-only, so no use for ",
				   "--overlay");
	if (options->blind && options->overlay)
		return usage_error(command, "what is written can't go both to memory and to a file: --blind, ",
				   "--overlay");
	if (options->overlay_init && !options->overlay)
		return usage_error(command, "without --overlay FILE there is nothing to begin: ", "--overlay-init");
	return NP_EXIT_DONE;
}

/* One option; `word` is what the user wrote. `*ret_done` if it was all that was asked for. */
static enum np_exit take_option(const struct np_command *command, int option, const char *word,
				struct np_options *options, struct np_log *log, bool *ret_done)
{
	/* Of those with a letter, the ones that only `list` has. */
	if (option == 'o' || option == 'n')
		option = LONG_OPTION | NP_OPTION_LIST | (option == 'n' ? NO_HEADINGS : 0);
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
	case LONG_OPTION | NP_OPTION_LIST:
		options->columns = optarg;
		break;
	case LONG_OPTION | NP_OPTION_LIST | NO_HEADINGS:
		options->no_headings = true;
		break;
	case LONG_OPTION | NP_OPTION_JSON:
		options->json = true;
		break;
	case LONG_OPTION | NP_OPTION_ALL:
		options->all = true;
		break;
	case LONG_OPTION | NP_OPTION_TAB:
		options->tab = optarg;
		break;
	case LONG_OPTION | NP_OPTION_TAB | CMDLINE:
		options->cmdline = true;
		options->cmdline_path = optarg;
		break;
	case LONG_OPTION | NP_OPTION_INITRD:
		options->initrd = true;
		break;
	case LONG_OPTION | NP_OPTION_DEFERRED:
		options->deferred = true;
		break;
	case LONG_OPTION | NP_OPTION_CONCISE:
		options->concise = true;
		break;
	case LONG_OPTION | NP_OPTION_MODE:
		options->read_only = true;
		break;
	case LONG_OPTION | NP_OPTION_MODE | FORMAT:
		if (!np_format_by_name(optarg, &options->format))
			return usage_error(command, "--format: it is none of auto, raw, vhd, vhdx and vdi: ", optarg);
		break;
	case LONG_OPTION | NP_OPTION_MODE | VOLUME:
		options->volume = optarg;
		break;
	case LONG_OPTION | NP_OPTION_MODE | PARTITIONS:
		options->partitions = true;
		break;
	case LONG_OPTION | NP_OPTION_MODE | BLIND:
		options->blind = true;
		return optarg ? take_size(command, word, &options->blind_bytes) : NP_EXIT_DONE;
	case LONG_OPTION | NP_OPTION_MODE | OVERLAY:
		options->overlay = optarg;
		break;
	case LONG_OPTION | NP_OPTION_MODE | OVERLAY_INIT:
		options->overlay_init = true;
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

enum np_exit np_options_take(const struct np_command *command, int argument_count, char **arguments,
			     struct np_options *options, struct np_log *log, bool *ret_done)
{
	int option, index = -1;

	opterr = 0;
	/* Options may stand anywhere; "--" ends them. */
	while ((option = getopt_long(argument_count, arguments, ":hVvqo:n", long_options, &index)) != -1) {
		char word[256];
		enum np_exit code;

		option_word(option, index, arguments[optind - 1], word, sizeof(word));
		code = take_option(command, option, word, options, log, ret_done);
		if (code != NP_EXIT_DONE || *ret_done)
			return code;
		index = -1;
	}
	options->words = arguments;
	options->word_count = argument_count;
	options->arguments = arguments + optind;
	options->argument_count = argument_count - optind;
	if (options->argument_count < command->arguments_least)
		return usage_error(command, "missing: ", command->arguments);
	if (command->arguments_most >= 0 && options->argument_count > command->arguments_most)
		return usage_error(command, "too much: ", options->arguments[command->arguments_most]);
	if (options->append_count && options->argument_count < 2)
		return usage_error(command, "there is no FILE to append to: ", options->append[0]);
	if (options->argument_count < 2 && command->options & NP_OPTION_MODE && has_mode(options))
		return usage_error(command,
				   "without FILE there is nothing to be mapped in a mode: ", command->arguments);
	return check_modes(command, options);
}
