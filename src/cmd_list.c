/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "ntfs-punch/dm.h"

enum { COLUMN_NAME, COLUMN_BYTES, COLUMN_TARGETS, COLUMN_OPEN, COLUMN_DEVICE, COLUMN_UUID, COLUMN_COUNT };

static const struct {
	const char *name;
	int flags;
} columns[COLUMN_COUNT] = {
	[COLUMN_NAME] = { "NAME", 0 },
	[COLUMN_BYTES] = { "BYTES", SCOLS_FL_RIGHT },
	[COLUMN_TARGETS] = { "TARGETS", SCOLS_FL_RIGHT },
	[COLUMN_OPEN] = { "OPEN", SCOLS_FL_RIGHT },
	[COLUMN_DEVICE] = { "DEVICE", 0 },
	[COLUMN_UUID] = { "UUID", 0 },
};

static int set_number(struct libscols_line *line, size_t column, uint64_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	return scols_line_set_data(line, column, text);
}

static int add_device(struct libscols_table *table, const struct np_dm_device *device)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	char node[NP_DEVICE_NODE_SIZE];
	int r = line ? 0 : -ENOMEM;

	if (!device->live)
		snprintf(node, sizeof(node), "-");
	else if (np_device_node(device->below, node) < 0)
		np_device_format_number(device->below, node); /* the disk is gone */
	if (!r)
		r = scols_line_set_data(line, COLUMN_NAME, device->name);
	if (!r)
		r = set_number(line, COLUMN_BYTES, device->sectors * NP_SECTOR_SIZE);
	if (!r)
		r = set_number(line, COLUMN_TARGETS, device->target_count);
	if (!r)
		r = set_number(line, COLUMN_OPEN, (uint64_t)device->open_count);
	if (!r)
		r = scols_line_set_data(line, COLUMN_DEVICE, node);
	if (!r)
		r = scols_line_set_data(line, COLUMN_UUID, device->uuid);
	return r;
}

static int print_devices(const struct np_dm_device *devices, size_t count)
{
	struct libscols_table *table = scols_new_table();
	int r = table ? 0 : -ENOMEM;

	for (size_t i = 0; i < COLUMN_COUNT && !r; i++)
		r = scols_table_new_column(table, columns[i].name, 0, columns[i].flags) ? 0 : -ENOMEM;
	for (size_t i = 0; i < count && !r; i++)
		r = add_device(table, &devices[i]);
	if (!r && count)
		r = scols_print_table(table);
	scols_unref_table(table);
	return r;
}

static enum np_exit run(const struct np_options *options, const struct np_log *log)
{
	struct np_dm_device *devices;
	size_t count;
	int r;

	(void)options;
	r = np_dm_list(log, &devices, &count);
	if (r < 0)
		return NP_EXIT_FAILED;
	r = print_devices(devices, count);
	free(devices);
	if (r < 0)
		np_log_message(log, NP_LOG_ERROR, "list", NULL, "can't print it");
	return r < 0 ? NP_EXIT_FAILED : np_flush_output(log);
}

const struct np_command np_command_list = {
	.name = "list",
	.arguments = "[options]",
	.summary = "show the active maps",
	.help = "Shows a line for each map: its name, its length in bytes, how many targets its table has, how\n"
		"often it is open, the device that it lies on, and its UUID, NTFSPUNCH-SERIAL-RECORD-SEQUENCE.\n"
		"Nothing if there is none.",
	.arguments_least = 0,
	.arguments_most = 0,
	.run = run,
};
