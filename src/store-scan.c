/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "ask.h"
#include "fingerprint.h"
#include "ntfs-punch/store.h"
#include "pipe.h"

struct request {
	uint64_t device_bytes;
	const struct np_extent_map *base;
	const struct np_extent_map *store;
};

static int read_all(struct np_reader *reader, const struct request *request, struct np_store *store)
{
	uint8_t sector[NP_STORE_SECTOR];
	int r = np_reader_read_map(reader, request->store, true, sector, sizeof(sector), 0);

	if (!r)
		np_store_parse(sector, store);
	return r ? r : np_fingerprint(reader, request->base, store->fingerprint_now);
}

/* In the child. The reply is np_store as it lies in memory: both ends are one program. */
static int read_and_reply(int device_fd, int reply_fd, void *context)
{
	const struct request *request = context;
	struct np_reader *reader = np_reader_new(device_fd, 0, request->device_bytes);
	struct np_store store = { .state = NP_STORE_NONE };
	int r = reader ? read_all(reader, request, &store) : -ENOMEM;

	if (r && r != -ENOMEM)
		store = (struct np_store){ .unreadable = 1 };
	if (r != -ENOMEM)
		r = np_pipe_write(reply_fd, &store, sizeof(store));
	np_reader_free(reader);
	return r;
}

static bool is_sound(const void *reply)
{
	const struct np_store *store = reply;

	return store->state <= NP_STORE_ENDED && store->unreadable <= 1 &&
	       memchr(store->base_uuid, '\0', sizeof(store->base_uuid));
}

int np_store_scan(int fd, uint64_t device_bytes, const struct np_extent_map *base, const struct np_extent_map *store,
		  const char *subject, const struct np_log *log, struct np_store *ret_store)
{
	struct request request = { .device_bytes = device_bytes, .base = base, .store = store };
	struct np_store reply;
	char why[192] = "";
	int r = np_ask(NULL, read_and_reply, fd, &request, is_sound, &reply, sizeof(reply), why, sizeof(why));

	if (r == -EBADMSG)
		np_log_message(log, NP_LOG_ERROR, subject, NULL,
			       "the scanner was not to be trusted with an overlay's store: %s", why);
	else if (r < 0)
		np_log_message(log, NP_LOG_ERROR, subject, NULL, "%s", why);
	else
		*ret_store = reply;
	return r;
}
