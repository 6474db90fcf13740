/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sandbox as a process: its limits and its descriptors, seen from outside.
 */
#include "sandboxes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEVICE "/dev/zero"

/* The value of a line of /proc/PID/FILE that begins with `key`, up to its end. */
static void read_proc(pid_t pid, const char *file, const char *key, char *value, size_t size)
{
	char path[64], line[256];
	FILE *stream;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	stream = fopen(path, "re");
	assert_non_null(stream);
	*value = '\0';
	while (fgets(line, sizeof(line), stream))
		if (!strncmp(line, key, strlen(key)))
			snprintf(value, size, "%s", line + strlen(key));
	fclose(stream);
}

static void assert_limit(pid_t pid, const char *key, unsigned long long soft, unsigned long long hard)
{
	char value[256];
	unsigned long long got_soft = 77, got_hard = 77;

	read_proc(pid, "limits", key, value, sizeof(value));
	if (sscanf(value, "%llu %llu", &got_soft, &got_hard) != 2 || got_soft != soft || got_hard != hard)
		fail_msg("%s: %s", key, value);
}

static void assert_status(pid_t pid, const char *key, const char *expected)
{
	char value[256];

	read_proc(pid, "status", key, value, sizeof(value));
	if (strncmp(value, expected, strlen(expected)))
		fail_msg("%s is %s", key, value);
}

static void test_limits(void **state)
{
	struct np_sandbox sandbox;

	(void)state;
	sandbox_start_and_wait(sandbox_spin, &sandbox);
	assert_limit(sandbox.pid, "Max address space", NP_SANDBOX_MEMORY_BYTES, NP_SANDBOX_MEMORY_BYTES);
	assert_limit(sandbox.pid, "Max cpu time", NP_SANDBOX_CPU_SECONDS, NP_SANDBOX_CPU_SECONDS + 1);
	assert_limit(sandbox.pid, "Max open files", 0, 0);
	assert_limit(sandbox.pid, "Max file size", 0, 0);
	assert_limit(sandbox.pid, "Max core file size", 0, 0);
	assert_status(sandbox.pid, "NoNewPrivs:", "\t1");
	assert_status(sandbox.pid, "Seccomp:", "\t2");
	sandbox_kill(&sandbox);
}

static bool has_limit(pid_t pid, enum __rlimit_resource resource, rlim_t soft, rlim_t hard)
{
	struct rlimit limit;

	return !prlimit(pid, resource, NULL, &limit) && limit.rlim_cur == soft && limit.rlim_max == hard;
}

/* In a process of its own, with a user's limits that are narrower: they stay. */
static void test_narrower_limits(void **state)
{
	int status = 0;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (!pid) {
		const struct rlimit memory = { 128u << 20, 128u << 20 }, cpu = { 3, 3 };
		struct np_sandbox sandbox;
		char byte, why[128];
		bool narrow;

		setrlimit(RLIMIT_AS, &memory);
		setrlimit(RLIMIT_CPU, &cpu);
		if (np_sandbox_start(NULL, sandbox_spin, open(DEVICE, O_RDONLY), NULL, &sandbox) ||
		    read(sandbox.reply_fd, &byte, 1) != 1)
			_exit(2);
		narrow = has_limit(sandbox.pid, RLIMIT_AS, 128u << 20, 128u << 20) &&
			 has_limit(sandbox.pid, RLIMIT_CPU, 3, 3) && has_limit(sandbox.pid, RLIMIT_NOFILE, 0, 0);
		np_sandbox_end(&sandbox, true, why, sizeof(why));
		_exit(narrow ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* What the child's descriptor `number` is. */
static void read_descriptor(pid_t pid, const char *number, char *target, size_t size)
{
	char path[64];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/fd/%s", (int)pid, number);
	length = readlink(path, target, size - 1);
	assert_true(length > 0);
	target[length] = '\0';
}

/* 3 is the device, 4 the pipe, and there is no other. */
static void assert_descriptors(pid_t pid)
{
	char path[64], target[256];
	const struct dirent *entry;
	size_t count = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	folder = opendir(path);
	if (!folder && errno == EACCES && geteuid()) {
		print_message("not root, so the child's descriptors can't be seen: not tested\n");
		skip();
	}
	assert_non_null(folder);
	while ((entry = readdir(folder)))
		count += *entry->d_name != '.';
	closedir(folder);
	assert_int_equal(count, 2);
	read_descriptor(pid, "3", target, sizeof(target));
	assert_string_equal(target, DEVICE);
	read_descriptor(pid, "4", target, sizeof(target));
	assert_int_equal(strncmp(target, "pipe:", 5), 0);
}

static void test_descriptors(void **state)
{
	struct np_sandbox sandbox;
	int others[20];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(others); i++)
		assert_true((others[i] = open("/dev/null", O_RDWR)) >= 0);
	sandbox_start_and_wait(sandbox_spin, &sandbox);
	for (size_t i = 0; i < COUNT_OF(others); i++)
		close(others[i]);
	assert_descriptors(sandbox.pid);
	sandbox_kill(&sandbox);
}

/* With the device at `place`, and these other descriptors free for the pipe. */
static void assert_descriptors_from(int place, const int *vacant, size_t count)
{
	int saved[8], device_fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	struct np_sandbox sandbox;
	char byte;

	/* All that is open goes out of the way, so that 0 to 7 can be arranged. */
	for (int fd = 0; fd < 8; fd++)
		saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 50);
	device_fd = fcntl(device_fd, F_DUPFD_CLOEXEC, 50);
	for (int fd = 0; fd < 8; fd++)
		assert_int_equal(dup2(device_fd, fd), fd);
	for (size_t i = 0; i < count; i++)
		close(vacant[i]);
	assert_int_equal(np_sandbox_start(NULL, sandbox_spin, place, NULL, &sandbox), 0);
	assert_int_equal(read(sandbox.reply_fd, &byte, 1), 1);
	for (int fd = 0; fd < 8; fd++) {
		if (fd == sandbox.reply_fd) /* its place is wanted back */
			sandbox.reply_fd = fcntl(fd, F_DUPFD_CLOEXEC, 50);
		if (saved[fd] < 0)
			close(fd);
		else
			dup2(saved[fd], fd);
		close(saved[fd]);
	}
	close(device_fd);
	assert_descriptors(sandbox.pid);
	sandbox_kill(&sandbox);
}

/* Wherever they come from, they go where they belong: also if each has the other's place. */
static void test_descriptors_from_anywhere(void **state)
{
	(void)state;
	assert_descriptors_from(3, (const int[]){ 0, 4 }, 2); /* the reply at 4 already, the device at 3 */
	assert_descriptors_from(4, (const int[]){ 0, 3 }, 2); /* exchanged */
	assert_descriptors_from(0, (const int[]){ 3, 4 }, 2);
	assert_descriptors_from(4, (const int[]){ 0, 1 }, 2);
	assert_descriptors_from(2, (const int[]){ 0, 3 }, 2);
	assert_descriptors_from(7, (const int[]){ 5, 6 }, 2);
}

/* In a process of its own, which runs out of descriptors: what np_sandbox_start() and, if it got so far, _end() say. */
static int in_process_with_limit(rlim_t descriptors)
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		struct rlimit limit = { descriptors, descriptors };
		char why[128] = "";
		struct np_sandbox sandbox;
		int r, device_fd;

		close_range(0, ~0u, 0);
		device_fd = open(DEVICE, O_RDONLY);
		setrlimit(RLIMIT_NOFILE, &limit);
		r = np_sandbox_start(NULL, sandbox_spin, device_fd, NULL, &sandbox);
		if (!r)
			r = np_sandbox_end(&sandbox, false, why, sizeof(why));
		_exit(r == -ENOSYS && !strstr(why, "could not enter") ? 255 : -r);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

static void test_not_entered(void **state)
{
	(void)state;
	assert_int_equal(in_process_with_limit(2), -EMFILE); /* no pipe */
	assert_int_equal(in_process_with_limit(4), -ENOSYS); /* no room to move the descriptors */
	assert_int_equal(in_process_with_limit(6), -ENOSYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),      cmocka_unit_test(test_narrower_limits),
		cmocka_unit_test(test_descriptors), cmocka_unit_test(test_descriptors_from_anywhere),
		cmocka_unit_test(test_not_entered),
	};

	sandbox_skip_under_valgrind();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
