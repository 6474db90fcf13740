/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scan, as its parent sees it: a sandboxed child surveys the volume (sandbox.h, survey.h) and replies (reply.h).
 */
#ifndef NTFS_PUNCH_SCAN_H
#define NTFS_PUNCH_SCAN_H

#include <stdint.h>

#include "ntfs-punch/facts.h"
#include "ntfs-punch/log.h"
#include "ntfs-punch/path.h"

/* A scan that takes longer is given up: a slow disk may need a minute for thousands of scattered MFT records. */
#define NP_SCAN_TIMEOUT_MS 120000

/*
 * Surveys the volume that fills the `size_bytes` of `device_fd` from byte `start_bytes` on, and a file, or with a NULL `path`
 * the volume alone: its file is NP_FILE_NONE then. A child that dies, hangs or lies gives facts whose outcome
 * is NP_OUTCOME_METADATA; -errno means that the scan couldn't be made at all, and is reported. libntfs-3g's messages are
 * logged at NP_LOG_DEBUG. The caller releases `*ret_facts`.
 */
int np_scan(int device_fd, uint64_t start_bytes, uint64_t size_bytes, const char *subject, const struct np_path *path,
	    const struct np_log *log, struct np_facts *ret_facts);

#endif
