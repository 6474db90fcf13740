/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "ntfs-punch/attach.h"
#include "ntfs-punch/merge.h"

#define POLL_NS 200000000L

/* Where the bar is drawn: on a terminal, and nobody asked for quiet. */
static bool has_bar(const struct np_log *log)
{
	return log->most >= NP_LOG_WARNING && isatty(STDERR_FILENO);
}

static void draw_bar(uint64_t left, uint64_t all)
{
	static const char full[] = "########################################";
	unsigned width = sizeof(full) - 1, percent = all ? (unsigned)((all - left) * 100 / all) : 100;
	unsigned filled = percent * width / 100;

	fprintf(stderr, "\r[%.*s%*s] %3u%%", (int)filled, full, (int)(width - filled), "", percent);
	fflush(stderr);
}

/* The kernel does it, with or without us. */
static int wait_for_merge(const char *name, const struct np_log *log)
{
	uint64_t left = 0, all = 0;
	int r;

	for (;;) {
		r = np_merge_left(name, log, &left);
		all = left > all ? left : all;
		if (has_bar(log))
			draw_bar(left, all);
		if (r < 0 || !left)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = POLL_NS }, NULL);
	}
	if (has_bar(log))
		fputc('\n', stderr);
	return r;
}

/* Others may use the lock while it merges. */
static int run_locked(int function(const char *, const struct np_log *), const char *name, const struct np_log *log)
{
	int lock = np_lock(log), r;

	if (lock < 0)
		return lock;
	r = np_heal(log);
	if (!r)
		r = function(name, log);
	close(lock);
	return r;
}

static enum np_exit run(const struct np_options *options, const struct np_log *log)
{
	const char *name = np_bare_name(options->arguments[0]);
	int r = run_locked(np_merge_begin, name, log);

	/* What is written to it meanwhile goes to the base, so there isn't more and more to merge. */
	while (!r) {
		r = wait_for_merge(name, log);
		if (!r)
			r = run_locked(np_merge_end, name, log);
		if (r != -EAGAIN)
			break;
		/* Not as it was when it was looked at: another look. */
		nanosleep(&(struct timespec){ .tv_nsec = POLL_NS }, NULL);
		r = 0;
	}
	if (!r)
		np_log_message(log, NP_LOG_INFO, name, NULL, "committed; it is the file itself now");
	return np_exit_from_error(r);
}

static enum np_exit run_discard(const struct np_options *options, const struct np_log *log)
{
	const char *name = np_bare_name(options->arguments[0]);
	int r = run_locked(np_overlay_discard, name, log);

	if (!r)
		np_log_message(log, NP_LOG_INFO, name, NULL, "discarded; it is the file itself now");
	return np_exit_from_error(r);
}

const struct np_command np_command_commit = {
	.name = "commit",
	.arguments = "NAME [options]",
	.summary = "write what an overlay holds to its file, and end the overlay",
	.help = "Writes to the file of the map NAME what was written to its overlay, while it is in use or not, and ends\n"
		"the overlay. The kernel does it, with a progress bar on a terminal; interrupted, also by a loss of power,\n"
		"it goes on when NAME is mapped again, and `commit` finishes it. Afterwards NAME is the file itself.",
	.arguments_least = 1,
	.arguments_most = 1,
	.run = run,
};

const struct np_command np_command_discard = {
	.name = "discard",
	.arguments = "NAME [options]",
	.summary = "throw away what an overlay holds, and end the overlay",
	.help = "Throws away what was written to the overlay of the map NAME, which nobody may use, and ends the overlay.\n"
		"Afterwards NAME is the file itself, without devices for its partitions.",
	.arguments_least = 1,
	.arguments_most = 1,
	.run = run_discard,
};
