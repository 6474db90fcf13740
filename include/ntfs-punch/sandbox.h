/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sandbox around the code that parses the volume.
 *
 * A child process that keeps two descriptors, the device and a pipe to its parent, and may do nothing but read the
 * one, write to the other, manage its memory, tell the time and exit: any other system call kills it (seccomp), as
 * does using more memory or time than its limits. It can gain no privileges and dies with its parent.
 *
 * The tests link a second implementation (tests/sandbox-inprocess.c), which calls the function in the parent:
 * sanitizers can't start under the memory limit, and valgrind makes system calls of its own. Which one is decided
 * when linking, never by the shipped program.
 */
#ifndef NTFS_PUNCH_SANDBOX_H
#define NTFS_PUNCH_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The child's limits. A scan of a million runs takes 0.2 s and 50 MB. */
#define NP_SANDBOX_MEMORY_BYTES (256u << 20)
#define NP_SANDBOX_CPU_SECONDS  4u

/* What runs inside: reads `device_fd`, writes its reply to `reply_fd`. Returns 0 or -errno. */
typedef int np_sandbox_fn(int device_fd, int reply_fd, void *context);

/*
 * What runs in the child just before: asks the system about `device_fd` what it may not ask inside, and looks at nothing that
 * is on the device. Returns 0 or -errno.
 */
typedef int np_sandbox_prepare_fn(int device_fd, void *context);

struct np_sandbox {
	pid_t pid;
	int reply_fd; /* reads what the child writes */
};

/*
 * Starts `function` in a sandbox, after `prepare`, if that isn't NULL. `device_fd` must be open read-only, and stays the
 * caller's. SIGCHLD goes back to its default, without which a child has no status.
 * -errno: no pipe or process to be had. The caller ends it with np_sandbox_end(), whatever happens in between.
 */
int np_sandbox_start(np_sandbox_prepare_fn *prepare, np_sandbox_fn *function, int device_fd, void *context,
		     struct np_sandbox *ret_sandbox);

/*
 * Ends the child, closes `reply_fd`, and says how it went. `kill_it`: its reply was no good or late, so don't wait for
 * it. Returns 0 if it had done its work; -ECHILD if it died or failed, with the reason in `why`; -ENOSYS if it couldn't
 * even enter the sandbox, which is this system's fault and not the volume's.
 */
int np_sandbox_end(struct np_sandbox *sandbox, bool kill_it, char *why, size_t why_size);

#endif
