/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sandbox, for real: the code inside does its work or fails, and what is said of it. What it may not do is in
 * test-sandbox-calls.c.
 */
#include "sandboxes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "ntfs-punch/extent.h"

static int reply_with_device(int device, int reply, void *context)
{
	char text[sizeof(SANDBOX_DEVICE_TEXT)];

	if (device != 3 || reply != 4 || strcmp(context, "context"))
		return -EINVAL;
	if (pread(device, text, sizeof(text), 0) != sizeof(text) || write(reply, text, sizeof(text)) != sizeof(text))
		return -EIO;
	return 0;
}

static void test_reply(void **state)
{
	char context[] = "context", reply[64], why[128];

	(void)state;
	assert_int_equal(sandbox_run(reply_with_device, context, reply, sizeof(reply), why, sizeof(why)), 0);
	assert_string_equal(reply, SANDBOX_DEVICE_TEXT);
	assert_string_equal(why, "");
}

static int ask_for_size(int device, void *context)
{
	struct stat status;
	int fd = open("/dev/null", O_RDONLY);

	/* The device is where it is inside, and the system still answers. What is left open here is closed there. */
	if (device != 3 || fd < 0 || fstat(device, &status) < 0)
		return -EINVAL;
	*(off_t *)context = status.st_size;
	return 0;
}

static int reply_with_context(int device, int reply, void *context)
{
	char text[32];
	int length = snprintf(text, sizeof(text), "%lld", (long long)*(off_t *)context);

	(void)device;
	return write(reply, text, (size_t)length) == length ? 0 : -EIO;
}

static int fail_to_prepare(int device, void *context)
{
	(void)device;
	(void)context;
	return -EIO;
}

static int start_and_read(np_sandbox_prepare_fn *prepare, char *reply, size_t size, char *why, size_t why_size)
{
	struct np_sandbox sandbox;
	int device = sandbox_open_device();
	off_t context = 0;
	ssize_t n;

	assert_int_equal(np_sandbox_start(prepare, reply_with_context, device, &context, &sandbox), 0);
	n = read(sandbox.reply_fd, reply, size - 1);
	reply[n > 0 ? n : 0] = '\0';
	close(device);
	return np_sandbox_end(&sandbox, false, why, why_size);
}

static void test_prepare(void **state)
{
	char reply[64], expected[64], why[128] = "";

	(void)state;
	snprintf(expected, sizeof(expected), "%zu", sizeof(SANDBOX_DEVICE_TEXT));
	assert_int_equal(start_and_read(ask_for_size, reply, sizeof(reply), why, sizeof(why)), 0);
	assert_string_equal(reply, expected);
	assert_int_equal(start_and_read(fail_to_prepare, reply, sizeof(reply), why, sizeof(why)), -ECHILD);
	assert_string_equal(reply, "");
}

static int use_what_is_allowed(int device, int reply, void *context)
{
	static char pages[4096];
	struct timespec now;
	struct timeval today;
	char *memory = malloc(100u << 20);
	void *mapped;

	(void)context;
	if (!memory)
		return -ENOMEM;
	if (lseek(device, 5, SEEK_SET) != 5 || read(device, pages, 2) != 2 || memcmp(pages, &SANDBOX_DEVICE_TEXT[5], 2))
		return -EIO;
	memset(memory, 1, 100u << 20);
	memory = realloc(memory, 150u << 20);
	for (size_t size = 1; size < 1u << 20; size *= 3)
		free(malloc(size));
	free(memory);
	if (!memory || clock_gettime(CLOCK_REALTIME, &now) || syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now) ||
	    syscall(SYS_gettimeofday, &today, NULL) || syscall(SYS_getrandom, pages, 16, 0) != 16)
		return -EIO;
	mapped = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mapped = mapped == MAP_FAILED ? mapped : mremap(mapped, 8192, 65536, MREMAP_MAYMOVE);
	if (mapped == MAP_FAILED || munmap(mapped, 65536))
		return -EIO;
	return write(reply, "done", 4) == 4 ? 0 : -EIO;
}

static void test_allowed(void **state)
{
	char reply[64], why[128];

	(void)state;
	assert_int_equal(sandbox_run(use_what_is_allowed, NULL, reply, sizeof(reply), why, sizeof(why)), 0);
	assert_string_equal(reply, "done");
}

static int return_context(int device, int reply, void *context)
{
	(void)device;
	(void)reply;
	return *(int *)context;
}

static void test_failures(void **state)
{
	static const int failures[] = { -EIO, -EPERM, -1, 1, 98, 99 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(failures); i++) {
		int failure = failures[i];

		sandbox_assert_ends("a failure", return_context, &failure, -ECHILD, "it could not reply");
	}
	sandbox_assert_ends("no memory", return_context, &(int){ -ENOMEM }, -ECHILD,
			    "it needed more than 256 MiB of memory");
}

static int crash(int device, int reply, void *context)
{
	volatile char *volatile nowhere = NULL;

	(void)device;
	(void)reply;
	(void)context;
	*nowhere = 1;
	return 0;
}

static int run_out_of_stack(int device, int reply, void *context)
{
	volatile char space[65536];

	space[0] = (char)device;
	space[sizeof(space) - 1] = (char)reply;
	return space[0] == 77 ? 0 : run_out_of_stack(device, reply, context) + space[0];
}

static int trap(int device, int reply, void *context)
{
	(void)device;
	(void)reply;
	(void)context;
	__builtin_trap();
}

static void test_crashes(void **state)
{
	(void)state;
	sandbox_assert_ends("a null pointer", crash, NULL, -ECHILD, "it crashed (Segmentation fault)");
	sandbox_assert_ends("endless recursion", run_out_of_stack, NULL, -ECHILD, "it crashed (Segmentation fault)");
	sandbox_assert_ends("a trap", trap, NULL, -ECHILD, "it crashed (");
}

static int allocate_at_once(int device, int reply, void *context)
{
	void *volatile memory = malloc(NP_SANDBOX_MEMORY_BYTES); /* volatile: else a compiler does without it */

	(void)device;
	(void)reply;
	(void)context;
	return memory ? 0 : -ENOMEM;
}

static int allocate_bit_by_bit(int device, int reply, void *context)
{
	(void)device;
	(void)reply;
	(void)context;
	for (size_t i = 0; i < NP_SANDBOX_MEMORY_BYTES / 65536; i++) {
		volatile char *memory = malloc(65536);

		if (!memory)
			return -ENOMEM;
		memory[0] = 1;
	}
	return 0;
}

static void test_memory_limit(void **state)
{
	(void)state;
	sandbox_assert_ends("at once", allocate_at_once, NULL, -ECHILD, "it needed more than 256 MiB of memory");
	sandbox_assert_ends("bit by bit", allocate_bit_by_bit, NULL, -ECHILD, "it needed more than 256 MiB of memory");
}

/* The core's work on the longest of file's runlists: within the limits, and without a forbidden call in between. */
static int sort_a_million(int device, int reply, void *context)
{
	struct np_extent_map map = NP_EXTENT_MAP_INIT;
	struct np_extent_index index = NP_EXTENT_INDEX_INIT;
	int r = 0;

	(void)device;
	(void)reply;
	(void)context;
	for (uint64_t i = 1500000; i > 0 && !r; i--)
		r = np_extent_map_append(&map, i * 8192, 4096);
	if (!r)
		r = np_extent_index_init(&index, &map);
	np_extent_index_release(&index);
	np_extent_map_release(&map);
	return r;
}

static void test_sorting(void **state)
{
	(void)state;
	sandbox_assert_ends("sorting", sort_a_million, NULL, 0, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reply),    cmocka_unit_test(test_prepare), cmocka_unit_test(test_allowed),
		cmocka_unit_test(test_failures), cmocka_unit_test(test_crashes), cmocka_unit_test(test_memory_limit),
		cmocka_unit_test(test_sorting),
	};

	sandbox_skip_under_valgrind();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
