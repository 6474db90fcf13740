/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages. The library never prints: whoever calls it passes a np_log, and a failure is reported through it once,
 * where it is known; callers above only pass the -errno on.
 */
#ifndef NTFS_PUNCH_LOG_H
#define NTFS_PUNCH_LOG_H

enum np_log_level {
	NP_LOG_ERROR,
	NP_LOG_WARNING,
	NP_LOG_INFO,  /* what was done */
	NP_LOG_DEBUG, /* how, and what the libraries say */
};

struct np_log {
	/* `subject`: the device, file or map that it is about. `remedy` may be NULL. Texts may hold names from a
	 * volume: the receiver escapes them. */
	void (*emit)(const struct np_log *log, enum np_log_level level, const char *subject, const char *message,
		     const char *remedy);
	enum np_log_level most; /* levels past this one are dropped */
};

/* For whoever wants to hear nothing. */
extern const struct np_log np_log_silent;

/* Formats a message and emits it. errno is kept. */
__attribute__((format(printf, 5, 6))) void np_log_message(const struct np_log *log, enum np_log_level level,
							  const char *subject, const char *remedy, const char *format,
							  ...);

#endif
