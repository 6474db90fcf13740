/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A store's header, and the fingerprint of a base. The checksums here were computed by Python's hashlib.
 */
#include "unit.h"

#include <errno.h>
#include <sha2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fingerprint.h"
#include "ntfs-punch/store.h"

#define UUID "NTFSPUNCH-1A2B3C4D5E6F7081-4711-3"

/* Where what is in the sector. */
#define AT_VERSION     16
#define AT_STATE       20
#define AT_BYTES       24
#define AT_UUID        32
#define AT_FINGERPRINT 168
#define AT_ZEROS       200
#define AT_CHECKSUM    480

static struct np_store sample(void)
{
	struct np_store store = { .state = NP_STORE_MERGING, .base_bytes = 0x0102030405060708 };

	snprintf(store.base_uuid, sizeof(store.base_uuid), UUID);
	for (unsigned i = 0; i < NP_FINGERPRINT_SIZE; i++) {
		store.fingerprint[i] = (uint8_t)(100 + i);
		store.fingerprint_now[i] = 0x77; /* not the header's */
	}
	return store;
}

static void parse_hexadecimal(const char *text, uint8_t *bytes)
{
	for (size_t i = 0; i < NP_FINGERPRINT_SIZE; i++) {
		unsigned byte = 0;

		assert_int_equal(sscanf(text + 2 * i, "%2x", &byte), 1);
		bytes[i] = (uint8_t)byte;
	}
}

static void test_layout(void **state)
{
	static const uint8_t bytes[] = { 8, 7, 6, 5, 4, 3, 2, 1 };
	struct np_store store = sample();
	uint8_t sector[NP_STORE_SECTOR], checksum[NP_FINGERPRINT_SIZE];

	(void)state;
	memset(sector, 0xff, sizeof(sector));
	np_store_format(&store, sector);
	assert_memory_equal(sector, "ntfs-punch store", 16);
	assert_memory_equal(sector + AT_VERSION, "\1\0\0\0", 4);
	assert_memory_equal(sector + AT_STATE, "\2\0\0\0", 4);
	assert_memory_equal(sector + AT_BYTES, bytes, sizeof(bytes));
	assert_memory_equal(sector + AT_UUID, UUID, sizeof(UUID));
	for (size_t i = AT_UUID + sizeof(UUID); i < AT_CHECKSUM; i++)
		if (i < AT_FINGERPRINT || i >= AT_ZEROS)
			assert_int_equal(sector[i], 0);
	assert_memory_equal(sector + AT_FINGERPRINT, store.fingerprint, NP_FINGERPRINT_SIZE);
	parse_hexadecimal("20d69fc4bedc687dad4453095949b5e40a2f484ee12721ff7927431837053b49", checksum);
	assert_memory_equal(sector + AT_CHECKSUM, checksum, sizeof(checksum));
}

static void test_round_trip(void **state)
{
	(void)state;
	for (uint32_t number = NP_STORE_ACTIVE; number <= NP_STORE_ENDED; number++) {
		struct np_store store = sample(), again;
		uint8_t sector[NP_STORE_SECTOR];

		store.state = number;
		np_store_format(&store, sector);
		memset(&again, 0xff, sizeof(again));
		np_store_parse(sector, &again);
		assert_int_equal(again.state, number);
		assert_int_equal(again.unreadable, 0);
		assert_int_equal(again.base_bytes, store.base_bytes);
		assert_string_equal(again.base_uuid, UUID);
		assert_memory_equal(again.fingerprint, store.fingerprint, NP_FINGERPRINT_SIZE);
	}
}

static void assert_is_none(const char *name, const uint8_t *sector)
{
	struct np_store store, none = { .state = NP_STORE_NONE };

	memset(&store, 0xff, sizeof(store));
	np_store_parse(sector, &store);
	assert_in_case(name, store.state == NP_STORE_NONE && !*store.base_uuid);
	assert_in_case(name, store.base_bytes == none.base_bytes && !store.unreadable);
}

static void test_damage(void **state)
{
	struct np_store store = sample();
	uint8_t sector[NP_STORE_SECTOR];
	char name[32];

	(void)state;
	np_store_format(&store, sector);
	for (size_t i = 0; i < 8 * sizeof(sector); i++) {
		snprintf(name, sizeof(name), "byte %zu, bit %zu", i / 8, i % 8);
		sector[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_is_none(name, sector);
		sector[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	memset(sector, 0, sizeof(sector));
	assert_is_none("zeros", sector);
}

/* A sound checksum doesn't make a header of what is none. */
static void test_foreign(void **state)
{
	static const struct {
		const char *name;
		size_t offset, size;
		uint8_t byte;
	} changes[] = {
		{ "magic", 0, 1, 'N' },
		{ "version 0", AT_VERSION, 1, 0 },
		{ "version 2", AT_VERSION, 1, 2 },
		{ "version 65537", AT_VERSION + 2, 1, 1 },
		{ "state 0", AT_STATE, 1, 0 },
		{ "state 4", AT_STATE, 1, 4 },
		{ "state 257", AT_STATE + 1, 1, 1 },
		{ "a UUID without an end", AT_UUID, 136, 'A' },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(changes); i++) {
		struct np_store store = sample();
		uint8_t sector[NP_STORE_SECTOR];
		SHA2_CTX context;

		np_store_format(&store, sector);
		memset(sector + changes[i].offset, changes[i].byte, changes[i].size);
		SHA256Init(&context);
		SHA256Update(&context, sector, AT_CHECKSUM);
		SHA256Final(sector + AT_CHECKSUM, &context);
		assert_is_none(changes[i].name, sector);
	}
}

/* ---- Fingerprints ---------------------------------------------------------------------------------------- */

#define MIB          (1u << 20)
#define DEVICE_BYTES (8 * MIB)

static struct np_reader *make_device(int *ret_fd)
{
	int fd = memfd_create("device", MFD_CLOEXEC);
	struct np_reader *reader;
	uint8_t *bytes;

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, DEVICE_BYTES), 0);
	bytes = mmap(NULL, DEVICE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(bytes != MAP_FAILED);
	for (uint64_t i = 0; i < DEVICE_BYTES; i++)
		bytes[i] = (uint8_t)(i * 2654435761u >> 13);
	munmap(bytes, DEVICE_BYTES);
	reader = np_reader_new(fd, 0, DEVICE_BYTES);
	assert_non_null(reader);
	*ret_fd = fd;
	return reader;
}

/* Half of it at 4 MiB, the rest before that, at 1 MiB. */
static struct np_extent_map make_base(uint64_t size)
{
	struct np_extent_map base = NP_EXTENT_MAP_INIT;
	uint64_t half = size / 2 / 512 * 512;

	if (half)
		assert_int_equal(np_extent_map_append(&base, 4 * MIB, half), 0);
	assert_int_equal(np_extent_map_append(&base, MIB, size - half), 0);
	return base;
}

static void test_fingerprint(void **state)
{
	static const struct {
		uint64_t size;
		const char *expected;
	} cases[] = {
		/* Shorter than what is looked at: all of it, twice. */
		{ 512, "08b332284ee05fa802f64dd6c6d823763f67e03ba23f7b878dbb82d02bb93eb1" },
		{ 4096, "4381fa02c078e828e1469e221793c21bf360cc86ca696439208d625f92ec4713" },
		{ MIB - 512, "0610a195b854e587aef80addf417bbffa73f8fe2a4e1a2764f58032cfabbac13" },
		{ MIB, "0e18216626739259dbd362781915aef2df6d85893ff87f345a1ff1a56da90f0d" },
		/* The two overlap. */
		{ MIB + MIB / 2, "19507f40ad7f12c422730e939c4287ab1e46354dc85e8beaa0b566c84906ec52" },
		{ 2 * MIB, "99dccca9194b038a37852204253db878b75390c7969a3517e72ae0fefcb98c6a" },
		{ 3 * MIB + 512, "c38ad893a585cff720d20645515b7b1f70cae0b90db5ca6489dcf81dfb459cf2" },
	};
	int fd;
	struct np_reader *reader = make_device(&fd);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct np_extent_map base = make_base(cases[i].size);
		uint8_t found[NP_FINGERPRINT_SIZE], expected[NP_FINGERPRINT_SIZE];

		parse_hexadecimal(cases[i].expected, expected);
		assert_int_equal(np_fingerprint(reader, &base, found), 0);
		assert_in_case(cases[i].expected, !memcmp(found, expected, sizeof(found)));
		np_extent_map_release(&base);
	}
	np_reader_free(reader);
	close(fd);
}

/* Each byte of the first and the last MiB counts, and none between. */
static void test_fingerprint_covers(void **state)
{
	static const struct {
		uint64_t offset; /* in the base */
		bool counts;
	} cases[] = {
		{ 0, true },       { MIB - 1, true },     { MIB, false }, { 2 * MIB - 1, false },
		{ 2 * MIB, true }, { 3 * MIB - 1, true },
	};
	struct np_extent_map base = make_base(3 * MIB);
	uint8_t before[NP_FINGERPRINT_SIZE], after[NP_FINGERPRINT_SIZE];
	int fd;
	struct np_reader *reader = make_device(&fd);

	(void)state;
	assert_int_equal(np_fingerprint(reader, &base, before), 0);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct np_extent *extent = np_extent_map_find_logical(&base, cases[i].offset);
		off_t at = (off_t)(extent->physical + cases[i].offset - extent->logical);
		struct np_reader *fresh = np_reader_new(fd, 0, DEVICE_BYTES);
		uint8_t byte;

		assert_non_null(fresh);
		assert_int_equal(pread(fd, &byte, 1, at), 1);
		byte ^= 1;
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		assert_int_equal(np_fingerprint(fresh, &base, after), 0);
		assert_int_equal(!!memcmp(before, after, sizeof(before)), cases[i].counts);
		byte ^= 1;
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		np_reader_free(fresh);
	}
	np_extent_map_release(&base);
	np_reader_free(reader);
	close(fd);
}

/* A base past the device's end. */
static void test_fingerprint_fails(void **state)
{
	struct np_extent_map base = NP_EXTENT_MAP_INIT;
	uint8_t found[NP_FINGERPRINT_SIZE];
	int fd;
	struct np_reader *reader = make_device(&fd);

	(void)state;
	assert_int_equal(np_extent_map_append(&base, 0, MIB), 0);
	assert_int_equal(np_extent_map_append(&base, DEVICE_BYTES - 512, 1024), 0);
	assert_int_equal(np_fingerprint(reader, &base, found), -EIO);
	np_extent_map_release(&base);
	np_reader_free(reader);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_fingerprint),
		cmocka_unit_test(test_fingerprint_covers),
		cmocka_unit_test(test_fingerprint_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
