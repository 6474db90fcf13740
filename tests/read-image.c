/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * read-image FILE [FORMAT]: what np_image_scan() makes of a regular file: "FORMAT KIND SIZE" and its extents, a line each,
 * "LOGICAL LENGTH PHYSICAL", or "-" for a hole. With --content before it, the content itself, to standard output. Exit status 3:
 * refused; reason and remedy go to standard error.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ntfs-punch/image.h"

static void say(const struct np_log *log, enum np_log_level level, const char *subject, const char *message,
		const char *remedy)
{
	(void)log, (void)level, (void)remedy;
	fprintf(stderr, "%s: %s\n", subject, message);
}

static void print(const struct np_image *image)
{
	static const char *const kinds[] = { "unknown", "raw", "fixed", "dynamic", "differencing" };

	printf("%s %s %" PRIu64 "\n", np_format_name((enum np_format)image->format), kinds[image->kind],
	       image->size_bytes);
	for (size_t i = 0; i < image->extents.count; i++) {
		const struct np_extent *extent = &image->extents.extents[i];

		printf("%" PRIu64 " %" PRIu64, extent->logical, extent->length);
		if (extent->physical == NP_EXTENT_HOLE)
			printf(" -\n");
		else
			printf(" %" PRIu64 "\n", extent->physical);
	}
}

static void write_content(int fd, const struct np_image *image)
{
	for (size_t i = 0; i < image->extents.count; i++) {
		const struct np_extent *extent = &image->extents.extents[i];
		char bytes[65536] = { 0 };

		for (uint64_t done = 0, part; done < extent->length; done += part) {
			part = extent->length - done < sizeof(bytes) ? extent->length - done : sizeof(bytes);
			if (extent->physical != NP_EXTENT_HOLE &&
			    pread(fd, bytes, part, (off_t)(extent->physical + done)) != (ssize_t)part)
				abort();
			if (fwrite(bytes, 1, part, stdout) != part)
				abort();
		}
	}
}

int main(int argc, char **argv)
{
	const struct np_log log = { .emit = say, .most = NP_LOG_ERROR };
	int content_wanted = argc > 1 && !strcmp(argv[1], "--content"), fd, direct, r;
	struct np_extent_map content = NP_EXTENT_MAP_INIT;
	enum np_format wanted = NP_FORMAT_AUTO;
	struct np_image image;
	struct stat status;

	argv += content_wanted, argc -= content_wanted;
	if (argc < 2 || argc > 3 || (argc == 3 && !np_format_by_name(argv[2], &wanted))) {
		fprintf(stderr, "usage: read-image [--content] FILE [FORMAT]\n");
		return 2;
	}
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) < 0 || np_extent_map_append(&content, 0, (uint64_t)status.st_size) < 0) {
		perror(argv[1]);
		return 1;
	}
	/* As a device is read, where the filesystem can. */
	direct = open(argv[1], O_RDONLY | O_CLOEXEC | O_DIRECT);
	r = np_image_scan(direct < 0 ? fd : direct, &content, wanted, argv[1], &log, &image);
	np_extent_map_release(&content);
	if (r)
		return 1;
	if (image.outcome != NP_FORMAT_SOUND) {
		fprintf(stderr, "%s: %s\n  remedy: %s\n", argv[1], image.reason, image.remedy);
		return 3;
	}
	if (content_wanted)
		write_content(fd, &image);
	else
		print(&image);
	np_image_release(&image);
	close(direct);
	close(fd);
	return 0;
}
