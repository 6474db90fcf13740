/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the sandbox share.
 */
#ifndef SANDBOXES_H
#define SANDBOXES_H

#include "unit.h"

#include "ntfs-punch/sandbox.h"

/* Ends the program as skipped, and says so, where valgrind's own system calls would be the sandbox's end. */
void sandbox_skip_under_valgrind(void);

/* What the device holds, its NUL included. */
#define SANDBOX_DEVICE_TEXT "what is on the device"

/* What is said of a forbidden system call. */
#define SANDBOX_FORBIDDEN "it made a system call that the sandbox forbids"

/* A new descriptor of a device with that text, to be closed by the caller. */
int sandbox_open_device(void);

/*
 * Runs `function` to its end, reads up to `size` bytes of its reply as a text, and returns np_sandbox_end()'s result.
 * Of the sandbox nothing is left then: no process, no descriptor.
 */
int sandbox_run(np_sandbox_fn *function, void *context, char *reply, size_t size, char *why, size_t why_size);

/* Runs `function`, which doesn't reply: np_sandbox_end() returns `expected`, and `expected_why` is in its words. */
void sandbox_assert_ends(const char *name, np_sandbox_fn *function, void *context, int expected,
			 const char *expected_why);

/* A function for np_sandbox_start(): says so when it runs, by one byte, and then uses CPU time without end. */
int sandbox_spin(int device, int reply, void *context);

/* Starts it on /dev/zero, and waits for its first byte. */
void sandbox_start_and_wait(np_sandbox_fn *function, struct np_sandbox *ret_sandbox);

/* Ends a sandbox that doesn't by itself. */
void sandbox_kill(struct np_sandbox *sandbox);

#endif
