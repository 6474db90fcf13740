/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "json.h"
#include "ntfs-punch/attach.h"
#include "record.h"

enum match { MATCH_UNKNOWN, MATCH_NO, MATCH_YES };

struct status {
	struct np_dm_device device;
	struct np_dm_device *group; /* it, and what belongs to it */
	size_t group_count;
	struct np_snapshot snapshot;
	struct np_record record;   /* of a map, where there is one */
	struct np_options options; /* that the record is of */
	enum match match;
};

static const struct np_dm_device *find(const struct status *status, enum np_role role)
{
	for (size_t i = 0; i < status->group_count; i++)
		if (np_uuid_role(status->group[i].uuid) == role)
			return &status->group[i];
	return NULL;
}

/* Of one that has ended, a killed commit may have left the store's device. */
static bool has_overlay(const struct status *status)
{
	return status->snapshot.is_snapshot && find(status, NP_ROLE_STORE);
}

static const char *mode_of(const struct status *status)
{
	if (np_uuid_role(status->device.uuid) == NP_ROLE_VOLUME)
		return "volume";
	if (status->snapshot.merging)
		return "merging";
	if (has_overlay(status))
		return "overlay";
	if (status->snapshot.is_snapshot)
		return "blind";
	return status->device.read_only ? "read-only" : "read-write";
}

/* What the map lies on in the end. */
static void source_of(const struct status *status, char *node)
{
	const struct np_dm_device *base = find(status, NP_ROLE_BASE);
	dev_t below = base ? base->below : status->device.below;

	if (np_device_node(below, node) < 0)
		np_device_format_number(below, node);
}

static size_t targets_of(const struct status *status)
{
	const struct np_dm_device *base = find(status, NP_ROLE_BASE);

	return base ? base->target_count : status->device.target_count;
}

/* ---- Is it still what the volume says? ----------------------------------------------------------------- */

/* The record's options; a map of before this program's time has none. */
static enum np_exit take_record(struct status *status, const struct np_log *log)
{
	struct np_log quiet = *log;
	bool done = false;
	int r = np_record_read(status->device.uuid, &status->record);

	if (r == -ENOENT) {
		np_log_message(log, NP_LOG_WARNING, status->device.name, "unmap it, and map it again",
			       "nothing says how it was mapped");
		return NP_EXIT_FAILED;
	}
	if (r < 0) {
		np_log_message(log, NP_LOG_ERROR, status->device.name, NULL, "can't read how it was mapped: %s",
			       strerror(-r));
		return NP_EXIT_FAILED;
	}
	status->options.append = calloc((size_t)status->record.count + 1, sizeof(*status->options.append));
	if (!status->options.append)
		return NP_EXIT_FAILED;
	optind = 0; /* getopt begins anew (glibc) */
	return np_options_take(&np_command_map, status->record.count, status->record.words, &status->options, &quiet,
			       &done);
}

static enum np_exit compare_plan(struct status *status, const struct np_examination *examination,
				 const struct np_log *log)
{
	struct np_plan plan;
	bool same = false;
	char uuid[NP_UUID_SIZE];
	enum np_exit code;
	int r;

	np_uuid_format(&examination->examined[0].facts, uuid);
	/* Its partitions lie on the map, wherever that lies. */
	status->options.partitions = false;
	code = np_command_plan(&status->options, examination, status->device.name, log, &plan);
	if (code != NP_EXIT_DONE)
		return code;
	/* Of one that can't be read back, only the length could be compared. */
	if (targets_of(status) > NP_DM_TARGETS_READABLE) {
		np_plan_release(&plan);
		np_log_message(log, NP_LOG_WARNING, status->device.name, NULL,
			       "its table is too long to be compared: libdevmapper reads %u targets back for sure",
			       NP_DM_TARGETS_READABLE);
		return NP_EXIT_FAILED;
	}
	r = np_attach_compare(examination, &plan, log, &same);
	np_plan_release(&plan);
	if (r < 0)
		return np_exit_from_error(r);
	status->match = same && !strcmp(uuid, status->device.uuid) ? MATCH_YES : MATCH_NO;
	if (status->match == MATCH_YES)
		return NP_EXIT_DONE;
	np_log_message(
		log, NP_LOG_ERROR, status->device.name,
		"stop what uses it, unmap it, and find out what changed the volume",
		"its table isn't that of the file on the disk any more: what is written to it may be another file's");
	return NP_EXIT_REFUSED;
}

static bool is_block(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISBLK(status.st_mode);
}

static enum np_exit compare(struct status *status, const struct np_log *log)
{
	struct np_examination examination = NP_EXAMINATION_INIT;
	struct np_request request;
	enum np_exit code = take_record(status, log);

	if (code != NP_EXIT_DONE)
		return code;
	status->options.overlay_init = false;
	/* It may be gone, and reaches nothing that can be written. */
	status->options.volume = NULL;
	/* Of a disk the partition's own device was taken, and written down. */
	if (is_block(status->options.arguments[0]))
		status->options.partition = 0;
	/* An ended overlay has left nothing but the file. */
	if (!has_overlay(status))
		status->options.overlay = NULL;
	code = np_command_request(&status->options, log, &request);
	if (code != NP_EXIT_DONE)
		return code;
	code = np_command_examine(&request, log, &examination);
	if (code == NP_EXIT_DONE)
		code = compare_plan(status, &examination, log);
	else if (code == NP_EXIT_REFUSED || code == NP_EXIT_NOT_NTFS || code == NP_EXIT_MISSING)
		status->match = MATCH_NO;
	np_examination_release(&examination);
	np_command_release(&request);
	return code;
}

/* ---- Printing ------------------------------------------------------------------------------------------- */

static const char *overlay_word(const struct np_snapshot *snapshot)
{
	return snapshot->invalid      ? "invalid" :
	       snapshot->overflowed   ? "full" :
	       snapshot->merge_failed ? "merge failed" :
					NULL;
}

static void print_text(const struct status *status)
{
	static const char *const words[] = {
		[MATCH_UNKNOWN] = "can't be told",
		[MATCH_NO] = "is not that of the file on the disk",
		[MATCH_YES] = "is that of the file on the disk",
	};
	const struct np_dm_device *device = &status->device;
	const struct np_snapshot *snapshot = &status->snapshot;
	char node[NP_DEVICE_NODE_SIZE];

	source_of(status, node);
	printf("/dev/mapper/%s is active%s.\n", device->name, device->open_count ? " and in use" : "");
	printf("  mode:     %s\n", mode_of(status));
	printf("  device:   %s\n", node);
	for (int i = 0; i < status->options.argument_count - 1 + status->options.append_count; i++) {
		char file[1024];

		np_escape(i ? status->options.append[i - 1] : status->options.arguments[1], file, sizeof(file));
		printf("  file:     %s\n", file);
	}
	if (has_overlay(status) && status->options.overlay) {
		char file[1024];

		np_escape(status->options.overlay, file, sizeof(file));
		printf("  overlay:  %s\n", file);
	}
	printf("  size:     %" PRIu64 " bytes\n", device->sectors * NP_SECTOR_SIZE);
	printf("  targets:  %zu\n", targets_of(status));
	printf("  open:     %d\n", device->open_count);
	if (snapshot->is_snapshot && overlay_word(snapshot))
		printf("  used:     %s\n", overlay_word(snapshot));
	else if (snapshot->is_snapshot)
		printf("  used:     %" PRIu64 " of %" PRIu64 " bytes (%" PRIu64 "%%)\n",
		       snapshot->used * NP_SECTOR_SIZE, snapshot->total * NP_SECTOR_SIZE,
		       snapshot->total ? snapshot->used * 100 / snapshot->total : 0);
	if (np_uuid_role(device->uuid) == NP_ROLE_MAP)
		printf("  table:    %s\n", words[status->match]);
	printf("  UUID:     %s\n", device->uuid);
}

static void add_overlay(struct np_json *json, const struct np_snapshot *snapshot)
{
	struct json_object *object;
	const char *word = overlay_word(snapshot);

	if (!snapshot->is_snapshot) {
		np_json_null(json, json->root, "writes");
		return;
	}
	object = np_json_object(json, json->root, "writes");
	np_json_text(json, object, "state", word ? word : snapshot->merging ? "merging" : "ok");
	if (word)
		return;
	np_json_number(json, object, "used", snapshot->used * NP_SECTOR_SIZE);
	np_json_number(json, object, "size", snapshot->total * NP_SECTOR_SIZE);
	np_json_number(json, object, "metadata", snapshot->metadata * NP_SECTOR_SIZE);
}

static int print_json(const struct status *status)
{
	const struct np_dm_device *device = &status->device;
	char node[NP_DEVICE_NODE_SIZE];
	struct json_object *array;
	struct np_json json;
	int r;

	source_of(status, node);
	np_json_init(&json);
	np_json_text(&json, json.root, "name", device->name);
	np_json_text(&json, json.root, "uuid", device->uuid);
	np_json_text(&json, json.root, "mode", mode_of(status));
	np_json_text(&json, json.root, "device", node);
	array = np_json_array(&json, json.root, "files");
	for (int i = 0; i < status->options.argument_count - 1 + status->options.append_count; i++)
		np_json_text(&json, array, NULL, i ? status->options.append[i - 1] : status->options.arguments[1]);
	np_json_text(&json, json.root, "overlay", has_overlay(status) ? status->options.overlay : NULL);
	np_json_number(&json, json.root, "size", device->sectors * NP_SECTOR_SIZE);
	np_json_number(&json, json.root, "targets", targets_of(status));
	np_json_number(&json, json.root, "open", (uint64_t)device->open_count);
	np_json_flag(&json, json.root, "read_only", device->read_only);
	add_overlay(&json, &status->snapshot);
	if (status->match == MATCH_UNKNOWN)
		np_json_null(&json, json.root, "matches");
	else
		np_json_flag(&json, json.root, "matches", status->match == MATCH_YES);
	array = np_json_array(&json, json.root, "devices");
	for (size_t i = status->group_count; i--;)
		np_json_text(&json, array, NULL, status->group[i].name);
	r = np_json_print(&json);
	np_json_release(&json);
	return r;
}

static int look(const char *name, const struct np_log *log, struct status *status)
{
	int r = np_group_map(name, log, &status->device);

	if (!r)
		r = np_group_find(status->device.uuid, log, &status->group, &status->group_count);
	/* A snapshot is one target; the status of a table of many may be too long for libdevmapper. */
	if (!r && np_uuid_role(status->device.uuid) == NP_ROLE_MAP && status->device.target_count == 1)
		r = np_dm_read_snapshot(status->device.name, log, &status->snapshot);
	return r;
}

static enum np_exit run(const struct np_options *options, const struct np_log *log)
{
	struct status status = { .match = MATCH_UNKNOWN };
	enum np_exit code, written;
	int r = look(np_bare_name(options->arguments[0]), log, &status);

	code = np_exit_from_error(r);
	if (!r && np_uuid_role(status.device.uuid) == NP_ROLE_MAP)
		code = compare(&status, log);
	if (!r && options->json)
		r = print_json(&status);
	else if (!r)
		print_text(&status);
	if (r == -ENOMEM)
		np_log_message(log, NP_LOG_ERROR, status.device.name, NULL, "out of memory");
	written = r < 0 ? np_exit_from_error(r) : np_flush_output(log);
	np_record_release(&status.record);
	free(status.options.append);
	free(status.group);
	return code == NP_EXIT_DONE ? written : code;
}

const struct np_command np_command_status = {
	.name = "status",
	.arguments = "NAME [options]",
	.summary = "show one map, and whether it still matches the file on the disk",
	.help = "Shows how the map NAME is made, and examines its file again: exit code 3 if the active table isn't that\n"
		"of the file's extents on the disk any more. Of an overlay and of --blind, how much is used.",
	.options = NP_OPTION_JSON,
	.arguments_least = 1,
	.arguments_most = 1,
	.run = run,
};
