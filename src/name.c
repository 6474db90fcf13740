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

bool np_uuid_is_ours(const char *uuid)
{
	return !strncmp(uuid, NP_UUID_PREFIX, strlen(NP_UUID_PREFIX));
}

bool np_uuid_is_volume(const char *uuid)
{
	static const char suffix[] = "-volume";
	size_t length = strlen(uuid);

	return np_uuid_is_ours(uuid) && length >= strlen(suffix) && !strcmp(uuid + length - strlen(suffix), suffix);
}

void np_uuid_format(const struct np_facts *facts, char *uuid)
{
	char stream[16] = "";

	if (facts->file.has_stream)
		snprintf(stream, sizeof(stream), "-%08" PRIx32, facts->file.stream_hash);
	snprintf(uuid, NP_UUID_SIZE, NP_UUID_PREFIX "%016" PRIX64 "-%" PRIu64 "-%" PRIu32 "%s", facts->volume.serial,
		 facts->file.record, facts->file.sequence, stream);
}
