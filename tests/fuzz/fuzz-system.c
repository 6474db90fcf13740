/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every parser of what the system says: sysfs, /proc/partitions, the kernel's release, device-mapper's tables, how a snapshot is,
 * the cookie's record; and of an overlay's header, which is written and read likewise. Each takes what its writer writes, and nothing else: what is taken is written again, and has to be the same text. An
 * input is which parser, the numbers for the way there and back, and a text.
 */
#include "input.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "block.h"
#include "cookie.h"
#include "disk.h"
#include "kernel.h"
#include "ntfs-punch/device.h"
#include "ntfs-punch/name.h"
#include "ntfs-punch/snapshot.h"
#include "ntfs-punch/store.h"
#include "ntfs-punch/table.h"
#include "number.h"
#include "sysfs.h"

/* What a number is that may not be touched. */
#define UNTOUCHED 0x5a5a5a5a5a5a5a5aull

static uint64_t take_long(struct fuzz_input *input)
{
	uint64_t number;

	fuzz_take(input, &number, sizeof(number));
	/* Of any length. */
	return number >> fuzz_take_number(input, 1) % 64;
}

static void read_number(struct fuzz_input *input)
{
	uint64_t most = take_long(input), value = take_long(input), number = UNTOUCHED;
	char *text = fuzz_take_rest(input), again[32];
	const char *rest = text;

	/* There. */
	snprintf(again, sizeof(again), "%" PRIu64, value);
	fuzz_check(np_number_parse(again, most, &number) == (value <= most));
	fuzz_check(number == (value <= most ? value : UNTOUCHED));

	/* And back. */
	number = UNTOUCHED;
	if (np_number_take(&rest, most, &number)) {
		snprintf(again, sizeof(again), "%" PRIu64, number);
		fuzz_check(number <= most && (size_t)(rest - text) == strlen(again));
		fuzz_check(!strncmp(text, again, strlen(again)) && !(*rest >= '0' && *rest <= '9'));
	} else {
		fuzz_check(rest == text && number == UNTOUCHED);
	}
	fuzz_check(np_number_parse(text, most, &number) == (rest != text && !*rest));
	free(text);
}

static void read_device_number(struct fuzz_input *input)
{
	unsigned major_number = fuzz_take_number(input, 2), minor_number = fuzz_take_number(input, 3);
	bool possible = major_number <= NP_NUMBER_MAJOR_MAX && minor_number <= NP_NUMBER_MINOR_MAX;
	char *text = fuzz_take_rest(input), again[NP_DEVICE_NUMBER_SIZE];
	dev_t number = UNTOUCHED;

	np_device_format_number(makedev(major_number, minor_number), again);
	fuzz_check(np_sysfs_parse_number(again, &number) == possible);
	fuzz_check(number == (possible ? makedev(major_number, minor_number) : UNTOUCHED));

	number = UNTOUCHED;
	if (np_sysfs_parse_number(text, &number)) {
		np_device_format_number(number, again);
		fuzz_check(!strcmp(text, again));
	} else {
		fuzz_check(number == UNTOUCHED);
	}
	free(text);
}

/* As the kernel prints a line (Linux, block/genhd.c, show_partition()). */
static void read_partition(struct fuzz_input *input)
{
	unsigned major_number = fuzz_take_number(input, 2), minor_number = fuzz_take_number(input, 3);
	bool possible = major_number <= NP_NUMBER_MAJOR_MAX && minor_number <= NP_NUMBER_MINOR_MAX;
	char *text = fuzz_take_rest(input), again[64], *packed = malloc(strlen(text) + 1), *end = packed;
	dev_t number = UNTOUCHED;

	fuzz_check(packed);
	snprintf(again, sizeof(again), "%4u  %7u %10llu %s\n", major_number, minor_number, 1234ull, "sda1");
	fuzz_check(np_disk_parse_line(again, &number) == possible);
	fuzz_check(number == (possible ? makedev(major_number, minor_number) : UNTOUCHED));

	/* However wide its columns are. */
	for (const char *from = text; *from; from++)
		if (*from != ' ' || (end != packed && end[-1] != ' '))
			*end++ = *from;
	*end = '\0';
	number = UNTOUCHED;
	if (np_disk_parse_line(text, &number)) {
		snprintf(again, sizeof(again), "%u %u ", major(number), minor(number));
		fuzz_check(!strncmp(packed, again, strlen(again)));
		fuzz_check(major(number) <= NP_NUMBER_MAJOR_MAX && minor(number) <= NP_NUMBER_MINOR_MAX);
	} else {
		fuzz_check(number == UNTOUCHED);
	}
	free(packed);
	free(text);
}

/* The last name in the link, with slashes for what stands for them. */
static void read_link(struct fuzz_input *input)
{
	size_t size = 1 + fuzz_take_number(input, 1);
	char *text = fuzz_take_rest(input), *path = malloc(size);
	const char *slash = strrchr(text, '/'), *name = slash ? slash + 1 : text;
	int r;

	fuzz_check(path);
	r = np_sysfs_parse_link(text, path, size);
	fuzz_check(r == (strlen("/dev/") + strlen(name) < size ? 0 : -ENAMETOOLONG));
	fuzz_check(strnlen(path, size) < size);
	if (!r) {
		fuzz_check(!strncmp(path, "/dev/", 5) && strlen(path + 5) == strlen(name));
		for (size_t i = 0; name[i]; i++)
			fuzz_check(path[5 + i] == (name[i] == '!' ? '/' : name[i]));
	}
	free(path);
	free(text);
}

static void read_identity(struct fuzz_input *input)
{
	static const char *const kinds[] = { "naa.", "eui.", "uuid.", "t10.", "nvme." };
	size_t kind = fuzz_take_number(input, 1) % (sizeof(kinds) / sizeof(*kinds));
	uint64_t value = take_long(input);
	char *text = fuzz_take_rest(input), *dot = strchr(text, '.'), identity[32];
	bool is_one = np_block_is_identity(text);

	snprintf(identity, sizeof(identity), "%s%016" PRIx64, kinds[kind], value);
	fuzz_check(np_block_is_identity(identity) == (kind < 3 && value));

	fuzz_check(!is_one || (dot && strspn(dot + 1, "0-") < strlen(dot + 1)));
	if (dot) {
		dot[1] = '\0';
		fuzz_check(!is_one || !strcmp(text, kinds[0]) || !strcmp(text, kinds[1]) || !strcmp(text, kinds[2]));
	}
	free(text);
}

static void read_release(struct fuzz_input *input)
{
	unsigned version = fuzz_take_number(input, 2), patchlevel = fuzz_take_number(input, 2);
	unsigned than_version = fuzz_take_number(input, 1), than_patchlevel = fuzz_take_number(input, 1);
	char *text = fuzz_take_rest(input), *release, again[32];
	bool before;

	/* Two numbers, and whatever follows them. */
	fuzz_check(asprintf(&release, "%u.%u%s%s", version, patchlevel, *text >= '0' && *text <= '9' ? "-" : "",
			    text) >= 0);
	before = version > 255 || patchlevel > 255 || version < than_version ||
		 (version == than_version && patchlevel < than_patchlevel);
	fuzz_check(np_kernel_is_before(release, than_version, than_patchlevel) == before);
	free(release);

	/* Which two numbers any text is. */
	if (!np_kernel_is_before(text, 0, 0)) {
		for (version = 0; !np_kernel_is_before(text, version + 1, 0);)
			version++;
		for (patchlevel = 0; !np_kernel_is_before(text, version, patchlevel + 1);)
			patchlevel++;
		snprintf(again, sizeof(again), "%u.%u", version, patchlevel);
		fuzz_check(version <= 255 && patchlevel <= 255 && !strncmp(text, again, strlen(again)));
		fuzz_check(!(text[strlen(again)] >= '0' && text[strlen(again)] <= '9'));
	}
	free(text);
}

static void read_cookie(struct fuzz_input *input)
{
	uint32_t written = fuzz_take_number(input, 4), key = 1;
	bool is_cookie = written >> 16 == NP_COOKIE_MAGIC && written & 0xffff;
	char *text = fuzz_take_rest(input), again[NP_COOKIE_RECORD_SIZE];

	np_cookie_format(written, again);
	fuzz_check(strlen(again) == NP_COOKIE_RECORD_SIZE - 1);
	fuzz_check(np_cookie_parse(again, &key) == is_cookie && key == (is_cookie ? written : 1));
	/* One that was killed while it wrote. */
	for (size_t length = strlen(again); length--;) {
		again[length] = '\0';
		fuzz_check(!np_cookie_parse(again, &key));
	}

	key = 1;
	if (np_cookie_parse(text, &key)) {
		np_cookie_format(key, again);
		fuzz_check(!strcmp(text, again) && key >> 16 == NP_COOKIE_MAGIC && key & 0xffff);
	} else {
		fuzz_check(key == 1);
	}
	free(text);
}

/* A linear target's parameters: of the device, or a hole, or refused. */
static void read_target(struct fuzz_input *input)
{
	struct np_target target = { .type = NP_TARGET_LINEAR, .length_sectors = 8 };
	struct np_extent_map extents = NP_EXTENT_MAP_INIT;
	char word[NP_DEVICE_NUMBER_SIZE], again[64], *text;
	unsigned major_number = fuzz_take_number(input, 2) & NP_NUMBER_MAJOR_MAX;
	dev_t number = makedev(major_number, fuzz_take_number(input, 3) & NP_NUMBER_MINOR_MAX);
	int r;

	target.offset_sector = take_long(input);
	text = fuzz_take_rest(input);
	np_device_format_number(number, word);
	np_target_format_parameters(&target, word, again, sizeof(again));
	r = np_table_read_target(&extents, word, target.length_sectors, "linear", again);
	/* An extent ends within 2^63 bytes. */
	fuzz_check(!r == (target.offset_sector <= INT64_MAX / NP_SECTOR_SIZE - target.length_sectors));
	fuzz_check(r || extents.extents[0].physical == target.offset_sector * NP_SECTOR_SIZE);
	np_extent_map_release(&extents);

	if (!np_table_read_target(&extents, word, target.length_sectors, "linear", text)) {
		char *space = strchr(text, ' ');

		fuzz_check(space && extents.count == 1);
		target.offset_sector = extents.extents[0].physical / NP_SECTOR_SIZE;
		np_target_format_parameters(&target, word, again, sizeof(again));
		if (extents.extents[0].physical != NP_EXTENT_HOLE) {
			fuzz_check(!strcmp(text, again));
		} else {
			*space = '\0';
			fuzz_check(np_sysfs_parse_number(text, &number) && strcmp(text, word));
		}
	}
	np_extent_map_release(&extents);
	free(text);
}

static void read_snapshot(struct fuzz_input *input)
{
	static const char *const types[] = { "snapshot", "snapshot-merge", "linear" };
	const char *type = types[fuzz_take_number(input, 1) % (sizeof(types) / sizeof(*types))];
	uint64_t used = take_long(input), total = take_long(input), metadata = take_long(input);
	char *text = fuzz_take_rest(input), again[80];
	struct np_snapshot snapshot = { .used = UNTOUCHED };

	snprintf(again, sizeof(again), "%" PRIu64 "/%" PRIu64 " %" PRIu64, used, total, metadata);
	if (np_snapshot_parse(type, again, &snapshot)) {
		fuzz_check(snapshot.is_snapshot == (type != types[2]) && snapshot.merging == (type == types[1]));
		fuzz_check(!snapshot.is_snapshot || (snapshot.used == used && snapshot.total == total));
		fuzz_check(!snapshot.is_snapshot || snapshot.metadata == metadata);
	} else {
		fuzz_check(used > INT64_MAX || total > INT64_MAX || metadata > INT64_MAX);
		fuzz_check(snapshot.used == UNTOUCHED);
	}

	snapshot = (struct np_snapshot){ .used = UNTOUCHED };
	if (!np_snapshot_parse(type, text, &snapshot)) {
		fuzz_check(snapshot.used == UNTOUCHED && type != types[2]);
	} else if (snapshot.is_snapshot) {
		snprintf(again, sizeof(again), "%" PRIu64 "/%" PRIu64 " %" PRIu64, snapshot.used, snapshot.total,
			 snapshot.metadata);
		fuzz_check(snapshot.invalid + snapshot.overflowed + snapshot.merge_failed <= 1);
		fuzz_check(!strcmp(text, snapshot.invalid      ? "Invalid" :
					 snapshot.overflowed   ? "Overflow" :
					 snapshot.merge_failed ? "Merge failed" :
								 again));
		np_snapshot_is_full(&snapshot);
	}
	free(text);
}

/* A header of any content but for its form; one that is changed anywhere is none. */
static void read_store(struct fuzz_input *input)
{
	struct np_store store = { .state = fuzz_take_number(input, 1) % 6 }, again;
	uint8_t sector[NP_STORE_SECTOR], once_more[NP_STORE_SECTOR];
	unsigned at = fuzz_take_number(input, 2) % NP_STORE_SECTOR, by = fuzz_take_number(input, 1);

	store.base_bytes = take_long(input);
	fuzz_take_text(input, store.base_uuid, sizeof(store.base_uuid));
	fuzz_take(input, store.fingerprint, sizeof(store.fingerprint));
	np_store_format(&store, sector);
	np_store_parse(sector, &again);
	if (store.state >= NP_STORE_ACTIVE && store.state <= NP_STORE_ENDED) {
		fuzz_check(again.state == store.state && again.base_bytes == store.base_bytes && !again.unreadable);
		fuzz_check(!memcmp(again.fingerprint, store.fingerprint, sizeof(store.fingerprint)));
		store.base_uuid[sizeof(store.base_uuid) - 1] = '\0';
		fuzz_check(!strcmp(again.base_uuid, store.base_uuid));
		np_store_format(&again, once_more);
		fuzz_check(!memcmp(once_more, sector, sizeof(sector)));
	} else {
		fuzz_check(again.state == NP_STORE_NONE && !*again.base_uuid);
	}
	if (by) {
		sector[at] ^= (uint8_t)by;
		np_store_parse(sector, &again);
		fuzz_check(again.state == NP_STORE_NONE);
	}
	/* And any bytes. */
	memset(sector, 0, sizeof(sector));
	fuzz_take(input, sector, sizeof(sector));
	np_store_parse(sector, &again);
	if (again.state != NP_STORE_NONE) {
		np_store_format(&again, once_more);
		fuzz_check(!memcmp(once_more, sector, 32));
	}
}

int LLVMFuzzerInitialize(int *argument_count, char ***arguments)
{
	(void)argument_count, (void)arguments;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const parsers[])(struct fuzz_input * input) = {
		read_number,  read_device_number, read_partition, read_link,     read_identity,
		read_release, read_cookie,        read_target,    read_snapshot, read_store,
	};
	struct fuzz_input input = { data, size };
	unsigned parser = fuzz_take_number(&input, 1);

	if (size)
		parsers[parser % (sizeof(parsers) / sizeof(*parsers))](&input);
	return 0;
}
