/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run-folder.h"

/* Far more than a command line has. */
#define RECORD_MOST (4u << 20)

#define KIND "map-"

static int write_words(FILE *file, char *const *words, int count)
{
	for (int i = 0; i < count; i++)
		if (fwrite(words[i], strlen(words[i]) + 1, 1, file) != 1)
			return -EIO;
	return fflush(file) ? -EIO : 0;
}

/* Under another name first, so that there is none that isn't whole. */
int np_record_write(const char *uuid, char *const *words, int count)
{
	char path[NP_RUN_PATH_SIZE], new_path[NP_RUN_PATH_SIZE + sizeof(".new")];
	FILE *file;
	int r;

	np_run_path(KIND, uuid, path);
	snprintf(new_path, sizeof(new_path), "%s.new", path);
	file = fopen(new_path, "we");
	if (!file)
		return -errno;
	r = write_words(file, words, count);
	if (fclose(file) && !r)
		r = -EIO;
	if (!r && rename(new_path, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(new_path);
	return r;
}

static int split(struct np_record *record, size_t size)
{
	int count = 0;

	for (size_t i = 0; i < size; i++)
		count += !record->text[i];
	if (!size || record->text[size - 1])
		return -EIO;
	/* As main() has them, with a NULL behind. */
	record->words = calloc((size_t)count + 1, sizeof(*record->words));
	if (!record->words)
		return -ENOMEM;
	for (char *word = record->text; record->count < count; word += strlen(word) + 1)
		record->words[record->count++] = word;
	return 0;
}

int np_record_read(const char *uuid, struct np_record *ret_record)
{
	struct np_record record = { .text = malloc(RECORD_MOST) };
	char path[NP_RUN_PATH_SIZE];
	size_t size = 0;
	FILE *file;
	int r = record.text ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	np_run_path(KIND, uuid, path);
	file = fopen(path, "re");
	if (!file)
		r = -errno;
	else
		size = fread(record.text, 1, RECORD_MOST, file);
	if (file && ferror(file))
		r = -EIO;
	if (file)
		fclose(file);
	if (!r)
		r = split(&record, size);
	if (r < 0)
		np_record_release(&record);
	else
		*ret_record = record;
	return r;
}

void np_record_release(struct np_record *record)
{
	free(record->words);
	free(record->text);
	*record = (struct np_record){ .words = NULL };
}

void np_record_forget(const char *uuid)
{
	np_run_forget(KIND, uuid);
}

void np_record_heal(const struct np_dm_device *devices, size_t count)
{
	np_run_forget_missing(KIND, devices, count);
}
