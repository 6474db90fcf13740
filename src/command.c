/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "ntfs-punch/dm.h"
#include "ntfs-punch/partitions.h"

enum np_exit np_command_run(const struct np_command *command, int argument_count, char **arguments)
{
	struct np_log log = { .emit = np_print_message, .most = NP_LOG_WARNING };
	struct np_options options = { .append = calloc((size_t)argument_count, sizeof(*options.append)) };
	bool done = false;
	enum np_exit code = NP_EXIT_FAILED;

	if (!options.append)
		np_log_message(&log, NP_LOG_ERROR, command->name, NULL, "out of memory");
	else
		code = np_options_take(command, argument_count, arguments, &options, &log, &done);
	np_dm_set_log(&log);
	if (code == NP_EXIT_DONE)
		code = done ? np_flush_output(&log) : command->run(&options, &log);
	/* libdevmapper has something to say even as the process ends. */
	np_dm_set_log(NULL);
	free(options.append);
	return code;
}

const char *np_bare_name(const char *name)
{
	static const char folder[] = "/dev/mapper/";

	return strncmp(name, folder, strlen(folder)) ? name : name + strlen(folder);
}

enum np_exit np_exit_from_error(int r)
{
	switch (r) {
	case 0:
		return NP_EXIT_DONE;
	case -EBUSY:
		return NP_EXIT_BUSY;
	case -ESTALE:
	case -EBADMSG:
		return NP_EXIT_REFUSED;
	case -ENODEV:
	case -ENOENT:
	case -ENOTUNIQ:
	case -ENODATA:
		return NP_EXIT_MISSING;
	default:
		return NP_EXIT_FAILED;
	}
}

/* A file's findings: DONE if nothing refuses. */
static enum np_exit exit_from_findings(const struct np_findings *findings)
{
	size_t refusals = np_findings_refusals(findings);

	if (!refusals)
		return NP_EXIT_DONE;
	if (findings->of[NP_CHECK_VOLUME_TYPE].verdict == NP_VERDICT_REFUSE)
		return NP_EXIT_NOT_NTFS;
	return refusals == 1 && findings->of[NP_CHECK_BUSY].verdict == NP_VERDICT_REFUSE ? NP_EXIT_BUSY :
											   NP_EXIT_REFUSED;
}

enum np_exit np_command_verdict(const struct np_examination *examination)
{
	enum np_exit verdict = NP_EXIT_DONE;

	/* Of several files, one that is refused outweighs another one's being busy. */
	for (size_t i = 0; i < examination->count; i++) {
		enum np_exit code = exit_from_findings(&examination->examined[i].findings);

		if (verdict == NP_EXIT_DONE || (verdict == NP_EXIT_BUSY && code == NP_EXIT_REFUSED))
			verdict = code;
	}
	return verdict;
}

static enum np_exit parse_file(const char *word, const struct np_log *log, struct np_file *ret_file)
{
	const char *why = "out of memory";
	int r = np_path_parse(word, &ret_file->path, &why);

	ret_file->word = word;
	if (r < 0)
		np_log_message(log, NP_LOG_ERROR, word, "FILE is a path on the volume: /linux.img or 'C:\\linux.img'",
			       "no file can be called this: %s", why);
	return r == -EINVAL ? NP_EXIT_USAGE : np_exit_from_error(r);
}

/* FILE, what is appended to it, and the overlay. */
static enum np_exit parse_files(const struct np_options *options, const struct np_log *log, struct np_file *files,
				struct np_request *request)
{
	enum np_exit code = parse_file(options->arguments[1], log, &files[request->file_count++]);

	for (int i = 0; i < options->append_count && code == NP_EXIT_DONE; i++)
		code = parse_file(options->append[i], log, &files[request->file_count++]);
	if (code == NP_EXIT_DONE && options->overlay) {
		request->store_begin = options->overlay_init;
		request->store = &files[request->file_count];
		code = parse_file(options->overlay, log, &files[request->file_count]);
	}
	return code;
}

enum np_exit np_command_request(const struct np_options *options, const struct np_log *log,
				struct np_request *ret_request)
{
	struct np_file *files = calloc((size_t)options->append_count + 2, sizeof(*files));
	struct np_request request = {
		.source = { options->arguments[0], options->partition, options->wait_seconds },
		.files = files,
		.format = options->format,
		.read_only = options->read_only || options->blind,
		.allow = options->allow,
		.allow_journal_lsn = options->allow_journal_lsn,
	};
	enum np_exit code = files ? NP_EXIT_DONE : np_exit_from_error(-ENOMEM);

	if (!files)
		np_log_message(log, NP_LOG_ERROR, options->arguments[0], NULL, "out of memory");
	if (code == NP_EXIT_DONE && options->argument_count > 1)
		code = parse_files(options, log, files, &request);
	if (code != NP_EXIT_DONE) {
		np_command_release(&request);
		return code;
	}
	*ret_request = request;
	return NP_EXIT_DONE;
}

void np_command_release(struct np_request *request)
{
	struct np_file *files = (struct np_file *)request->files;

	for (size_t i = 0; i < request->file_count + !!request->store; i++)
		np_path_release(&files[i].path);
	free(files);
}

enum np_exit np_command_name(const struct np_options *options, const struct np_request *request,
			     const struct np_log *log, char **ret_name)
{
	char *name = options->name ? strdup(options->name) : np_path_stem(&request->files[0].path);
	const char *problem = name ? np_name_problem(name) : "there is none to be made from FILE";

	if (!problem && options->volume) {
		problem = np_name_problem(options->volume);
		if (!problem && !strcmp(options->volume, name))
			problem = "the map has it";
		if (problem) {
			np_log_message(log, NP_LOG_ERROR, options->volume, NULL,
				       "no volume's device can have this name: %s", problem);
			free(name);
			return NP_EXIT_USAGE;
		}
	}
	if (problem) {
		np_log_message(log, NP_LOG_ERROR, name ? name : request->files[0].word,
			       "name the device with --name NAME", "no device can have this name: %s", problem);
		free(name);
		return NP_EXIT_USAGE;
	}
	*ret_name = name;
	return NP_EXIT_DONE;
}

/* What a snapshot may need at most, or half of the memory. Where it all is written to, the rest of the system lives on the other
 * half. */
static uint64_t choose_memory(const struct np_options *options, uint64_t map_bytes)
{
	struct sysinfo info;
	uint64_t half = UINT64_MAX, most = map_bytes + NP_SNAPSHOT_CHUNK_SECTORS * NP_SECTOR_SIZE;

	if (options->blind_bytes)
		return options->blind_bytes;
	if (!sysinfo(&info))
		half = (uint64_t)info.totalram * info.mem_unit / 2 & ~(uint64_t)4095;
	return half < most ? half : most;
}

/* Those that the file has: with an overlay, that may have others. */
static int plan_partitions(const struct np_examination *examination, const struct np_log *log, struct np_plan *plan)
{
	const struct np_device *device = &examination->device;
	struct np_content *content = malloc(sizeof(*content));
	int r = content ? np_probe_map(device->fd, device->start_bytes + device->size_bytes, &examination->extents,
				       np_plan_map(plan)->name, NP_LOG_ERROR, log, content) :
			  -ENOMEM;

	if (!r)
		r = np_partitions_plan(content, log, plan);
	free(content);
	if (r < 0)
		np_plan_release(plan);
	return r;
}

enum np_exit np_command_plan(const struct np_options *options, const struct np_examination *examination,
			     const char *name, const struct np_log *log, struct np_plan *ret_plan)
{
	const struct np_device *device = &examination->device;
	uint64_t map_bytes = np_extent_map_total(&examination->extents);
	char uuid[NP_UUID_SIZE];
	struct np_plan_input input = {
		.name = name,
		.uuid = uuid,
		.extents = map_bytes ? &examination->extents : NULL,
		.read_only = options->read_only,
		.memory_bytes = options->blind ? choose_memory(options, map_bytes) : 0,
		.store = options->overlay ? &examination->store : NULL,
		.merging = !options->overlay_init && examination->header.state == NP_STORE_MERGING,
		.volume = options->volume,
		.serial = examination->examined[0].facts.volume.serial,
		.volume_start_bytes = device->start_bytes,
		.volume_size_bytes = device->size_bytes - device->size_bytes % NP_SECTOR_SIZE,
	};
	int r;

	np_uuid_format(&examination->examined[0].facts, uuid);
	r = np_plan_build(&input, ret_plan);
	if (r < 0)
		np_log_message(log, NP_LOG_ERROR, name, r == -EINVAL ? "choose a shorter name with --name" : NULL,
			       "can't plan its devices: %s",
			       r == -EINVAL ? "their names would be too long" : strerror(-r));
	else if (options->partitions && !options->overlay)
		r = plan_partitions(examination, log, ret_plan);
	return r == -EINVAL || r == -ENAMETOOLONG ? NP_EXIT_USAGE : np_exit_from_error(r);
}

static void report_finding(enum np_check check, const struct np_finding *finding, const char *subject,
			   const struct np_log *log)
{
	enum np_log_level level = finding->verdict == NP_VERDICT_REFUSE ? NP_LOG_ERROR : NP_LOG_WARNING;

	if (finding->verdict == NP_VERDICT_REFUSE || finding->verdict == NP_VERDICT_WARN)
		np_log_message(log, level, subject, *finding->remedy ? finding->remedy : NULL, "%s: %s",
			       np_check_name(check), finding->message);
}

/* What is about the device is said once, whatever the number of files. */
static void report_findings(const struct np_request *request, const struct np_examination *examination,
			    const struct np_log *log)
{
	for (size_t i = 0; i < examination->count; i++) {
		const struct np_findings *findings = &examination->examined[i].findings;

		for (enum np_check check = 0; check < NP_CHECK_COUNT; check++) {
			const struct np_file *file = np_check_is_of_device(check) ? NULL : np_request_file(request, i);
			const char *subject = file ? file->word : request->source.word;

			if (!np_finding_repeats(&examination->examined[0].findings, findings, check))
				report_finding(check, &findings->of[check], subject, log);
		}
	}
}

enum np_exit np_command_examine(const struct np_request *request, const struct np_log *log,
				struct np_examination *ret_examination)
{
	int r = np_examine(request, log, ret_examination);

	if (r < 0)
		return np_exit_from_error(r);
	report_findings(request, ret_examination, log);
	return np_command_verdict(ret_examination);
}
