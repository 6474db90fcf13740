/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ntfs-punch/name.h"
#include "ntfs-punch/path.h"
#include "punchtab-internal.h"

static void release_entry(struct np_punchtab_entry *entry)
{
	for (size_t i = 0; i < entry->option_count; i++)
		free(entry->options[i]);
	free(entry->options);
	free(entry->name);
	free(entry->device);
	free(entry->file);
}

void np_punchtab_release(struct np_punchtab *table)
{
	for (size_t i = 0; i < table->entry_count; i++)
		release_entry(&table->entries[i]);
	for (size_t i = 0; i < table->problem_count; i++)
		free(table->problems[i].word);
	free(table->entries);
	free(table->problems);
	*table = NP_PUNCHTAB_INIT;
}

const struct np_punchtab_entry *np_punchtab_find(const struct np_punchtab *table, const char *name)
{
	for (size_t i = 0; i < table->entry_count; i++)
		if (!strcmp(table->entries[i].name, name))
			return &table->entries[i];
	return NULL;
}

bool np_punchtab_is_tag(const char *device, const char **ret_value)
{
	static const char *const tags[] = { "UUID=", "LABEL=", "PARTUUID=", "PARTLABEL=" };

	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++)
		if (!strncmp(device, tags[i], strlen(tags[i]))) {
			*ret_value = device + strlen(tags[i]);
			return true;
		}
	return false;
}

char **np_punchtab_words(const struct np_punchtab_entry *entry, int *ret_count)
{
	char **words = calloc(entry->option_count + 8, sizeof(*words));
	int count = 0;

	if (!words)
		return NULL;
	words[count++] = (char *)"map";
	words[count++] = (char *)"--name";
	words[count++] = entry->name;
	words[count++] = (char *)entry->wait_option;
	for (size_t i = 0; i < entry->option_count; i++)
		words[count++] = entry->options[i];
	words[count++] = (char *)"--";
	words[count++] = entry->device;
	words[count++] = entry->file;
	*ret_count = count;
	return words;
}

int np_punchtab_complain(struct np_punchtab *table, unsigned line, const char *why, const char *word)
{
	struct np_punchtab_problem *problems = realloc(table->problems, (table->problem_count + 1) * sizeof(*problems));
	struct np_punchtab_problem problem = { line, why, strdup(word) };

	if (problems)
		table->problems = problems;
	if (!problems || !problem.word) {
		free(problem.word);
		return -ENOMEM;
	}
	problems[table->problem_count++] = problem;
	return 0;
}

static const char *judge_device(const char *device)
{
	const char *value;

	if (np_punchtab_is_tag(device, &value))
		return *value ? NULL : "the tag has no value";
	return *device == '/' ? NULL :
				"DEVICE is an absolute path, or UUID=, LABEL=, PARTUUID= or PARTLABEL= and a value";
}

static int judge_file(const char *file, const char **ret_why)
{
	struct np_path path;
	int r = np_path_parse(file, &path, ret_why);

	if (!r)
		np_path_release(&path);
	return r;
}

/* Names and what they stand for. `*ret_why` about `*ret_word`, if one is none. -ENOMEM. */
static int judge(const struct np_punchtab *table, char *const fields[NP_PUNCHTAB_FIELDS], const char **ret_why,
		 const char **ret_word)
{
	int r;

	*ret_word = fields[0];
	*ret_why = np_name_problem(fields[0]);
	if (!*ret_why && np_punchtab_find(table, fields[0]))
		*ret_why = "there is another one of this name before it";
	if (*ret_why)
		return -EINVAL;
	*ret_word = fields[1];
	*ret_why = judge_device(fields[1]);
	if (*ret_why)
		return -EINVAL;
	r = judge_file(fields[2], ret_why);
	if (r == -EINVAL)
		*ret_word = fields[2];
	return r;
}

static int fill(char *const fields[NP_PUNCHTAB_FIELDS], struct np_punchtab_entry *entry)
{
	entry->name = strdup(fields[0]);
	entry->device = strdup(fields[1]);
	entry->file = strdup(fields[2]);
	return entry->name && entry->device && entry->file ? 0 : -ENOMEM;
}

/* OPTIONS are decoded one by one. */
static int decode_fields(char *const fields[NP_PUNCHTAB_FIELDS], np_punchtab_decode *decode, const char **ret_why,
			 const char **ret_word)
{
	for (size_t i = 0; i + 1 < NP_PUNCHTAB_FIELDS; i++) {
		*ret_word = fields[i];
		*ret_why = decode(fields[i]);
		if (*ret_why)
			return -EINVAL;
	}
	return 0;
}

static int append(struct np_punchtab *table, const struct np_punchtab_entry *entry)
{
	struct np_punchtab_entry *entries = realloc(table->entries, (table->entry_count + 1) * sizeof(*entries));

	if (!entries)
		return -ENOMEM;
	table->entries = entries;
	entries[table->entry_count++] = *entry;
	return 0;
}

int np_punchtab_add(struct np_punchtab *table, unsigned line, char *const fields[NP_PUNCHTAB_FIELDS],
		    np_punchtab_decode *decode)
{
	char none[] = "-";
	struct np_punchtab_entry entry = { .line = line };
	const char *why = NULL, *word = "";
	int r;

	if (table->entry_count == NP_PUNCHTAB_ENTRIES_MAX)
		return np_punchtab_complain(table, line, "these are more than 1000 maps", "");
	r = decode_fields(fields, decode, &why, &word);
	if (!r)
		r = judge(table, fields, &why, &word);
	if (!r)
		r = np_punchtab_take_options(fields[3] ? fields[3] : none, decode, &entry, &why, &word);
	if (!r)
		r = fill(fields, &entry);
	if (!r)
		r = append(table, &entry);
	if (!r)
		return 0;
	release_entry(&entry);
	return r == -EINVAL ? np_punchtab_complain(table, line, why, word) : r;
}
