/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded: counts the calls by which the program changes anything, or asks libdevmapper, and does something at the one of
 * number $NP_STEP (from 1):
 *
 * $NP_ACTION	fail		it returns its failure value. What releases something (close, unlink, dm_udev_wait, IPC_RMID) does so
 *				first: a failure to release can leave no less behind
 *		int		SIGINT comes before it
 *		kill-before	SIGKILL does
 *		kill-after	SIGKILL comes after it
 *
 * The line "NUMBER NAME ACTION" goes to the file $NP_STEPS_LOG, and without $NP_STEP "NUMBER NAME" of each call. A child
 * counts nothing: it is the scanner, in its sandbox.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/ioctl.h>
#include <linux/loop.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum action { NONE, FAIL, KILL_AFTER };

static bool in_child;

static void append(const char *format, ...)
{
	const char *path = getenv("NP_STEPS_LOG");
	char line[128];
	va_list arguments;
	int fd, length;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	/* Not by the functions that are counted. */
	fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
	if (fd < 0 || write(fd, line, (size_t)length) != length)
		abort();
	syscall(SYS_close, fd);
}

static enum action step(const char *name)
{
	static long count;
	const char *number = getenv("NP_STEP"), *action = getenv("NP_ACTION");

	if (in_child)
		return NONE;
	count++;
	if (!number) {
		append("%ld %s\n", count, name);
		return NONE;
	}
	if (count != atol(number) || !action)
		return NONE;
	append("%ld %s %s\n", count, name, action);
	if (!strcmp(action, "int"))
		kill(getpid(), SIGINT);
	if (!strcmp(action, "kill-before"))
		kill(getpid(), SIGKILL);
	return !strcmp(action, "fail") ? FAIL : !strcmp(action, "kill-after") ? KILL_AFTER : NONE;
}

static void after(enum action action)
{
	int saved_errno = errno;

	if (action == KILL_AFTER)
		kill(getpid(), SIGKILL);
	errno = saved_errno;
}

/*
 * A function of that name, its type, parameters and arguments; what it returns, and errno, when it fails. One that releases
 * something does so first.
 */
#define WRAPPED(type, name, parameters, arguments, failure, error, releases)                                           \
	type name parameters;                                                                                          \
	type name parameters                                                                                           \
	{                                                                                                              \
		static type(*next) parameters;                                                                         \
		enum action action = step(#name);                                                                      \
		type result = failure;                                                                                 \
                                                                                                                       \
		if (action != FAIL || releases) {                                                                      \
			if (!next)                                                                                     \
				next = (type(*) parameters)(uintptr_t)dlsym(RTLD_NEXT, #name);                         \
			result = next arguments;                                                                       \
			after(action);                                                                                 \
		}                                                                                                      \
		if (action == FAIL)                                                                                    \
			errno = error;                                                                                 \
		return action == FAIL ? failure : result;                                                              \
	}

#define WRAP(type, name, parameters, arguments, failure, error)                                                        \
	WRAPPED(type, name, parameters, arguments, failure, error, false)
#define WRAP_RELEASE(type, name, parameters, arguments, failure, error)                                                \
	WRAPPED(type, name, parameters, arguments, failure, error, true)

struct dm_task;
struct dm_info;
struct dm_deps;
struct dm_names;

WRAP(struct dm_task *, dm_task_create, (int type), (type), NULL, ENOMEM)
WRAP(int, dm_task_set_name, (struct dm_task * task, const char *name), (task, name), 0, ENOMEM)
WRAP(int, dm_task_set_uuid, (struct dm_task * task, const char *uuid), (task, uuid), 0, ENOMEM)
WRAP(int, dm_task_add_target,
     (struct dm_task * task, uint64_t start, uint64_t size, const char *type, const char *words),
     (task, start, size, type, words), 0, ENOMEM)
WRAP(int, dm_task_set_cookie, (struct dm_task * task, uint32_t *cookie, uint16_t flags), (task, cookie, flags), 0,
     ENOSPC)
WRAP(int, dm_task_run, (struct dm_task * task), (task), 0, EIO)
WRAP(int, dm_task_get_info, (struct dm_task * task, struct dm_info *info), (task, info), 0, EIO)
WRAP(const char *, dm_task_get_name, (struct dm_task * task), (task), NULL, ENOMEM)
WRAP(const char *, dm_task_get_uuid, (struct dm_task * task), (task), NULL, ENOMEM)
WRAP(struct dm_deps *, dm_task_get_deps, (struct dm_task * task), (task), NULL, ENOMEM)
WRAP(struct dm_names *, dm_task_get_names, (struct dm_task * task), (task), NULL, ENOMEM)
WRAP(int, dm_task_retry_remove, (struct dm_task * task), (task), 0, ENOMEM)
WRAP(int, dm_task_deferred_remove, (struct dm_task * task), (task), 0, ENOMEM)
WRAP_RELEASE(int, dm_udev_wait, (uint32_t cookie), (cookie), 0, EIO)

WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode), -1, EACCES)
WRAP(int, flock, (int fd, int operation), (fd, operation), -1, ENOLCK)
WRAP(int, semget, (key_t key, int count, int flags), (key, count, flags), -1, ENOSPC)
WRAP_RELEASE(int, close, (int fd), (fd), -1, EIO)
WRAP_RELEASE(int, unlink, (const char *path), (path), -1, EROFS)

WRAP(int, __open_2, (const char *path, int flags), (path, flags), -1, EMFILE)

/* Of ioctls those that change something go by their own names. */
static const char *ioctl_name(unsigned long request)
{
	switch (request) {
	case DM_DEV_CREATE:
		return "DM_DEV_CREATE";
	case DM_DEV_REMOVE:
		return "DM_DEV_REMOVE";
	case DM_DEV_SUSPEND:
		return "DM_DEV_SUSPEND";
	case DM_TABLE_LOAD:
		return "DM_TABLE_LOAD";
	case LOOP_CONFIGURE:
		return "LOOP_CONFIGURE";
	case LOOP_CTL_GET_FREE:
		return "LOOP_CTL_GET_FREE";
	default:
		return "ioctl";
	}
}

static const char *semctl_name(int command)
{
	return command == IPC_RMID ? "semctl(IPC_RMID)" : command == SETVAL ? "semctl(SETVAL)" : "semctl";
}

/* With one word more after `last`, whether it was given or not. `label`: what it is called in the list. */
#define WRAP_VARIADIC(name, label, last, parameters, arguments, error)                                                 \
	int name parameters                                                                                            \
	{                                                                                                              \
		static int(*next) parameters;                                                                          \
		enum action action = step(label);                                                                      \
		unsigned long word;                                                                                    \
		va_list list;                                                                                          \
		int result = -1;                                                                                       \
                                                                                                                       \
		va_start(list, last);                                                                                  \
		word = va_arg(list, unsigned long);                                                                    \
		va_end(list);                                                                                          \
		if (!next)                                                                                             \
			next = (int(*) parameters)(uintptr_t)dlsym(RTLD_NEXT, #name);                                  \
		if (action != FAIL || strstr(label, "RMID"))                                                           \
			result = next arguments;                                                                       \
		after(action);                                                                                         \
		if (action == FAIL)                                                                                    \
			errno = error;                                                                                 \
		return action == FAIL ? -1 : result;                                                                   \
	}

WRAP_VARIADIC(ioctl, ioctl_name(request), request, (int fd, unsigned long request, ...), (fd, request, word), EIO)
WRAP_VARIADIC(open, "open", flags, (const char *path, int flags, ...), (path, flags, word), EMFILE)
WRAP_VARIADIC(semctl, semctl_name(command), command, (int id, int number, int command, ...),
	      (id, number, command, word), EINVAL)

pid_t fork(void)
{
	static pid_t (*next)(void);
	enum action action = step("fork");
	pid_t pid;

	if (action == FAIL) {
		errno = EAGAIN;
		return -1;
	}
	if (!next)
		next = (pid_t(*)(void))(uintptr_t)dlsym(RTLD_NEXT, "fork");
	pid = next();
	in_child = !pid;
	if (pid)
		after(action);
	return pid;
}
