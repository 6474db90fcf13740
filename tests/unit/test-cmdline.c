/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rd.ntfspunch= on the kernel command line.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "ntfs-punch/punchtab.h"

static struct np_punchtab parse(const char *text)
{
	struct np_punchtab table;

	assert_in_case(text, np_cmdline_parse(text, strlen(text), &table) == 0);
	return table;
}

static void test_entries(void **state)
{
	static const struct {
		const char *text, *name, *device, *file, *option;
	} cases[] = {
		{ "rd.ntfspunch=a:/dev/sda3:/f", "a", "/dev/sda3", "/f", NULL },
		{ "quiet rd.ntfspunch=a:/dev/sda3:/f root=/dev/mapper/a\n", "a", "/dev/sda3", "/f", NULL },
		{ "  rd.ntfspunch=a:PARTUUID=x-1:/d/f.img:\n", "a", "PARTUUID=x-1", "/d/f.img", NULL },
		{ "rd.ntfspunch=a:UUID=1:/f:blind=1G,nofail", "a", "UUID=1", "/f", "--blind=1G" },
		{ "rd.ntfspunch=a:UUID=1:/f:allow=journal:77", "a", "UUID=1", "/f", "--allow=journal:77" },
		{ "rd.ntfspunch=a:UUID=1:/f:none", "a", "UUID=1", "/f", NULL },
		/* Percents. */
		{ "rd.ntfspunch=a:LABEL=my%20disk:/my%20file", "a", "LABEL=my disk", "/my file", NULL },
		{ "rd.ntfspunch=a:/dev/disk/by-path/pci-0%3a0:/f%3Astream", "a", "/dev/disk/by-path/pci-0:0",
		  "/f:stream", NULL },
		{ "rd.ntfspunch=%61:/d:/%25%32%30%C3%A4", "a", "/d", "/%20\303\244", NULL },
		{ "rd.ntfspunch=a:/d:/f:append=/a%2Cb%3d", "a", "/d", "/f", "--append=/a,b=" },
		{ "rd.ntfspunch=a:/d:/a%5Cb", "a", "/d", "/a\\b", NULL },
		/* The kernel's quotes. */
		{ "rd.ntfspunch=\"a:/d:/my file\"", "a", "/d", "/my file", NULL },
		{ "\"rd.ntfspunch=a:/d:/my file\"", "a", "/d", "/my file", NULL },
		{ "x=\"rd.ntfspunch=b:/d:/f y\" rd.ntfspunch=a:/d:/f", "a", "/d", "/f", NULL },
		{ "rd.ntfspunch=\"a:/d:/f", "a", "/d", "/f", NULL },
		{ "rd.ntfspunch=a:LABEL=\"x y\":/f", "a", "LABEL=\"x y\"", "/f", NULL },
		{ "=\"x y\" \" \" \"\" rd.ntfspunch=a:/d:/f\" \"", "a", "/d", "/f\" \"", NULL },
		/* Others' words. */
		{ "ntfspunch=0 rd.ntfspunchx=0 Rd.ntfspunch=0 rd.ntfs=0 rd.ntfspunch=a:/d:/f", "a", "/d", "/f", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct np_punchtab table = parse(cases[i].text);
		const struct np_punchtab_entry *entry = table.entries;

		for (size_t j = 0; j < table.problem_count; j++)
			print_message("%s: %s\n", table.problems[j].why, table.problems[j].word);
		assert_in_case(cases[i].text, table.entry_count == 1 && !table.problem_count && !table.is_off);
		assert_in_case(cases[i].text, !strcmp(entry->name, cases[i].name));
		assert_in_case(cases[i].text, !strcmp(entry->device, cases[i].device));
		assert_in_case(cases[i].text, !strcmp(entry->file, cases[i].file));
		assert_in_case(cases[i].text, entry->option_count == !!cases[i].option);
		assert_in_case(cases[i].text, !cases[i].option || !strcmp(entry->options[0], cases[i].option));
		np_punchtab_release(&table);
	}
}

static void test_several(void **state)
{
	struct np_punchtab table =
		parse("rd.ntfspunch=a:/d:/f rd.ntfspunch=b:d:/f rd.ntfspunch=c:/d:/g:noauto rd.ntfspunch=a:/d:/h");

	(void)state;
	assert_int_equal(table.entry_count, 2);
	assert_string_equal(table.entries[1].name, "c");
	assert_int_equal(table.entries[1].line, 3);
	assert_true(table.entries[1].no_auto);
	assert_int_equal(table.problem_count, 2);
	assert_int_equal(table.problems[0].line, 2);
	assert_int_equal(table.problems[1].line, 4);
	np_punchtab_release(&table);
}

static void test_refusals(void **state)
{
	static const struct {
		const char *text, *why, *word;
	} cases[] = {
		{ "rd.ntfspunch", "no value", "" },
		{ "rd.ntfspunch=", "something is missing", "" },
		{ "rd.ntfspunch=1", "something is missing", "1" },
		{ "rd.ntfspunch=00", "something is missing", "00" },
		{ "rd.ntfspunch=no", "something is missing", "no" },
		{ "rd.ntfspunch=a:/d", "something is missing", "a:/d" },
		{ "rd.ntfspunch=a:/d:", "begins with a slash", "a:/d:" },
		{ "rd.ntfspunch=a:/d:f", "begins with a slash", "a:/d:f" },
		{ "rd.ntfspunch=a:/d:mft:5", "begins with a slash", "a:/d:mft:5" },
		{ "rd.ntfspunch=a:/d:%2ff", "begins with a slash", "a:/d:%2ff" },
		{ "rd.ntfspunch=a:/dev/pci-0:0:/f", "begins with a slash", "a:/dev/pci-0:0:/f" },
		{ "rd.ntfspunch=a:/d:\\f", "backslashes", "a:/d:\\f" },
		{ "rd.ntfspunch=a:/d:/f\\040", "backslashes", "a:/d:/f\\040" },
		{ "rd.ntfspunch=a:/d:/f%", "hexadecimal", "/f%" },
		{ "rd.ntfspunch=a:/d:/f%2", "hexadecimal", "/f%2" },
		{ "rd.ntfspunch=a:/d:/f%2x", "hexadecimal", "/f%2x" },
		{ "rd.ntfspunch=a:/d:/f%x2", "hexadecimal", "/f%x2" },
		{ "rd.ntfspunch=a:/d:/f%00", "no character", "/f%00" },
		{ "rd.ntfspunch=a:/d:/f:append=/b%", "hexadecimal", "append=/b%" },
		{ "rd.ntfspunch=:/d:/f", "empty", "" },
		{ "rd.ntfspunch=a::/f", "absolute path", "" },
		{ "rd.ntfspunch=a:sda3:/f", "absolute path", "sda3" },
		{ "rd.ntfspunch=a:/d:/f:rw", "no such option", "rw" },
		{ "rd.ntfspunch=a:/d:/f:nofail:noauto", "no such option", "nofail:noauto" },
		{ "rd.ntfspunch=a:/d:/my file", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct np_punchtab table = parse(cases[i].text);

		assert_in_case(cases[i].text, table.problem_count == !!cases[i].why);
		if (cases[i].why &&
		    (!strstr(table.problems[0].why, cases[i].why) || strcmp(table.problems[0].word, cases[i].word)))
			fail_msg("case '%s': it says '%s' of '%s'", cases[i].text, table.problems[0].why,
				 table.problems[0].word);
		assert_in_case(cases[i].text, table.entry_count == !cases[i].why);
		np_punchtab_release(&table);
	}
}

static void test_off(void **state)
{
	static const char *const off[] = {
		"rd.ntfspunch=0",
		"rd.ntfspunch=\"0\"",
		"\"rd.ntfspunch=0\"",
		"rd.ntfspunch=a:/d:/f rd.ntfspunch=0",
		"rd.ntfspunch=0 rd.ntfspunch=a:/d:/f rd.ntfspunch=bad",
	};
	static const char *const nothing[] = { "", "\n", "quiet", "rd.ntfspunch.x=0", "\"", "\"\"", "=", "=\"" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(off); i++) {
		struct np_punchtab table = parse(off[i]);

		assert_in_case(off[i], table.is_off && !table.entry_count && !table.problem_count);
		np_punchtab_release(&table);
	}
	for (size_t i = 0; i < COUNT_OF(nothing); i++) {
		struct np_punchtab table = parse(nothing[i]);

		assert_in_case(nothing[i], !table.is_off && !table.entry_count && !table.problem_count);
		np_punchtab_release(&table);
	}
}

/* A word of somebody else's: the last one that has a value. */
static void test_find(void **state)
{
	static const struct {
		const char *text, *value;
	} cases[] = {
		{ "", NULL },
		{ "\n", NULL },
		{ "quiet root=/dev/sda1 ro\n", NULL },
		{ "resume", NULL },
		{ "noresume", NULL },
		{ "resume_offset=34816", NULL },
		{ "xresume=/dev/sda5", NULL },
		{ "rd.resume=/dev/sda5 Resume=/dev/sda5", NULL },
		{ "x=\"a resume=/dev/sda5\"", NULL },
		{ "resume=", "" },
		{ "quiet resume=/dev/mapper/linux-part2 ro\n", "/dev/mapper/linux-part2" },
		{ "\tresume=UUID=5e0c-1", "UUID=5e0c-1" },
		{ "resume=LABEL=\"my swap\"", "LABEL=\"my swap\"" },
		{ "resume=\"LABEL=my swap\" quiet", "LABEL=my swap" },
		{ "\"resume=LABEL=my swap\" quiet", "LABEL=my swap" },
		{ "resume=/dev/sda5 resume=254:3", "254:3" },
		{ "resume=/dev/sda5 resume", "/dev/sda5" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char text[128], *value;

		snprintf(text, sizeof(text), "%s", cases[i].text);
		value = np_cmdline_find(text, "resume");
		assert_in_case(cases[i].text, !value == !cases[i].value);
		assert_in_case(cases[i].text, !value || !strcmp(value, cases[i].value));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries), cmocka_unit_test(test_several), cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_off),     cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
