/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as the scanner's reply: what the parent believes can do no harm.
 *
 * An input is what the checks are told of the device, and a reply with its texts shortened. Where it ends the reply ends.
 */
#include "input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ntfs-punch/examine.h"
#include "ntfs-punch/name.h"
#include "ntfs-punch/table.h"
#include "replies.h"
#include "report.h"
#include "sample.h"

static int fd;
static FILE *nowhere;

int LLVMFuzzerInitialize(int *argument_count, char ***arguments)
{
	(void)argument_count, (void)arguments;
	fd = memfd_create("reply", MFD_CLOEXEC);
	nowhere = fopen("/dev/null", "we");
	assert_true(fd >= 0 && nowhere);
	return 0;
}

static void copy(struct fuzz_input *input, size_t size)
{
	unsigned char bytes[512];
	size_t taken = fuzz_take(input, bytes, size < sizeof(bytes) ? size : sizeof(bytes));

	assert_int_equal(write(fd, bytes, taken), taken);
}

static void copy_text(struct fuzz_input *input, size_t size)
{
	char text[NP_TEXT_SIZE];

	if (!input->size)
		return;
	fuzz_take_text(input, text, size);
	assert_int_equal(write(fd, text, size), size);
}

static void write_reply(struct fuzz_input input)
{
	unsigned messages = fuzz_take_number(&input, 1);

	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	copy(&input, offsetof(struct np_reply_header, reason));
	copy_text(&input, NP_TEXT_SIZE);
	copy(&input, offsetof(struct np_volume_facts, label));
	copy_text(&input, NP_LABEL_SIZE);
	copy_text(&input, sizeof((struct np_volume_facts){ 0 }.content));
	copy(&input, sizeof(struct np_file_facts));
	/* Messages, for as much as is left; before them the extents. */
	while (input.size > 2 * messages)
		copy(&input, input.size - 2 * messages);
	while (input.size)
		copy_text(&input, NP_TEXT_SIZE);
	assert_true(lseek(fd, 0, SEEK_SET) == 0);
}

static void take_device(struct fuzz_input *input, struct np_check_input *check)
{
	unsigned flags = fuzz_take_number(input, 1);

	check->device_is_disk = flags & 1;
	check->device_read_only = flags & 2;
	check->flush_each_target = flags & 4;
	check->logical_block_size = flags & 8 ? 4096 : 512;
	if (flags & 16)
		check->allow = 1u << NP_CHECK_INITIALIZED | 1u << NP_CHECK_MEMBER;
	if (flags & 32)
		check->device_size_bytes = SAMPLE_VOLUME_BYTES - 1;
}

/* As `table` and `map` go on. */
static void build_table(const struct np_extent_map *extents)
{
	struct np_table table = NP_TABLE_INIT;

	assert_int_equal(np_table_build(extents, &table), 0);
	assert_int_equal(table.count, extents->count);
	assert_true(np_table_sectors(&table) == np_extent_map_total(extents) / NP_SECTOR_SIZE);
	np_table_release(&table);
}

/* As `check` goes on. */
static void report(const struct sample *sample)
{
	FILE *output = stdout;
	struct np_file file = { .word = "/linux.img" };
	struct np_examined examined = { .facts = sample->facts, .findings = sample->findings };
	struct np_examination examination = { .examined = &examined, .count = 1 };
	struct np_request request = { .files = &file, .file_count = 1 };

	/* Only now: what fails is said there too. */
	stdout = nowhere;
	np_report_text(&request, &examination);
	np_report_json(&request, &examination, 0, &np_log_silent);
	stdout = output;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	char uuid[NP_UUID_SIZE];
	const char *why = NULL;
	struct sample sample;
	int r;

	sample_init(&sample);
	np_facts_release(&sample.facts);
	take_device(&input, &sample.input);
	write_reply(input);
	r = np_reply_receive(fd, REPLY_TIMEOUT_MS, &sample.facts, &why);
	assert_true(!r || (r == -EBADMSG && why));
	if (r)
		return 0;
	assert_true(reply_facts_are_sound(&sample.facts));
	np_uuid_format(&sample.facts, uuid);
	assert_true(np_uuid_is_ours(uuid) && strlen(uuid) < NP_UUID_SIZE);
	assert_int_equal(np_check_run(&sample.input, &sample.findings, &sample.extents), 0);
	if (!np_findings_refusals(&sample.findings) && sample.facts.outcome == NP_OUTCOME_COMPLETE &&
	    sample.facts.file.kind == NP_FILE_REGULAR) {
		assert_true(sample_extents_are_safe(&sample));
		build_table(&sample.extents);
	}
	report(&sample);
	sample_release(&sample);
	return 0;
}
