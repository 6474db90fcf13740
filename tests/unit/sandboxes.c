/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandboxes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

void sandbox_skip_under_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	if (!preload || !strstr(preload, "valgrind"))
		return;
	print_message("skipped: valgrind makes system calls that the sandbox forbids\n");
	exit(77);
}

int sandbox_open_device(void)
{
	int writable = memfd_create("device", MFD_CLOEXEC), device_fd;
	char path[64];

	assert_true(writable >= 0);
	assert_int_equal(write(writable, SANDBOX_DEVICE_TEXT, sizeof(SANDBOX_DEVICE_TEXT)),
			 sizeof(SANDBOX_DEVICE_TEXT));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", writable);
	device_fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(device_fd >= 0);
	close(writable);
	return device_fd;
}

/* How many descriptors this process has. */
static size_t count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

int sandbox_run(np_sandbox_fn *function, void *context, char *reply, size_t size, char *why, size_t why_size)
{
	/* cmocka catches these, and says so; the child isn't to inherit that. */
	static const int caught[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGSYS };
	size_t descriptors = count_descriptors();
	int device_fd = sandbox_open_device();
	struct np_sandbox sandbox;
	ssize_t n;
	int r;

	for (size_t i = 0; i < COUNT_OF(caught); i++)
		signal(caught[i], SIG_DFL);
	memset(reply, 0, size);
	memset(why, 0, why_size);
	assert_int_equal(np_sandbox_start(NULL, function, device_fd, context, &sandbox), 0);
	do {
		n = read(sandbox.reply_fd, reply, size - 1);
		reply += n > 0 ? n : 0;
		size -= n > 0 ? (size_t)n : 0;
	} while (n > 0);
	assert_int_equal(n, 0);
	close(device_fd);
	r = np_sandbox_end(&sandbox, false, why, why_size);
	/* Nothing is left of it. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(count_descriptors(), descriptors);
	return r;
}

void sandbox_assert_ends(const char *name, np_sandbox_fn *function, void *context, int expected,
			 const char *expected_why)
{
	char reply[64], why[128];
	int r = sandbox_run(function, context, reply, sizeof(reply), why, sizeof(why));

	if (r != expected || !strstr(why, expected_why))
		fail_msg("case '%s': %d, '%s' instead of %d, '%s'", name, r, why, expected, expected_why);
	assert_in_case(name, !*reply);
}

int sandbox_spin(int device, int reply, void *context)
{
	volatile bool forever = true;

	(void)device;
	(void)context;
	if (write(reply, "", 1) != 1)
		return -EIO;
	while (forever)
		continue;
	return 0;
}

void sandbox_start_and_wait(np_sandbox_fn *function, struct np_sandbox *ret_sandbox)
{
	int device_fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	char byte;

	assert_true(device_fd >= 0);
	assert_int_equal(np_sandbox_start(NULL, function, device_fd, NULL, ret_sandbox), 0);
	assert_int_equal(read(ret_sandbox->reply_fd, &byte, 1), 1);
	/* It stays the caller's. */
	assert_int_equal(close(device_fd), 0);
}

void sandbox_kill(struct np_sandbox *sandbox)
{
	char why[128] = "";
	int r = np_sandbox_end(sandbox, true, why, sizeof(why));

	assert_string_equal(why, "");
	assert_int_equal(r, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}
