/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * udev cookies: the semaphore (System V) that a task of libdevmapper's waits on until udev's rules are done. libdevmapper
 * would make one by itself, and one whose maker is killed stays until the next start, for nobody knows whose it is. So its
 * key is chosen here, and recorded before there is a semaphore of that key: the next run finds it, and removes it.
 *
 * Under np_lock() only: there is one record. Its semaphore is as libdevmapper's own (LVM2, libdm/libdm-common.c,
 * _udev_notify_sem_create()): of value 1, which dm_udev_wait() takes down, after dm_task_set_cookie() and udev added and
 * took down another.
 */
#ifndef NP_COOKIE_H
#define NP_COOKIE_H

#include <stdbool.h>
#include <stdint.h>

#include "ntfs-punch/log.h"

/* np_lock() makes it. */
#define NP_RUN_FOLDER "/run/ntfs-punch"

/* The upper half of a key: what libdevmapper.h calls DM_COOKIE_MAGIC. */
#define NP_COOKIE_MAGIC 0x0D4Du

/* "0x0d4d1234", a newline, and a NUL. */
#define NP_COOKIE_RECORD_SIZE 12

struct np_cookie {
	uint32_t key; /* 0: none */
	int semaphore;
};

/* A cookie's record, as it is written, and its key. False: that's no record, or not of a cookie. */
void np_cookie_format(uint32_t key, char *record);
bool np_cookie_parse(const char *record, uint32_t *ret_key);

/* -errno, not reported. */
int np_cookie_create(struct np_cookie *ret_cookie);

/* Takes the semaphore away, if dm_udev_wait() hasn't yet, and the record. Does nothing if there is no cookie. */
void np_cookie_destroy(const struct np_cookie *cookie);

/* Takes away what a killed run has left. */
void np_cookie_heal(const struct np_log *log);

#endif
