/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *np_name_problem(const char *name)
{
	static const char allowed[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#+-.:=@_";

	if (!*name)
		return "it is empty";
	if (strlen(name) >= NP_NAME_SIZE)
		return "it is longer than 127 characters";
	if (name[strspn(name, allowed)])
		return "a name is made of letters, digits and #+-.:=@_";
	/* "control" is device-mapper's own node in /dev/mapper. */
	if (!strcmp(name, ".") || !strcmp(name, "..") || !strcmp(name, "control"))
		return "this name is taken in every /dev/mapper";
	return NULL;
}

static const char *const suffixes[] = {
	[NP_ROLE_NONE] = NULL,  [NP_ROLE_VOLUME] = "-volume", [NP_ROLE_STORE] = "-store", [NP_ROLE_BASE] = "-base",
	[NP_ROLE_COW] = "-cow", [NP_ROLE_MAP] = "",           [NP_ROLE_PARTITION] = NULL,
};

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && !strcmp(text + length - end_length, end);
}

unsigned np_uuid_partition(const char *uuid)
{
	static const char word[] = "part";
	const char *digits = uuid + strlen(word);
	unsigned number = 0;

	if (strncmp(uuid, word, strlen(word)))
		return 0;
	for (; *digits >= '0' && *digits <= '9' && number < 100000; digits++)
		number = 10 * number + (unsigned)(*digits - '0');
	return *digits == '-' && !strncmp(digits + 1, NP_UUID_PREFIX, strlen(NP_UUID_PREFIX)) ? number : 0;
}

enum np_role np_uuid_role(const char *uuid)
{
	if (np_uuid_partition(uuid))
		return NP_ROLE_PARTITION;
	if (strncmp(uuid, NP_UUID_PREFIX, strlen(NP_UUID_PREFIX)))
		return NP_ROLE_NONE;
	for (enum np_role role = NP_ROLE_VOLUME; role < NP_ROLE_MAP; role++)
		if (ends_with(uuid, suffixes[role]))
			return role;
	return NP_ROLE_MAP;
}

bool np_uuid_is_ours(const char *uuid)
{
	return np_uuid_role(uuid) != NP_ROLE_NONE;
}

bool np_uuid_is_of_map(const char *uuid, const char *map_uuid)
{
	size_t length = strlen(map_uuid);
	enum np_role role = np_uuid_role(uuid);

	if (role == NP_ROLE_PARTITION)
		return !strcmp(strchr(uuid, '-') + 1, map_uuid);
	return role != NP_ROLE_NONE && !strncmp(uuid, map_uuid, length) && !strcmp(uuid + length, suffixes[role]);
}

/* The serial number, and what comes after it. */
static const char *serial_of(const char *uuid)
{
	if (np_uuid_role(uuid) == NP_ROLE_NONE)
		return NULL;
	if (np_uuid_partition(uuid))
		uuid = strchr(uuid, '-') + 1;
	return uuid + strlen(NP_UUID_PREFIX);
}

bool np_uuid_same_volume(const char *a, const char *b)
{
	const char *serial_a = serial_of(a), *serial_b = serial_of(b);

	return serial_a && serial_b && !strncmp(serial_a, serial_b, 16);
}

void np_uuid_format_role(const char *map_uuid, enum np_role role, unsigned partition, char *uuid)
{
	if (role == NP_ROLE_PARTITION)
		snprintf(uuid, NP_UUID_SIZE, "part%u-%s", partition, map_uuid);
	else
		snprintf(uuid, NP_UUID_SIZE, "%s%s", map_uuid, suffixes[role]);
}

void np_uuid_format_volume(uint64_t serial, char *uuid)
{
	snprintf(uuid, NP_UUID_SIZE, NP_UUID_PREFIX "%016" PRIX64 "%s", serial, suffixes[NP_ROLE_VOLUME]);
}

void np_uuid_format(const struct np_facts *facts, char *uuid)
{
	char stream[16] = "";

	if (facts->file.has_stream)
		snprintf(stream, sizeof(stream), "-%08" PRIx32, facts->file.stream_hash);
	snprintf(uuid, NP_UUID_SIZE, NP_UUID_PREFIX "%016" PRIX64 "-%" PRIu64 "-%" PRIu32 "%s", facts->volume.serial,
		 facts->file.record, facts->file.sequence, stream);
}
