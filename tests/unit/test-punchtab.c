/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /etc/punchtab: what a line means, and what is none.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ntfs-punch/punchtab.h"

static struct np_punchtab parse(const char *text)
{
	struct np_punchtab table;

	assert_in_case(text, np_punchtab_parse(text, strlen(text), &table) == 0);
	return table;
}

/* The words that `map` gets, with blanks between. */
static void join(const struct np_punchtab_entry *entry, char *joined, size_t size)
{
	int count = 0;
	char **words = np_punchtab_words(entry, &count);
	size_t used = 0;

	assert_non_null(words);
	for (int i = 0; i < count; i++)
		used += (size_t)snprintf(joined + used, size - used, "%s%s", i ? " " : "", words[i]);
	assert_null(words[count]);
	free(words);
}

/* One line, and the words. */
struct line_case {
	const char *line, *words;
};

static void assert_lines(const struct line_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct np_punchtab table = parse(cases[i].line);
		char words[512];

		for (size_t j = 0; j < table.problem_count; j++)
			print_message("%s: %s\n", table.problems[j].why, table.problems[j].word);
		assert_in_case(cases[i].line, table.entry_count == 1 && !table.problem_count && !table.is_off);
		join(&table.entries[0], words, sizeof(words));
		if (strcmp(words, cases[i].words))
			fail_msg("case '%s': it is '%s'", cases[i].line, words);
		np_punchtab_release(&table);
		assert_in_case(cases[i].line, !table.entries && !table.problems);
	}
}

static void test_fields(void **state)
{
	static const struct line_case cases[] = {
		{ "a /dev/sda3 /linux.img", "map --name a --wait=90 -- /dev/sda3 /linux.img" },
		{ "a /dev/sda3 /linux.img\n", "map --name a --wait=90 -- /dev/sda3 /linux.img" },
		{ " \ta\t \t/dev/sda3   /linux.img \t", "map --name a --wait=90 -- /dev/sda3 /linux.img" },
		{ "a /dev/sda3 /linux.img\r\n", "map --name a --wait=90 -- /dev/sda3 /linux.img" },
		{ "#b /dev/sda3 /b\n\n \n\t# c\na /d /f\n#", "map --name a --wait=90 -- /d /f" },
		{ "a /d /f -", "map --name a --wait=90 -- /d /f" },
		{ "a /d /f none", "map --name a --wait=90 -- /d /f" },
		{ "a /d /f defaults", "map --name a --wait=90 -- /d /f" },
		{ "a#=-. UUID=1 mft:77", "map --name a#=-. --wait=90 -- UUID=1 mft:77" },
		{ "-v LABEL=x --all", "map --name -v --wait=90 -- LABEL=x --all" },
		{ "a PARTUUID=x linux.img", "map --name a --wait=90 -- PARTUUID=x linux.img" },
		{ "a PARTLABEL=x /a#b", "map --name a --wait=90 -- PARTLABEL=x /a#b" },
		/* Escapes: only where they are three octal digits. */
		{ "a /d C:\\134linux.img", "map --name a --wait=90 -- /d C:\\linux.img" },
		{ "a LABEL=my\\040disk /a\\011b\\012c\\134d", "map --name a --wait=90 -- LABEL=my disk /a\tb\nc\\d" },
		{ "\\141 /d /\\303\\244\\377", "map --name a --wait=90 -- /d /\303\244\377" },
		{ "a /d /\\0401", "map --name a --wait=90 -- /d / 1" },
		{ "a /d /\\134040", "map --name a --wait=90 -- /d /\\040" },
	};

	(void)state;
	assert_lines(cases, COUNT_OF(cases));
}

static void test_options(void **state)
{
	static const struct line_case cases[] = {
		{ "a /d /f read-only", "map --name a --wait=90 --read-only -- /d /f" },
		{ "a /d /f partitions,volume=win", "map --name a --wait=90 --partitions --volume=win -- /d /f" },
		{ "a /d /f blind", "map --name a --wait=90 --blind -- /d /f" },
		{ "a /d /f blind=1G", "map --name a --wait=90 --blind=1G -- /d /f" },
		{ "a /d /f overlay=/b.img", "map --name a --wait=90 --overlay=/b.img -- /d /f" },
		{ "a /d /f overlay=/b=c", "map --name a --wait=90 --overlay=/b=c -- /d /f" },
		{ "a /d /f allow=member,allow=journal:0x1f",
		  "map --name a --wait=90 --allow=member --allow=journal:0x1f -- /d /f" },
		{ "a /d /f append=/b,append=/c", "map --name a --wait=90 --append=/b --append=/c -- /d /f" },
		{ "a /d /f append=/b\\054c\\040d", "map --name a --wait=90 --append=/b,c d -- /d /f" },
		{ "a /d /f format=vhdx", "map --name a --wait=90 --format=vhdx -- /d /f" },
		{ "a /d /f partition=2", "map --name a --wait=90 --partition=2 -- /d /f" },
		{ "a /d /f timeout=5", "map --name a --wait=5 -- /d /f" },
		{ "a /d /f timeout=0", "map --name a --wait=0 -- /d /f" },
		{ "a /d /f timeout=999999999", "map --name a --wait=999999999 -- /d /f" },
		{ "a /d /f nofail,noauto,x-initrd.attach,defaults", "map --name a --wait=90 -- /d /f" },
	};
	struct np_punchtab table;

	(void)state;
	assert_lines(cases, COUNT_OF(cases));

	table = parse("a /d /f\nb /d /f nofail,noauto,x-initrd.attach,partitions,volume=v,timeout=7");
	assert_int_equal(table.entry_count, 2);
	assert_false(table.entries[0].no_fail || table.entries[0].no_auto || table.entries[0].in_initrd ||
		     table.entries[0].has_timeout || table.entries[0].partitions || table.entries[0].volume);
	assert_true(table.entries[1].no_fail && table.entries[1].no_auto && table.entries[1].in_initrd &&
		    table.entries[1].has_timeout && table.entries[1].partitions);
	assert_string_equal(table.entries[1].volume, "v");
	assert_int_equal(table.entries[1].timeout_seconds, 7);
	assert_ptr_equal(np_punchtab_find(&table, "b"), &table.entries[1]);
	assert_null(np_punchtab_find(&table, "c"));
	np_punchtab_release(&table);
}

/* A text, and what is said of which line and which word. */
struct refusal {
	const char *text;
	unsigned line;
	const char *why, *word;
};

static void test_refusals(void **state)
{
	static const struct refusal cases[] = {
		{ "a", 1, "something is missing", "" },
		{ "a /d", 1, "something is missing", "" },
		{ "a /d /f nofail x", 1, "there is more", "" },
		{ "a /d /f # comment", 1, "there is more", "" },
		{ "\n# b\na/b /d /f", 3, "a name is made of", "a/b" },
		{ "control /d /f", 1, "taken", "control" },
		{ "\\040 /d /f", 1, "a name is made of", " " },
		{ "a sda3 /f", 1, "absolute path", "sda3" },
		{ "a ./sda3 /f", 1, "absolute path", "./sda3" },
		{ "a ID=3 /f", 1, "absolute path", "ID=3" },
		{ "a uuid=3 /f", 1, "absolute path", "uuid=3" },
		{ "a UUID= /f", 1, "no value", "UUID=" },
		{ "a PARTLABEL= /f", 1, "no value", "PARTLABEL=" },
		{ "a /d /f:", 1, "stream's name is missing", "/f:" },
		{ "a /d mft:x", 1, "number", "mft:x" },
		{ "a /d C:\\linux.img", 1, "three octal digits", "C:\\linux.img" },
		{ "a /d \\", 1, "three octal digits", "\\" },
		{ "a /d \\1", 1, "three octal digits", "\\1" },
		{ "a /d \\12", 1, "three octal digits", "\\12" },
		{ "a /d \\128", 1, "three octal digits", "\\128" },
		{ "a /d \\x20", 1, "three octal digits", "\\x20" },
		{ "a /d a\\000b", 1, "no character", "a\\000b" },
		{ "a /d \\400", 1, "no character", "\\400" },
		{ "a\\40 /d /f", 1, "three octal digits", "a\\40" },
		{ "a /d\\ /f x", 1, "three octal digits", "/d\\" },
		{ "a /d /f rw", 1, "no such option", "rw" },
		{ "a /d /f readonly", 1, "no such option", "readonly" },
		{ "a /d /f read-onlyx", 1, "no such option", "read-onlyx" },
		{ "a /d /f read-onl", 1, "no such option", "read-onl" },
		{ "a /d /f --read-only", 1, "no such option", "--read-only" },
		{ "a /d /f overlay-init", 1, "no such option", "overlay-init" },
		{ "a /d /f name=b", 1, "no such option", "name=b" },
		{ "a /d /f wait=3", 1, "no such option", "wait=3" },
		{ "a /d /f Nofail", 1, "no such option", "Nofail" },
		{ "a /d /f none,nofail", 1, "no such option", "none" },
		{ "a /d /f =", 1, "no such option", "=" },
		{ "a /d /f nofail,", 1, "empty", "" },
		{ "a /d /f ,nofail", 1, "empty", "" },
		{ "a /d /f nofail,,noauto", 1, "empty", "" },
		{ "a /d /f nofail,nofail", 1, "twice", "nofail" },
		{ "a /d /f timeout=1,timeout=1", 1, "twice", "timeout=1" },
		{ "a /d /f nofail=1", 1, "takes no value", "nofail=1" },
		{ "a /d /f read-only=", 1, "takes no value", "read-only=" },
		{ "a /d /f timeout", 1, "needs a value", "timeout" },
		{ "a /d /f volume", 1, "needs a value", "volume" },
		{ "a /d /f volume=", 1, "value is empty", "volume=" },
		{ "a /d /f blind=", 1, "value is empty", "blind=" },
		{ "a /d /f volume=a/b", 1, "a name is made of", "volume=a/b" },
		{ "a /d /f append=\\x", 1, "three octal digits", "append=\\x" },
		{ "a /d /f timeout=x", 1, "number of seconds", "timeout=x" },
		{ "a /d /f timeout=-1", 1, "number of seconds", "timeout=-1" },
		{ "a /d /f timeout=1s", 1, "number of seconds", "timeout=1s" },
		{ "a /d /f timeout=1000000000", 1, "number of seconds", "timeout=1000000000" },
		{ "a /d /f\nb /d /f\na /e /f", 3, "another one of this name", "a" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct np_punchtab table = parse(cases[i].text);

		assert_in_case(cases[i].text, table.problem_count == 1);
		assert_in_case(cases[i].text, table.problems[0].line == cases[i].line);
		if (!strstr(table.problems[0].why, cases[i].why) || strcmp(table.problems[0].word, cases[i].word))
			fail_msg("case '%s': it says '%s' of '%s'", cases[i].text, table.problems[0].why,
				 table.problems[0].word);
		np_punchtab_release(&table);
	}
}

/* A bad line takes no other one with it, and all are told. */
static void test_many_problems(void **state)
{
	struct np_punchtab table = parse("x\na /d /f\n\nb d /f\nc /d /f rw\nd /d /f\n");

	(void)state;
	assert_int_equal(table.entry_count, 2);
	assert_string_equal(table.entries[0].name, "a");
	assert_int_equal(table.entries[0].line, 2);
	assert_string_equal(table.entries[1].name, "d");
	assert_int_equal(table.entries[1].line, 6);
	assert_int_equal(table.problem_count, 3);
	assert_int_equal(table.problems[0].line, 1);
	assert_int_equal(table.problems[1].line, 4);
	assert_int_equal(table.problems[2].line, 5);
	np_punchtab_release(&table);
}

static void test_empty(void **state)
{
	static const char *const texts[] = { "", "\n", "\n\n", " ", "#", "# a /d /f", "\t#x\n\r\n" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct np_punchtab table = parse(texts[i]);

		assert_in_case(texts[i], !table.entry_count && !table.problem_count);
		np_punchtab_release(&table);
	}
}

static void test_nul(void **state)
{
	static const char text[] = "a /d /f\0x\nb /d /f\0\nc /d /f";
	struct np_punchtab table;

	(void)state;
	assert_int_equal(np_punchtab_parse(text, sizeof(text) - 1, &table), 0);
	assert_int_equal(table.entry_count, 1);
	assert_string_equal(table.entries[0].name, "c");
	assert_int_equal(table.problem_count, 2);
	np_punchtab_release(&table);
}

static void test_too_many(void **state)
{
	char *text = malloc(64 * (NP_PUNCHTAB_ENTRIES_MAX + 2));
	struct np_punchtab table;
	size_t used = 0;

	(void)state;
	assert_non_null(text);
	for (unsigned i = 0; i < NP_PUNCHTAB_ENTRIES_MAX; i++)
		used += (size_t)snprintf(text + used, 64, "name%u /d /f\n", i);
	table = parse(text);
	assert_int_equal(table.entry_count, NP_PUNCHTAB_ENTRIES_MAX);
	assert_int_equal(table.problem_count, 0);
	np_punchtab_release(&table);
	snprintf(text + used, 64, "more /d /f\n");
	table = parse(text);
	assert_int_equal(table.entry_count, NP_PUNCHTAB_ENTRIES_MAX);
	assert_int_equal(table.problem_count, 1);
	assert_int_equal(table.problems[0].line, NP_PUNCHTAB_ENTRIES_MAX + 1);
	np_punchtab_release(&table);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),        cmocka_unit_test(test_options), cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_many_problems), cmocka_unit_test(test_empty),   cmocka_unit_test(test_nul),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
