/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/dm.h"

#include <errno.h>
#include <inttypes.h>
#include <libdevmapper.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cookie.h"
#include "number.h"

_Static_assert(NP_COOKIE_MAGIC == DM_COOKIE_MAGIC, "cookies are libdevmapper's");

/* libdevmapper refuses any one allocation over 50 MB (libdm/mm/dbg_malloc.c), and a table goes to the kernel as one. */
#define LIBRARY_BYTES_MAX 50000000u

/* What it counts for each target besides its parameters: the kernel's header, a NUL, alignment (_flatten()). */
#define LIBRARY_TARGET_BYTES 49u

/* The largest buffer that it reads an answer into: it doubles 16 KiB until the answer fits, and 64 MiB are too many. What is
 * worse, after such a failure the buffer of every later call is too large. */
#define LIBRARY_ANSWER_MAX (32u << 20)

typedef struct dm_task dm_task;

static void destroy_task(dm_task **task)
{
	if (*task)
		dm_task_destroy(*task);
}

#define TASK __attribute__((cleanup(destroy_task))) dm_task

/* ---- Messages ---------------------------------------------------------------------------------------- */

/* libdevmapper's handler has no context of ours to take along. */
static const struct np_log *library_log;

__attribute__((format(printf, 5, 6))) static void take_message(int level, const char *file, int line, int class,
							       const char *format, ...)
{
	char text[512];
	va_list arguments;

	(void)file, (void)line, (void)class;
	/* Levels as syslog's; past warnings it tells what it is about to do. */
	if ((level & 7) > 4 || !library_log)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	np_log_message(library_log, NP_LOG_DEBUG, "libdevmapper", NULL, "%s", text);
}

void np_dm_set_log(const struct np_log *log)
{
	library_log = log;
	dm_log_with_errno_init(take_message);
	/* Names are checked before they come here; others' are shown as they are. */
	dm_set_name_mangling_mode(DM_STRING_MANGLING_NONE);
}

/* ---- Tasks ------------------------------------------------------------------------------------------- */

/* Runs a task; the kernel's errno, where it came that far. */
static int run_task(dm_task *task)
{
	errno = 0;
	if (dm_task_run(task))
		return 0;
	if (dm_task_get_errno(task))
		return -dm_task_get_errno(task);
	return errno ? -errno : -EIO;
}

static int report(const struct np_log *log, const char *subject, const char *what, int r)
{
	const char *remedy = NULL;

	if (r == -ENOENT || r == -ENODEV || r == -EACCES || r == -EPERM)
		remedy = "run it as root, on a kernel with device-mapper (`modprobe dm_mod`)";
	if (r == -EBUSY)
		remedy =
			"`fuser -v` on its node shows who has it open, `swapon` if it is swap, `lsblk` what lies on it";
	np_log_message(log, NP_LOG_ERROR, subject, remedy, "%s: %s", what, strerror(-r));
	return r;
}

static dm_task *new_task(int type, const char *name)
{
	dm_task *task = dm_task_create(type);

	if (task && name && !dm_task_set_name(task, name)) {
		dm_task_destroy(task);
		return NULL;
	}
	return task;
}

static int try_version(void)
{
	TASK *task = new_task(DM_DEVICE_VERSION, NULL);

	/* libdevmapper makes no task at all where it can't talk to the kernel. */
	return task ? run_task(task) : -ENODEV;
}

bool np_dm_is_available(void)
{
	return !try_version();
}

static int probe(const struct np_log *log)
{
	int r = try_version();

	if (r < 0)
		report(log, "device-mapper", "can't use it", r);
	return r < 0 ? -EIO : 0; /* -ENOENT would say that the device wasn't there */
}

/* ---- Looking ----------------------------------------------------------------------------------------- */

/* The device below, from the live table's dependencies. */
static int read_below(struct np_dm_device *device)
{
	TASK *task = new_task(DM_DEVICE_DEPS, device->name);
	struct dm_deps *deps;
	int r = task ? run_task(task) : -ENOMEM;

	if (r < 0)
		return r;
	deps = dm_task_get_deps(task);
	if (deps && deps->count)
		device->below = (dev_t)deps->device[0];
	return 0;
}

/* From sysfs: libdevmapper can't even read a status of as many targets as it can load. */
static int read_length(struct np_dm_device *device)
{
	char path[64], line[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/size", major(device->number), minor(device->number));
	file = fopen(path, "re");
	/* Without sysfs it isn't gone. */
	if (!file)
		return errno == ENOENT && access("/sys/dev/block", F_OK) ? -EIO : -errno;
	if (!fgets(line, sizeof(line), file))
		*line = '\0';
	fclose(file);
	line[strcspn(line, "\n")] = '\0';
	return np_number_parse(line, UINT64_MAX / NP_SECTOR_SIZE, &device->sectors) ? 0 : -EIO;
}

/* Takes a task that names the device, runs it, and reads what it says. */
static int read_device(dm_task *task, struct np_dm_device *ret_device)
{
	struct np_dm_device device = { 0 };
	const char *name, *uuid;
	struct dm_info info;
	int r = task ? run_task(task) : -ENOMEM;

	if (r < 0)
		return r == -ENXIO ? -ENOENT : r;
	if (!dm_task_get_info(task, &info))
		return -EIO;
	if (!info.exists)
		return -ENOENT;
	name = dm_task_get_name(task);
	uuid = dm_task_get_uuid(task);
	if (!name || !uuid)
		return -ENOMEM;
	snprintf(device.name, sizeof(device.name), "%s", name);
	snprintf(device.uuid, sizeof(device.uuid), "%s", uuid);
	device.number = makedev(info.major, info.minor);
	device.live = info.live_table;
	device.read_only = info.read_only;
	device.suspended = info.suspended;
	device.has_loaded = info.inactive_table;
	device.removal_pending = info.deferred_remove;
	device.open_count = info.open_count;
	device.target_count = (uint32_t)info.target_count;
	if (device.live)
		r = read_below(&device);
	if (!r && device.live)
		r = read_length(&device);
	if (!r)
		*ret_device = device;
	return r == -ENXIO ? -ENOENT : r;
}

int np_dm_find_by_name(const char *name, const struct np_log *log, struct np_dm_device *ret_device)
{
	TASK *task = new_task(DM_DEVICE_INFO, name);
	int r = probe(log);

	if (r < 0)
		return r;
	r = read_device(task, ret_device);
	return r < 0 && r != -ENOENT ? report(log, name, "can't look up the device", r) : r;
}

int np_dm_find_by_uuid(const char *uuid, const struct np_log *log, struct np_dm_device *ret_device)
{
	TASK *task = new_task(DM_DEVICE_INFO, NULL);
	int r = probe(log);

	if (r < 0)
		return r;
	r = task && dm_task_set_uuid(task, uuid) ? read_device(task, ret_device) : -ENOMEM;
	return r < 0 && r != -ENOENT ? report(log, uuid, "can't look up the device", r) : r;
}

int np_dm_find_by_number(dev_t number, const struct np_log *log, struct np_dm_device *ret_device)
{
	TASK *task = new_task(DM_DEVICE_INFO, NULL);
	int r = probe(log);

	if (r < 0)
		return r;
	r = task && dm_task_set_major(task, (int)major(number)) && dm_task_set_minor(task, (int)minor(number)) ?
		    read_device(task, ret_device) :
		    -ENOMEM;
	return r < 0 && r != -ENOENT ? report(log, "device-mapper", "can't look up a device", r) : r;
}

static int compare_names(const void *left, const void *right)
{
	const struct np_dm_device *a = left, *b = right;

	return strcmp(a->name, b->name);
}

/* Of the names that the kernel lists, ours. */
static int collect(const struct dm_names *names, struct np_dm_device **ret_devices, size_t *ret_count)
{
	struct np_dm_device *devices = NULL, *more;
	size_t count = 0;

	while (names->dev) {
		struct np_dm_device device;
		TASK *task = new_task(DM_DEVICE_INFO, names->name);
		int r = read_device(task, &device);

		/* One that has gone meanwhile isn't there. */
		if (r < 0 && r != -ENOENT) {
			free(devices);
			return r;
		}
		if (!r && np_uuid_is_ours(device.uuid)) {
			more = realloc(devices, (count + 1) * sizeof(*devices));
			if (!more) {
				free(devices);
				return -ENOMEM;
			}
			devices = more;
			devices[count++] = device;
		}
		if (!names->next)
			break;
		names = (const struct dm_names *)((const char *)names + names->next);
	}
	if (count)
		qsort(devices, count, sizeof(*devices), compare_names);
	*ret_devices = devices;
	*ret_count = count;
	return 0;
}

int np_dm_list(const struct np_log *log, struct np_dm_device **ret_devices, size_t *ret_count)
{
	TASK *task = new_task(DM_DEVICE_LIST, NULL);
	struct dm_names *names;
	int r = probe(log);

	if (r < 0)
		return r;
	r = task ? run_task(task) : -ENOMEM;
	names = r < 0 ? NULL : dm_task_get_names(task);
	if (names)
		r = collect(names, ret_devices, ret_count);
	else if (!r)
		r = -EIO;
	return r < 0 ? report(log, "device-mapper", "can't list the devices", r) : 0;
}

static int compare_roles(const void *left, const void *right)
{
	const struct np_dm_device *a = left, *b = right;

	return (int)np_uuid_role(b->uuid) - (int)np_uuid_role(a->uuid);
}

void np_dm_sort(struct np_dm_device *devices, size_t count)
{
	if (count)
		qsort(devices, count, sizeof(*devices), compare_roles);
}

/* Whether the text is as expected, where a `*` stands for a device's number. */
static bool matches(const char *expected, const char *text)
{
	for (; *expected; expected++) {
		if (*expected == '*')
			text += strspn(text, "0123456789:");
		else if (*expected != *text++)
			return false;
	}
	return !*text;
}

static bool same_target(const struct np_target *target, const char *device_word, uint64_t start, uint64_t length,
			const char *type, const char *parameters)
{
	char expected[512];

	np_target_format_parameters(target, device_word, expected, sizeof(expected));
	return target->start_sector == start && target->length_sectors == length && type &&
	       !strcmp(np_target_type_name(target->type), type) && matches(expected, parameters ? parameters : "");
}

/* Whether libdevmapper can read the table back: each target's header, parameters and NUL, aligned to 8 bytes (Linux,
 * drivers/md/dm-ioctl.c, retrieve_status()). */
static bool can_be_read(const struct np_table *table, const char *device_word)
{
	uint64_t bytes = 4096; /* more than the answer's own header */

	for (size_t i = 0; i < table->count; i++)
		bytes += (48 + (uint64_t)np_target_format_parameters(&table->targets[i], device_word, NULL, 0)) & ~7ull;
	return bytes <= LIBRARY_ANSWER_MAX;
}

static bool same_targets(dm_task *task, const struct np_table *table, const char *device_word)
{
	size_t i = 0;
	void *next = NULL;
	bool same;

	do {
		uint64_t start, length;
		char *type = NULL, *parameters = NULL;

		next = dm_get_next_target(task, next, &start, &length, &type, &parameters);
		same = i < table->count &&
		       same_target(&table->targets[i], device_word, start, length, type, parameters);
		i++;
	} while (next && same);
	return same && i == table->count;
}

int np_dm_has_table(const struct np_dm_device *device, const struct np_table *table, const char *device_word,
		    const struct np_log *log, bool *ret_same)
{
	TASK *task = NULL;
	int r;

	if (device->target_count != table->count || device->sectors != np_table_sectors(table)) {
		*ret_same = false;
		return 0;
	}
	if (!can_be_read(table, device_word)) {
		np_log_message(log, NP_LOG_DEBUG, device->name, NULL,
			       "its table is too long to be read back; only its length was compared");
		*ret_same = true;
		return 0;
	}
	task = new_task(DM_DEVICE_TABLE, device->name);
	r = task ? run_task(task) : -ENOMEM;
	if (r < 0)
		return report(log, device->name, "can't read its table", r);
	*ret_same = same_targets(task, table, device_word);
	return 0;
}

static int read_extents(const struct np_dm_device *device, dev_t below, struct np_extent_map *extents)
{
	TASK *task = new_task(DM_DEVICE_TABLE, device->name);
	int r = task ? run_task(task) : -ENOMEM;
	char device_word[32];
	void *next = NULL;

	snprintf(device_word, sizeof(device_word), "%u:%u", major(below), minor(below));
	while (!r) {
		uint64_t start, length;
		char *type = NULL, *parameters = NULL;

		next = dm_get_next_target(task, next, &start, &length, &type, &parameters);
		r = type && parameters ? np_table_read_target(extents, device_word, length, type, parameters) : -EIO;
		if (!next)
			break;
	}
	return r;
}

int np_dm_read_extents(const struct np_dm_device *device, dev_t below, const struct np_log *log,
		       struct np_extent_map *ret_extents)
{
	struct np_extent_map extents = NP_EXTENT_MAP_INIT;
	/* No linear target takes more than 80 bytes of the answer. */
	int r = device->target_count > (LIBRARY_ANSWER_MAX - 4096) / 80 ? -E2BIG :
									  read_extents(device, below, &extents);

	if (r < 0) {
		np_log_message(log, NP_LOG_DEBUG, device->name, NULL, "can't read its table: %s", strerror(-r));
		np_extent_map_release(&extents);
		return r;
	}
	*ret_extents = extents;
	return 0;
}

/* ---- Changing ---------------------------------------------------------------------------------------- */

/* Before anything is made: whether one task carries the table. */
static int check_size(const char *name, const struct np_table *table, const char *device_word, const struct np_log *log)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < table->count; i++)
		bytes += LIBRARY_TARGET_BYTES +
			 (uint64_t)np_target_format_parameters(&table->targets[i], device_word, NULL, 0);
	if (table->count <= NP_TABLE_MAX_TARGETS && bytes < LIBRARY_BYTES_MAX)
		return 0;
	np_log_message(log, NP_LOG_ERROR, name, "defragment the file in Windows: `defrag C:`, or Sysinternals' contig",
		       "its %zu targets are too many: libdevmapper takes about %" PRIu64 " at once", table->count,
		       bytes ? table->count * (uint64_t)LIBRARY_BYTES_MAX / bytes : 0);
	return -E2BIG;
}

static int add_targets(dm_task *task, const struct np_table *table, const char *device_word)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct np_target *target = &table->targets[i];
		char parameters[512];

		np_target_format_parameters(target, device_word, parameters, sizeof(parameters));
		if (!dm_task_add_target(task, target->start_sector, target->length_sectors,
					np_target_type_name(target->type), parameters))
			return -ENOMEM;
	}
	return 0;
}

static int load_table(const char *name, const struct np_table *table, const char *device_word, bool read_only)
{
	TASK *task = new_task(DM_DEVICE_RELOAD, name);
	int r = task ? add_targets(task, table, device_word) : -ENOMEM;

	if (!r && read_only && !dm_task_set_ro(task))
		r = -EIO;
	return r < 0 ? r : run_task(task);
}

/* Without a table there are no udev events to wait for. */
static int create_empty(const char *name, const char *uuid, dev_t *ret_number)
{
	TASK *task = new_task(DM_DEVICE_CREATE, name);
	struct dm_info info;
	int r = task && dm_task_set_uuid(task, uuid) ? run_task(task) : -ENOMEM;

	if (r < 0)
		return r;
	if (!dm_task_get_info(task, &info))
		return -EIO;
	*ret_number = makedev(info.major, info.minor);
	return 0;
}

int np_dm_create(const char *name, const char *uuid, const struct np_table *table, const char *device_word,
		 bool read_only, const struct np_log *log, dev_t *ret_number)
{
	int r = check_size(name, table, device_word, log);

	if (r < 0)
		return r;
	r = create_empty(name, uuid, ret_number);
	if (r < 0)
		return report(log, name, "can't create the device", r);
	r = load_table(name, table, device_word, read_only);
	if (r < 0) {
		report(log, name, "can't load its table", r);
		np_dm_remove(name, false, log);
	}
	return r;
}

/* A task with a udev cookie: udev releases it when its rules are done, and the nodes are there, or gone. */
static int run_and_wait(dm_task *task, uint16_t udev_flags)
{
	struct np_cookie cookie = { 0 };
	uint32_t key;
	int r = 0;

	/* Without udev there is no semaphore, and libdevmapper makes the nodes as it "waits". */
	if (dm_udev_get_sync_support())
		r = np_cookie_create(&cookie);
	if (r < 0)
		return r;
	key = cookie.key;
	r = dm_task_set_cookie(task, &key, udev_flags) ? run_task(task) : -EIO;
	/* Of what failed udev doesn't hear, so there is nothing to wait for. */
	if (!r && !dm_udev_wait(key))
		r = -EIO;
	np_cookie_destroy(&cookie);
	return r;
}

/* What udev's rules for device-mapper make of them is in its 10-dm.rules and 13-dm-disk.rules. */
static const uint16_t udev_flags[] = {
	[NP_DM_VISIBLE] = 0,
	[NP_DM_BESIDE] = DM_UDEV_DISABLE_DISK_RULES_FLAG | DM_UDEV_DISABLE_SUBSYSTEM_RULES_FLAG,
	[NP_DM_HIDDEN] = DM_UDEV_DISABLE_DISK_RULES_FLAG | DM_UDEV_DISABLE_SUBSYSTEM_RULES_FLAG |
			 DM_UDEV_DISABLE_OTHER_RULES_FLAG,
};

int np_dm_resume(const char *name, enum np_dm_visibility visibility, const struct np_log *log)
{
	TASK *task = new_task(DM_DEVICE_RESUME, name);
	int r = task ? run_and_wait(task, udev_flags[visibility]) : -ENOMEM;

	return r < 0 ? report(log, name, "can't activate the device", r) : 0;
}

void np_dm_clear(const char *name)
{
	TASK *task = new_task(DM_DEVICE_CLEAR, name);

	if (task)
		run_task(task);
}

static bool is_suspended(const char *name)
{
	TASK *task = new_task(DM_DEVICE_INFO, name);
	struct dm_info info;

	return task && !run_task(task) && dm_task_get_info(task, &info) && info.exists && info.suspended;
}

/* One that a killed run has loaded would be in the way: two merges of one store don't go together. */
int np_dm_load(const char *name, const struct np_table *table, const char *device_word, bool read_only,
	       const struct np_log *log)
{
	int r = check_size(name, table, device_word, log);

	if (r < 0)
		return r;
	np_dm_clear(name);
	r = load_table(name, table, device_word, read_only);
	return r < 0 ? report(log, name, "can't load its new table", r) : 0;
}

/* The targets of a live table, as they are, for a new one. */
static int copy_targets(const char *source, dm_task *task)
{
	TASK *from = new_task(DM_DEVICE_TABLE, source);
	int r = from ? run_task(from) : -ENOMEM;
	void *next = NULL;

	if (r < 0)
		return r;
	do {
		uint64_t start, length;
		char *type = NULL, *parameters = NULL;

		next = dm_get_next_target(from, next, &start, &length, &type, &parameters);
		if (!type || !dm_task_add_target(task, start, length, type, parameters ? parameters : ""))
			r = type ? -ENOMEM : -EIO;
	} while (next && !r);
	return r;
}

int np_dm_load_from(const char *name, const struct np_dm_device *source, bool read_only, const struct np_log *log)
{
	TASK *task = NULL;
	int r;

	/* To try would spoil every later call. */
	if (source->target_count > NP_DM_TARGETS_READABLE) {
		np_log_message(log, NP_LOG_ERROR, name,
			       "defragment the file in Windows: `defrag C:`, or Sysinternals' contig",
			       "the %u targets of %s are too many to be read back by libdevmapper",
			       source->target_count, source->name);
		return -E2BIG;
	}
	np_dm_clear(name);
	task = new_task(DM_DEVICE_RELOAD, name);
	r = task ? copy_targets(source->name, task) : -ENOMEM;
	if (!r && read_only && !dm_task_set_ro(task))
		r = -EIO;
	if (!r)
		r = run_task(task);
	return r < 0 ? report(log, name, "can't load its new table", r) : 0;
}

int np_dm_swap(const char *name, enum np_dm_visibility visibility, const struct np_log *log)
{
	/* The kernel suspends a live device for the change. */
	int r = np_dm_resume(name, visibility, log);

	if (!r)
		return 0;
	np_dm_clear(name);
	if (is_suspended(name))
		np_dm_resume(name, visibility, log);
	return r;
}

int np_dm_read_snapshot(const char *name, const struct np_log *log, struct np_snapshot *ret_snapshot)
{
	TASK *task = new_task(DM_DEVICE_STATUS, name);
	char *type = NULL, *text = NULL;
	uint64_t start, length;
	int r = task ? run_task(task) : -ENOMEM;

	if (r < 0)
		return report(log, name, "can't read its status", r);
	dm_get_next_target(task, NULL, &start, &length, &type, &text);
	if (!np_snapshot_parse(type ? type : "", text ? text : "", ret_snapshot))
		return report(log, name, "can't understand its status", -EIO);
	return 0;
}

int np_dm_remove(const char *name, bool deferred, const struct np_log *log)
{
	TASK *task = new_task(DM_DEVICE_REMOVE, name);
	int r = -ENOMEM;

	/* udev and desktops open a device for a moment after it was written to: libdevmapper tries again for 5 s. */
	if (task && (deferred ? dm_task_deferred_remove(task) : dm_task_retry_remove(task)))
		r = run_and_wait(task, 0);
	return r < 0 ? report(log, name, "can't remove the device", r) : 0;
}
