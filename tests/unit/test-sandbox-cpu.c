/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sandbox's limit on CPU time. It takes as long as that.
 */
#include "sandboxes.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Also if its parent has blocked all signals, as it does while it makes devices. */
static void test_cpu_limit(void **state)
{
	struct np_sandbox sandbox;
	char byte, why[128] = "";
	struct rusage usage;
	sigset_t all, before;
	int r;

	(void)state;
	sigfillset(&all);
	assert_int_equal(sigprocmask(SIG_BLOCK, &all, &before), 0);
	sandbox_start_and_wait(sandbox_spin, &sandbox);
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
	assert_int_equal(read(sandbox.reply_fd, &byte, 1), 0);
	r = np_sandbox_end(&sandbox, false, why, sizeof(why));
	assert_string_equal(why, "it used more than 4 s of CPU time");
	assert_int_equal(r, -ECHILD);
	assert_int_equal(getrusage(RUSAGE_CHILDREN, &usage), 0);
	assert_in_range(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec, NP_SANDBOX_CPU_SECONDS - 1,
			NP_SANDBOX_CPU_SECONDS + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cpu_limit),
	};

	sandbox_skip_under_valgrind();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
