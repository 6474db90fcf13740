/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "ntfs-punch/attach.h"

/* NAME, or what DEVICE's own name makes of it. */
static enum np_exit choose_name(const struct np_options *options, const struct np_device *device,
				const struct np_log *log, char *name)
{
	const char *base = strrchr(device->path, '/') + 1, *problem;
	int length = options->name ? snprintf(name, NP_NAME_SIZE, "%s", options->name) :
				     snprintf(name, NP_NAME_SIZE, "%s-volume", base);

	problem = length < NP_NAME_SIZE ? np_name_problem(name) : "it is longer than 127 characters";
	if (!problem)
		return NP_EXIT_DONE;
	np_log_message(log, NP_LOG_ERROR, name, "name the device with --name NAME", "no device can have this name: %s",
		       problem);
	return NP_EXIT_USAGE;
}

/* As a map's plan, but without a map. */
static enum np_exit make(const struct np_options *options, const struct np_request *request,
			 const struct np_examination *examination, const char *name, const struct np_log *log)
{
	struct np_options with_volume = *options;
	struct np_plan plan;
	enum np_exit code;
	int r;

	with_volume.volume = name;
	code = np_command_plan(&with_volume, examination, name, log, &plan);
	if (code != NP_EXIT_DONE)
		return code;
	r = np_attach(examination, request, &plan, log);
	if (!r)
		np_log_message(log, NP_LOG_INFO, name, NULL, "the volume is at /dev/mapper/%s", name);
	np_plan_release(&plan);
	return np_exit_from_error(r);
}

/* Under the lock. */
static enum np_exit examine_and_make(const struct np_options *options, const struct np_request *request,
				     const struct np_log *log)
{
	struct np_examination examination = NP_EXAMINATION_INIT;
	char name[NP_NAME_SIZE];
	enum np_exit code = np_exit_from_error(np_heal(log));

	if (code == NP_EXIT_DONE)
		code = np_command_examine(request, log, &examination);
	if (code == NP_EXIT_DONE)
		code = choose_name(options, &examination.device, log, name);
	if (code == NP_EXIT_DONE)
		code = make(options, request, &examination, name, log);
	np_examination_release(&examination);
	return code;
}

static enum np_exit run(const struct np_options *options, const struct np_log *log)
{
	struct np_request request;
	enum np_exit code = np_command_request(options, log, &request);
	int lock;

	if (code != NP_EXIT_DONE)
		return code;
	request.read_only = true;
	np_lookup_wait(&request.source, log);
	lock = np_lock(log);
	code = lock < 0 ? np_exit_from_error(lock) : examine_and_make(options, &request, log);
	if (lock >= 0)
		close(lock);
	np_command_release(&request);
	return code;
}

const struct np_command np_command_volume = {
	.name = "volume",
	.arguments = "DEVICE [--name NAME] [options]",
	.summary = "create a read-only device of the whole volume",
	.help = "Creates /dev/mapper/NAME, a read-only device of all of DEVICE, to mount Windows' other files read-only\n"
		"while maps are active, which keep DEVICE itself from being mounted.",
	.options = NP_OPTION_NAME | NP_OPTION_SOURCE,
	.arguments_least = 1,
	.arguments_most = 1,
	.run = run,
};
