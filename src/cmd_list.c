/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "ntfs-punch/dm.h"

enum { COLUMN_NAME, COLUMN_BYTES, COLUMN_TARGETS, COLUMN_OPEN, COLUMN_DEVICE, COLUMN_UUID, COLUMN_COUNT };

static const struct {
	const char *name;
	int flags;
	int json_type;
} columns[COLUMN_COUNT] = {
	[COLUMN_NAME] = { "NAME", SCOLS_FL_TREE, SCOLS_JSON_STRING },
	[COLUMN_BYTES] = { "BYTES", SCOLS_FL_RIGHT, SCOLS_JSON_NUMBER },
	[COLUMN_TARGETS] = { "TARGETS", SCOLS_FL_RIGHT, SCOLS_JSON_NUMBER },
	[COLUMN_OPEN] = { "OPEN", SCOLS_FL_RIGHT, SCOLS_JSON_NUMBER },
	[COLUMN_DEVICE] = { "DEVICE", 0, SCOLS_JSON_STRING },
	[COLUMN_UUID] = { "UUID", 0, SCOLS_JSON_STRING },
};

/* Which columns are shown, in which order. */
struct selection {
	size_t of[COLUMN_COUNT];
	size_t count;
};

static enum np_exit select_columns(const char *words, const struct np_log *log, struct selection *selection)
{
	while (words && *words) {
		size_t length = strcspn(words, ","), column = 0;

		while (column < COLUMN_COUNT &&
		       (strlen(columns[column].name) != length || strncasecmp(columns[column].name, words, length)))
			column++;
		if (column == COLUMN_COUNT || selection->count == COLUMN_COUNT) {
			np_log_message(log, NP_LOG_ERROR, words, "NAME, BYTES, TARGETS, OPEN, DEVICE, UUID",
				       column == COLUMN_COUNT ? "there is no such column" : "there are fewer columns");
			return NP_EXIT_USAGE;
		}
		selection->of[selection->count++] = column;
		words += length + (words[length] == ',');
	}
	for (size_t column = 0; !words && column < COLUMN_COUNT; column++)
		selection->of[selection->count++] = column;
	if (selection->count)
		return NP_EXIT_DONE;
	np_log_message(log, NP_LOG_ERROR, "--output", "NAME, BYTES, TARGETS, OPEN, DEVICE, UUID", "no column is named");
	return NP_EXIT_USAGE;
}

/* What a map lies on in the end is what its base does. */
static dev_t source_of(const struct np_dm_device *devices, size_t count, const struct np_dm_device *device)
{
	for (size_t i = 0; i < count; i++)
		if (np_uuid_role(device->uuid) == NP_ROLE_MAP && np_uuid_role(devices[i].uuid) == NP_ROLE_BASE &&
		    np_uuid_is_of_map(devices[i].uuid, device->uuid))
			return devices[i].below;
	return device->below;
}

static void format_cell(const struct np_dm_device *device, dev_t source, size_t column, char *text, size_t size)
{
	uint64_t number = column == COLUMN_BYTES   ? device->sectors * NP_SECTOR_SIZE :
			  column == COLUMN_TARGETS ? device->target_count :
						     (uint64_t)device->open_count;
	char node[NP_DEVICE_NODE_SIZE];

	if (column == COLUMN_NAME || column == COLUMN_UUID) {
		snprintf(text, size, "%s", column == COLUMN_NAME ? device->name : device->uuid);
	} else if (column == COLUMN_DEVICE) {
		if (!device->live)
			snprintf(node, sizeof(node), "-");
		else if (np_device_node(source, node) < 0)
			np_device_format_number(source, node); /* the disk is gone */
		snprintf(text, size, "%s", node);
	} else {
		snprintf(text, size, "%" PRIu64, number);
	}
}

static int add_device(struct libscols_table *table, const struct selection *selection,
		      const struct np_dm_device *device, dev_t source, struct libscols_line *parent,
		      struct libscols_line **ret_line)
{
	struct libscols_line *line = scols_table_new_line(table, parent);
	int r = line ? 0 : -ENOMEM;

	for (size_t i = 0; i < selection->count && !r; i++) {
		char text[NP_DEVICE_NODE_SIZE];

		format_cell(device, source, selection->of[i], text, sizeof(text));
		r = scols_line_set_data(line, i, text);
	}
	*ret_line = line;
	return r;
}

/* A map, and below it what belongs to it: its partitions, then what it is made of. */
static int add_group(struct libscols_table *table, const struct selection *selection,
		     const struct np_dm_device *devices, size_t count, const struct np_dm_device *map)
{
	struct libscols_line *root, *line;
	int r = add_device(table, selection, map, source_of(devices, count, map), NULL, &root);

	for (size_t i = 0; i < count && !r; i++)
		if (&devices[i] != map && np_uuid_is_of_map(devices[i].uuid, map->uuid))
			r = add_device(table, selection, &devices[i], devices[i].below, root, &line);
	return r;
}

/* What is left over of a map that isn't there any more stands by itself. */
static bool is_root(const struct np_dm_device *devices, size_t count, const struct np_dm_device *device)
{
	enum np_role role = np_uuid_role(device->uuid);

	if (role == NP_ROLE_MAP || role == NP_ROLE_VOLUME)
		return true;
	for (size_t i = 0; i < count; i++)
		if (np_uuid_role(devices[i].uuid) == NP_ROLE_MAP && np_uuid_is_of_map(device->uuid, devices[i].uuid))
			return false;
	return true;
}

static int fill(struct libscols_table *table, const struct selection *selection, const struct np_dm_device *devices,
		size_t count)
{
	int r = 0;

	for (size_t i = 0; i < selection->count && !r; i++) {
		size_t column = selection->of[i];
		struct libscols_column *made =
			scols_table_new_column(table, columns[column].name, 0, columns[column].flags);

		r = made ? scols_column_set_json_type(made, columns[column].json_type) : -ENOMEM;
	}
	for (size_t i = 0; i < count && !r; i++)
		if (is_root(devices, count, &devices[i]))
			r = add_group(table, selection, devices, count, &devices[i]);
	return r;
}

static int print_devices(const struct np_options *options, const struct selection *selection,
			 const struct np_dm_device *devices, size_t count)
{
	struct libscols_table *table = scols_new_table();
	int r = table ? 0 : -ENOMEM;

	if (!r)
		r = scols_table_enable_noheadings(table, options->no_headings);
	if (!r)
		r = scols_table_enable_json(table, options->json);
	if (!r)
		r = scols_table_set_name(table, "maps");
	if (!r)
		r = fill(table, selection, devices, count);
	if (!r && (count || options->json))
		r = scols_print_table(table);
	scols_unref_table(table);
	return r;
}

static enum np_exit run(const struct np_options *options, const struct np_log *log)
{
	struct selection selection = { .count = 0 };
	enum np_exit code = select_columns(options->columns, log, &selection);
	struct np_dm_device *devices;
	size_t count;
	int r;

	if (code != NP_EXIT_DONE)
		return code;
	r = np_dm_list(log, &devices, &count);
	if (r < 0)
		return NP_EXIT_FAILED;
	r = print_devices(options, &selection, devices, count);
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
		"Below it, as a tree, its partitions and what it is made of. Nothing if there is none.",
	.options = NP_OPTION_LIST | NP_OPTION_JSON,
	.arguments_least = 0,
	.arguments_most = 0,
	.run = run,
};
