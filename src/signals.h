/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A signal that comes while devices are made or removed waits until they are, or are undone.
 */
#ifndef NTFS_PUNCH_SIGNALS_H
#define NTFS_PUNCH_SIGNALS_H

#include <signal.h>

void np_signals_block(sigset_t *before);
void np_signals_restore(const sigset_t *before);

/* -EINTR: one waits that is to end us. */
int np_signals_pending(void);

#endif
