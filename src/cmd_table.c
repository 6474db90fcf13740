/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "ntfs-punch/table.h"

/* What tables call the device: its number, or a file's path, which nobody can load but which tells the reader. */
static int device_word(const struct np_device *device, char **ret_word)
{
	char number[NP_DEVICE_NUMBER_SIZE];

	np_device_format_number(device->number, number);
	return np_table_device_word(device->is_block ? number : device->path, ret_word);
}

/* What a device of the plan calls those below: itself still to be made, its name. */
static int words_of(const struct np_plan *plan, const struct np_plan_device *device, const struct np_device *source,
		    char **ret_words)
{
	const int below[] = { device->below, device->store };
	char *words[2] = { NULL, NULL };
	size_t count = device->store == device->below ? 1 : 2;
	int r = 0;

	for (size_t i = 0; i < count && !r; i++) {
		if (below[i] == NP_BELOW_SOURCE)
			r = device_word(source, &words[i]);
		else if (below[i] == NP_BELOW_MEMORY)
			r = asprintf(&words[i], "memory:%" PRIu64, plan->memory_bytes) < 0 ? -ENOMEM : 0;
		else
			r = asprintf(&words[i], "/dev/mapper/%s", plan->devices[below[i]].name) < 0 ? -ENOMEM : 0;
	}
	if (!r && asprintf(ret_words, "%s%s%s", words[0], count > 1 ? " " : "", count > 1 ? words[1] : "") < 0)
		r = -ENOMEM;
	free(words[0]);
	free(words[1]);
	return r;
}

/* A line of a table, in whose concise form commas and semicolons separate (dmsetup(8), "Concise format"). */
static void print_target(const struct np_target *target, const char *words, bool concise)
{
	char line[2 * 8192 + 128]; /* a path has at most 4095 bytes, each perhaps escaped */

	np_target_format(target, words, line, sizeof(line));
	for (const char *character = line; *character; character++) {
		if (concise && strchr(",;\\", *character))
			putchar('\\');
		putchar(*character);
	}
}

static int print_device(const struct np_plan *plan, size_t i, const struct np_device *source, bool concise)
{
	const struct np_plan_device *device = &plan->devices[i];
	char *words = NULL;
	int r = words_of(plan, device, source, &words);

	if (r < 0)
		return r;
	if (concise)
		printf("%s%s,%s,,%s", i ? ";" : "", device->name, device->uuid, device->read_only ? "ro" : "rw");
	for (size_t j = 0; j < device->table.count; j++) {
		if (concise)
			putchar(',');
		print_target(&device->table.targets[j], words, concise);
		if (!concise)
			putchar('\n');
	}
	free(words);
	return 0;
}

static enum np_exit print_plan(const struct np_options *options, const struct np_examination *examination,
			       const char *name, const struct np_log *log)
{
	struct np_plan plan;
	enum np_exit code = np_command_plan(options, examination, name, log, &plan);
	int r = 0;

	if (code != NP_EXIT_DONE)
		return code;
	if (options->partitions && options->overlay) {
		np_log_message(log, NP_LOG_ERROR, name, "map it, and look with `lsblk`",
			       "its partitions are those of the overlay, which only a map shows");
		code = NP_EXIT_USAGE;
	} else if (plan.count > 1 && !options->concise) {
		np_log_message(log, NP_LOG_ERROR, name, "--concise", "it is %zu devices, which one table doesn't show",
			       plan.count);
		code = NP_EXIT_USAGE;
	}
	for (size_t i = 0; i < plan.count && code == NP_EXIT_DONE && !r; i++)
		r = print_device(&plan, i, &examination->device, options->concise);
	if (r < 0)
		np_log_message(log, NP_LOG_ERROR, name, NULL, "out of memory");
	if (code == NP_EXIT_DONE && !r && options->concise)
		putchar('\n');
	np_plan_release(&plan);
	return code == NP_EXIT_DONE ? np_exit_from_error(r) : code;
}

static enum np_exit run(const struct np_options *options, const struct np_log *log)
{
	struct np_examination examination = NP_EXAMINATION_INIT;
	struct np_request request;
	char *name = NULL;
	enum np_exit code = np_command_request(options, log, &request);

	if (code != NP_EXIT_DONE)
		return code;
	/* Only the concise form has names in it. */
	if (options->concise)
		code = np_command_name(options, &request, log, &name);
	if (code == NP_EXIT_DONE) {
		np_lookup_wait(&request.source, log);
		code = np_command_examine(&request, log, &examination);
	}
	if (code == NP_EXIT_DONE)
		code = print_plan(options, &examination, name ? name : "the map", log);
	if (code == NP_EXIT_DONE)
		code = np_flush_output(log);
	np_examination_release(&examination);
	np_command_release(&request);
	free(name);
	return code;
}

const struct np_command np_command_table = {
	.name = "table",
	.arguments = "DEVICE FILE [options]",
	.summary = "print the device-mapper table of the file, touch nothing",
	.help = "Examines FILE on DEVICE as `map` does, and prints the table that `map` would load, as `dmsetup\n"
		"create` reads it. Where DEVICE is a regular file, its path stands for the device's number.",
	.options = NP_OPTION_NAME | NP_OPTION_CONCISE | NP_OPTION_ALLOW | NP_OPTION_SOURCE | NP_OPTION_APPEND |
		   NP_OPTION_MODE,
	.arguments_least = 2,
	.arguments_most = 2,
	.run = run,
};
