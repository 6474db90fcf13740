/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfs-punch-generator: writes what systemd needs to know of the maps in /etc/punchtab and on the kernel command line
 * (systemd.generator(7)). It runs before all else, so it opens nothing but these two and what it writes.
 *
 * In the initrd it is about those of the command line and those with x-initrd.attach. In the host, those of the command line
 * are there already; it only says that they stay.
 *
 * NTFS_PUNCH_TAB, SYSTEMD_PROC_CMDLINE and SYSTEMD_IN_INITRD stand in for what they are about; the last two are systemd's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "systemd.h"
#include "textfile.h"

struct generator {
	const char *folder; /* for what is written */
	bool in_initrd;
	bool failed;
};

/* At boot nobody reads our standard error, but the kernel's log is there. */
__attribute__((format(printf, 3, 4))) static void report(struct generator *generator, const char *subject,
							 const char *format, ...)
{
	char message[1024], line[2048];
	va_list arguments;
	int fd, length;

	generator->failed = true;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	length = snprintf(line, sizeof(line), "<3>ntfs-punch-generator: %s: %s", subject, message);
	for (char *character = line; *character; character++)
		if ((unsigned char)*character < ' ' || *character == 0x7f)
			*character = '?';
	fprintf(stderr, "%s\n", line + strlen("<3>"));
	if (strncmp(generator->folder, "/run/systemd/", strlen("/run/systemd/")))
		return;
	fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0 && write(fd, line, (size_t)length < sizeof(line) ? (size_t)length : sizeof(line) - 1) < 0)
		fprintf(stderr, "ntfs-punch-generator: /dev/kmsg: %s\n", strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* ---- Writing ------------------------------------------------------------------------------------------- */

/* All paths are of one folder at most. */
static int make_folder(const char *path)
{
	char folder[PATH_MAX];
	char *slash;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	*slash = '\0';
	return mkdir(folder, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static int write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");
	int r;

	if (!file)
		return -errno;
	r = fputs(text, file) < 0 ? -EIO : 0;
	if (fclose(file) && !r)
		r = -errno;
	return r;
}

static int write_file(const struct generator *generator, const struct np_unit_file *file)
{
	char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s/%s", generator->folder, file->path);
	int r = (size_t)length < sizeof(path) ? make_folder(path) : -ENAMETOOLONG;

	if (r < 0)
		return r;
	if (file->text)
		return write_text(path, file->text);
	return symlink(file->target, path) < 0 && errno != EEXIST ? -errno : 0;
}

static void write_entry(struct generator *generator, const struct np_unit_input *input)
{
	struct np_unit_files files = { 0 };
	int r = np_unit_files_make(input, &files);

	if (r == -EINVAL)
		report(generator, input->entry->name, "systemd has no room for a name as long: use a shorter one");
	else if (r < 0)
		report(generator, input->entry->name, "%s", strerror(-r));
	for (size_t i = 0; i < files.count && !r; i++) {
		r = write_file(generator, &files.files[i]);
		if (r < 0)
			report(generator, files.files[i].path, "can't write it: %s", strerror(-r));
	}
	np_unit_files_release(&files);
}

/* ---- Reading ------------------------------------------------------------------------------------------- */

typedef int take(const char *text, size_t size, struct np_punchtab *ret_table);

static void report_problems(struct generator *generator, const char *path, const struct np_punchtab *table)
{
	for (size_t i = 0; i < table->problem_count; i++) {
		const struct np_punchtab_problem *problem = &table->problems[i];
		char subject[512];

		snprintf(subject, sizeof(subject), "%s:%u", path, problem->line);
		report(generator, subject, "%s%s%s", problem->why, *problem->word ? ": " : "", problem->word);
	}
}

/* `text`, or that of the file. What can't be read has no entries. */
static struct np_punchtab take_table(struct generator *generator, const char *path, const char *text, take *parse)
{
	struct np_punchtab table = NP_PUNCHTAB_INIT;
	char *read = NULL;
	size_t size = text ? strlen(text) : 0;
	int r = text ? 0 : np_textfile_read(path, NP_PUNCHTAB_BYTES_MAX, &read, &size);

	if (r == -ENOENT)
		return table;
	if (!r)
		r = parse(text ? text : read, size, &table);
	if (r < 0)
		report(generator, path, "can't read it: %s", strerror(-r));
	free(read);
	report_problems(generator, path, &table);
	return table;
}

static bool is_in_initrd(void)
{
	const char *word = getenv("SYSTEMD_IN_INITRD");

	return word ? !strcmp(word, "1") : access("/etc/initrd-release", F_OK) == 0;
}

static void take_cmdline(struct generator *generator, const struct np_punchtab *cmdline)
{
	for (size_t i = 0; i < cmdline->entry_count; i++) {
		/* Whoever says so there means root. */
		cmdline->entries[i].in_initrd = true;
		write_entry(generator,
			    &(struct np_unit_input){ cmdline, &cmdline->entries[i], NP_CMDLINE_PATH, NP_UNIT_FOLDER,
						     true, generator->in_initrd, generator->in_initrd });
	}
}

static void take_punchtab(struct generator *generator, const char *path, const struct np_punchtab *cmdline)
{
	struct np_punchtab table = take_table(generator, path, NULL, np_punchtab_parse);

	for (size_t i = 0; i < table.entry_count; i++) {
		const struct np_punchtab_entry *entry = &table.entries[i];

		if ((generator->in_initrd && !entry->in_initrd) || np_punchtab_find(cmdline, entry->name))
			continue;
		write_entry(generator, &(struct np_unit_input){ &table, entry, path, NP_UNIT_FOLDER, false, true,
								generator->in_initrd });
	}
	np_punchtab_release(&table);
}

int main(int argument_count, char **arguments)
{
	const char *tab = getenv("NTFS_PUNCH_TAB");
	struct generator generator = { .in_initrd = is_in_initrd() };
	struct np_punchtab cmdline;

	if (argument_count != 2 && argument_count != 4) {
		fputs("Usage: ntfs-punch-generator NORMAL EARLY LATE\nFor systemd: see systemd.generator(7), punchtab(5).\n",
		      stderr);
		return 2;
	}
	umask(022);
	generator.folder = arguments[1];
	cmdline = take_table(&generator, NP_CMDLINE_PATH, getenv("SYSTEMD_PROC_CMDLINE"), np_cmdline_parse);
	take_cmdline(&generator, &cmdline);
	if (!cmdline.is_off || !generator.in_initrd)
		take_punchtab(&generator, tab ? tab : NP_PUNCHTAB_PATH, &cmdline);
	np_punchtab_release(&cmdline);
	return generator.failed;
}
