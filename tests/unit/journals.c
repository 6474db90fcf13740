/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "journals.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_log(void *context, void *data, size_t size, uint64_t offset)
{
	const struct journal *journal = context;

	assert_true(offset <= journal->size && size <= journal->size - offset);
	if (journal->unreadable && offset)
		return -EIO;
	memcpy(data, journal->log + offset, size);
	return 0;
}

static int read_record_lsn(void *context, uint64_t number, uint64_t *ret_lsn)
{
	const struct journal *journal = context;

	if (number >= 1024)
		return -ENOENT;
	*ret_lsn = journal->record_lsn;
	return 0;
}

static FILE *open_file(const char *folder, const char *name, const char *suffix)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s%s", folder, name, suffix);
	file = fopen(path, "r");
	assert_in_case(path, file);
	return file;
}

static void read_log_file(struct journal *journal, const char *folder)
{
	FILE *file = open_file(folder, journal->name, ".log");

	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	journal->size = (size_t)ftell(file);
	rewind(file);
	journal->log = malloc(journal->size);
	assert_non_null(journal->log);
	assert_int_equal(fread(journal->log, 1, journal->size, file), journal->size);
	fclose(file);
}

static uint64_t number(FILE *file)
{
	uint64_t value;

	assert_int_equal(fscanf(file, "%" SCNu64, &value), 1);
	return value;
}

static void read_runs(FILE *file, struct np_extent_map *map)
{
	for (uint64_t count = number(file); count; count--) {
		uint64_t vcn = number(file), lcn = number(file), length = number(file);

		assert_int_equal(np_extent_map_total(map), vcn * JOURNAL_CLUSTER);
		assert_int_equal(np_extent_map_append(map, lcn * JOURNAL_CLUSTER, length * JOURNAL_CLUSTER), 0);
	}
}

void journal_init(struct journal *journal, const char *folder, const char *name)
{
	FILE *file;

	memset(journal, 0, sizeof(*journal));
	snprintf(journal->name, sizeof(journal->name), "%s", name);
	read_log_file(journal, folder);
	journal->input = (struct np_journal_input){
		.log = { read_log, journal, journal->size },
		.cluster_size = JOURNAL_CLUSTER,
		.record_size = 1024,
		.mft = &journal->mft,
		.mft_records = journal->mft_records,
		.mft_record_count = 1,
		.file_records = journal->file_records,
		.file_clusters = &journal->clusters,
		.record_lsn = read_record_lsn,
		.context = journal,
	};
	file = open_file(folder, name, ".txt");
	journal->reason = (enum np_journal_reason)number(file);
	journal->newest_lsn = number(file);
	journal->input.file_reference = number(file);
	journal->input.file_reference |= number(file) << 48;
	journal->input.file_record_count = number(file);
	assert_true(journal->input.file_record_count <= JOURNAL_RECORDS);
	for (size_t i = 0; i < journal->input.file_record_count; i++) {
		journal->file_records[i].number = number(file);
		journal->file_records[i].lsn = number(file);
	}
	read_runs(file, &journal->mft);
	read_runs(file, &journal->file);
	fclose(file);
	assert_int_equal(np_extent_index_init(&journal->clusters, &journal->file), 0);
}

void journal_release(struct journal *journal)
{
	np_extent_index_release(&journal->clusters);
	np_extent_map_release(&journal->file);
	np_extent_map_release(&journal->mft);
	free(journal->log);
}

void journal_for_each(const char *folder, void (*test)(struct journal *journal))
{
	DIR *directory = opendir(folder);
	struct dirent *entry;
	size_t count = 0;

	assert_in_case(folder, directory);
	while ((entry = readdir(directory))) {
		char *suffix = strstr(entry->d_name, ".log");
		struct journal journal;

		if (!suffix)
			continue;
		*suffix = '\0';
		journal_init(&journal, folder, entry->d_name);
		test(&journal);
		journal_release(&journal);
		count++;
	}
	closedir(directory);
	assert_true(count > 50);
}

void journal_examine(struct journal *journal, struct np_journal_result *ret_result)
{
	struct np_journal_result *result = ret_result;
	bool broken;

	memset(result, 0x55, sizeof(*result));
	assert_in_case(journal->name, !np_journal_examine(&journal->input, result));
	broken = result->status.state == NP_JOURNAL_BROKEN;
	assert_in_case(journal->name,
		       result->status.state >= NP_JOURNAL_EMPTY && result->status.state <= NP_JOURNAL_BROKEN);
	assert_in_case(journal->name, result->trouble.what <= NP_JOURNAL_TROUBLE_TOO_MUCH);
	assert_in_case(journal->name, broken == !!result->trouble.what);
	assert_in_case(journal->name, result->reason <= NP_JOURNAL_UNKNOWN);
	assert_in_case(journal->name, result->operation <= NP_JOURNAL_OPERATION_MAX);
	assert_in_case(journal->name,
		       !broken || !journal->input.file_record_count || result->reason == NP_JOURNAL_UNKNOWN);
	assert_in_case(journal->name, !result->reason || broken || result->status.state == NP_JOURNAL_UNCLEAN);
	assert_in_case(journal->name, !result->reason || journal->input.file_record_count);
}
