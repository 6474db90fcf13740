/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages: once, whole, and only those that are wanted.
 */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "ntfs-punch/log.h"

/* What was emitted last, and how often. */
static struct {
	unsigned count;
	const struct np_log *log;
	enum np_log_level level;
	char subject[16], message[4096], remedy[16];
} last;

static void remember(const struct np_log *log, enum np_log_level level, const char *subject, const char *message,
		     const char *remedy)
{
	assert_true(strlen(message) < sizeof(last.message));
	last.count++;
	last.log = log;
	last.level = level;
	strcpy(last.subject, subject);
	strcpy(last.message, message);
	strcpy(last.remedy, remedy ? remedy : "none");
	errno = EIO;
}

static void test_message(void **state)
{
	const struct np_log log = { .emit = remember, .most = NP_LOG_DEBUG };

	(void)state;
	memset(&last, 0, sizeof(last));
	errno = ENOENT;
	np_log_message(&log, NP_LOG_WARNING, "/dev/x%s", "do %d", "it has %d of %s", 3, "%n");
	assert_int_equal(errno, ENOENT);
	assert_int_equal(last.count, 1);
	assert_ptr_equal(last.log, &log);
	assert_int_equal(last.level, NP_LOG_WARNING);
	assert_string_equal(last.subject, "/dev/x%s");
	assert_string_equal(last.message, "it has 3 of %n");
	assert_string_equal(last.remedy, "do %d");
	np_log_message(&log, NP_LOG_ERROR, "x", NULL, "it");
	assert_string_equal(last.remedy, "none");
}

static void test_levels(void **state)
{
	(void)state;
	for (unsigned most = NP_LOG_ERROR; most <= NP_LOG_DEBUG; most++) {
		const struct np_log log = { .emit = remember, .most = (enum np_log_level)most };

		for (unsigned level = NP_LOG_ERROR; level <= NP_LOG_DEBUG; level++) {
			memset(&last, 0, sizeof(last));
			np_log_message(&log, (enum np_log_level)level, "x", NULL, "it");
			assert_int_equal(last.count, level <= most);
		}
	}
}

/* Longer than any message is: cut, not overrun. */
static void test_long(void **state)
{
	static char text[10000];
	const struct np_log log = { .emit = remember, .most = NP_LOG_DEBUG };

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	np_log_message(&log, NP_LOG_ERROR, "x", NULL, "%s", text);
	/* All of a finding, at least, with the check's name before it. */
	assert_in_range(strlen(last.message), 1100, sizeof(last.message) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
