/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * np_store_scan() believes nothing of its child's reply. The sandbox is replaced: its child replies what a test says, or runs
 * what it was given.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "child.h"
#include "ntfs-punch/store.h"

/* What the child replies. */
static struct np_store reply;
static size_t reply_size;

static void write_reply(int fd)
{
	child_write(fd, &reply, sizeof(reply), reply_size);
}

#define DEVICE_BYTES (1u << 20)

static int scan_of(int fd, uint64_t store_start, struct np_store *ret_store)
{
	struct np_extent_map base = NP_EXTENT_MAP_INIT, store = NP_EXTENT_MAP_INIT;
	int r;

	assert_int_equal(np_extent_map_append(&base, 0, 8192), 0);
	assert_int_equal(np_extent_map_append(&store, store_start, 4096), 0);
	*child_said = '\0';
	r = np_store_scan(fd, DEVICE_BYTES, &base, &store, "/store.img", &child_log, ret_store);
	np_extent_map_release(&base);
	np_extent_map_release(&store);
	return r;
}

static int setup(void **state)
{
	(void)state;
	memset(&reply, 0, sizeof(reply));
	reply.state = NP_STORE_ACTIVE;
	reply.base_bytes = 8192;
	snprintf(reply.base_uuid, sizeof(reply.base_uuid), "NTFSPUNCH-1A2B3C4D5E6F7081-4711-3");
	reply_size = sizeof(reply);
	child = (struct child){ .reply = write_reply };
	return 0;
}

static void test_sound(void **state)
{
	struct np_store store;

	(void)state;
	memset(&store, 0xff, sizeof(store));
	assert_int_equal(scan_of(-1, 65536, &store), 0);
	assert_memory_equal(&store, &reply, sizeof(reply));
	assert_string_equal(child_said, "");
}

static void assert_refused(const char *name, const char *words)
{
	struct np_store store, untouched;

	memset(&store, 0x5a, sizeof(store));
	memset(&untouched, 0x5a, sizeof(untouched));
	assert_in_case(name, scan_of(-1, 65536, &store) == -EBADMSG);
	assert_in_case(name, !memcmp(&store, &untouched, sizeof(store)));
	assert_in_case(name,
		       strstr(child_said, "/store.img: the scanner was not to be trusted with an overlay's store: "));
	assert_in_case(name, strstr(child_said, words));
}

static void test_lies(void **state)
{
	(void)state;
	reply.state = NP_STORE_ENDED + 1;
	assert_refused("a state that there isn't", "not sound");
	setup(state);
	reply.state = UINT32_MAX;
	assert_refused("a state far from any", "not sound");
	setup(state);
	reply.unreadable = 2;
	assert_refused("more than unreadable", "not sound");
	setup(state);
	memset(reply.base_uuid, 'A', sizeof(reply.base_uuid));
	assert_refused("a UUID without an end", "not sound");
}

static void test_lengths(void **state)
{
	static const size_t sizes[] = { 0, 1, sizeof(reply) - 1, sizeof(reply) + 1, 2 * sizeof(reply) };

	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		setup(state);
		reply_size = sizes[i];
		assert_refused("a length", "not sound");
	}
}

static void test_death(void **state)
{
	(void)state;
	child.end = -ECHILD;
	assert_refused("a sound reply and a crash", "it crashed");
}

/* What the real child replies, of a device with a header in it. */
static void test_child(void **state)
{
	int fd = memfd_create("device", MFD_CLOEXEC);
	uint8_t sector[NP_STORE_SECTOR];
	struct np_store store;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, DEVICE_BYTES), 0);
	np_store_format(&reply, sector);
	assert_int_equal(pwrite(fd, sector, sizeof(sector), 65536), sizeof(sector));
	child.reply = NULL;
	assert_int_equal(scan_of(fd, 65536, &store), 0);
	assert_int_equal(store.state, NP_STORE_ACTIVE);
	assert_string_equal(store.base_uuid, reply.base_uuid);
	assert_memory_not_equal(store.fingerprint_now, store.fingerprint, NP_FINGERPRINT_SIZE);

	assert_int_equal(scan_of(fd, 0, &store), 0);
	assert_int_equal(store.state, NP_STORE_NONE);
	assert_int_equal(store.unreadable, 0);

	/* Past the end. */
	assert_int_equal(scan_of(fd, DEVICE_BYTES, &store), 0);
	assert_int_equal(store.state, NP_STORE_NONE);
	assert_int_equal(store.unreadable, 1);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_sound, setup),   cmocka_unit_test_setup(test_lies, setup),
		cmocka_unit_test_setup(test_lengths, setup), cmocka_unit_test_setup(test_death, setup),
		cmocka_unit_test_setup(test_child, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
