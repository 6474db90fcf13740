/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Volumes, changed as patch.h says where the scan reads them: scanned, replied, received and checked as the program does it, but
 * in one process. An input is the volume's number in the file `volumes`, and the patches.
 */
#include "patch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ntfs-punch/scan.h"
#include "replies.h"
#include "reader.h"
#include "sample.h"

#define VOLUMES_MAX 256u

struct volume {
	int fd; /* of a memory file, and `base.image` its content */
	size_t size;
	bool has_path; /* else the volume alone is scanned */
	struct np_path path;
	struct patch_base base;
};

static struct volume volumes[VOLUMES_MAX];
static size_t volume_count;

/* The volume whose reads are to be learnt from. */
static struct volume *learning;

ssize_t __real_np_reader_read(struct np_reader *reader, void *data, size_t size, uint64_t offset);
ssize_t __wrap_np_reader_read(struct np_reader *reader, void *data, size_t size, uint64_t offset);

ssize_t __wrap_np_reader_read(struct np_reader *reader, void *data, size_t size, uint64_t offset)
{
	ssize_t n = __real_np_reader_read(reader, data, size, offset);

	/* In larger pieces only $UpCase is read, of which one byte is as good as another, and what other filesystems begin with. */
	if (learning && size <= 65536 && n > 0)
		patch_add(&learning->base, offset, (size_t)n);
	return n;
}

static void scan(const struct volume *volume, struct np_facts *ret_facts)
{
	const struct np_path *path = volume->has_path ? &volume->path : NULL;

	assert_int_equal(np_scan(volume->fd, 0, volume->size, "volume", path, &np_log_silent, ret_facts), 0);
}

/* An image is mostly holes. */
static void copy(int from, struct volume *volume)
{
	off_t begin = 0, end;

	for (; (begin = lseek(from, begin, SEEK_DATA)) >= 0; begin = end) {
		end = lseek(from, begin, SEEK_HOLE);
		assert_int_equal(pread(from, volume->base.image + begin, (size_t)(end - begin), begin), end - begin);
	}
}

static void load(struct volume *volume, const char *kind, const char *path)
{
	const char *why = NULL;
	struct np_facts facts;
	struct stat status;
	char image[4096];
	int from;

	snprintf(image, sizeof(image), "%s/%s.img", FUZZ_VOLUMES, kind);
	from = open(image, O_RDONLY | O_CLOEXEC);
	assert_in_case(image, from >= 0);
	assert_int_equal(fstat(from, &status), 0);
	volume->size = (size_t)status.st_size;
	volume->fd = memfd_create(kind, MFD_CLOEXEC);
	assert_true(volume->fd >= 0 && !ftruncate(volume->fd, status.st_size));
	volume->base.image = mmap(NULL, volume->size, PROT_READ | PROT_WRITE, MAP_SHARED, volume->fd, 0);
	assert_true(volume->base.image != MAP_FAILED);
	copy(from, volume);
	close(from);
	volume->has_path = strcmp(path, "-");
	if (volume->has_path)
		assert_int_equal(np_path_parse(path, &volume->path, &why), 0);
	learning = volume;
	scan(volume, &facts);
	learning = NULL;
	assert_in_case(image, volume->base.count);
	np_facts_release(&facts);
}

int LLVMFuzzerInitialize(int *argument_count, char ***arguments)
{
	FILE *list = fopen(FUZZ_LIST, "re");
	char line[256], kind[64], path[128];

	(void)argument_count, (void)arguments;
	assert_non_null(list);
	while (fgets(line, sizeof(line), list) && volume_count < VOLUMES_MAX)
		if (*line != '#' && sscanf(line, "%63s %127s", kind, path) == 2)
			load(&volumes[volume_count++], kind, path);
	fclose(list);
	assert_true(volume_count);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_most, unsigned seed)
{
	struct fuzz_input input = { data, size };
	const struct volume *volume = &volumes[fuzz_take_number(&input, 1) % volume_count];

	return patch_mutate(&volume->base, 1, data, size, size_most, seed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	struct volume *volume = &volumes[fuzz_take_number(&input, 1) % volume_count];
	struct sample sample;

	sample_init(&sample);
	np_facts_release(&sample.facts);
	sample.input.device_size_bytes = volume->size;
	patch_apply(&volume->base, input);
	scan(volume, &sample.facts);
	patch_undo(&volume->base);
	/* It sends no reply that its receiver doesn't believe. */
	assert_in_case(sample.facts.reason, !strstr(sample.facts.reason, "not to be trusted"));
	assert_int_equal(np_check_run(&sample.input, &sample.findings, &sample.extents), 0);
	if (volume->has_path && sample.facts.outcome == NP_OUTCOME_COMPLETE && !np_findings_refusals(&sample.findings))
		assert_true(sample_extents_are_safe(&sample));
	sample_release(&sample);
	return 0;
}
