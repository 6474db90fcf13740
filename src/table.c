/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"

/* The one conversion from bytes to sectors. */
static int to_sectors(uint64_t bytes, uint64_t *ret_sectors)
{
	if (bytes % NP_SECTOR_SIZE)
		return -EINVAL;
	*ret_sectors = bytes / NP_SECTOR_SIZE;
	return 0;
}

static int build_target(const struct np_extent *extent, struct np_target *target)
{
	bool hole = extent->physical == NP_EXTENT_HOLE;
	int r;

	target->type = hole ? NP_TARGET_ZERO : NP_TARGET_LINEAR;
	r = to_sectors(extent->logical, &target->start_sector);
	if (!r)
		r = to_sectors(extent->length, &target->length_sectors);
	if (!r && !hole)
		r = to_sectors(extent->physical, &target->offset_sector);
	return r;
}

int np_table_build(const struct np_extent_map *map, struct np_table *ret_table)
{
	struct np_table table = NP_TABLE_INIT;

	if (!map->count)
		return -EINVAL;
	table.targets = calloc(map->count, sizeof(*table.targets));
	if (!table.targets)
		return -ENOMEM;
	for (; table.count < map->count; table.count++) {
		int r = build_target(&map->extents[table.count], &table.targets[table.count]);

		if (r < 0) {
			np_table_release(&table);
			return r;
		}
	}
	*ret_table = table;
	return 0;
}

int np_table_build_snapshot(enum np_target_type type, uint64_t bytes, struct np_table *ret_table)
{
	struct np_table table = { .targets = calloc(1, sizeof(*table.targets)), .count = 1 };
	int r;

	if (!table.targets)
		return -ENOMEM;
	table.targets[0].type = type;
	r = bytes ? to_sectors(bytes, &table.targets[0].length_sectors) : -EINVAL;
	if (r < 0)
		np_table_release(&table);
	else
		*ret_table = table;
	return r;
}

void np_table_release(struct np_table *table)
{
	free(table->targets);
	*table = NP_TABLE_INIT;
}

uint64_t np_table_sectors(const struct np_table *table)
{
	const struct np_target *last = table->count ? &table->targets[table->count - 1] : NULL;

	return last ? last->start_sector + last->length_sectors : 0;
}

static const struct {
	const char *name;
	const char *persistence; /* of a snapshot; O: it says so when it overflows, and stays readable */
} types[] = {
	[NP_TARGET_LINEAR] = { "linear", NULL },
	[NP_TARGET_ZERO] = { "zero", NULL },
	[NP_TARGET_SNAPSHOT_TRANSIENT] = { "snapshot", "N" },
	[NP_TARGET_SNAPSHOT] = { "snapshot", "PO" },
	[NP_TARGET_SNAPSHOT_MERGE] = { "snapshot-merge", "PO" },
};

const char *np_target_type_name(enum np_target_type type)
{
	return types[type].name;
}

int np_table_device_word(const char *device, char **ret_word)
{
	char *word = malloc(2 * strlen(device) + 1);
	char *end = word;

	if (!word)
		return -ENOMEM;
	for (; *device; device++) {
		if (strchr(" \t\n\v\f\r\xa0\\", *device))
			*end++ = '\\';
		*end++ = *device;
	}
	*end = '\0';
	*ret_word = word;
	return 0;
}

int np_target_format_parameters(const struct np_target *target, const char *device_word, char *text, size_t size)
{
	if (target->type == NP_TARGET_ZERO)
		return snprintf(text, size, "%s", "");
	if (types[target->type].persistence)
		return snprintf(text, size, "%s %s %u", device_word, types[target->type].persistence,
				NP_SNAPSHOT_CHUNK_SECTORS);
	return snprintf(text, size, "%s %" PRIu64, device_word, target->offset_sector);
}

int np_target_format(const struct np_target *target, const char *device_word, char *text, size_t size)
{
	uint64_t start = target->start_sector, length = target->length_sectors;
	const char *name = types[target->type].name, *persistence = types[target->type].persistence;

	if (target->type == NP_TARGET_ZERO)
		return snprintf(text, size, "%" PRIu64 " %" PRIu64 " %s", start, length, name);
	if (persistence)
		return snprintf(text, size, "%" PRIu64 " %" PRIu64 " %s %s %s %u", start, length, name, device_word,
				persistence, NP_SNAPSHOT_CHUNK_SECTORS);
	return snprintf(text, size, "%" PRIu64 " %" PRIu64 " %s %s %" PRIu64, start, length, name, device_word,
			target->offset_sector);
}

/* "MAJOR:MINOR OFFSET", as the kernel prints a linear target's parameters (Linux, drivers/md/dm-linear.c). */
static bool parse_linear(const char *parameters, const char *device_word, bool *ret_is_device, uint64_t *ret_sector)
{
	const char *rest = parameters;
	uint64_t number;
	size_t length;

	if (!np_number_take(&rest, NP_NUMBER_MAJOR_MAX, &number) || *rest++ != ':' ||
	    !np_number_take(&rest, NP_NUMBER_MINOR_MAX, &number) || *rest != ' ')
		return false;
	length = (size_t)(rest - parameters);
	*ret_is_device = length == strlen(device_word) && !memcmp(parameters, device_word, length);
	return np_number_parse(rest + 1, UINT64_MAX, ret_sector);
}

int np_table_read_target(struct np_extent_map *extents, const char *device_word, uint64_t length_sectors,
			 const char *type, const char *parameters)
{
	uint64_t physical = NP_EXTENT_HOLE, offset_sector = 0, length;
	bool is_linear = !strcmp(type, "linear"), is_device = false;

	if (!is_linear && strcmp(type, "zero"))
		return -ENOTSUP;
	if (is_linear && !parse_linear(parameters, device_word, &is_device, &offset_sector))
		return -EIO;
	if (__builtin_mul_overflow(length_sectors, NP_SECTOR_SIZE, &length) ||
	    (is_device && __builtin_mul_overflow(offset_sector, NP_SECTOR_SIZE, &physical)))
		return -EIO;
	return np_extent_map_append(extents, physical, length);
}
