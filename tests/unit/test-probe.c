/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * np_probe() believes nothing of its child's reply. The sandbox is replaced: its child replies what a test says.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "ntfs-punch/probe.h"

/* What the child replies. */
static struct np_content reply;
static size_t reply_size;

static void write_reply(int fd)
{
	child_write(fd, &reply, sizeof(reply), reply_size);
}

static int probe(struct np_content *content)
{
	*child_said = '\0';
	return np_probe(0, 0, 0, "disk", NP_LOG_ERROR, &child_log, content);
}

/* The same child, the same mistrust. */
static int probe_map(struct np_content *content)
{
	struct np_extent_map map = NP_EXTENT_MAP_INIT;
	int r;

	*child_said = '\0';
	assert_int_equal(np_extent_map_append(&map, 1 << 20, 1 << 20), 0);
	r = np_probe_map(0, 4 << 20, &map, "disk", NP_LOG_ERROR, &child_log, content);
	np_extent_map_release(&map);
	return r;
}

static int setup(void **state)
{
	(void)state;
	memset(&reply, 0, sizeof(reply));
	snprintf(reply.type, sizeof(reply.type), "ntfs");
	snprintf(reply.table, sizeof(reply.table), "gpt");
	reply.partition_count = 2;
	for (size_t i = 0; i < 2; i++) {
		reply.partitions[i].number = i + 1;
		reply.partitions[i].start_bytes = (i + 1) << 20;
		reply.partitions[i].size_bytes = 1 << 20;
	}
	reply_size = sizeof(reply);
	child = (struct child){ .reply = write_reply, .prepares = true };
	return 0;
}

static void test_sound(void **state)
{
	struct np_content *content = calloc(1, sizeof(*content));

	(void)state;
	assert_non_null(content);
	assert_int_equal(probe(content), 0);
	assert_memory_equal(content, &reply, sizeof(reply));
	assert_string_equal(child_said, "");
	memset(content, 0, sizeof(*content));
	reply.backup = 1;
	assert_int_equal(probe_map(content), 0);
	assert_memory_equal(content, &reply, sizeof(reply));
	assert_string_equal(child_said, "");
	free(content);
}

/* The whole reply is refused, with the same words, and nothing is returned. */
static void assert_refused(const char *name, const char *words)
{
	struct np_content *content = calloc(1, sizeof(*content));

	assert_non_null(content);
	assert_in_case(name, probe(content) == -EBADMSG);
	assert_in_case(name, !content->partition_count && !*content->type);
	assert_in_case(name, strstr(child_said, words));
	assert_in_case(name, probe_map(content) == -EBADMSG);
	assert_in_case(name, !content->partition_count && !*content->type);
	assert_in_case(name, strstr(child_said, words));
	free(content);
}

static void test_lies(void **state)
{
	static const struct {
		const char *name;
		size_t offset, size; /* of what is filled with 0xff */
	} lies[] = {
#define FIELD(field) { #field, offsetof(struct np_content, field), sizeof(reply.field) }
		FIELD(type),
		FIELD(uuid),
		FIELD(label),
		FIELD(raid),
		FIELD(table),
		FIELD(unreadable),
		FIELD(backup),
		FIELD(several),
		FIELD(partition_count),
		FIELD(partitions[1].start_bytes),
		FIELD(partitions[1].size_bytes),
		FIELD(partitions[1].uuid),
		FIELD(partitions[1].type),
		FIELD(partitions[1].name),
#undef FIELD
	};

	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		setup(state);
		memset((char *)&reply + lies[i].offset, 0xff, lies[i].size);
		assert_refused(lies[i].name,
			       "disk: the scanner was not to be trusted with what lies on it: its reply is not");
	}
	setup(state);
	reply.partition_count = NP_PARTITIONS_MAX + 1;
	assert_refused("one partition too many", "not sound");
	setup(state);
	reply.unreadable = 2;
	assert_refused("more than unreadable", "not sound");
	setup(state);
	reply.backup = 2;
	assert_refused("more than a backup", "not sound");
	setup(state);
	reply.several = 2;
	assert_refused("more than several", "not sound");
	reply.several = 0;
	reply.partitions[0].number = 100000;
	assert_refused("a number that no table has", "not sound");
	reply.partitions[0].number = 0;
	assert_refused("a partition 0", "not sound");
	setup(state);
	reply.partitions[1].start_bytes = (uint64_t)INT64_MAX - 511;
	reply.partitions[1].size_bytes = 512;
	assert_refused("an end past INT64_MAX", "not sound");
}

static void test_lengths(void **state)
{
	static const size_t sizes[] = { 0, 1, sizeof(reply) - 1, sizeof(reply) + 1, 2 * sizeof(reply) };

	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		setup(state);
		reply_size = sizes[i];
		assert_refused("a length", "not sound");
	}
}

static void test_death(void **state)
{
	(void)state;
	child.end = -ECHILD;
	assert_refused("a sound reply and a crash", "it crashed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_sound, setup),
		cmocka_unit_test_setup(test_lies, setup),
		cmocka_unit_test_setup(test_lengths, setup),
		cmocka_unit_test_setup(test_death, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
