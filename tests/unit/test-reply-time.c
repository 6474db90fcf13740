/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replies on their way: they arrive however slowly, and nobody is waited for longer than agreed.
 */
#include "replies.h"
#include "sample.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A child process that writes `reply` in steps, sleeping in between; then waits to be killed, or ends. */
struct sender {
	size_t step;
	useconds_t sleep_us;
	bool stay; /* keep the pipe open when done */
};

static pid_t start_sender(const struct sender *sender, const struct reply *reply, int *ret_fd)
{
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid) {
		close(fds[1]);
		*ret_fd = fds[0];
		return pid;
	}
	for (size_t done = 0; done < reply->size; done += sender->step) {
		size_t part = reply->size - done < sender->step ? reply->size - done : sender->step;

		if (write(fds[1], reply->bytes + done, part) != (ssize_t)part)
			_exit(1);
		if (sender->sleep_us)
			usleep(sender->sleep_us);
	}
	if (sender->stay)
		pause();
	_exit(0);
}

static int receive_from(const struct sender *sender, const struct reply *reply, int timeout_ms,
			struct np_facts *ret_facts, int64_t *ret_took_ms)
{
	const char *why = NULL;
	int fd, r;
	pid_t pid = start_sender(sender, reply, &fd);

	*ret_took_ms = now_ms();
	r = np_reply_receive(fd, timeout_ms, ret_facts, &why);
	*ret_took_ms = now_ms() - *ret_took_ms;
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(fd);
	return r;
}

static void test_byte_by_byte(void **state)
{
	const struct sender sender = { .step = 1 };
	struct np_facts facts, received;
	struct reply reply;
	int64_t took_ms;

	(void)state;
	sample_facts(&facts);
	reply_add_messages(&facts, 2);
	reply_make(&facts, &reply);
	assert_int_equal(receive_from(&sender, &reply, REPLY_TIMEOUT_MS, &received, &took_ms), 0);
	reply_assert_same(&received, &facts);
	np_facts_release(&received);
	np_facts_release(&facts);
	reply_release(&reply);
}

/* Whoever says nothing, stops halfway, stays after the end, or goes on and on: all are given up in time. */
static void test_timeout(void **state)
{
	static const struct sender stops = { .step = 100, .stay = true }, drips = { .step = 1, .sleep_us = 2000 };
	struct np_facts facts, untouched = { .message_count = 77 };
	struct reply reply, part;
	int64_t took_ms;

	(void)state;
	sample_facts(&facts);
	reply_make(&facts, &reply);
	part = reply;
	for (part.size = 0; part.size <= reply.size; part.size += reply.size / 4) {
		assert_int_equal(receive_from(&stops, &part, 120, &untouched, &took_ms), -ETIMEDOUT);
		assert_in_range(took_ms, 110, 3000);
	}
	assert_int_equal(receive_from(&drips, &reply, 120, &untouched, &took_ms), -ETIMEDOUT);
	assert_in_range(took_ms, 110, 3000);
	/* Whole seconds and their parts. */
	part.size = 10;
	assert_int_equal(receive_from(&stops, &part, 1050, &untouched, &took_ms), -ETIMEDOUT);
	assert_in_range(took_ms, 1040, 5000);
	assert_int_equal(untouched.message_count, 77);
	np_facts_release(&facts);
	reply_release(&reply);
}

/* A sender that always has more ready is held to the time as well. */
static void test_timeout_without_a_pause(void **state)
{
	struct np_facts facts, untouched = { .message_count = 77 };
	int fd = memfd_create("reply", MFD_CLOEXEC), r;
	const char *why = NULL;

	(void)state;
	reply_many_extents(&facts, 2000000, 0);
	assert_int_equal(np_reply_send(fd, &facts), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	r = np_reply_receive(fd, 1, &untouched, &why);
	if (!r)
		np_facts_release(&untouched);
	assert_int_equal(r, -ETIMEDOUT);
	assert_int_equal(untouched.message_count, 77);
	np_facts_release(&facts);
	close(fd);
}

static void on_alarm(int number)
{
	(void)number;
}

static void set_alarms(bool on)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	const struct itimerval interval = { { 0, on ? 1000 : 0 }, { 0, on ? 1000 : 0 } };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &interval, NULL);
}

/* Signals cut writes short and interrupt reads, on both ends. */
static void test_signals(void **state)
{
	struct np_facts facts, received;
	const char *why = NULL;
	int fds[2], status = 0;
	pid_t pid;

	(void)state;
	reply_many_extents(&facts, 10000, 10000);
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		usleep(20000);
		set_alarms(true);
		_exit(np_reply_send(fds[1], &facts) ? 1 : 0);
	}
	close(fds[1]);
	set_alarms(true);
	/* The pipe fills up, and the sender is interrupted in it. */
	for (int i = 0; i < 50; i++)
		usleep(1000);
	assert_int_equal(np_reply_receive(fds[0], REPLY_TIMEOUT_MS, &received, &why), 0);
	set_alarms(false);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	reply_assert_same(&received, &facts);
	np_facts_release(&received);
	np_facts_release(&facts);
	close(fds[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_byte_by_byte),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_timeout_without_a_pause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
