/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which kernel runs, by the release that uname(2) has.
 */
#include "unit.h"

#include "kernel.h"

static void test_is_before(void **state)
{
	static const struct {
		const char *release;
		bool before;
	} cases[] = {
		{ "6.1.0-56-amd64", true },
		{ "6.10.14", true },
		{ "5.4.0-generic", true },
		{ "5.99", true },
		{ "4.19.0-27-amd64", true },
		{ "6.11.0", false },
		{ "6.11", false },
		{ "6.11-rc1", false },
		{ "6.12.96+deb12-amd64", false },
		{ "6.100.1", false },
		{ "7.0", false },
		{ "10.0.0", false },
		{ "", true },
		{ "6", true },
		{ "6.", true },
		{ ".11", true },
		{ "6-11", true },
		{ "v7.1", true },
		{ " 7.1", true },
		{ "-7.1", true },
		{ "linux", true },
		/* Not to be taken for small or large numbers. */
		{ "4294967303.0", true },
		{ "7.99999999999999999999", true },
		{ "256.0", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_in_case(cases[i].release, np_kernel_is_before(cases[i].release, 6, 11) == cases[i].before);
	assert_false(np_kernel_is_before("6.1.0", 6, 1));
	assert_true(np_kernel_is_before("6.1.0", 6, 2));
	assert_true(np_kernel_is_before("6.1.0", 7, 0));
	assert_false(np_kernel_is_before("6.1.0", 5, 255));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
