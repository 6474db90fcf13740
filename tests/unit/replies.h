/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replies as bytes, to be sent, received and falsified.
 */
#ifndef REPLIES_H
#define REPLIES_H

#include "unit.h"

#include "ntfs-punch/facts.h"
#include "ntfs-punch/reply.h"

/* Long enough for any test that isn't about time. */
#define REPLY_TIMEOUT_MS 10000

struct reply {
	unsigned char *bytes;
	size_t size;
};

/* What np_reply_send() writes. */
void reply_make(const struct np_facts *facts, struct reply *ret_reply);
void reply_release(struct reply *reply);

/* What np_reply_receive() makes of it, from a file of exactly these bytes. */
int reply_receive(const struct reply *reply, struct np_facts *ret_facts, const char **ret_why);

/* The reply for the facts of sample.h, with two messages; and where its parts begin. */
#define REPLY_EXTENTS  3u
#define REPLY_MESSAGES 2u

#define REPLY_AT_VOLUME   sizeof(struct np_reply_header)
#define REPLY_AT_FILE     (REPLY_AT_VOLUME + sizeof(struct np_volume_facts))
#define REPLY_AT_EXTENTS  (REPLY_AT_FILE + sizeof(struct np_file_facts))
#define REPLY_AT_SYSTEM   (REPLY_AT_EXTENTS + REPLY_EXTENTS * sizeof(struct np_reply_extent))
#define REPLY_AT_MESSAGES (REPLY_AT_SYSTEM + NP_OWNERS * sizeof(struct np_reply_extent))
#define REPLY_END         (REPLY_AT_MESSAGES + REPLY_MESSAGES * NP_TEXT_SIZE)

void reply_make_sample(struct reply *ret_reply);

/* Puts a number of 1 to 8 bytes into it, lowest first, as all machines have it that Windows runs on. */
void reply_put(struct reply *reply, size_t offset, size_t width, uint64_t value);

/* Facts about a file in `extents` extents, holes among them, and $MFT in `system` ones. */
void reply_many_extents(struct np_facts *ret_facts, uint64_t extents, uint64_t system);

/* What was received is sound, and what was sent. */
void reply_assert_same(const struct np_facts *got, const struct np_facts *sent);

/* Adds `count` messages: "message 0" and so on. */
void reply_add_messages(struct np_facts *facts, size_t count);

/* Whether facts that were received are what reply.c lets through: enums in range, texts that end, maps of clusters. */
bool reply_facts_are_sound(const struct np_facts *facts);

#endif
