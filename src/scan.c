/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/scan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ntfs-punch/reply.h"
#include "ntfs-punch/sandbox.h"
#include "survey.h"

struct request {
	uint64_t start_bytes;
	uint64_t size_bytes;
	const struct np_path *path;
};

/* In the child. */
static int survey_and_reply(int device_fd, int reply_fd, void *context)
{
	const struct request *request = context;
	struct np_facts facts;
	int r;

	memset(&facts, 0, sizeof(facts));
	r = np_survey(device_fd, request->start_bytes, request->size_bytes, request->path, &facts);
	if (!r)
		r = np_reply_send(reply_fd, &facts);
	np_facts_release(&facts);
	return r;
}

/* What is known when the scanner can't be believed. */
static void distrust(struct np_facts *facts, const char *what, const char *why)
{
	np_facts_release(facts);
	*facts = (struct np_facts){ .outcome = NP_OUTCOME_METADATA };
	snprintf(facts->reason, sizeof(facts->reason), "the scanner was not to be trusted with it: %s%s", what, why);
}

int np_scan(int device_fd, uint64_t start_bytes, uint64_t size_bytes, const char *subject, const struct np_path *path,
	    const struct np_log *log, struct np_facts *ret_facts)
{
	struct request request = { .start_bytes = start_bytes, .size_bytes = size_bytes, .path = path };
	struct np_facts facts = { 0 };
	struct np_sandbox sandbox;
	const char *lie = "";
	char why[128] = "";
	int received, ended;

	ended = np_sandbox_start(NULL, survey_and_reply, device_fd, &request, &sandbox);
	if (ended < 0) {
		np_log_message(log, NP_LOG_ERROR, subject, NULL, "can't start the scanner: %s", strerror(-ended));
		return ended;
	}
	received = np_reply_receive(sandbox.reply_fd, NP_SCAN_TIMEOUT_MS, &facts, &lie);
	ended = np_sandbox_end(&sandbox, received < 0, why, sizeof(why));
	if (ended == -ENOSYS || received == -ENOMEM) {
		np_log_message(log, NP_LOG_ERROR, subject, NULL, "can't scan: %s", *why ? why : strerror(ENOMEM));
		np_facts_release(&facts);
		return ended == -ENOSYS ? ended : received;
	}
	if (received == -ETIMEDOUT) {
		snprintf(why, sizeof(why), "no reply within %d s", NP_SCAN_TIMEOUT_MS / 1000);
		distrust(&facts, why, "");
	} else if (ended < 0) {
		distrust(&facts, why, "");
	} else if (received < 0) {
		distrust(&facts, "its reply is not sound: ", received == -EBADMSG ? lie : strerror(-received));
	} else if (facts.outcome == NP_OUTCOME_COMPLETE && !path != (facts.file.kind == NP_FILE_NONE)) {
		distrust(&facts, "its reply is about something else", "");
	}
	for (size_t i = 0; i < facts.message_count; i++)
		np_log_message(log, NP_LOG_DEBUG, subject, NULL, "libntfs-3g: %s", facts.messages[i]);
	*ret_facts = facts;
	return 0;
}
