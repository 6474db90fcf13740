/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every parser of text, or of what names are made of, but for what the system says (fuzz-system.c). An input is which one, and
 * what it gets.
 */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "command.h"
#include "json.h"
#include "ntfs-punch/name.h"
#include "ntfs-punch/path.h"
#include "ntfs-punch/table.h"
#include "ntfs.h"
#include "signature.h"
#include "sysfs.h"
#include "tag.h"
#include "utf8.h"

/* Whether the text begins with that number, decimal or with 0x, and nothing but a stream follows. */
static bool begins_with_number(const char *text, uint64_t number)
{
	bool hexadecimal = !strncasecmp(text, "0x", 2);
	char digits[32] = "";

	text += hexadecimal ? 2 : 0;
	while (*text == '0')
		text++;
	if (number)
		snprintf(digits, sizeof(digits), hexadecimal ? "%" PRIx64 : "%" PRIu64, number);
	return !strncasecmp(text, digits, strlen(digits)) && (!text[strlen(digits)] || text[strlen(digits)] == ':');
}

static void parse_path(struct fuzz_input *input)
{
	char *text = fuzz_take_rest(input), *stem;
	const char *why = NULL;
	struct np_path path;
	int r = np_path_parse(text, &path, &why);

	fuzz_check(!r || (r == -EINVAL && why));
	if (!r) {
		fuzz_check(!path.by_record || (!path.count && path.record < 1ULL << 48));
		fuzz_check(!path.by_record || begins_with_number(text + strlen("mft:"), path.record));
		for (size_t i = 0; i < path.count; i++)
			fuzz_check(*path.components[i] && !strpbrk(path.components[i], "/\\:"));
		fuzz_check(!path.stream || (*path.stream && !strpbrk(path.stream, "/\\:")));
		stem = np_path_stem(&path);
		fuzz_check(!stem || *stem);
		free(stem);
		np_path_release(&path);
	}
	free(text);
}

static void parse_name(struct fuzz_input *input)
{
	char *text = fuzz_take_rest(input);

	if (!np_name_problem(text))
		fuzz_check(*text && strlen(text) < NP_NAME_SIZE && !strpbrk(text, "/ \\"));
	fuzz_check(np_uuid_role(text) == NP_ROLE_NONE || np_uuid_is_ours(text));
	fuzz_check(!np_uuid_is_of_map(text, text) || np_uuid_role(text) == NP_ROLE_MAP);
	free(text);
}

/* What is escaped is whole characters that a terminal may have. */
static void escape(struct fuzz_input *input)
{
	size_t size = 1 + fuzz_take_number(input, 1);
	char *text = fuzz_take_rest(input), *escaped = malloc(size);

	fuzz_check(escaped);
	np_escape(text, escaped, size);
	fuzz_check(strnlen(escaped, size) < size);
	for (const char *position = escaped; *position;) {
		uint32_t character = 0;
		size_t length = np_utf8_decode(position, &character);

		fuzz_check(length && np_utf8_is_printable(character));
		position += length;
	}
	free(escaped);
	free(text);
}

static void find_signature(struct fuzz_input *input)
{
	/* Most are at the start, but not all. */
	static const unsigned places[] = { 0, 424, 446, 1080, 4080, 32769, 65600 };
	size_t place = places[fuzz_take_number(input, 1) % (sizeof(places) / sizeof(*places))];
	char *data = calloc(1, place + input->size + !place);

	fuzz_check(data);
	memcpy(data + place, input->bytes, input->size);
	np_signature_is_ntfs(data, place + input->size);
	np_signature_name(data, place + input->size);
	free(data);
}

/* A word a line. */
static void take_options(struct fuzz_input *input)
{
	static const struct np_command command = { "fuzz", "", "", "", ~0u, 0, -1, NULL, NULL };
	struct np_options options = { 0 };
	struct np_log log = np_log_silent;
	char *text = fuzz_take_rest(input), *rest = text, *words[66] = { "fuzz" };
	const char *append[66];
	bool done = false;
	int count = 1;

	for (char *word; count < 65 && (word = strsep(&rest, "\n"));)
		words[count++] = word;
	options.append = append;
	optind = 0; /* getopt(3): begins anew */
	if (np_options_take(&command, count, words, &options, &log, &done) == NP_EXIT_DONE && !done) {
		fuzz_check(options.argument_count >= 0 && options.argument_count < count);
		fuzz_check(options.append_count < count);
		fuzz_check(options.partition < 1000000000 && options.wait_seconds < 1000000000);
	}
	free(text);
}

static void make_table_word(struct fuzz_input *input)
{
	static const struct np_target target = { 1, 2, 3, NP_TARGET_LINEAR };
	char *text = fuzz_take_rest(input), *word = NULL, line[64];
	size_t length;

	fuzz_check(!np_table_device_word(text, &word));
	length = strlen(word);
	fuzz_check(length >= strlen(text) && length <= 2 * strlen(text));
	fuzz_check(np_target_format(&target, word, line, sizeof(line)) == (int)(length + strlen("1 2 linear  3")));
	fuzz_check(strlen(line) < sizeof(line));
	free(word);
	free(text);
}

static void read_target(struct fuzz_input *input)
{
	struct np_extent_map extents = NP_EXTENT_MAP_INIT;
	bool zero = fuzz_take_number(input, 1) & 1;
	uint64_t length;
	char *text;

	fuzz_take(input, &length, sizeof(length));
	text = fuzz_take_rest(input);
	for (int i = 0; i < 2; i++)
		np_table_read_target(&extents, "8:1", length, zero ? "zero" : "linear", text);
	for (size_t i = 0; i < extents.count; i++)
		fuzz_check(extents.extents[i].length && !(extents.extents[i].length % NP_SECTOR_SIZE));
	np_extent_map_release(&extents);
	free(text);
}

static void read_line(struct fuzz_input *input)
{
	size_t size = 1 + fuzz_take_number(input, 1), length;
	int fd = memfd_create("line", MFD_CLOEXEC);
	char path[64], *line = malloc(size);

	fuzz_check(fd >= 0 && line && write(fd, input->bytes, input->size) == (ssize_t)input->size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	np_sysfs_read_line(path, line, size);
	/* What is before the first newline or NUL, or as much of that as there is room for. */
	length = strnlen(line, size);
	fuzz_check(length < size && length <= input->size && !memcmp(line, input->bytes, length) &&
		   !strchr(line, '\n'));
	fuzz_check(length == size - 1 || length == input->size || !input->bytes[length] ||
		   input->bytes[length] == '\n');
	free(line);
	close(fd);
}

static void take_tag(struct fuzz_input *input)
{
	char *text = fuzz_take_rest(input), *value;

	if (np_tag_is_one(text)) {
		value = np_tag_value(text);
		fuzz_check(value && strstr(text, value));
		free(value);
	}
	free(text);
}

static void print_json(struct fuzz_input *input)
{
	char *text = fuzz_take_rest(input);
	struct np_json json;

	np_json_init(&json);
	np_json_text(&json, json.root, "text", text);
	fuzz_check(!np_json_print(&json));
	np_json_release(&json);
	free(text);
}

static void convert_name(struct fuzz_input *input)
{
	size_t size = 1 + fuzz_take_number(input, 1);
	char *text = fuzz_take_rest(input), *back = malloc(size);
	struct np_ntfs_name name = { .length = 0 };
	int r = np_ntfs_name_from_utf8(text, &name);

	fuzz_check(back && (!r || r == -EILSEQ || r == -ENAMETOOLONG));
	fuzz_check(name.length <= sizeof(name.units) / sizeof(*name.units));
	np_ntfs_name_to_utf8(&name, back, size);
	fuzz_check(strnlen(back, size) < size);
	/* And what the volume might have. */
	name.length = (input->size < sizeof(name.units) ? input->size : sizeof(name.units)) / sizeof(*name.units);
	memcpy(name.units, input->bytes, name.length * sizeof(*name.units));
	np_ntfs_name_to_utf8(&name, back, size);
	fuzz_check(strnlen(back, size) < size);
	free(back);
	free(text);
}

int LLVMFuzzerInitialize(int *argument_count, char ***arguments)
{
	(void)argument_count, (void)arguments;
	/* What is printed on the way. */
	fuzz_check(freopen("/dev/null", "w", stdout));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const parsers[])(struct fuzz_input * input) = {
		parse_path,  parse_name, escape,   find_signature, take_options, make_table_word,
		read_target, read_line,  take_tag, print_json,     convert_name,
	};
	struct fuzz_input input = { data, size };
	unsigned parser = fuzz_take_number(&input, 1);

	if (size)
		parsers[parser % (sizeof(parsers) / sizeof(*parsers))](&input);
	return 0;
}
