/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "ntfs-punch/attach.h"
#include "disk.h"
#include "ntfs-punch/dm.h"
#include "ntfs-punch/merge.h"
#include "ntfs-punch/partitions.h"
#include "record.h"

/* An overlay has the partitions that were made there: the device itself tells. */
static int attach_partitions(const struct np_request *request, const struct np_examination *examination,
			     struct np_plan *plan, const struct np_log *log)
{
	struct np_content *content = malloc(sizeof(*content));
	struct np_dm_device device;
	int r = content ? np_dm_find_by_uuid(np_plan_map(plan)->uuid, log, &device) : -ENOMEM;

	if (!r)
		r = np_disk_probe(device.number, NP_LOG_ERROR, log, content);
	if (!r)
		r = np_partitions_plan(content, log, plan);
	if (!r)
		r = np_attach(examination, request, plan, log);
	free(content);
	return r;
}

static int attach(const struct np_options *options, const struct np_request *request,
		  const struct np_examination *examination, struct np_plan *plan, const struct np_log *log)
{
	struct np_dm_device before;
	bool existed = !np_dm_find_by_uuid(np_plan_map(plan)->uuid, &np_log_silent, &before);
	int r = np_attach(examination, request, plan, log);

	if (r < 0 || !options->partitions || !options->overlay)
		return r;
	r = attach_partitions(request, examination, plan, log);
	if (r < 0 && !existed) {
		/* What this run began isn't an overlay that holds something. */
		if (options->overlay_init)
			np_overlay_discard(np_plan_map(plan)->name, log);
		np_detach(np_plan_map(plan)->name, false, log);
	}
	return r;
}

/* What `status` needs to know. The map is no worse without it. */
static void record(const struct np_options *options, const struct np_plan *plan, const struct np_device *device,
		   const struct np_log *log)
{
	char *written = options->arguments[0];
	int r;

	/* By whatever name, in whatever folder it was named. */
	options->arguments[0] = device->path;
	r = np_record_write(np_plan_map(plan)->uuid, options->words, options->word_count);
	options->arguments[0] = written;
	if (r < 0)
		np_log_message(log, NP_LOG_WARNING, np_plan_map(plan)->name, NULL,
			       "`status` won't know how it was mapped: %s", strerror(-r));
}

static enum np_exit map(const struct np_options *options, const struct np_request *request, const char *name,
			const struct np_examination *examination, const struct np_log *log)
{
	struct np_plan plan;
	enum np_exit code = np_command_plan(options, examination, name, log, &plan);
	const struct np_plan_device *device;
	int r;

	if (code != NP_EXIT_DONE)
		return code;
	r = attach(options, request, examination, &plan, log);
	device = np_plan_map(&plan);
	if (!r)
		record(options, &plan, &examination->device, log);
	if (!r)
		np_log_message(log, NP_LOG_INFO, name, NULL, "mapped at /dev/mapper/%s, %zu target%s", name,
			       device->table.count, device->table.count == 1 ? "" : "s");
	np_plan_release(&plan);
	return np_exit_from_error(r);
}

/* Under the lock. */
static enum np_exit examine_and_map(const struct np_options *options, const struct np_request *request,
				    const char *name, const struct np_log *log)
{
	struct np_examination examination = NP_EXAMINATION_INIT;
	enum np_exit code = np_exit_from_error(np_heal(log));

	if (code == NP_EXIT_DONE)
		code = np_command_examine(request, log, &examination);
	if (code == NP_EXIT_DONE)
		code = map(options, request, name, &examination, log);
	np_examination_release(&examination);
	return code;
}

static enum np_exit lock_and_map(const struct np_options *options, const struct np_request *request, const char *name,
				 const struct np_log *log)
{
	enum np_exit code;
	int lock;

	lock = np_lock(log);
	if (lock < 0)
		return np_exit_from_error(lock);
	code = examine_and_map(options, request, name, log);
	close(lock);
	return code;
}

static enum np_exit run(const struct np_options *options, const struct np_log *log)
{
	char *name = NULL;
	struct np_request request;
	enum np_exit code;

	if (options->table)
		return np_command_table.run(options, log);
	if (options->concise) {
		np_log_message(log, NP_LOG_ERROR, "--concise", NULL,
			       "it is how a table is printed: it goes with --table");
		return NP_EXIT_USAGE;
	}
	code = np_command_request(options, log, &request);
	if (code != NP_EXIT_DONE)
		return code;
	code = np_command_name(options, &request, log, &name);
	if (code == NP_EXIT_DONE) {
		request.name = name;
		request.looks_for_linux = true;
		np_lookup_wait(&request.source, log);
		code = lock_and_map(options, &request, name, log);
	}
	np_command_release(&request);
	free(name);
	return code;
}

const struct np_command np_command_map = {
	.name = "map",
	.arguments = "DEVICE FILE [--name NAME] [options]",
	.summary = "create /dev/mapper/NAME from the file's clusters",
	.help = "Examines FILE on DEVICE, and if every check agrees, creates /dev/mapper/NAME, a block device\n"
		"of exactly the file's bytes. To map what is mapped just so already succeeds. A DEVICE that is a\n"
		"regular file gets a loop device, which goes with the map.",
	.options = NP_OPTION_NAME | NP_OPTION_TABLE | NP_OPTION_CONCISE | NP_OPTION_ALLOW | NP_OPTION_SOURCE |
		   NP_OPTION_APPEND | NP_OPTION_MODE,
	.arguments_least = 2,
	.arguments_most = 2,
	.run = run,
};
