/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checks as a whole, and those on the volume and the device.
 */
#include "sample.h"

#include <stdio.h>
#include <string.h>

static const char *const names[NP_CHECK_COUNT] = {
	"volume-type",
	"metadata",
	"regular-file",
	"system-file",
	"resident",
	"compressed",
	"encrypted",
	"sparse",
	"initialized",
	"size",
	"alignment",
	"bounds",
	"overlap",
	"allocated",
	"runlist",
	"format",
	"overlay",
	"journal",
	"read-only-device",
	"member",
	"hibernated",
	"linux-hibernated",
	"dirty",
	"shadow-copies",
	"attached-image",
	"flush-cost",
	"busy",
};

/* The names are an interface: users type them, scripts look for them. */
static void test_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < NP_CHECK_COUNT; i++) {
		enum np_check check = (enum np_check)i;

		assert_string_equal(np_check_name(check), names[i]);
		assert_int_equal(np_check_by_name(names[i]), check);
		assert_int_equal(np_check_overridable(check), check == NP_CHECK_INITIALIZED ||
								      check == NP_CHECK_JOURNAL ||
								      check == NP_CHECK_MEMBER);
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(names[i], names[j]);
	}
	assert_int_equal(np_check_by_name(""), NP_CHECK_COUNT);
	assert_int_equal(np_check_by_name("Size"), NP_CHECK_COUNT);
	assert_int_equal(np_check_by_name("size "), NP_CHECK_COUNT);
	assert_int_equal(np_check_by_name("siz"), NP_CHECK_COUNT);
}

/* Whom a refusal is about, in its message. */
static void test_subjects(void **state)
{
	static const enum np_check of_device[] = {
		NP_CHECK_VOLUME_TYPE, NP_CHECK_METADATA,      NP_CHECK_READ_ONLY_DEVICE,
		NP_CHECK_MEMBER,      NP_CHECK_HIBERNATED,    NP_CHECK_LINUX_HIBERNATED,
		NP_CHECK_DIRTY,       NP_CHECK_SHADOW_COPIES, NP_CHECK_BUSY
	};

	(void)state;
	for (unsigned i = 0; i < NP_CHECK_COUNT; i++) {
		bool expected = false;

		for (size_t j = 0; j < COUNT_OF(of_device); j++)
			expected = expected || of_device[j] == i;
		assert_in_case(names[i], np_check_is_of_device((enum np_check)i) == expected);
	}
}

static void test_verdict_names(void **state)
{
	(void)state;
	assert_string_equal(np_verdict_name(NP_VERDICT_NONE), "-");
	assert_string_equal(np_verdict_name(NP_VERDICT_OK), "ok");
	assert_string_equal(np_verdict_name(NP_VERDICT_INFO), "info");
	assert_string_equal(np_verdict_name(NP_VERDICT_WARN), "warn");
	assert_string_equal(np_verdict_name(NP_VERDICT_REFUSE), "refuse");
}

static void test_sound(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_SIZE, NP_VERDICT_OK);
	assert_int_equal(np_findings_refusals(&sample.findings), 0);
	assert_true(np_extent_map_equal(&sample.extents, &sample.facts.extents));
	sample_assert_message(&sample, NP_CHECK_VOLUME_TYPE, "NTFS 3.1");
	sample_assert_message(&sample, NP_CHECK_VOLUME_TYPE, "1A2B3C4D5E6F7081");
	sample_assert_message(&sample, NP_CHECK_REGULAR_FILE, "4711");
	sample_assert_message(&sample, NP_CHECK_SIZE, "1048576");
	sample_assert_message(&sample, NP_CHECK_RUNLIST, "3 runs, 3 extents");
	sample_release(&sample);
}

/* Checks that looked, and the others that had nothing to look at. */
static void assert_reached(const struct sample *sample, const enum np_check *reached, size_t count)
{
	for (unsigned i = 0; i < NP_CHECK_COUNT; i++) {
		bool looked = false;

		for (size_t j = 0; j < count; j++)
			looked = looked || reached[j] == i;
		assert_in_case(names[i], (sample->findings.of[i].verdict != NP_VERDICT_NONE) == looked);
	}
	assert_int_equal(sample->extents.count, 0);
}

static void init_incomplete(struct sample *sample, enum np_outcome outcome)
{
	sample_init(sample);
	np_facts_release(&sample->facts);
	memset(&sample->facts, 0, sizeof(sample->facts));
	sample->facts.outcome = outcome;
}

static void test_not_ntfs(void **state)
{
	static const struct {
		const char *content, *message, *remedy, *remedy_of_file;
	} cases[] = {
		{ "BitLocker", "BitLocker", "cryptsetup open --type bitlk", "cryptsetup open --type bitlk" },
		{ "partition table", "whole disk", "lsblk -f", "fdisk --list" },
		{ "zeros", "zeros", "lsblk -f", "lsblk -f" },
		{ "ReFS", "ReFS", "lsblk -f", "lsblk -f" },
		{ "exFAT", "exFAT", "lsblk -f", "lsblk -f" },
		{ "", "nothing known", "lsblk -f", "lsblk -f" },
	};
	static const enum np_check reached[] = { NP_CHECK_VOLUME_TYPE, NP_CHECK_READ_ONLY_DEVICE, NP_CHECK_MEMBER,
						 NP_CHECK_BUSY };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct sample sample;

		init_incomplete(&sample, NP_OUTCOME_NOT_NTFS);
		snprintf(sample.facts.volume.content, sizeof(sample.facts.volume.content), "%s", cases[i].content);
		sample_check(&sample);
		sample_assert_refused_only_by(&sample, NP_CHECK_VOLUME_TYPE);
		sample_assert_message(&sample, NP_CHECK_VOLUME_TYPE, "not an NTFS volume");
		sample_assert_message(&sample, NP_CHECK_VOLUME_TYPE, cases[i].message);
		sample_assert_remedy(&sample, NP_CHECK_VOLUME_TYPE, cases[i].remedy);
		assert_reached(&sample, reached, COUNT_OF(reached));
		sample.input.device_is_disk = false;
		sample_check(&sample);
		sample_assert_remedy(&sample, NP_CHECK_VOLUME_TYPE, cases[i].remedy_of_file);
		sample_release(&sample);
	}
}

/* Numbers of a scan that broke off are nobody's business. */
static void test_metadata(void **state)
{
	static const enum np_check reached[] = { NP_CHECK_VOLUME_TYPE, NP_CHECK_METADATA, NP_CHECK_READ_ONLY_DEVICE,
						 NP_CHECK_MEMBER, NP_CHECK_BUSY };
	struct sample sample;

	(void)state;
	init_incomplete(&sample, NP_OUTCOME_METADATA);
	memset(&sample.facts.volume, 0xff, sizeof(sample.facts.volume));
	memset(&sample.facts.file, 0xff, sizeof(sample.facts.file));
	/* A text that leaves no room, and has what printf would take for its own. */
	memset(sample.facts.reason, 'x', sizeof(sample.facts.reason) - 1);
	memcpy(sample.facts.reason, "%s%n", 4);
	sample_check(&sample);
	sample_assert_refused_only_by(&sample, NP_CHECK_METADATA);
	sample_assert_message(&sample, NP_CHECK_METADATA, sample.facts.reason);
	sample_assert_remedy(&sample, NP_CHECK_METADATA, "chkdsk");
	sample_assert_verdict(&sample, NP_CHECK_VOLUME_TYPE, NP_VERDICT_INFO);
	assert_reached(&sample, reached, COUNT_OF(reached));
	sample_release(&sample);
}

/* What is known of its start, and who is to be asked then. A serial number may well be 0. */
static void test_start(void **state)
{
	static const struct {
		const char *content;
		enum np_verdict verdict;
		const char *message, *remedy;
	} cases[] = {
		{ "NTFS", NP_VERDICT_OK, "it has the signature of NTFS", "chkdsk" },
		{ "unreadable", NP_VERDICT_INFO, "unknown: its start couldn't be read", "dmesg" },
		{ "", NP_VERDICT_INFO, "unknown: the scanner gave no answer to be trusted", "chkdsk" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct sample sample;

		init_incomplete(&sample, NP_OUTCOME_METADATA);
		strcpy(sample.facts.reason, "it can't be read");
		strcpy(sample.facts.volume.content, cases[i].content);
		sample_check(&sample);
		sample_assert_refused_only_by(&sample, NP_CHECK_METADATA);
		sample_assert_verdict(&sample, NP_CHECK_VOLUME_TYPE, cases[i].verdict);
		sample_assert_message(&sample, NP_CHECK_VOLUME_TYPE, cases[i].message);
		sample_assert_remedy(&sample, NP_CHECK_METADATA, cases[i].remedy);
		sample_release(&sample);
	}
}

static void test_hibernated(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample.facts.volume.hibernation = NP_HIBERNATION_YES;
	sample_check(&sample);
	sample_assert_verdict(&sample, NP_CHECK_HIBERNATED, NP_VERDICT_WARN);
	sample_assert_verdict(&sample, NP_CHECK_JOURNAL, NP_VERDICT_WARN);
	sample_assert_remedy(&sample, NP_CHECK_HIBERNATED, "before Windows starts");
	sample.facts.volume.hibernation = NP_HIBERNATION_UNKNOWN;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_HIBERNATED, NP_VERDICT_INFO);
	sample_assert_message(&sample, NP_CHECK_HIBERNATED, "unknown");
	sample_release(&sample);
}

/* Linux' own. What is worse hides what is less so; a read-only map is none of its business. */
static void test_linux_hibernated(void **state)
{
	struct np_hibernation_facts found = { .unknown = "/dev/sr0" };
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample_check(&sample);
	sample_assert_message(&sample, NP_CHECK_LINUX_HIBERNATED,
			      "no hibernated Linux was found on a swap device, nor would one hibernate to a map");
	sample.input.hibernation = NULL;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_LINUX_HIBERNATED, NP_VERDICT_INFO);
	sample_assert_message(&sample, NP_CHECK_LINUX_HIBERNATED, "wasn't looked for");
	sample.input.hibernation = &found;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_LINUX_HIBERNATED, NP_VERDICT_INFO);
	sample_assert_message(&sample, NP_CHECK_LINUX_HIBERNATED, "such as /dev/sr0");
	assert_string_equal(sample.findings.of[NP_CHECK_LINUX_HIBERNATED].remedy, "");
	found.denied = true;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_LINUX_HIBERNATED, NP_VERDICT_INFO);
	sample_assert_remedy(&sample, NP_CHECK_LINUX_HIBERNATED, "root");
	strcpy(found.resume, "linux");
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_LINUX_HIBERNATED, NP_VERDICT_WARN);
	sample_assert_message(&sample, NP_CHECK_LINUX_HIBERNATED,
			      "resume= on the kernel command line names the map linux:");
	strcpy(found.swap, "linux-part2");
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_LINUX_HIBERNATED, NP_VERDICT_WARN);
	sample_assert_message(&sample, NP_CHECK_LINUX_HIBERNATED, "Linux swaps to the map linux-part2,");
	sample_assert_remedy(&sample, NP_CHECK_LINUX_HIBERNATED, "swapoff");
	strcpy(found.image, "/dev/sda5");
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_LINUX_HIBERNATED, NP_VERDICT_WARN);
	sample_assert_message(&sample, NP_CHECK_LINUX_HIBERNATED, "a hibernated Linux waits on /dev/sda5:");
	sample_assert_remedy(&sample, NP_CHECK_LINUX_HIBERNATED, "don't use the map: ");
	sample_assert_remedy(&sample, NP_CHECK_LINUX_HIBERNATED, "nor anybody written to the file, start that Linux");
	sample_assert_remedy(&sample, NP_CHECK_LINUX_HIBERNATED, "`swapon /dev/sda5`, then `swapoff /dev/sda5`");
	sample.input.read_only = true;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_LINUX_HIBERNATED, NP_VERDICT_OK);
	sample_release(&sample);
}

static void test_dirty(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample.facts.volume.dirty = 1;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_DIRTY, NP_VERDICT_WARN);
	sample_assert_remedy(&sample, NP_CHECK_DIRTY, "chkdsk");
	sample_release(&sample);
}

static void test_read_only_device(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample.input.device_read_only = true;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_READ_ONLY_DEVICE, NP_VERDICT_REFUSE);
	sample_assert_refused_only_by(&sample, NP_CHECK_READ_ONLY_DEVICE);
	sample_assert_remedy(&sample, NP_CHECK_READ_ONLY_DEVICE, "blockdev --setrw");
	sample.input.device_is_disk = false;
	sample_check(&sample);
	sample_assert_remedy(&sample, NP_CHECK_READ_ONLY_DEVICE, "image file");
	sample_release(&sample);
}

static void test_member(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample.input.membership = NP_MEMBERSHIP_LEG;
	sample.input.member = "an IMSM RAID";
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_MEMBER, NP_VERDICT_REFUSE);
	sample_assert_refused_only_by(&sample, NP_CHECK_MEMBER);
	sample_assert_message(&sample, NP_CHECK_MEMBER, "a leg of an IMSM RAID: ");
	sample_assert_remedy(&sample, NP_CHECK_MEMBER, "mdadm");
	sample.input.allow = 1u << NP_CHECK_MEMBER;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_MEMBER, NP_VERDICT_WARN);
	sample.input.allow = ~(1u << NP_CHECK_MEMBER);
	sample_check(&sample);
	sample_assert_refused_only_by(&sample, NP_CHECK_MEMBER);
	sample.input.membership = NP_MEMBERSHIP_UNREADABLE;
	sample.input.member = "/dev/sda";
	sample_check(&sample);
	sample_assert_refused_only_by(&sample, NP_CHECK_MEMBER);
	sample_assert_message(&sample, NP_CHECK_MEMBER, "/dev/sda can't be read");
	sample.input.membership = NP_MEMBERSHIP_DENIED;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_MEMBER, NP_VERDICT_WARN);
	sample_assert_remedy(&sample, NP_CHECK_MEMBER, "root");
	sample_release(&sample);
}

static void test_shadow_copies(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample.facts.volume.shadow_copies = NP_SHADOW_COPIES_PRESENT;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_SHADOW_COPIES, NP_VERDICT_WARN);
	sample_assert_message(&sample, NP_CHECK_SHADOW_COPIES, "don't see what Linux writes");
	sample_assert_remedy(&sample, NP_CHECK_SHADOW_COPIES, "vssadmin delete shadows /for=X:");
	sample.facts.volume.shadow_copies = NP_SHADOW_COPIES_UNKNOWN;
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_SHADOW_COPIES, NP_VERDICT_INFO);
	sample_release(&sample);
}

static void test_busy(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample.input.busy = "it is mounted at /%s";
	sample.input.busy_remedy = "unmount it";
	sample_check(&sample);
	sample_assert_all_ok_but(&sample, NP_CHECK_BUSY, NP_VERDICT_REFUSE);
	sample_assert_refused_only_by(&sample, NP_CHECK_BUSY);
	sample_assert_message(&sample, NP_CHECK_BUSY, "it is mounted at /%s");
	sample_assert_remedy(&sample, NP_CHECK_BUSY, "unmount it");
	sample.input.busy_remedy = NULL;
	sample_check(&sample);
	assert_string_equal(sample.findings.of[NP_CHECK_BUSY].remedy, "");
	sample_release(&sample);
}

/* A text longer than a finding is cut, not overrun. */
static void test_long_texts(void **state)
{
	static char text[4 * NP_FINDING_SIZE];
	struct sample sample;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	sample_init(&sample);
	sample.input.busy = text;
	sample.input.busy_remedy = text;
	sample_check(&sample);
	assert_int_equal(strlen(sample.findings.of[NP_CHECK_BUSY].message), NP_FINDING_SIZE - 1);
	assert_int_equal(strlen(sample.findings.of[NP_CHECK_BUSY].remedy), NP_FINDING_SIZE - 1);
	sample_release(&sample);
}

static void test_several_refusals(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample.input.busy = "it is mounted";
	sample.input.device_read_only = true;
	sample.facts.file.initialized_size = 0;
	sample.facts.file.flags = NP_FILE_ENCRYPTED;
	sample_check(&sample);
	assert_int_equal(np_findings_refusals(&sample.findings), 4);
	sample.input.allow = 1u << NP_CHECK_INITIALIZED;
	sample_check(&sample);
	assert_int_equal(np_findings_refusals(&sample.findings), 3);
	sample_release(&sample);
}

/* Of a volume without a file, what is about the volume is checked, and nothing else. */
static void test_volume_alone(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	np_extent_map_release(&sample.facts.extents);
	memset(&sample.facts.file, 0, sizeof(sample.facts.file));
	sample.facts.file.kind = NP_FILE_NONE;
	sample.facts.volume.dirty = 1;
	assert_int_equal(np_check_run(&sample.input, &sample.findings, &sample.extents), 0);
	for (enum np_check check = 0; check < NP_CHECK_COUNT; check++)
		assert_in_case(np_check_name(check),
			       np_check_is_of_device(check) == (sample.findings.of[check].verdict != NP_VERDICT_NONE));
	assert_int_equal(sample.findings.of[NP_CHECK_DIRTY].verdict, NP_VERDICT_WARN);
	sample_release(&sample);
}

/* Findings of an earlier run don't shine through. */
static void test_findings_are_fresh(void **state)
{
	struct sample sample;

	(void)state;
	init_incomplete(&sample, NP_OUTCOME_NOT_NTFS);
	memset(&sample.findings, 'x', sizeof(sample.findings));
	sample_check(&sample);
	sample_assert_verdict(&sample, NP_CHECK_SIZE, NP_VERDICT_NONE);
	assert_string_equal(sample.findings.of[NP_CHECK_SIZE].message, "");
	assert_string_equal(sample.findings.of[NP_CHECK_SIZE].remedy, "");
	sample_release(&sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_verdict_names),
		cmocka_unit_test(test_subjects),
		cmocka_unit_test(test_sound),
		cmocka_unit_test(test_not_ntfs),
		cmocka_unit_test(test_metadata),
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_hibernated),
		cmocka_unit_test(test_linux_hibernated),
		cmocka_unit_test(test_dirty),
		cmocka_unit_test(test_read_only_device),
		cmocka_unit_test(test_member),
		cmocka_unit_test(test_shadow_copies),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_long_texts),
		cmocka_unit_test(test_several_refusals),
		cmocka_unit_test(test_volume_alone),
		cmocka_unit_test(test_findings_are_fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
