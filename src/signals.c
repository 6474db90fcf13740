/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signals.h"

#include <errno.h>
#include <stddef.h>

void np_signals_block(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, before);
}

void np_signals_restore(const sigset_t *before)
{
	sigprocmask(SIG_SETMASK, before, NULL);
}

int np_signals_pending(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct sigaction action;
	sigset_t pending;

	if (sigpending(&pending) < 0)
		return 0;
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		/* One that is ignored waits, too, as long as it is blocked. */
		if (sigismember(&pending, signals[i]) && !sigaction(signals[i], NULL, &action) &&
		    action.sa_handler != SIG_IGN)
			return -EINTR;
	return 0;
}
