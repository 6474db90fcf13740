/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sandbox's end: by itself, with its parent, or because its parent had enough of it.
 */
#include "sandboxes.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEVICE "/dev/zero"

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void test_killed(void **state)
{
	struct np_sandbox sandbox;
	int64_t begin_ms;

	(void)state;
	sandbox_start_and_wait(sandbox_spin, &sandbox);
	begin_ms = now_ms();
	sandbox_kill(&sandbox);
	assert_in_range(now_ms() - begin_ms, 0, 2000);
}

/* Writes without end. */
static int chatter(int device, int reply, void *context)
{
	(void)device;
	(void)context;
	while (write(reply, "", 1) == 1)
		continue;
	return -EIO;
}

/* It is killed before it can die of a pipe without a reader: "it crashed (Broken pipe)" would be no reason. */
static void test_killed_while_it_writes(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 1500; round++) {
		struct np_sandbox sandbox;

		sandbox_start_and_wait(chatter, &sandbox);
		sandbox_kill(&sandbox);
	}
}

/* A parent that starts a sandbox, says which, and dies. */
static void start_and_die(int tell_fd)
{
	struct np_sandbox sandbox;
	int device_fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	char byte;

	if (np_sandbox_start(NULL, sandbox_spin, device_fd, NULL, &sandbox) || read(sandbox.reply_fd, &byte, 1) != 1 ||
	    write(tell_fd, &sandbox.pid, sizeof(sandbox.pid)) != sizeof(sandbox.pid))
		_exit(1);
	_exit(0);
}

/* It is then this process's child, to which it was left. */
static void test_dies_with_parent(void **state)
{
	int64_t begin_ms = now_ms();
	int fds[2], status = 0;
	pid_t parent, child = 0;

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	assert_int_equal(pipe(fds), 0);
	parent = fork();
	assert_true(parent >= 0);
	if (!parent)
		start_and_die(fds[1]);
	assert_int_equal(read(fds[0], &child, sizeof(child)), sizeof(child));
	assert_int_equal(waitpid(parent, &status, 0), parent);
	assert_int_equal(status, 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	/* Long before its CPU time was over. */
	assert_in_range(now_ms() - begin_ms, 0, 2500);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0), 0);
	close(fds[0]);
	close(fds[1]);
}

/* A child that died by itself says of what, even where the parent had enough of it too. */
static int break_rule(int device, int reply, void *context)
{
	(void)device;
	(void)reply;
	(void)context;
	return getppid() ? 0 : 1;
}

static void test_died_before_it_was_killed(void **state)
{
	int device_fd = open(DEVICE, O_RDONLY | O_CLOEXEC);

	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		struct np_sandbox sandbox;
		char byte, why[128] = "";

		assert_int_equal(np_sandbox_start(NULL, break_rule, device_fd, NULL, &sandbox), 0);
		assert_int_equal(read(sandbox.reply_fd, &byte, 1), 0);
		assert_int_equal(np_sandbox_end(&sandbox, true, why, sizeof(why)), -ECHILD);
		assert_non_null(strstr(why, "forbids"));
	}
	close(device_fd);
}

static int take_a_while(int device, int reply, void *context)
{
	struct timespec begin, now;

	(void)device;
	(void)reply;
	(void)context;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000 < 50);
	return 0;
}

static void on_alarm(int number)
{
	(void)number;
}

static int end_after_a_while(char *why, size_t why_size)
{
	int r, device_fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	struct np_sandbox sandbox;

	assert_int_equal(np_sandbox_start(NULL, take_a_while, device_fd, NULL, &sandbox), 0);
	close(device_fd);
	r = np_sandbox_end(&sandbox, false, why, why_size);
	return r;
}

static void test_signals(void **state)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	const struct itimerval on = { { 0, 1000 }, { 0, 1000 } }, off = { { 0, 0 }, { 0, 0 } };
	char why[128] = "";
	int r;

	(void)state;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &on, NULL);
	r = end_after_a_while(why, sizeof(why));
	setitimer(ITIMER_REAL, &off, NULL);
	assert_int_equal(r, 0);
	assert_string_equal(why, "");
}

/* Some parents ignore SIGCHLD, and whom they start inherits that: then waitpid() has no status to give. */
static void test_ignored_sigchld(void **state)
{
	char why[128] = "";
	int r;

	(void)state;
	signal(SIGCHLD, SIG_IGN);
	r = end_after_a_while(why, sizeof(why));
	signal(SIGCHLD, SIG_DFL);
	assert_string_equal(why, "");
	assert_int_equal(r, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_dies_with_parent),
		cmocka_unit_test(test_died_before_it_was_killed),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_ignored_sigchld),
		cmocka_unit_test(test_killed_while_it_writes),
	};

	sandbox_skip_under_valgrind();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
