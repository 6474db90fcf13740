/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * np_scan() with a sandbox that runs nothing: its child replies the facts that a test says.
 */
#include "sample.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ntfs-punch/reply.h"
#include "ntfs-punch/sandbox.h"
#include "ntfs-punch/scan.h"

static struct np_facts told;

int np_sandbox_start(np_sandbox_prepare_fn *prepare, np_sandbox_fn *function, int device_fd, void *context,
		     struct np_sandbox *ret_sandbox)
{
	(void)prepare, (void)function, (void)device_fd, (void)context;
	ret_sandbox->reply_fd = memfd_create("reply", MFD_CLOEXEC);
	assert_true(ret_sandbox->reply_fd >= 0);
	assert_int_equal(np_reply_send(ret_sandbox->reply_fd, &told), 0);
	lseek(ret_sandbox->reply_fd, 0, SEEK_SET);
	return 0;
}

int np_sandbox_end(struct np_sandbox *sandbox, bool kill_it, char *why, size_t why_size)
{
	(void)kill_it, (void)why, (void)why_size;
	close(sandbox->reply_fd);
	return 0;
}

static void say_nothing(const struct np_log *log, enum np_log_level level, const char *subject, const char *message,
			const char *remedy)
{
	(void)log, (void)level, (void)subject, (void)message, (void)remedy;
}

static void scan(const struct np_path *path, struct np_facts *facts)
{
	const struct np_log log = { .emit = say_nothing, .most = NP_LOG_ERROR };

	assert_int_equal(np_scan(0, 0, 1 << 20, "disk", path, &log, facts), 0);
}

static void test_what_was_asked_for(void **state)
{
	const struct np_path path = { .by_record = true, .record = 64 };
	struct np_facts facts;

	(void)state;
	sample_facts(&told);
	scan(&path, &facts);
	assert_true(np_facts_equal(&facts, &told));
	np_facts_release(&facts);
	np_facts_release(&told);
}

/* A volume alone where a file was asked for would be a file without anything wrong, and the other way round. */
static void test_something_else(void **state)
{
	const struct np_path path = { .by_record = true, .record = 64 };
	struct np_facts facts;

	(void)state;
	sample_facts(&told);
	scan(NULL, &facts);
	assert_int_equal(facts.outcome, NP_OUTCOME_METADATA);
	assert_non_null(strstr(facts.reason, "something else"));
	np_facts_release(&facts);

	told.file.kind = NP_FILE_NONE;
	scan(&path, &facts);
	assert_int_equal(facts.outcome, NP_OUTCOME_METADATA);
	assert_non_null(strstr(facts.reason, "something else"));
	np_facts_release(&facts);
	np_facts_release(&told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_asked_for),
		cmocka_unit_test(test_something_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
