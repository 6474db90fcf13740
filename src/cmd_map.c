/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "ntfs-punch/attach.h"
#include "ntfs-punch/dm.h"

/* NAME, or what FILE makes of it. */
static enum np_exit choose_name(const struct np_options *options, const struct np_path *path, const struct np_log *log,
				char **ret_default, const char **ret_name)
{
	const char *problem;

	*ret_default = options->name ? NULL : np_path_stem(path);
	*ret_name = options->name ? options->name : *ret_default;
	problem = *ret_name ? np_name_problem(*ret_name) : "there is none to be made from FILE";
	if (!problem)
		return NP_EXIT_DONE;
	np_log_message(log, NP_LOG_ERROR, *ret_name ? *ret_name : options->arguments[1],
		       "name the device with --name NAME", "no device can have this name: %s", problem);
	return NP_EXIT_USAGE;
}

static enum np_exit map(const struct np_options *options, const struct np_path *path, const char *name,
			const struct np_examination *examination, const struct np_log *log)
{
	struct np_plan plan;
	int r = np_plan_build(examination, name, &plan);

	if (r < 0) {
		np_log_message(log, NP_LOG_ERROR, options->arguments[1], NULL, "out of memory");
		return np_exit_from_error(r);
	}
	r = np_attach(examination, path, &plan, log);
	if (!r)
		np_log_message(log, NP_LOG_INFO, name, NULL, "mapped at /dev/mapper/%s, %zu target%s", name,
			       plan.table.count, plan.table.count == 1 ? "" : "s");
	np_plan_release(&plan);
	return np_exit_from_error(r);
}

/* Under the lock. */
static enum np_exit examine_and_map(const struct np_options *options, const struct np_path *path, const char *name,
				    const struct np_log *log)
{
	struct np_examination examination = { .device = NP_DEVICE_INIT };
	enum np_exit code = np_exit_from_error(np_heal(log));

	if (code == NP_EXIT_DONE)
		code = np_command_examine(options, path, log, &examination);
	if (code == NP_EXIT_DONE)
		code = map(options, path, name, &examination, log);
	np_examination_release(&examination);
	return code;
}

static enum np_exit run(const struct np_options *options, const struct np_log *log)
{
	struct np_path path = { 0 };
	char *default_name = NULL;
	const char *name = NULL;
	enum np_exit code;
	int lock;

	if (options->table)
		return np_command_table.run(options, log);
	code = np_command_parse_path(options->arguments[1], log, &path);
	if (code == NP_EXIT_DONE)
		code = choose_name(options, &path, log, &default_name, &name);
	if (code == NP_EXIT_DONE) {
		np_dm_set_log(log);
		lock = np_lock(log);
		code = lock < 0 ? np_exit_from_error(lock) : examine_and_map(options, &path, name, log);
		if (lock >= 0)
			close(lock);
	}
	np_path_release(&path);
	free(default_name);
	return code;
}

const struct np_command np_command_map = {
	.name = "map",
	.arguments = "DEVICE FILE [--name NAME] [options]",
	.summary = "create /dev/mapper/NAME from the file's clusters",
	.help = "Examines FILE on DEVICE, and if every check agrees, creates /dev/mapper/NAME, a block device\n"
		"of exactly the file's bytes. To map what is mapped just so already succeeds. A DEVICE that is a\n"
		"regular file gets a loop device, which goes with the map.",
	.options = NP_OPTION_NAME | NP_OPTION_TABLE | NP_OPTION_ALLOW,
	.arguments_least = 2,
	.arguments_most = 2,
	.run = run,
};
