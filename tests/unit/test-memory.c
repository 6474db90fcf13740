/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Without memory: each allocation in turn fails, the answer is -ENOMEM, outputs stay as they were, and nothing leaks.
 * And a reply that asks for too much is refused before anything is allocated.
 */
#include "images.h"
#include "replies.h"
#include "sample.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ntfs-punch/path.h"
#include "ntfs-punch/punchtab.h"
#include "ntfs-punch/table.h"
#include "systemd.h"

/* How many more allocations succeed; negative: all. And the largest that was asked for. */
static long allocations_left = -1;
static size_t largest_allocation;

static bool refuse(size_t size)
{
	if (size > largest_allocation)
		largest_allocation = size;
	if (allocations_left < 0)
		return false;
	if (allocations_left > 0) {
		allocations_left--;
		return false;
	}
	errno = ENOMEM;
	return true;
}

/* The linker's --wrap sends the calls of our objects here. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t length);

void *__wrap_malloc(size_t size)
{
	return refuse(size) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return refuse(count * size) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return refuse(size) ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
	return refuse(strlen(text) + 1) ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t length)
{
	return refuse(length + 1) ? NULL : __real_strndup(text, length);
}

/* Tries something, whose outputs it tests and frees itself. Returns what it got. */
typedef int attempt_fn(void);

/* With no allocation, with one, with two ..., until it succeeds, with exactly `needed`. */
static void assert_enomem_until(attempt_fn *attempt, long needed)
{
	for (long left = 0; left <= needed; left++) {
		int r;

		allocations_left = left;
		r = attempt();
		allocations_left = -1;
		assert_int_equal(r, left < needed ? -ENOMEM : 0);
	}
}

/* A map in two allocations, its extents not in physical order. */
static struct np_extent_map *map_of_17(void)
{
	static struct np_extent_map map;

	if (!map.count)
		for (uint64_t i = 17; i > 0; i--)
			assert_int_equal(np_extent_map_append(&map, i * 8192, 4096), 0);
	return &map;
}

static int try_append(void)
{
	struct np_extent_map map = NP_EXTENT_MAP_INIT;
	uint64_t i = 0;
	int r = 0;

	for (; i < 17 && !r; i++)
		r = np_extent_map_append(&map, i * 8192, 4096);
	/* What was there is there still. */
	if (r)
		i--;
	assert_int_equal(map.count, i);
	assert_int_equal(np_extent_map_total(&map), i * 4096);
	assert_true(unit_map_is_canonical(&map));
	np_extent_map_release(&map);
	return r;
}

static int try_slice(void)
{
	struct np_extent_map slice = { .count = 77 };
	int r = np_extent_map_slice(map_of_17(), 0, 17 * 4096, &slice);

	if (r)
		assert_true(slice.count == 77 && !slice.extents);
	else
		np_extent_map_release(&slice);
	return r;
}

static int try_compose(void)
{
	struct np_extent whole = { 0, 0, 17 * 4096 };
	const struct np_extent_map upper = { .extents = &whole, .count = 1 };
	struct np_extent_map composed = { .count = 77 };
	int r = np_extent_map_compose(&upper, map_of_17(), &composed);

	if (r)
		assert_true(composed.count == 77 && !composed.extents);
	else
		np_extent_map_release(&composed);
	return r;
}

static int try_index(void)
{
	struct np_extent_index index = { .count = 77 };
	int r = np_extent_index_init(&index, map_of_17());

	if (r)
		assert_true(index.count == 77 && !index.by_physical);
	else
		np_extent_index_release(&index);
	return r;
}

static int try_table(void)
{
	struct np_table table = { .count = 77 };
	int r = np_table_build(map_of_17(), &table);

	if (r)
		assert_true(table.count == 77 && !table.targets);
	else
		np_table_release(&table);
	return r;
}

static int try_device_word(void)
{
	char *word = NULL;
	int r = np_table_device_word("/a b", &word);

	if (r)
		assert_null(word);
	free(word);
	return r;
}

static void test_core(void **state)
{
	(void)state;
	map_of_17();
	assert_enomem_until(try_append, 2);
	assert_enomem_until(try_slice, 2);
	assert_enomem_until(try_compose, 2);
	assert_enomem_until(try_index, 2);
	assert_enomem_until(try_table, 1);
	assert_enomem_until(try_device_word, 1);
	np_extent_map_release(map_of_17());
}

static int try_path(const char *text)
{
	struct np_path path = { .record = 77 };
	const char *why = NULL;
	int r = np_path_parse(text, &path, &why);

	if (r)
		assert_true(path.record == 77 && !path.components && !path.stream);
	else
		np_path_release(&path);
	return r;
}

static int try_path_of_names(void)
{
	return try_path("/a/b/c:stream");
}

static int try_path_of_record(void)
{
	return try_path("mft:5:stream");
}

static int try_stem(void)
{
	char *components[] = { (char *)"linux.img" };
	const struct np_path path = { .components = components, .count = 1 };
	char *stem = np_path_stem(&path);

	free(stem);
	return stem ? 0 : -ENOMEM;
}

static void test_path(void **state)
{
	(void)state;
	assert_enomem_until(try_path_of_names, 7);
	assert_enomem_until(try_path_of_record, 1);
	assert_enomem_until(try_stem, 1);
}

static struct sample sample;

static int try_checks(void)
{
	struct np_findings findings;
	struct np_extent_map extents = { .count = 77 };
	int r = np_check_run(&sample.input, &findings, &extents);

	if (r)
		assert_true(extents.count == 77 && !extents.extents);
	else
		np_extent_map_release(&extents);
	return r;
}

/* The sample's extents have to be sorted, NTFS's own don't; and what is taken has an index each. */
/* A good line, and a bad one. */
static int attempt_punchtab(void)
{
	static const char text[] = "a PARTUUID=x /dir/f read-only,volume=v,allow=member\nb d /f\n";
	struct np_punchtab table = { .entry_count = 77 };
	int r = np_punchtab_parse(text, sizeof(text) - 1, &table);

	assert_int_equal(table.entry_count, r ? 77 : 1);
	assert_true(r < 0 || table.problem_count == 1);
	if (!r)
		np_punchtab_release(&table);
	return r;
}

static int attempt_cmdline(void)
{
	static const char text[] = "quiet rd.ntfspunch=a:/d:/f:blind rd.ntfspunch=b";
	struct np_punchtab table = { .entry_count = 77 };
	int r = np_cmdline_parse(text, sizeof(text) - 1, &table);

	assert_int_equal(table.entry_count, r ? 77 : 1);
	assert_true(r < 0 || table.problem_count == 1);
	if (!r)
		np_punchtab_release(&table);
	return r;
}

static struct np_punchtab unit_table;

static int attempt_units(void)
{
	struct np_unit_input input = { &unit_table, unit_table.entries, "/etc/punchtab", "/lib", false, true, false };
	struct np_unit_files files = { .count = 77 };
	int count = 0, r = np_unit_files_make(&input, &files);
	char **words;

	assert_int_equal(files.count, r ? 77 : 5);
	if (r < 0)
		return r;
	np_unit_files_release(&files);
	words = np_punchtab_words(unit_table.entries, &count);
	assert_true(!words == !count);
	free(words);
	return words ? 0 : -ENOMEM;
}

/* How many there are is of no interest; but each can fail. */
static void assert_enomem_to_the_end(attempt_fn *attempt)
{
	long left = 0;
	int r;

	do {
		allocations_left = left++;
		r = attempt();
		allocations_left = -1;
		assert_true(!r || r == -ENOMEM);
	} while (r < 0 && left < 1000);
	assert_int_equal(r, 0);
	assert_true(left > 10);
}

static void test_punchtab(void **state)
{
	static const char text[] = "a PARTUUID=x /f volume=v";

	(void)state;
	assert_enomem_to_the_end(attempt_punchtab);
	assert_enomem_to_the_end(attempt_cmdline);
	assert_int_equal(np_punchtab_parse(text, sizeof(text) - 1, &unit_table), 0);
	assert_enomem_to_the_end(attempt_units);
	np_punchtab_release(&unit_table);
}

static void test_checks(void **state)
{
	static const struct np_taken taken[] = { { .name = "a map" }, { .name = "another" } };

	(void)state;
	sample_init(&sample);
	assert_enomem_until(try_checks, 4);
	sample.input.taken = taken;
	sample.input.taken_count = COUNT_OF(taken);
	assert_enomem_until(try_checks, 6);
	sample_release(&sample);
}

static void test_checks_leave_findings_alone(void **state)
{
	static struct np_findings findings, untouched;
	struct np_extent_map extents = NP_EXTENT_MAP_INIT;
	int r;

	(void)state;
	sample_init(&sample);
	memset(&findings, 'x', sizeof(findings));
	memset(&untouched, 'x', sizeof(untouched));
	allocations_left = 0;
	r = np_check_run(&sample.input, &findings, &extents);
	allocations_left = -1;
	assert_int_equal(r, -ENOMEM);
	assert_memory_equal(&findings, &untouched, sizeof(findings));
	sample_release(&sample);
}

static struct image image;

static int try_format(void)
{
	const struct np_format_reader reader = { .read = image_read, .context = &image };
	struct np_image found = { .format = 77 };
	int r = np_format_read(&reader, image.size, NP_FORMAT_AUTO, &found);

	if (r)
		assert_true(found.format == 77 && !found.extents.extents);
	else
		np_image_release(&found);
	return r;
}

/* The region table and the metadata, the extents and what they may not touch, and two indices that are sorted. */
static void test_format(void **state)
{
	(void)state;
	image_init(&image, IMAGE_VHDX_DYNAMIC);
	assert_enomem_until(try_format, 8);
	image_release(&image);
}

static struct reply reply;

static int try_reply(void)
{
	struct np_facts facts = { .message_count = 77 };
	const char *why = NULL;
	int r = reply_receive(&reply, &facts, &why);

	if (r)
		assert_true(facts.message_count == 77 && !facts.messages && !facts.extents.extents);
	else
		np_facts_release(&facts);
	return r;
}

static void test_reply(void **state)
{
	(void)state;
	reply_make_sample(&reply);
	assert_enomem_until(try_reply, 3);
	reply_release(&reply);
}

/* Refused for its header: nothing was allocated yet. */
static void assert_refused_without_memory(size_t offset, uint64_t count)
{
	int r;

	reply_make_sample(&reply);
	memcpy(reply.bytes + offset, &count, sizeof(count));
	allocations_left = 0;
	r = try_reply();
	allocations_left = -1;
	assert_int_equal(r, -EBADMSG);
	reply_release(&reply);
}

static void test_reply_counts(void **state)
{
	static const uint64_t extents[] = { NP_EXTENT_MAX + 1, 1ULL << 32, 1ULL << 60, UINT64_MAX };
	static const uint64_t messages[] = { NP_REPLY_MESSAGES_MAX + 1, 1ULL << 32, 1ULL << 55, UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(extents); i++) {
		assert_refused_without_memory(offsetof(struct np_reply_header, extent_count), extents[i]);
		assert_refused_without_memory(offsetof(struct np_reply_header, system_count), extents[i]);
		assert_refused_without_memory(offsetof(struct np_reply_header, message_count), messages[i]);
	}
}

/* Counts within bounds are only announcements: memory is taken for what has come. */
static void test_reply_announcements(void **state)
{
	const uint64_t most = NP_EXTENT_MAX;
	int r;

	(void)state;
	reply_make_sample(&reply);
	memcpy(reply.bytes + offsetof(struct np_reply_header, extent_count), &most, sizeof(most));
	memcpy(reply.bytes + offsetof(struct np_reply_header, system_count), &most, sizeof(most));
	largest_allocation = 0;
	r = try_reply();
	assert_int_equal(r, -EBADMSG);
	assert_in_range(largest_allocation, 0, 65536);
	reply_release(&reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_core),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_punchtab),
		cmocka_unit_test(test_checks),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_reply),
		cmocka_unit_test(test_reply_counts),
		cmocka_unit_test(test_reply_announcements),
		cmocka_unit_test(test_checks_leave_findings_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
