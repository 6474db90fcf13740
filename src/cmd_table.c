/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "ntfs-punch/table.h"

/* What tables call the device: its number, or a file's path, which nobody can load but which tells the reader. */
static int device_word(const struct np_device *device, char **ret_word)
{
	char number[NP_DEVICE_NUMBER_SIZE];

	np_device_format_number(device->number, number);
	return np_table_device_word(device->is_block ? number : device->path, ret_word);
}

static int print_table(const struct np_examination *examination)
{
	struct np_table table = NP_TABLE_INIT;
	char *word = NULL;
	int r = np_table_build(&examination->extents, &table);

	if (!r)
		r = device_word(&examination->device, &word);
	for (size_t i = 0; i < table.count && !r; i++) {
		char line[8192 + 128]; /* a path has at most 4095 bytes, each perhaps escaped */

		np_target_format(&table.targets[i], word, line, sizeof(line));
		puts(line);
	}
	free(word);
	np_table_release(&table);
	return r;
}

static enum np_exit run(const struct np_options *options, const struct np_log *log)
{
	struct np_examination examination = NP_EXAMINATION_INIT;
	struct np_request request;
	enum np_exit code = np_command_request(options, log, &request);
	int r = 0;

	if (code != NP_EXIT_DONE)
		return code;
	np_lookup_wait(&request.source);
	code = np_command_examine(&request, log, &examination);
	if (code == NP_EXIT_DONE)
		r = print_table(&examination);
	if (r < 0)
		np_log_message(log, NP_LOG_ERROR, options->arguments[1], NULL, "out of memory");
	if (code == NP_EXIT_DONE)
		code = r < 0 ? NP_EXIT_FAILED : np_flush_output(log);
	np_examination_release(&examination);
	np_command_release(&request);
	return code;
}

const struct np_command np_command_table = {
	.name = "table",
	.arguments = "DEVICE FILE [options]",
	.summary = "print the device-mapper table of the file, touch nothing",
	.help = "Examines FILE on DEVICE as `map` does, and prints the table that `map` would load, as `dmsetup\n"
		"create` reads it. Where DEVICE is a regular file, its path stands for the device's number.",
	.options = NP_OPTION_ALLOW | NP_OPTION_SOURCE | NP_OPTION_APPEND,
	.arguments_least = 2,
	.arguments_most = 2,
	.run = run,
};
