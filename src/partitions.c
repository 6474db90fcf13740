/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/partitions.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What holds the logical partitions of an MBR (libblkid, partitions/partitions.h: MBR_*_EXTENDED_PARTITION). */
static bool is_extended(const struct np_content *content, const struct np_partition *partition)
{
	static const char *const types[] = { "0x05", "0x0f", "0x85" };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (!strcmp(content->table, "dos") && !strcmp(partition->type, types[i]))
			return true;
	return false;
}

__attribute__((format(printf, 3, 4))) static int distrust(const struct np_plan *plan, const struct np_log *log,
							  const char *format, ...)
{
	char what[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	np_log_message(log, NP_LOG_ERROR, np_plan_map(plan)->name,
		       "map it without --partitions, and look at it with `fdisk` or `gdisk`", "%s", what);
	return -EBADMSG;
}

/* Bounds and names are the plan's matter. */
static int add(const struct np_content *content, size_t i, const struct np_log *log, struct np_plan *plan)
{
	const struct np_partition *partition = &content->partitions[i];
	const struct np_plan_partition planned = { (unsigned)partition->number, partition->start_bytes,
						   partition->size_bytes };
	int r;

	for (size_t j = 0; j < i; j++) {
		const struct np_partition *other = &content->partitions[j];

		if (!is_extended(content, other) &&
		    (partition->number == other->number ||
		     (partition->start_bytes < other->start_bytes + other->size_bytes &&
		      other->start_bytes < partition->start_bytes + partition->size_bytes)))
			return distrust(plan, log, "its partitions %" PRIu64 " and %" PRIu64 " overlap", other->number,
					partition->number);
	}
	r = np_plan_add_partition(plan, &planned);
	if (r == -ERANGE)
		return distrust(plan, log, "its partition %" PRIu64 " ends past the image", partition->number);
	if (r == -EINVAL && partition->size_bytes) {
		np_log_message(log, NP_LOG_ERROR, np_plan_map(plan)->name, "choose a shorter name with --name",
			       "its partitions' names would be too long");
		return -ENAMETOOLONG;
	}
	if (r == -EINVAL)
		return distrust(plan, log, "its partition %" PRIu64 " is empty", partition->number);
	if (r == -EEXIST)
		np_log_message(log, NP_LOG_ERROR, np_plan_map(plan)->name, "choose another name with --volume",
			       "the volume's device would have the name of partition %" PRIu64 "'s", partition->number);
	if (r == -EEXIST)
		return -ENAMETOOLONG;
	if (r < 0)
		np_log_message(log, NP_LOG_ERROR, np_plan_map(plan)->name, NULL, "out of memory");
	return r;
}

int np_partitions_plan(const struct np_content *content, const struct np_log *log, struct np_plan *plan)
{
	int r = 0;

	if (content->unreadable)
		return distrust(plan, log, "not all of it could be read that may be a partition table");
	/* libblkid's name for the MBR of a GPT that isn't sound, or isn't there. */
	if (!*content->table || !strcmp(content->table, "PMBR"))
		return distrust(plan, log, "there is no sound partition table in it");
	if (strcmp(content->table, "gpt") && strcmp(content->table, "dos"))
		return distrust(plan, log, "its partition table is neither a GPT nor an MBR");
	if (content->backup)
		return distrust(plan, log, "its GPT is damaged: only the copy at its end is sound");
	for (size_t i = 0; i < content->partition_count && !r; i++)
		if (!is_extended(content, &content->partitions[i]))
			r = add(content, i, log, plan);
	return r;
}
