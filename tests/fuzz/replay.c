/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instead of libFuzzer: gives a target every input of its corpus once. Usage: fuzz-NAME FOLDER...
 */
#include "input.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

/* As libFuzzer's own limit: longer inputs aren't made. */
#define SIZE_MAX_BYTES (1u << 20)

/* What a run of the program may take; under a sanitizer it is a third as fast. */
#define SECONDS_MAX 12.0

/* The targets' mutators call it; nobody calls these. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t size_most)
{
	(void)data, (void)size_most;
	return size;
}

static void replay_file(const char *path)
{
	/* Of just its size, so that a sanitizer sees what goes past the end. */
	static uint8_t buffer[SIZE_MAX_BYTES];
	FILE *file = fopen(path, "re");
	uint8_t *data;
	size_t size;
	clock_t begin;

	if (!file) {
		perror(path);
		exit(1);
	}
	size = fread(buffer, 1, sizeof(buffer), file);
	fclose(file);
	data = malloc(size + !size);
	if (!data)
		abort();
	memcpy(data, buffer, size);
	/* Before it, since it may not come back. */
	fprintf(stderr, "%s\n", path);
	begin = clock();
	LLVMFuzzerTestOneInput(data, size);
	if ((double)(clock() - begin) / CLOCKS_PER_SEC > SECONDS_MAX) {
		fprintf(stderr, "it took longer than %g s\n", SECONDS_MAX);
		exit(1);
	}
	free(data);
}

static size_t replay_folder(const char *folder)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, alphasort);
	size_t files = 0;

	if (count < 0) {
		perror(folder);
		exit(1);
	}
	for (int i = 0; i < count; i++) {
		char path[PATH_MAX];
		struct stat status;

		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (!stat(path, &status) && S_ISREG(status.st_mode)) {
			replay_file(path);
			files++;
		}
		free(entries[i]);
	}
	free(entries);
	return files;
}

int main(int argc, char **argv)
{
	size_t files = 0;

	LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++)
		files += replay_folder(argv[i]);
	fprintf(stderr, "%zu inputs\n", files);
	return files ? 0 : 1;
}
