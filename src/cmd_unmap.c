/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "ntfs-punch/attach.h"
#include "ntfs-punch/dm.h"

/* /dev/mapper/NAME is as good as NAME. */
static const char *bare_name(const char *name)
{
	static const char folder[] = "/dev/mapper/";

	return strncmp(name, folder, strlen(folder)) ? name : name + strlen(folder);
}

static enum np_exit run(const struct np_options *options, const struct np_log *log)
{
	enum np_exit code = NP_EXIT_DONE;
	int lock;

	np_dm_set_log(log);
	lock = np_lock(log);
	if (lock < 0)
		return np_exit_from_error(lock);
	/* One that fails keeps none of the others; the first failure is the exit code. */
	for (int i = 0; i < options->argument_count; i++) {
		enum np_exit one = np_exit_from_error(np_detach(bare_name(options->arguments[i]), log));

		if (code == NP_EXIT_DONE)
			code = one;
	}
	close(lock);
	return code;
}

const struct np_command np_command_unmap = {
	.name = "unmap",
	.arguments = "NAME... [options]",
	.summary = "remove maps",
	.help = "Removes the maps of these names. One that is in use stays (exit code 4), and so does whatever isn't a "
		"map\n"
		"of ntfs-punch (5).",
	.arguments_least = 1,
	.arguments_most = -1,
	.run = run,
};
