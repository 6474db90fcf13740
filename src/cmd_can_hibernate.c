/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "ntfs-punch/dm.h"
#include "ntfs-punch/hibernation.h"

/* Where Linux would hibernate to. No root is needed to know that. */
static void warn_of_swap(const struct np_log *log)
{
	struct np_hibernation_facts found = { .swap = "" };

	np_hibernation_find_swap(NULL, &found);
	if (*found.swap)
		np_log_message(log, NP_LOG_WARNING, found.swap, "`swapoff` it before you hibernate",
			       "Linux swaps to it, so it would hibernate to it");
	if (*found.resume)
		np_log_message(log, NP_LOG_WARNING, found.resume, "take `resume=` off the kernel command line",
			       "resume= on the kernel command line names it: Linux must not hibernate to it");
	if (*found.unknown)
		np_log_message(log, NP_LOG_WARNING, found.unknown, NULL,
			       "it can't be told whether Linux would hibernate to a map");
}

static void report(const struct np_dm_device *map, const struct np_log *log)
{
	char remedy[NP_NAME_SIZE + 80];

	snprintf(remedy, sizeof(remedy), "`ntfs-punch unmap %s`; or suspend or power off, but don't hibernate",
		 map->name);
	np_log_message(
		log, NP_LOG_ERROR, map->name, remedy,
		"it is mapped for writing: a hibernated Linux would go on with an old table, whatever Windows has "
		"done meanwhile");
}

/* Whether one before it is of the same map, and has been said. */
static bool is_said(const struct np_dm_device *devices, size_t count, size_t i)
{
	const struct np_dm_device *map = np_dm_map_of(devices, count, &devices[i]);

	for (size_t j = 0; j < i; j++)
		if (np_dm_is_written(devices, count, &devices[j]) && np_dm_map_of(devices, count, &devices[j]) == map)
			return true;
	return false;
}

/* Where the kernel has no device-mapper, or hasn't loaded it, there are no maps. */
static bool has_device_mapper(void)
{
	return access("/sys/class/misc", F_OK) || !access("/sys/class/misc/device-mapper", F_OK);
}

static enum np_exit run(const struct np_options *options, const struct np_log *log)
{
	enum np_exit code = NP_EXIT_DONE;
	struct np_dm_device *devices;
	size_t count;

	(void)options;
	warn_of_swap(log);
	if (!has_device_mapper())
		return NP_EXIT_DONE;
	if (np_dm_list(log, &devices, &count) < 0) {
		np_log_message(log, NP_LOG_ERROR, "can-hibernate", NULL,
			       "it can't be told whether a file is mapped for writing: don't hibernate");
		return NP_EXIT_FAILED;
	}
	for (size_t i = 0; i < count; i++) {
		if (!np_dm_is_written(devices, count, &devices[i]))
			continue;
		code = NP_EXIT_BUSY;
		if (!is_said(devices, count, i))
			report(np_dm_map_of(devices, count, &devices[i]), log);
	}
	free(devices);
	return code;
}

const struct np_command np_command_can_hibernate = {
	.name = "can-hibernate",
	.arguments = "[options]",
	.summary = "whether Linux may hibernate now",
	.help = "Succeeds if nothing is mapped through which a volume could be written to: read-only and blind maps and volumes'\n"
		"devices don't matter. Else it names the maps: exit code 4; 1 if it can't be told. systemd asks it before it\n"
		"hibernates.",
	.options = 0,
	.arguments_least = 0,
	.arguments_most = 0,
	.run = run,
};
