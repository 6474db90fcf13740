/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program: commands, their options, and what they have in common. One cmd_*.c a command.
 */
#ifndef NTFS_PUNCH_COMMAND_H
#define NTFS_PUNCH_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "ntfs-punch/examine.h"
#include "ntfs-punch/log.h"
#include "ntfs-punch/plan.h"

enum np_exit {
	NP_EXIT_DONE = 0,
	NP_EXIT_FAILED = 1, /* a system call or library */
	NP_EXIT_USAGE = 2,
	NP_EXIT_REFUSED = 3, /* by a check */
	NP_EXIT_BUSY = 4,
	NP_EXIT_MISSING = 5, /* no such device, file or map, or more than one */
	NP_EXIT_NOT_NTFS = 6,
};

/* Bits of np_command.options, beyond those that every command takes. */
#define NP_OPTION_NAME     1u
#define NP_OPTION_TABLE    2u
#define NP_OPTION_ALLOW    4u
#define NP_OPTION_ALL      8u
#define NP_OPTION_DEFERRED 16u
#define NP_OPTION_SOURCE   32u /* of DEVICE: --partition, --wait */
#define NP_OPTION_APPEND   64u
#define NP_OPTION_JSON     128u
#define NP_OPTION_MODE     256u /* how it is mapped: --read-only, --blind, … */
#define NP_OPTION_CONCISE  512u
#define NP_OPTION_LIST     1024u  /* --output, --noheadings */
#define NP_OPTION_TAB      65536u /* --tab, --cmdline */
#define NP_OPTION_INITRD   131072u

struct np_options {
	const char *name;
	bool table;
	bool all;
	bool deferred;
	bool json;
	uint32_t allow; /* as np_check_input's */
	uint64_t allow_journal_lsn;
	unsigned partition;
	unsigned wait_seconds;
	const char **append; /* files beyond the first */
	int append_count;
	bool concise;
	bool no_headings;
	const char *columns; /* or NULL */
	enum np_format format;
	bool read_only;
	bool partitions;
	bool blind;
	uint64_t blind_bytes; /* 0: as it comes */
	bool overlay_init;
	const char *overlay; /* FILE, or NULL */
	const char *volume;  /* NAME, or NULL */
	const char *tab;     /* FILE, or NULL */
	bool cmdline;
	const char *cmdline_path; /* FILE, or NULL */
	bool initrd;
	char **arguments;
	int argument_count;
	char **words; /* all of it, from the command's name on */
	int word_count;
};

struct np_command {
	const char *name;
	const char *arguments; /* of the usage line */
	const char *summary;
	const char *help; /* the rest of --help; its options come after it */
	unsigned options;
	int arguments_least;
	int arguments_most; /* -1: any number */
	const char *place;  /* where its words stand, if not on the command line, for messages; or NULL */
	enum np_exit (*run)(const struct np_options *options, const struct np_log *log);
};

extern const struct np_command np_command_map;
extern const struct np_command np_command_table;
extern const struct np_command np_command_check;
extern const struct np_command np_command_unmap;
extern const struct np_command np_command_list;
extern const struct np_command np_command_volume;
extern const struct np_command np_command_commit;
extern const struct np_command np_command_discard;
extern const struct np_command np_command_status;
extern const struct np_command np_command_up;
extern const struct np_command np_command_down;
extern const struct np_command np_command_can_hibernate;

/*
 * Parses what follows the command's name (`arguments[0]`), and runs it. `--help` and `--version` print and return DONE.
 */
enum np_exit np_command_run(const struct np_command *command, int argument_count, char **arguments);

/*
 * Takes the options of a command; what is left are its arguments. What is wrong is reported. `*ret_done` if one was all that was
 * asked for, as --help.
 */
enum np_exit np_options_take(const struct np_command *command, int argument_count, char **arguments,
			     struct np_options *options, struct np_log *log, bool *ret_done);

/* The one map from -errno to exit codes. */
enum np_exit np_exit_from_error(int r);

/* ---- What the commands on DEVICE and FILE share ---- */

/*
 * DEVICE, FILE if there is one, and those to be appended, taken apart. A failure is reported, and USAGE or FAILED. The caller
 * releases the request, and calls np_lookup_wait() for its source.
 */
enum np_exit np_command_request(const struct np_options *options, const struct np_log *log,
				struct np_request *ret_request);
void np_command_release(struct np_request *request);

/* Examines what is requested, and reports refusals and warnings. The caller releases the examination. */
enum np_exit np_command_examine(const struct np_request *request, const struct np_log *log,
				struct np_examination *ret_examination);

/* /dev/mapper/NAME is as good as NAME. */
const char *np_bare_name(const char *name);

/* NAME, or what FILE makes of it, in `*ret_name`, which the caller frees. USAGE, reported: no device can have it. */
enum np_exit np_command_name(const struct np_options *options, const struct np_request *request,
			     const struct np_log *log, char **ret_name);

/* What to make of an examination without refusals. What can't be planned is reported. The caller releases the plan. */
enum np_exit np_command_plan(const struct np_options *options, const struct np_examination *examination,
			     const char *name, const struct np_log *log, struct np_plan *ret_plan);

/* What all examined files' findings come to. */
enum np_exit np_command_verdict(const struct np_examination *examination);

/* ---- Printing ---- */

/* To stderr: `ntfs-punch: SUBJECT: what is wrong`, and the remedy. */
void np_print_message(const struct np_log *log, enum np_log_level level, const char *subject, const char *message,
		      const char *remedy);

/*
 * A text from outside, fit for a terminal: control characters, what turns the direction of writing, and what isn't UTF-8
 * become \xHH. `escaped` is always terminated; a text that doesn't fit ends in "...".
 */
void np_escape(const char *text, char *escaped, size_t size);

/* Flushes stdout: FAILED, reported, if not all of it could be written. */
enum np_exit np_flush_output(const struct np_log *log);

#endif
