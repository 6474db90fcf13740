/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cookie.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/random.h>
#include <sys/sem.h>
#include <unistd.h>

#define RECORD NP_RUN_FOLDER "/cookie"

/* A key of libdevmapper's that nobody has. */
static int choose_key(uint32_t *ret_key)
{
	/* There are 65,535; whoever finds none free among so many has another problem. */
	for (int attempt = 0; attempt < 1000; attempt++) {
		uint16_t base;

		if (getrandom(&base, sizeof(base), 0) != sizeof(base))
			return -errno;
		*ret_key = NP_COOKIE_MAGIC << 16 | base;
		if (base && semget((key_t)*ret_key, 1, 0) < 0 && errno == ENOENT)
			return 0;
	}
	return -ENOSPC;
}

void np_cookie_format(uint32_t key, char *record)
{
	snprintf(record, NP_COOKIE_RECORD_SIZE, "0x%08" PRIx32 "\n", key);
}

/* What isn't just as it is written isn't one: it would be somebody else's semaphore that goes. */
bool np_cookie_parse(const char *record, uint32_t *ret_key)
{
	unsigned long key = strtoul(record, NULL, 16);
	char again[NP_COOKIE_RECORD_SIZE];

	np_cookie_format((uint32_t)key, again);
	if (key >> 16 != NP_COOKIE_MAGIC || !(key & 0xffff) || strcmp(record, again))
		return false;
	*ret_key = (uint32_t)key;
	return true;
}

static int write_record(uint32_t key)
{
	int fd = open(RECORD, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), r = 0;
	char record[NP_COOKIE_RECORD_SIZE];

	if (fd < 0)
		return -errno;
	np_cookie_format(key, record);
	if (dprintf(fd, "%s", record) < 0)
		r = -errno;
	close(fd);
	if (r < 0)
		unlink(RECORD);
	return r;
}

int np_cookie_create(struct np_cookie *ret_cookie)
{
	struct np_cookie cookie = { 0 };
	int r = choose_key(&cookie.key);

	if (!r)
		r = write_record(cookie.key);
	if (r < 0)
		return r;
	cookie.semaphore = semget((key_t)cookie.key, 1, 0600 | IPC_CREAT | IPC_EXCL);
	if (cookie.semaphore < 0) {
		r = -errno;
		unlink(RECORD);
		return r;
	}
	if (semctl(cookie.semaphore, 0, SETVAL, 1) < 0) {
		r = -errno;
		np_cookie_destroy(&cookie);
		return r;
	}
	*ret_cookie = cookie;
	return 0;
}

void np_cookie_destroy(const struct np_cookie *cookie)
{
	if (!cookie->key)
		return;
	/* By its number, which isn't used again soon: the key may be somebody else's by now. */
	semctl(cookie->semaphore, 0, IPC_RMID);
	unlink(RECORD);
}

void np_cookie_heal(const struct np_log *log)
{
	FILE *file = fopen(RECORD, "re");
	/* A byte more, which shows that there is more. */
	char record[NP_COOKIE_RECORD_SIZE + 1];
	uint32_t key = 0;
	int semaphore;

	if (!file)
		return;
	record[fread(record, 1, sizeof(record) - 1, file)] = '\0';
	fclose(file);
	/* One that was killed while it wrote had no semaphore yet. */
	semaphore = np_cookie_parse(record, &key) ? semget((key_t)key, 1, 0) : -1;
	if (semaphore >= 0 && !semctl(semaphore, 0, IPC_RMID))
		np_log_message(log, NP_LOG_WARNING, "udev", NULL,
			       "a killed run has left a cookie (0x%08" PRIx32 "); "
			       "it is removed",
			       key);
	unlink(RECORD);
}
