/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Texts from a volume, made fit for a terminal.
 */
#include "unit.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

#define SEED   0x6e74667370756e63ULL
#define ROUNDS 20000u

/* Escapes into a buffer of exactly `size` bytes, so that a sanitizer sees each byte past it. */
static char *escape(const char *text, size_t size)
{
	char *escaped = malloc(size + 8);

	assert_non_null(escaped);
	memset(escaped, '~', size + 8);
	np_escape(text, escaped, size);
	for (size_t i = size; i < size + 8; i++)
		if (escaped[i] != '~')
			fail_msg("'%s' into %zu bytes: byte %zu was written", text, size, i);
	if (!memchr(escaped, '\0', size))
		fail_msg("'%s' into %zu bytes: it isn't terminated", text, size);
	return escaped;
}

static void assert_escaped(const char *text, size_t size, const char *expected)
{
	char *escaped = escape(text, size);

	if (strcmp(escaped, expected))
		fail_msg("into %zu bytes: got '%s' instead of '%s'", size, escaped, expected);
	free(escaped);
}

struct escape_case {
	const char *text, *escaped;
};

static void assert_cases(const struct escape_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_escaped(cases[i].text, 256, cases[i].escaped);
}

static void test_left_alone(void **state)
{
	static const char *const texts[] = {
		"",
		"linux.img",
		" !\"#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~",
		"\xc2\xa0",                             /* U+00A0, the first past C1 */
		"\xc3\x9crz \xc3\xa4",                  /* 2 bytes */
		"\xdf\xbf",                             /* U+07FF */
		"\xe0\xa0\x80",                         /* U+0800 */
		"\xe6\x97\xa5\xe6\x9c\xac",             /* 3 bytes */
		"\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbd", /* both sides of the surrogates */
		"\xf0\x90\x80\x80",                     /* U+10000 */
		"\xf0\x9f\x90\xa7",                     /* 4 bytes */
		"\xf4\x8f\xbf\xbf",                     /* U+10FFFF, the last */
		"\xe2\x80\x8d\xe2\x80\x90",             /* U+200D and U+2010 */
		"\xe2\x80\xa9\xe2\x80\xaf",             /* U+2029 and U+202F */
		"\xe2\x81\xa5\xe2\x81\xaa",             /* U+2065 and U+206A */
		"\xd8\xa7\xd7\x90",                     /* Arabic and Hebrew letters */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		assert_escaped(texts[i], 256, texts[i]);
}

static void test_control_characters(void **state)
{
	static const struct escape_case cases[] = {
		{ "a\nb", "a\\x0ab" },
		{ "a\tb\r", "a\\x09b\\x0d" },
		{ "\x1b[31mred", "\\x1b[31mred" },
		{ "\x7f", "\\x7f" },
		{ "\xc2\x80", "\\xc2\\x80" }, /* U+0080 */
		{ "\xc2\x9b"
		  "31m",
		  "\\xc2\\x9b31m" }, /* U+009B, ESC [ in one */
		{ "\xc2\x9f", "\\xc2\\x9f" },
	};

	(void)state;
	assert_cases(cases, COUNT_OF(cases));
	for (int byte = 1; byte <= UCHAR_MAX; byte++) {
		char text[] = { (char)byte, '\0' }, expected[8];

		if (byte >= 0x20 && byte < 0x7f)
			continue;
		snprintf(expected, sizeof(expected), "\\x%02x", byte);
		assert_escaped(text, 256, expected);
	}
}

static void test_direction_of_writing(void **state)
{
	static const struct escape_case cases[] = {
		{ "\xe2\x80\x8e", "\\xe2\\x80\\x8e" }, /* U+200E, U+200F */
		{ "\xe2\x80\x8f", "\\xe2\\x80\\x8f" },
		{ "\xe2\x80\xaa", "\\xe2\\x80\\xaa" }, /* U+202A to U+202E */
		{ "gnp\xe2\x80\xae"
		  "exe",
		  "gnp\\xe2\\x80\\xaeexe" },
		{ "\xe2\x81\xa6", "\\xe2\\x81\\xa6" }, /* U+2066 to U+2069 */
		{ "\xe2\x81\xa9", "\\xe2\\x81\\xa9" },
	};

	(void)state;
	assert_cases(cases, COUNT_OF(cases));
}

/* The twelfth of Unicode's characters with the property Bidi_Control. */
static void test_arabic_letter_mark(void **state)
{
	(void)state;
	assert_escaped("\xd8\x9c", 256, "\\xd8\\x9c"); /* U+061C */
}

static void test_not_utf8(void **state)
{
	static const struct escape_case cases[] = {
		{ "\x80", "\\x80" },
		{ "a\xbf"
		  "b",
		  "a\\xbfb" },
		{ "\xc3", "\\xc3" }, /* ends early */
		{ "\xc3(", "\\xc3(" },
		{ "\xe6\x97", "\\xe6\\x97" },
		{ "\xe6\x97z", "\\xe6\\x97z" },
		{ "\xf0\x9f\x90", "\\xf0\\x9f\\x90" },
		{ "\xf0\x9f\x90\xc3\xa4", "\\xf0\\x9f\\x90\xc3\xa4" },
		{ "\xc0\xaf", "\\xc0\\xaf" }, /* overlong */
		{ "\xc1\xbf", "\\xc1\\xbf" },
		{ "\xe0\x9f\xbf", "\\xe0\\x9f\\xbf" },
		{ "\xe0\x80\x9b", "\\xe0\\x80\\x9b" },
		{ "\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" }, /* surrogates */
		{ "\xed\xbf\xbf", "\\xed\\xbf\\xbf" },
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" }, /* past U+10FFFF */
		{ "\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80" },
		{ "\xff\xbf\xbf\xbf", "\\xff\\xbf\\xbf\\xbf" },
	};

	(void)state;
	assert_cases(cases, COUNT_OF(cases));
}

/* The bytes f8 to fd began characters of five and six bytes, once; UTF-8 has none today (RFC 3629). */
static void test_bytes_that_begin_nothing(void **state)
{
	static const struct escape_case cases[] = {
		{ "\xf8\x90\x80\x80", "\\xf8\\x90\\x80\\x80" },
		{ "\xf9\x80\x80\x80", "\\xf9\\x80\\x80\\x80" },
		{ "\xfb\xbf\xbf\xbf", "\\xfb\\xbf\\xbf\\xbf" },
		{ "\xfc\x8f\xbf\xbf", "\\xfc\\x8f\\xbf\\xbf" },
	};

	(void)state;
	assert_cases(cases, COUNT_OF(cases));
}

static void test_cut(void **state)
{
	(void)state;
	assert_escaped("abcdef", 6, "ab...");
	assert_escaped("abcdef", 5, "a...");
	assert_escaped("abcdef", 4, "...");
	assert_escaped("", 1, "");
	/* Never in the middle of a character or of an escape. */
	assert_escaped("a\xe6\x97\xa5xyz", 7, "a...");
	assert_escaped("a\xe6\x97\xa5xyzw", 8, "a\xe6\x97\xa5...");
	assert_escaped("\n\n\n", 8, "\\x0a...");
	assert_escaped("\n\n\n", 11, "\\x0a...");
	assert_escaped("\n\n\n\n", 12, "\\x0a\\x0a...");
}

/* What fits, its NUL included, isn't cut. */
static void test_exact_fit(void **state)
{
	static const char *const texts[] = { "abcdef", "abc", "a", "\n", "\xe6\x97\xa5", "ab\xff" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		char *whole = escape(texts[i], 256);

		assert_escaped(texts[i], strlen(whole) + 1, whole);
		free(whole);
	}
}

/* Too small for the dots: still terminated, and nothing is written past the end. */
static void test_tiny(void **state)
{
	(void)state;
	for (size_t size = 1; size < 4; size++)
		free(escape("abcdef", size));
}

/* Unicode's table 3-7, "Well-Formed UTF-8 Byte Sequences", by hand: the length of a character, or 0. */
static size_t well_formed(const unsigned char *t)
{
	if (t[0] < 0x80)
		return 1;
	if (t[0] >= 0xc2 && t[0] <= 0xdf)
		return (t[1] & 0xc0) == 0x80 ? 2 : 0;
	if (t[0] >= 0xe0 && t[0] <= 0xef) {
		if (t[1] < (t[0] == 0xe0 ? 0xa0 : 0x80) || t[1] > (t[0] == 0xed ? 0x9f : 0xbf))
			return 0;
		return (t[2] & 0xc0) == 0x80 ? 3 : 0;
	}
	if (t[0] >= 0xf0 && t[0] <= 0xf4) {
		if (t[1] < (t[0] == 0xf0 ? 0x90 : 0x80) || t[1] > (t[0] == 0xf4 ? 0x8f : 0xbf))
			return 0;
		return (t[2] & 0xc0) == 0x80 && (t[3] & 0xc0) == 0x80 ? 4 : 0;
	}
	return 0;
}

/* Random bytes with a liking for UTF-8's borders: what comes out is UTF-8, without control characters, and fits. */
static void test_random(void **state)
{
	static const unsigned char likely[] = { 0x1b, 0x7f, 0x80, 0x8e, 0x8f, 0x90, 0x9b, 0x9f, 0xa0, 0xae,
						0xbf, 0xc0, 0xc2, 0xd8, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf4,
						0xf5, 0xf8, 0xfc, 0xfe, 0xff, 'a',  '\\', '\n' };

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct unit_random source = unit_random_init(SEED, round);
		size_t length = unit_random_below(&source, 24), size = 4 + unit_random_below(&source, 60);
		char text[32] = { 0 }, *escaped;

		for (size_t i = 0; i < length; i++) {
			uint64_t any = 1 + unit_random_below(&source, UCHAR_MAX);

			text[i] = (char)(unit_random_below(&source, 4) ?
						 likely[unit_random_below(&source, COUNT_OF(likely))] :
						 any);
		}
		escaped = escape(text, size);
		for (const unsigned char *t = (const unsigned char *)escaped; *t;) {
			size_t step = well_formed(t);

			assert_in_round(SEED, round, step && *t >= 0x20 && *t != 0x7f && !(*t == 0xc2 && t[1] < 0xa0));
			t += step;
		}
		free(escaped);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_left_alone),
		cmocka_unit_test(test_control_characters),
		cmocka_unit_test(test_direction_of_writing),
		cmocka_unit_test(test_arabic_letter_mark),
		cmocka_unit_test(test_not_utf8),
		cmocka_unit_test(test_bytes_that_begin_nothing),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_exact_fit),
		cmocka_unit_test(test_tiny),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
