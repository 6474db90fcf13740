/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "ntfs-punch/attach.h"
#include "ntfs-punch/dm.h"
#include "ntfs-punch/punchtab.h"
#include "textfile.h"

/* An entry, and what it means to `map`. */
struct job {
	const struct np_punchtab_entry *entry;
	char place[512]; /* where it stands, for messages */
	char **words;
	struct np_options options;
	enum np_exit wrong; /* what `map` makes of it can't be done */
	bool selected;
};

struct jobs {
	struct np_punchtab table;
	struct job *jobs; /* one for each entry */
};

static void release(struct jobs *jobs)
{
	for (size_t i = 0; jobs->jobs && i < jobs->table.entry_count; i++) {
		free(jobs->jobs[i].words);
		free(jobs->jobs[i].options.append);
	}
	free(jobs->jobs);
	np_punchtab_release(&jobs->table);
}

/* ---- The table ----------------------------------------------------------------------------------------- */

/* Which of the two, and where it is. */
struct source {
	bool is_cmdline;
	const char *path;
};

static struct source cmdline_source(const struct np_options *options)
{
	return (struct source){ true, options->cmdline_path ? options->cmdline_path : NP_CMDLINE_PATH };
}

static struct source tab_source(const struct np_options *options)
{
	return (struct source){ false, options->tab ? options->tab : NP_PUNCHTAB_PATH };
}

static int read_table(const struct source *source, const struct np_log *log, struct np_punchtab *ret_table)
{
	size_t size = 0;
	char *text = NULL;
	int r = np_textfile_read(source->path, NP_PUNCHTAB_BYTES_MAX, &text, &size);

	if (!r)
		r = source->is_cmdline ? np_cmdline_parse(text, size, ret_table) :
					 np_punchtab_parse(text, size, ret_table);
	free(text);
	if (r < 0)
		np_log_message(log, NP_LOG_ERROR, source->path, r == -ENOENT ? "punchtab(5) says what it holds" : NULL,
			       "can't read it: %s", strerror(-r));
	return r;
}

static void format_place(const struct source *source, unsigned line, char *place, size_t size)
{
	if (source->is_cmdline)
		snprintf(place, size, "%s: rd.ntfspunch= number %u", source->path, line);
	else
		snprintf(place, size, "%s:%u", source->path, line);
}

static enum np_exit report_problems(const struct source *source, const struct np_punchtab *table,
				    const struct np_log *log)
{
	for (size_t i = 0; i < table->problem_count; i++) {
		const struct np_punchtab_problem *problem = &table->problems[i];
		char place[512];

		format_place(source, problem->line, place, sizeof(place));
		np_log_message(log, NP_LOG_ERROR, place,
			       "punchtab(5) says what may be there; until then, nothing is done", "%s%s%s",
			       problem->why, *problem->word ? ": " : "", problem->word);
	}
	return table->problem_count ? NP_EXIT_USAGE : NP_EXIT_DONE;
}

/* The words of `map`, and what it makes of them: what is wrong there is known before anything is done. */
static enum np_exit prepare(const struct source *source, const struct np_punchtab_entry *entry, struct job *job)
{
	struct np_command map = np_command_map;
	struct np_log log = { .emit = np_print_message, .most = NP_LOG_WARNING };
	bool done = false;
	int count = 0;

	job->entry = entry;
	format_place(source, entry->line, job->place, sizeof(job->place));
	job->words = np_punchtab_words(entry, &count);
	job->options.append = calloc(entry->option_count + 1, sizeof(*job->options.append));
	if (!job->words || !job->options.append)
		return NP_EXIT_FAILED;
	map.place = job->place;
	optind = 0; /* getopt begins anew (glibc) */
	return np_options_take(&map, count, job->words, &job->options, &log, &done);
}

/* One that the boot goes on without counts when it is its turn. */
static enum np_exit prepare_all(const struct source *source, struct jobs *jobs)
{
	enum np_exit code = NP_EXIT_DONE;

	for (size_t i = 0; i < jobs->table.entry_count; i++) {
		struct job *job = &jobs->jobs[i];

		job->wrong = prepare(source, &jobs->table.entries[i], job);
		if (code == NP_EXIT_DONE && !job->entry->no_fail)
			code = job->wrong;
	}
	return code;
}

static enum np_exit select_names(const struct np_options *options, const struct source *source, struct jobs *jobs,
				 const struct np_log *log)
{
	enum np_exit code = NP_EXIT_DONE;

	for (int i = 0; i < options->argument_count; i++) {
		const char *name = np_bare_name(options->arguments[i]);
		const struct np_punchtab_entry *entry = np_punchtab_find(&jobs->table, name);

		if (entry) {
			jobs->jobs[entry - jobs->table.entries].selected = true;
			continue;
		}
		np_log_message(log, NP_LOG_ERROR, name, NULL,
			       jobs->table.is_off ? "rd.ntfspunch=0 turns all maps of %s off" : "%s has no such map",
			       source->path);
		code = NP_EXIT_MISSING;
	}
	return code;
}

static enum np_exit check_usage(const char *command, const struct np_options *options, const struct np_log *log)
{
	if (options->initrd + options->all + (options->argument_count > 0) != 1) {
		np_log_message(log, NP_LOG_ERROR, command, "punchtab(5) says where the maps are named",
			       "it takes names of maps, or --all");
		return NP_EXIT_USAGE;
	}
	if (options->cmdline && options->tab && !options->initrd) {
		np_log_message(log, NP_LOG_ERROR, command, "leave one of them out",
			       "the maps are of --tab or of --cmdline, not of both");
		return NP_EXIT_USAGE;
	}
	return NP_EXIT_DONE;
}

/* All of the table or nothing: the table is read, and is good, but for lines with nofail. The caller releases the jobs. */
static enum np_exit read_jobs(const char *command, const struct source *source, const struct np_log *log,
			      struct jobs *jobs)
{
	enum np_exit code;
	int r = read_table(source, log, &jobs->table);

	if (r < 0)
		return np_exit_from_error(r);
	code = report_problems(source, &jobs->table, log);
	jobs->jobs = calloc(jobs->table.entry_count + 1, sizeof(*jobs->jobs));
	if (!jobs->jobs) {
		np_log_message(log, NP_LOG_ERROR, command, NULL, "out of memory");
		return NP_EXIT_FAILED;
	}
	if (code == NP_EXIT_DONE)
		code = prepare_all(source, jobs);
	return code;
}

/* ---- up ------------------------------------------------------------------------------------------------ */

/* What was wrong with it has been said; this is whose it was. */
static enum np_exit bring_up(const struct job *job, bool forgive, const struct np_log *log)
{
	enum np_exit code = job->wrong;

	if (code == NP_EXIT_DONE)
		code = np_command_map.run(&job->options, log);
	if (code == NP_EXIT_DONE)
		return code;
	np_log_message(log, forgive ? NP_LOG_WARNING : NP_LOG_ERROR, job->place, NULL, "%s isn't up", job->entry->name);
	return forgive ? NP_EXIT_DONE : code;
}

/* One that fails keeps none of the others; the first failure is the exit code. */
static enum np_exit bring_all_up(const struct jobs *jobs, bool forgive, const struct np_log *log)
{
	enum np_exit code = NP_EXIT_DONE;

	for (size_t i = 0; i < jobs->table.entry_count; i++) {
		const struct job *job = &jobs->jobs[i];
		enum np_exit one = NP_EXIT_DONE;

		if (job->selected)
			one = bring_up(job, forgive && job->entry->no_fail, log);
		code = code == NP_EXIT_DONE ? one : code;
	}
	return code;
}

/*
 * What else the initrd opens, as a BitLocker volume, appears below /dev/mapper, and may only do so once this program is through:
 * then the initrd calls it again.
 */
static bool is_opened_later(const struct job *job, const struct np_log *log)
{
	static const char folder[] = "/dev/mapper/";
	const char *device = job->entry->device;

	if (strncmp(device, folder, strlen(folder)) || !access(device, F_OK))
		return false;
	np_log_message(log, NP_LOG_WARNING, job->place, NULL, "%s has to wait: %s isn't there yet", job->entry->name,
		       device);
	return true;
}

/*
 * What the command line names goes before a line of the table, which is only for the initrd if it says so. The boot doesn't wait for
 * what it goes on without.
 */
static enum np_exit bring_some_up(const struct source *source, const struct np_punchtab *before, bool no_fail,
				  const struct np_log *log, struct jobs *jobs)
{
	for (size_t i = 0; i < jobs->table.entry_count; i++) {
		struct job *job = &jobs->jobs[i];

		job->selected = job->entry->no_fail == no_fail && !job->entry->no_auto &&
				(source->is_cmdline || job->entry->in_initrd) &&
				!(before && np_punchtab_find(before, job->entry->name)) && !is_opened_later(job, log);
		if (no_fail && !job->entry->has_timeout)
			job->options.wait_seconds = 0;
	}
	return bring_all_up(jobs, true, log);
}

/* Root's first. */
static enum np_exit bring_up_of(const struct source *source, const struct np_punchtab *before, const struct np_log *log,
				struct jobs *jobs)
{
	enum np_exit code = read_jobs("up", source, log, jobs);

	if (code != NP_EXIT_DONE)
		return code;
	code = bring_some_up(source, before, false, log, jobs);
	bring_some_up(source, before, true, log, jobs);
	return code;
}

static enum np_exit run_initrd(const struct np_options *options, const struct np_log *log)
{
	struct source cmdline = cmdline_source(options), tab = tab_source(options);
	struct jobs first = { 0 }, second = { 0 };
	enum np_exit code = bring_up_of(&cmdline, NULL, log, &first), other = NP_EXIT_DONE;

	if (!first.table.is_off && !access(tab.path, F_OK))
		other = bring_up_of(&tab, &first.table, log, &second);
	release(&first);
	release(&second);
	return code == NP_EXIT_DONE ? other : code;
}

static enum np_exit run_up(const struct np_options *options, const struct np_log *log)
{
	struct source source = options->cmdline ? cmdline_source(options) : tab_source(options);
	struct jobs jobs = { 0 };
	enum np_exit code = check_usage("up", options, log), missing;

	if (code != NP_EXIT_DONE)
		return code;
	if (options->initrd)
		return run_initrd(options, log);
	code = read_jobs("up", &source, log, &jobs);
	if (code == NP_EXIT_DONE) {
		missing = select_names(options, &source, &jobs, log);
		for (size_t i = 0; options->all && i < jobs.table.entry_count; i++)
			jobs.jobs[i].selected = !jobs.jobs[i].entry->no_auto;
		code = bring_all_up(&jobs, options->all, log);
		code = code == NP_EXIT_DONE ? missing : code;
	}
	release(&jobs);
	return code;
}

/* ---- down ---------------------------------------------------------------------------------------------- */

static enum np_exit take_down(const char *name, const struct np_log *log)
{
	struct np_dm_device device;
	int r = np_dm_find_by_name(name, log, &device);

	if (r == -ENOENT) {
		np_log_message(log, NP_LOG_INFO, name, NULL, "it isn't there");
		return NP_EXIT_DONE;
	}
	return np_exit_from_error(r < 0 ? r : np_detach(name, false, log));
}

/* The last one first. What the initrd has made, for root, isn't meant by all. */
static enum np_exit take_jobs_down(const struct np_options *options, const struct jobs *jobs, const struct np_log *log)
{
	int lock = np_lock(log);
	enum np_exit code = NP_EXIT_DONE, healed;

	if (lock < 0)
		return np_exit_from_error(lock);
	healed = np_exit_from_error(np_heal(log));
	for (size_t i = jobs->table.entry_count; i--;) {
		const struct job *job = &jobs->jobs[i];
		enum np_exit one = NP_EXIT_DONE;

		if (options->all ? !job->entry->in_initrd : job->selected)
			one = take_down(job->entry->name, log);
		code = code == NP_EXIT_DONE ? one : code;
	}
	close(lock);
	return code == NP_EXIT_DONE ? healed : code;
}

static enum np_exit run_down(const struct np_options *options, const struct np_log *log)
{
	struct source source = options->cmdline ? cmdline_source(options) : tab_source(options);
	struct jobs jobs = { 0 };
	enum np_exit code = check_usage("down", options, log), missing;

	if (code == NP_EXIT_DONE)
		code = read_jobs("down", &source, log, &jobs);
	if (code == NP_EXIT_DONE) {
		missing = select_names(options, &source, &jobs, log);
		code = take_jobs_down(options, &jobs, log);
		code = code == NP_EXIT_DONE ? missing : code;
	}
	release(&jobs);
	return code;
}

const struct np_command np_command_up = {
	.name = "up",
	.arguments = "NAME... | --all | --initrd [options]",
	.summary = "map what /etc/punchtab names",
	.help = "Maps the lines of /etc/punchtab that have these names, or all but those with noauto, in the order in which\n"
		"they stand there. One that is up already stays so. The table is punchtab(5)'s.",
	.options = NP_OPTION_ALL | NP_OPTION_TAB | NP_OPTION_INITRD,
	.arguments_least = 0,
	.arguments_most = -1,
	.run = run_up,
};

const struct np_command np_command_down = {
	.name = "down",
	.arguments = "NAME... | --all [options]",
	.summary = "unmap what /etc/punchtab names",
	.help = "Removes the maps of these names in /etc/punchtab, or all but those with x-initrd.attach, the last line first.\n"
		"One that isn't there is fine; one that is in use stays (exit code 4).",
	.options = NP_OPTION_ALL | NP_OPTION_TAB,
	.arguments_least = 0,
	.arguments_most = -1,
	.run = run_down,
};
