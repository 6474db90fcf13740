/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "json.h"
#include "report.h"

static void add_device(struct np_json *json, const struct np_device *device)
{
	struct json_object *object = np_json_object(json, json->root, "device");

	np_json_text(json, object, "path", device->path);
	np_json_number(json, object, "size", device->size_bytes);
	np_json_number(json, object, "logical_block_size", device->logical_block_size);
	np_json_flag(json, object, "read_only", device->read_only);
}

static void add_journal(struct np_json *json, struct json_object *volume_object, const struct np_volume_facts *volume)
{
	struct json_object *object = np_json_object(json, volume_object, "journal");
	char text[256];

	np_json_text(json, object, "state", np_journal_state_name(volume->journal_state));
	snprintf(text, sizeof(text), "%" PRIu32 ".%" PRIu32, volume->journal_major, volume->journal_minor);
	np_json_text(json, object, "version", volume->journal_major ? text : NULL);
	snprintf(text, sizeof(text), "0x%" PRIx64, volume->journal_lsn);
	np_json_text(json, object, "newest_lsn", volume->journal_lsn ? text : NULL);
	np_journal_describe(volume, text, sizeof(text));
	np_json_text(json, object, "description", text);
}

static void add_volume(struct np_json *json, const struct np_facts *facts)
{
	const struct np_volume_facts *volume = &facts->volume;
	struct json_object *object;
	char text[32];

	if (facts->outcome != NP_OUTCOME_COMPLETE) {
		np_json_null(json, json->root, "volume");
		return;
	}
	object = np_json_object(json, json->root, "volume");
	snprintf(text, sizeof(text), "%u.%u", volume->version_major, volume->version_minor);
	np_json_text(json, object, "version", text);
	snprintf(text, sizeof(text), "%016" PRIX64, volume->serial);
	np_json_text(json, object, "serial", text);
	np_json_text(json, object, "label", volume->label);
	np_json_number(json, object, "size", volume->size_bytes);
	np_json_number(json, object, "cluster_size", volume->cluster_size);
	np_json_number(json, object, "sector_size", volume->sector_size);
	np_json_text(json, object, "hibernated", np_report_hibernation(volume));
	np_json_flag(json, object, "dirty", volume->dirty);
	np_json_text(json, object, "shadow_copies", np_report_shadow_copies(volume));
	add_journal(json, object, volume);
}

static void add_file(struct np_json *json, struct json_object *files, const char *path,
		     const struct np_examined *examined)
{
	const struct np_file_facts *file = &examined->facts.file;
	struct json_object *object = np_json_object(json, files, NULL);
	uint64_t least, most;

	np_json_text(json, object, "path", path);
	if (examined->facts.outcome != NP_OUTCOME_COMPLETE)
		return;
	np_extent_map_lengths(&examined->facts.extents, &least, &most);
	np_json_number(json, object, "mft_record", file->record);
	np_json_number(json, object, "sequence", file->sequence);
	np_json_number(json, object, "size", file->data_size);
	np_json_number(json, object, "initialized_size", file->initialized_size);
	np_json_number(json, object, "allocated_size", file->allocated_size);
	np_json_number(json, object, "runs", file->runs);
	np_json_number(json, object, "extents", examined->facts.extents.count);
	np_json_number(json, object, "smallest_extent", least);
	np_json_number(json, object, "largest_extent", most);
	np_json_number(json, object, "targets", examined->targets);
}

static void add_check(struct np_json *json, struct json_object *checks, const char *path, enum np_check check,
		      const struct np_finding *finding)
{
	struct json_object *object = np_json_object(json, checks, NULL);

	np_json_text(json, object, "name", np_check_name(check));
	np_json_text(json, object, "file", path);
	np_json_text(json, object, "result", np_verdict_name(finding->verdict));
	np_json_text(json, object, "message", finding->message);
	np_json_text(json, object, "remedy", *finding->remedy ? finding->remedy : NULL);
	np_json_flag(json, object, "overridable", np_check_overridable(check));
}

/* In the order of the checks. What is about the device comes once, unless a further file has another result. */
static void add_checks(struct np_json *json, const struct np_request *request, const struct np_examination *examination)
{
	struct json_object *checks = np_json_array(json, json->root, "checks");

	for (enum np_check check = 0; check < NP_CHECK_COUNT; check++)
		for (size_t i = 0; i < examination->count; i++) {
			const struct np_finding *finding = &examination->examined[i].findings.of[check];
			bool of_device = np_check_is_of_device(check);

			if (finding->verdict == NP_VERDICT_NONE || (!of_device && !request->file_count) ||
			    np_finding_repeats(&examination->examined[0].findings, &examination->examined[i].findings,
					       check))
				continue;
			add_check(json, checks, of_device && !i ? NULL : np_request_file(request, i)->word, check,
				  finding);
		}
}

int np_report_json(const struct np_request *request, const struct np_examination *examination, int exit_status,
		   const struct np_log *log)
{
	struct json_object *files;
	struct np_json json;
	int r;

	np_json_init(&json);
	add_device(&json, &examination->device);
	add_volume(&json, &examination->examined[0].facts);
	files = np_json_array(&json, json.root, "files");
	for (size_t i = 0; i < request->file_count; i++)
		add_file(&json, files, np_request_file(request, i)->word, &examination->examined[i]);
	add_checks(&json, request, examination);
	np_json_number(&json, json.root, "exit_status", (uint64_t)exit_status);
	r = np_json_print(&json);
	np_json_release(&json);
	if (r < 0)
		np_log_message(log, NP_LOG_ERROR, "check", NULL, "out of memory");
	return r;
}
