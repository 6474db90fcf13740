/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of maps. An input is whether it is /etc/punchtab or the kernel command line, what the generator does with it, and the
 * text. What is accepted can be mapped, as far as a text goes, and said to systemd.
 */
#include "input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ntfs-punch/name.h"
#include "ntfs-punch/path.h"
#include "systemd.h"

#define AS_CMDLINE 1u
#define STARTS     2u
#define IS_INITRD  4u

static void check_words(const struct np_punchtab_entry *entry)
{
	int count = 0;
	char **words = np_punchtab_words(entry, &count);
	bool ended = false;

	fuzz_check(words && !words[count]);
	for (int i = 0; i < count; i++)
		ended |= !strcmp(words[i], "--");
	/* All that isn't ours is behind the "--", or has an option's dashes. */
	fuzz_check(ended && count >= 7 && !strcmp(words[count - 3], "--"));
	for (size_t i = 0; i < entry->option_count; i++)
		fuzz_check(!strncmp(entry->options[i], "--", 2) && entry->options[i][2] >= 'a' &&
			   entry->options[i][2] <= 'z');
	free(words);
}

static void check_entry(const struct np_punchtab *table, const struct np_punchtab_entry *entry)
{
	const char *why = NULL, *value = NULL;
	struct np_path path;

	fuzz_check(!np_name_problem(entry->name) && np_punchtab_find(table, entry->name) == entry);
	fuzz_check(!entry->volume || !np_name_problem(entry->volume));
	fuzz_check(np_punchtab_is_tag(entry->device, &value) ? *value : *entry->device == '/');
	fuzz_check(entry->line && !np_path_parse(entry->file, &path, &why));
	np_path_release(&path);
	check_words(entry);
}

/* A line of a unit file is a section, a setting or a comment, and goes on in no other one. */
static void check_text(const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n"),
		       key = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

		fuzz_check(text[length] == '\n');
		fuzz_check(!length || *text == '#' || *text == '[' || (key && text[key] == '='));
		fuzz_check(!length || text[length - 1] != '\\');
		for (size_t i = 0; i < length; i++)
			fuzz_check((unsigned char)text[i] >= ' ');
		text += length + 1;
	}
}

static void check_files(const struct np_unit_input *input)
{
	struct np_unit_files files;
	int r = np_unit_files_make(input, &files);

	fuzz_check(!r || r == -EINVAL);
	for (size_t i = 0; !r && i < files.count; i++) {
		const char *slash = strchr(files.files[i].path, '/');

		/* In one folder, and none above it. */
		fuzz_check(slash && slash > files.files[i].path && !strchr(slash + 1, '/') &&
			   !strstr(files.files[i].path, "/.."));
		fuzz_check(*files.files[i].path != '.' && !files.files[i].text != !files.files[i].target);
		if (files.files[i].text)
			check_text(files.files[i].text);
	}
	if (!r)
		np_unit_files_release(&files);
}

/* The value of a word lies in the text, and ends there. */
static void check_find(const char *text, size_t size)
{
	static const char *const names[] = { "rd.ntfspunch", "resume", "" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char *copy = strndup(text, size), *value;
		size_t length;

		fuzz_check(copy);
		length = strlen(copy);
		value = np_cmdline_find(copy, names[i]);
		fuzz_check(!value || (value > copy && value + strlen(value) <= copy + length));
		/* The name is right before the "=", and the quotes. */
		fuzz_check(!value || *names[i]);
		fuzz_check(!value || value > copy + strlen(names[i]));
		free(copy);
	}
}

int LLVMFuzzerInitialize(int *argument_count, char ***arguments)
{
	(void)argument_count, (void)arguments;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	unsigned way = fuzz_take_number(&input, 1);
	const char *text = (const char *)input.bytes;
	struct np_punchtab table;

	fuzz_check(!(way & AS_CMDLINE ? np_cmdline_parse(text, input.size, &table) :
					np_punchtab_parse(text, input.size, &table)));
	fuzz_check(!table.is_off || (!table.entry_count && !table.problem_count));
	for (size_t i = 0; i < table.problem_count; i++)
		fuzz_check(table.problems[i].line && *table.problems[i].why && table.problems[i].word);
	for (size_t i = 0; i < table.entry_count; i++) {
		check_entry(&table, &table.entries[i]);
		check_files(&(struct np_unit_input){ &table, &table.entries[i], "/etc/punchtab", "/lib/units",
						     way & AS_CMDLINE, way & STARTS, way & IS_INITRD });
	}
	np_punchtab_release(&table);
	check_find(text, input.size);
	return 0;
}
