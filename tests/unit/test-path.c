/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FILE, as users write it.
 */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ntfs-punch/path.h"

#define MOST_COMPONENTS 4

/* What a FILE is taken for. */
struct path_case {
	const char *text;
	const char *components[MOST_COMPONENTS + 1]; /* ends with NULL */
	const char *stream;
};

static void assert_path(const struct path_case *c)
{
	const char *why = NULL;
	struct np_path path;
	size_t count = 0;

	while (c->components[count])
		count++;
	assert_in_case(c->text, np_path_parse(c->text, &path, &why) == 0);
	assert_in_case(c->text, !path.by_record);
	assert_in_case(c->text, path.count == count);
	for (size_t i = 0; i < count; i++)
		assert_in_case(c->text, !strcmp(path.components[i], c->components[i]));
	assert_in_case(c->text, !path.stream == !c->stream);
	assert_in_case(c->text, !c->stream || !strcmp(path.stream, c->stream));
	np_path_release(&path);
	assert_in_case(c->text, !path.components && !path.count && !path.stream);
	np_path_release(&path);
}

static void test_slashes(void **state)
{
	static const struct path_case cases[] = {
		{ "/a/b", { "a", "b" }, NULL },
		{ "\\a\\b", { "a", "b" }, NULL },
		{ "a/b", { "a", "b" }, NULL },
		{ "a\\b", { "a", "b" }, NULL },
		{ "a", { "a" }, NULL },
		{ "/a\\b/c", { "a", "b", "c" }, NULL },
		{ "//a///b\\\\c", { "a", "b", "c" }, NULL },
		{ "/a/b/", { "a", "b" }, NULL },
		{ "\\a\\b\\\\/", { "a", "b" }, NULL },
		{ "/", { NULL }, NULL },
		{ "\\", { NULL }, NULL },
		{ "//\\", { NULL }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_path(&cases[i]);
}

static void test_drive_letters(void **state)
{
	static const struct path_case cases[] = {
		{ "C:\\a\\b", { "a", "b" }, NULL },
		{ "C:/a/b", { "a", "b" }, NULL },
		{ "c:/a", { "a" }, NULL },
		{ "z:\\a", { "a" }, NULL },
		{ "C:\\", { NULL }, NULL },
		{ "C:/", { NULL }, NULL },
		{ "C:\\a:b", { "a" }, "b" },
		{ "C:\\C:x", { "C" }, "x" },
		/* Without a slash, it is a file with a stream. */
		{ "C:a", { "C" }, "a" },
		{ "/C:a", { "C" }, "a" },
		{ "CC:a", { "CC" }, "a" },
		{ "mft/a", { "mft", "a" }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_path(&cases[i]);
}

static void test_streams(void **state)
{
	static const struct path_case cases[] = {
		{ "/a:s", { "a" }, "s" },
		{ "/a/b.img:stream", { "a", "b.img" }, "stream" },
		{ "/a:stream:$DATA", { "a" }, "stream" },
		{ "/a:stream:$data", { "a" }, "stream" },
		{ "/a:stream:$Data", { "a" }, "stream" },
		{ "/a::$DATA", { "a" }, NULL },
		{ "C:\\a::$data", { "a" }, NULL },
		/* After one colon it is a stream's name, whatever it looks like. */
		{ "/a:$DATA", { "a" }, "$DATA" },
		{ "/a: b ", { "a" }, " b " },
		{ "/a:\xc3\xa4:$DATA", { "a" }, "\xc3\xa4" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_path(&cases[i]);
}

/* Nothing is a special name but what the page says. */
static void test_names_as_they_are(void **state)
{
	static const struct path_case cases[] = {
		{ ".", { "." }, NULL },
		{ "/../a/.", { "..", "a", "." }, NULL },
		{ " a / b", { " a ", " b" }, NULL },
		{ "/\xc3\x9crz/\xe6\x97\xa5\xe6\x9c\xac.img", { "\xc3\x9crz", "\xe6\x97\xa5\xe6\x9c\xac.img" }, NULL },
		{ "/\xf0\x9f\x90\xa7", { "\xf0\x9f\x90\xa7" }, NULL },
		{ "/a\xff\x80", { "a\xff\x80" }, NULL },
		{ "/$Extend/$UsnJrnl:$J", { "$Extend", "$UsnJrnl" }, "$J" },
		{ "/mft:5", { "mft" }, "5" },
		{ "MFT:5", { "MFT" }, "5" },
		{ "mft", { "mft" }, NULL },
		{ "/a*b?\"<>|\n", { "a*b?\"<>|\n" }, NULL },
		{ "1:a", { "1" }, "a" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_path(&cases[i]);
}

static void test_records(void **state)
{
	static const struct {
		const char *text;
		uint64_t record;
		const char *stream;
	} cases[] = {
		{ "mft:5", 5, NULL },
		{ "mft:0", 0, NULL },
		{ "mft:010", 10, NULL }, /* not octal */
		{ "mft:0x10", 16, NULL },
		{ "mft:0XfF", 255, NULL },
		{ "mft:281474976710655", (1ULL << 48) - 1, NULL },
		{ "mft:0xffffffffffff", (1ULL << 48) - 1, NULL },
		{ "mft:5:s", 5, "s" },
		{ "mft:0x10:stream", 16, "stream" },
		{ "mft:0x10:stream:$DATA", 16, "stream" },
		{ "mft:5::$DATA", 5, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *why = NULL;
		struct np_path path;

		assert_in_case(cases[i].text, np_path_parse(cases[i].text, &path, &why) == 0);
		assert_in_case(cases[i].text, path.by_record && !path.count && path.record == cases[i].record);
		assert_in_case(cases[i].text, !path.stream == !cases[i].stream);
		assert_in_case(cases[i].text, !path.stream || !strcmp(path.stream, cases[i].stream));
		assert_null(np_path_stem(&path));
		np_path_release(&path);
	}
}

/* A FILE, and what is said against it. */
struct refusal {
	const char *text, *why;
};

static void assert_refusals(const struct refusal *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct np_path untouched = { .record = 77 };
		const char *why = NULL;

		assert_in_case(cases[i].text, np_path_parse(cases[i].text, &untouched, &why) == -EINVAL);
		assert_in_case(cases[i].text, why && strstr(why, cases[i].why));
		assert_in_case(cases[i].text, untouched.record == 77 && !untouched.components && !untouched.stream);
	}
}

static void test_refusals(void **state)
{
	static const struct refusal cases[] = {
		{ "", "empty" },
		{ "/a:", "stream's name is missing" },
		{ "mft:5:", "stream's name is missing" },
		{ "C:", "stream's name is missing" },
		{ ":", "needs a name before it" },
		{ ":s", "needs a name before it" },
		{ "/:s", "needs a name before it" },
		{ "/a/:s", "needs a name before it" },
		{ "C:\\:s", "needs a name before it" },
		{ "::$DATA", "needs a name before it" },
		{ "/a:s:", "$DATA" },
		{ "/a::", "$DATA" },
		{ "/a:s:$INDEX_ALLOCATION", "$DATA" },
		{ "/a::$BITMAP", "$DATA" },
		{ "/a:s:$DATA:", "$DATA" },
		{ "/a:s:$DATAx", "$DATA" },
		{ "/a:s:DATA", "$DATA" },
		{ "mft:5:s:$EA", "$DATA" },
		{ "/a:s/b", "slash" },
		{ "/a:/b", "slash" },
		{ "/a:s\\b:$DATA", "slash" },
		{ "/C:/a", "slash" },
		{ "1:/a", "slash" },
		{ "mft:5:a/b", "slash" },
	};

	(void)state;
	assert_refusals(cases, COUNT_OF(cases));
}

static void test_record_refusals(void **state)
{
	static const struct refusal cases[] = {
		{ "mft:", "number" },
		{ "mft:x", "number" },
		{ "mft:-1", "number" },
		{ "mft:+1", "number" },
		{ "mft: 1", "number" },
		{ "mft:5 ", "number" },
		{ "mft:5x", "number" },
		{ "mft:5/a", "number" },
		{ "mft:/a", "number" },
		{ "mft::s", "number" },
		{ "mft:0x", "number" },
		{ "mft:0xg", "number" },
		{ "mft:0x0x5", "number" },
		{ "mft:0x-5", "number" },
		{ "mft:0x 5", "number" },
		{ "mft:5.0", "number" },
		{ "mft:281474976710656", "no MFT record" },
		{ "mft:0x1000000000000", "no MFT record" },
		{ "mft:18446744073709551615", "no MFT record" },
		{ "mft:18446744073709551616", "no MFT record" },
		{ "mft:18446744073709551621", "no MFT record" }, /* 5, modulo 2^64 */
		{ "mft:0x10000000000000005", "no MFT record" },
		{ "mft:99999999999999999999999999:s", "no MFT record" },
	};

	(void)state;
	assert_refusals(cases, COUNT_OF(cases));
}

static void test_stems(void **state)
{
	static const struct {
		const char *text, *stem;
	} cases[] = {
		{ "C:\\linux.img", "linux" },
		{ "/a.b/linux", "linux" },
		{ "/linux.tar.gz", "linux.tar" },
		{ "/.hidden", ".hidden" },
		{ "/.hidden.img", ".hidden" },
		{ "/linux.", "linux" },
		{ "/linux.img:stream", "linux" },
		{ "/\xc3\xbc.img", "\xc3\xbc" },
		{ "/a/", "a" },
		{ "/", NULL },
		{ "mft:5", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *why = NULL;
		struct np_path path;
		char *stem;

		assert_in_case(cases[i].text, np_path_parse(cases[i].text, &path, &why) == 0);
		stem = np_path_stem(&path);
		assert_in_case(cases[i].text, !stem == !cases[i].stem);
		assert_in_case(cases[i].text, !stem || !strcmp(stem, cases[i].stem));
		free(stem);
		np_path_release(&path);
	}
}

/* As long as an argument can be, 128 KiB; and with thousands of names. */
static void test_long(void **state)
{
	const size_t length = 128 * 1024, names = 5000;
	char *text = malloc(length + 1);
	const char *why = NULL;
	struct np_path path;

	(void)state;
	assert_non_null(text);
	memset(text, 'a', length);
	text[length] = '\0';
	assert_int_equal(np_path_parse(text, &path, &why), 0);
	assert_int_equal(path.count, 1);
	assert_string_equal(path.components[0], text);
	np_path_release(&path);
	for (size_t i = 0; i < names; i++)
		text[2 * i] = '/';
	text[2 * names] = '\0';
	assert_int_equal(np_path_parse(text, &path, &why), 0);
	assert_int_equal(path.count, names);
	assert_string_equal(path.components[names - 1], "a");
	np_path_release(&path);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slashes),
		cmocka_unit_test(test_drive_letters),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_names_as_they_are),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_record_refusals),
		cmocka_unit_test(test_stems),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
