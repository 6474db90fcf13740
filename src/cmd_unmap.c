/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "ntfs-punch/attach.h"
#include "ntfs-punch/dm.h"

static enum np_exit unmap_names(const struct np_options *options, const struct np_log *log)
{
	enum np_exit code = NP_EXIT_DONE;

	/* One that fails keeps none of the others; the first failure is the exit code. */
	for (int i = 0; i < options->argument_count; i++) {
		int r = np_detach(np_bare_name(options->arguments[i]), options->deferred, log);

		if (code == NP_EXIT_DONE)
			code = np_exit_from_error(r);
	}
	return code;
}

/* Maps, or volumes' devices. */
static enum np_exit unmap_role(enum np_role role, const struct np_options *options, const struct np_log *log)
{
	enum np_exit code = NP_EXIT_DONE;
	struct np_dm_device *devices;
	size_t count;

	if (np_dm_list(log, &devices, &count) < 0)
		return NP_EXIT_FAILED;
	for (size_t i = 0; i < count; i++) {
		int r = np_uuid_role(devices[i].uuid) == role ? np_detach(devices[i].name, options->deferred, log) : 0;

		if (code == NP_EXIT_DONE)
			code = np_exit_from_error(r);
	}
	free(devices);
	return code;
}

/* Some volumes' devices go with the maps. */
static enum np_exit unmap_all(const struct np_options *options, const struct np_log *log)
{
	enum np_exit maps = unmap_role(NP_ROLE_MAP, options, log);
	enum np_exit volumes = unmap_role(NP_ROLE_VOLUME, options, log);

	return maps == NP_EXIT_DONE ? volumes : maps;
}

static enum np_exit run(const struct np_options *options, const struct np_log *log)
{
	enum np_exit code, healed;
	int lock;

	if (options->all == (options->argument_count > 0)) {
		np_log_message(log, NP_LOG_ERROR, "unmap", "`ntfs-punch list` shows the maps",
			       "it takes names of maps, or --all");
		return NP_EXIT_USAGE;
	}
	lock = np_lock(log);
	if (lock < 0)
		return np_exit_from_error(lock);
	/* What can't be healed keeps no map from being removed. */
	healed = np_exit_from_error(np_heal(log));
	code = options->all ? unmap_all(options, log) : unmap_names(options, log);
	close(lock);
	return code == NP_EXIT_DONE ? healed : code;
}

const struct np_command np_command_unmap = {
	.name = "unmap",
	.arguments = "NAME... | --all [options]",
	.summary = "remove maps",
	.help = "Removes the maps of these names, or all that there are. One that is in use stays (exit code 4), and so does\n"
		"whatever isn't a map of ntfs-punch (5).",
	.options = NP_OPTION_ALL | NP_OPTION_DEFERRED,
	.arguments_least = 0,
	.arguments_most = -1,
	.run = run,
};
