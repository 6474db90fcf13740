/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

static const struct np_command *const commands[] = {
	&np_command_map,    &np_command_table, &np_command_volume, &np_command_check,
	&np_command_unmap,  &np_command_list,  &np_command_commit, &np_command_discard,
	&np_command_status, &np_command_up,    &np_command_down,   &np_command_can_hibernate,
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(*commands))

static void print_usage(void)
{
	fputs("Usage:\n", stdout);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  ntfs-punch %-13s %s\n", commands[i]->name, commands[i]->arguments);
	fputs("\nMaps a file on an NTFS volume, a hibernated one too, as a block device.\n\nCommands:\n", stdout);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  %-13s  %s\n", commands[i]->name, commands[i]->summary);
	fputs("\nOptions:\n"
	      "  --table DEVICE FILE  the same as `table DEVICE FILE`\n"
	      "  -h, --help           this text; after a command, that command's\n"
	      "  -V, --version        the version\n"
	      "\nDEVICE is a block device, or a file that holds an NTFS volume, or UUID=, LABEL=, PARTUUID= or\n"
	      "PARTLABEL= and what it has. FILE is a path on the volume: /dir/linux.img, 'C:\\dir\\linux.img',\n"
	      "/linux.img:stream or mft:NUMBER.\n"
	      "\nSee ntfs-punch(8).\n",
	      stdout);
}

static int wrong_usage(const char *what, const char *word)
{
	char escaped[256];

	np_escape(word, escaped, sizeof(escaped));
	fprintf(stderr, "ntfs-punch: %s%s\n  remedy: `ntfs-punch --help` shows what there is\n", what, escaped);
	return NP_EXIT_USAGE;
}

/*
 * Without one of the first three, the next file to be opened would get its number, and our messages. Opened read-only, so that
 * writing still fails.
 */
static void secure_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argument_count, char **arguments)
{
	const struct np_log log = { .emit = np_print_message, .most = NP_LOG_WARNING };
	const char *word = argument_count > 1 ? arguments[1] : NULL;

	secure_descriptors();
	if (!word)
		return wrong_usage("a command is missing", "");
	if (!strcmp(word, "--help") || !strcmp(word, "-h")) {
		print_usage();
		return (int)np_flush_output(&log);
	}
	if (!strcmp(word, "--version") || !strcmp(word, "-V")) {
		puts("ntfs-punch " NP_VERSION);
		return (int)np_flush_output(&log);
	}
	if (!strcmp(word, "--table"))
		word = np_command_table.name;
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (!strcmp(word, commands[i]->name))
			return (int)np_command_run(commands[i], argument_count - 1, arguments + 1);
	return wrong_usage(*word == '-' ? "no such option: " : "no such command: ", word);
}
