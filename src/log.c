/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static void say_nothing(const struct np_log *log, enum np_log_level level, const char *subject, const char *message,
			const char *remedy)
{
	(void)log, (void)level, (void)subject, (void)message, (void)remedy;
}

const struct np_log np_log_silent = { .emit = say_nothing, .most = NP_LOG_ERROR };

void np_log_message(const struct np_log *log, enum np_log_level level, const char *subject, const char *remedy,
		    const char *format, ...)
{
	int saved_errno = errno;
	char message[2048];
	va_list arguments;

	if (level > log->most)
		return;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	log->emit(log, level, subject, message, remedy);
	errno = saved_errno;
}
