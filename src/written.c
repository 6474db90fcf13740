/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/dm.h"

/* Whether a map is a snapshot of its base. One that was, and isn't any more, may still have that, and its store as well. */
static bool has_base(const struct np_dm_device *devices, size_t count, const struct np_dm_device *map)
{
	for (size_t i = 0; i < count; i++)
		if (np_uuid_role(devices[i].uuid) == NP_ROLE_BASE && np_uuid_is_of_map(devices[i].uuid, map->uuid))
			return true;
	return false;
}

bool np_dm_is_written(const struct np_dm_device *devices, size_t count, const struct np_dm_device *device)
{
	enum np_role role = np_uuid_role(device->uuid);

	if (device->live && device->read_only)
		return false;
	if (role == NP_ROLE_MAP)
		return !has_base(devices, count, device);
	return role == NP_ROLE_VOLUME || role == NP_ROLE_STORE || role == NP_ROLE_BASE;
}

const struct np_dm_device *np_dm_map_of(const struct np_dm_device *devices, size_t count,
					const struct np_dm_device *device)
{
	for (size_t i = 0; i < count; i++)
		if (np_uuid_role(devices[i].uuid) == NP_ROLE_MAP && np_uuid_is_of_map(device->uuid, devices[i].uuid))
			return &devices[i];
	return device;
}
