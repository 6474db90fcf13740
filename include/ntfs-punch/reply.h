/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scanner's reply: np_facts in a fixed binary form, from the sandboxed child to its parent.
 *
 * In this order, in the machine's own byte order, since both ends are one program: a header (magic, version,
 * counts), np_volume_facts, np_file_facts, the file's extents and the owners' as pairs of physical offset
 * and length, the messages, and nothing after them.
 *
 * The receiver believes nothing: a counterfeit reply can at most describe a wrong volume, and the checks look at
 * every extent again.
 */
#ifndef NTFS_PUNCH_REPLY_H
#define NTFS_PUNCH_REPLY_H

#include <stdint.h>

#include "ntfs-punch/facts.h"

#define NP_REPLY_MAGIC   0x3148434e5550544eULL /* "NTPUNCH1" */
#define NP_REPLY_VERSION 2u

/* A reply with more messages than this is refused; a sender says how many it left out in the last one. */
#define NP_REPLY_MESSAGES_MAX 32u

struct np_reply_header {
	uint64_t magic;
	uint32_t version;
	uint32_t outcome;
	uint64_t extent_count;
	uint64_t system_count;
	uint64_t message_count;
	uint64_t system_end[NP_OWNERS];
	char reason[NP_TEXT_SIZE];
};

struct np_reply_extent {
	uint64_t physical;
	uint64_t length;
};

/* Writes the reply to `fd`. Needs no system call but write(2). -errno. */
int np_reply_send(int fd, const struct np_facts *facts);

/*
 * Reads a reply from `fd` until its end, and no longer than `timeout_ms`.
 * -EBADMSG: it isn't a reply, or it lies, and `*ret_why` says where, in static words; -ETIMEDOUT; -errno.
 * The caller releases `*ret_facts`.
 */
int np_reply_receive(int fd, int timeout_ms, struct np_facts *ret_facts, const char **ret_why);

#endif
