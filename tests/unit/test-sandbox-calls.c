/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sandbox's walls: any system call but the few that are allowed kills.
 */
#include "sandboxes.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A system call; the argument PATH stands for the address of a buffer that begins with a path. */
struct call {
	const char *name;
	long number;
	long arguments[6];
};

#define PATH 0x7a7a7a7aL

static int make_call(int device, int reply, void *context)
{
	static char buffer[256] = "/dev/null";
	const struct call *call = context;
	long a[6];

	(void)device;
	(void)reply;
	for (size_t i = 0; i < 6; i++)
		a[i] = call->arguments[i] == PATH ? (long)buffer : call->arguments[i];
	syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
	return 0;
}

static const struct call calls[] = {
	{ "open", SYS_openat, { AT_FDCWD, PATH, O_RDONLY } },
	{ "open to write", SYS_openat, { AT_FDCWD, PATH, O_WRONLY | O_CREAT, 0600 } },
	{ "openat2", SYS_openat2, { AT_FDCWD, PATH, PATH, 24 } },
	{ "unlink", SYS_unlinkat, { AT_FDCWD, PATH } },
	{ "stat", SYS_newfstatat, { AT_FDCWD, PATH, PATH } },
	{ "fstat of the device", SYS_fstat, { 3, PATH } },
	{ "write to the device", SYS_write, { 3, PATH, 1 } },
	{ "pwrite to the device", SYS_pwrite64, { 3, PATH, 1, 0 } },
	{ "writev to the device", SYS_writev, { 3, PATH, 0 } },
	{ "pwritev to the reply", SYS_pwritev, { 4, PATH, 0 } },
	{ "ioctl on the device", SYS_ioctl, { 3, 0x1261, 0 } },
	{ "fsync of the device", SYS_fsync, { 3 } },
	{ "fallocate on the device", SYS_fallocate, { 3, 0, 0, 1 } },
	{ "ftruncate of the device", SYS_ftruncate, { 3, 0 } },
	{ "lseek on the reply", SYS_lseek, { 4, 0, 0 } },
	{ "read of the reply", SYS_read, { 4, PATH, 1 } },
	{ "read of standard input", SYS_read, { 0, PATH, 1 } },
	{ "preadv of the device", SYS_preadv, { 3, PATH, 0, 0 } },
	{ "mmap of the device", SYS_mmap, { 0, 4096, PROT_READ, MAP_PRIVATE, 3, 0 } },
	{ "mmap of the device, shared", SYS_mmap, { 0, 4096, PROT_READ, MAP_SHARED, 3, 0 } },
	{ "mmap of code", SYS_mmap, { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 } },
	{ "mprotect of code", SYS_mprotect, { 0x10000, 4096, PROT_EXEC } },
	{ "pkey_mprotect of code", SYS_pkey_mprotect, { 0x10000, 4096, PROT_EXEC, -1 } },
	{ "pread of standard input", SYS_pread64, { 0, PATH, 1, 0 } },
	{ "pread of the reply", SYS_pread64, { 4, PATH, 1, 0 } },
	{ "pread of descriptor 5", SYS_pread64, { 5, PATH, 1, 0 } },
	{ "pread of descriptor -1", SYS_pread64, { -1, PATH, 1, 0 } },
	{ "pread of descriptor 3 + 2^32", SYS_pread64, { 3 + (1L << 32), PATH, 1, 0 } },
	{ "write to standard output", SYS_write, { 1, PATH, 1 } },
	{ "write to standard error", SYS_write, { 2, PATH, 1 } },
	{ "write to descriptor 5", SYS_write, { 5, PATH, 1 } },
	{ "dup", SYS_dup, { 3 } },
	{ "dup3", SYS_dup3, { 4, 3, 0 } },
	{ "fcntl", SYS_fcntl, { 3, F_DUPFD, 5 } },
	{ "close", SYS_close, { 3 } },
	{ "socket", SYS_socket, { AF_INET, SOCK_STREAM, 0 } },
	{ "socketpair", SYS_socketpair, { AF_UNIX, SOCK_STREAM, 0, PATH } },
	{ "sendmsg", SYS_sendmsg, { 4, PATH, 0 } },
	{ "pipe", SYS_pipe2, { PATH, 0 } },
	{ "splice", SYS_splice, { 3, 0, 4, 0, 1, 0 } },
	{ "sendfile", SYS_sendfile, { 4, 3, 0, 1 } },
	{ "memfd_create", SYS_memfd_create, { PATH, 0 } },
	{ "userfaultfd", SYS_userfaultfd, { 0 } },
	{ "io_uring_setup", SYS_io_uring_setup, { 1, PATH } },
	{ "clone", SYS_clone, { SIGCHLD, 0, 0, 0, 0 } },
	{ "clone3", SYS_clone3, { PATH, 64 } },
	{ "clone a thread", SYS_clone, { CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, 0, 0, 0, 0 } },
	{ "execve", SYS_execve, { PATH, 0, 0 } },
	{ "execveat", SYS_execveat, { 3, PATH, 0, 0, AT_EMPTY_PATH } },
	{ "kill", SYS_kill, { 0, 0 } },
	{ "tgkill", SYS_tgkill, { 1, 1, 0 } },
	{ "ptrace", SYS_ptrace, { 0, 1, 0, 0 } },
	{ "process_vm_readv", SYS_process_vm_readv, { 1, PATH, 0, PATH, 0, 0 } },
	{ "pidfd_open", SYS_pidfd_open, { 1, 0 } },
	{ "prctl", SYS_prctl, { PR_SET_DUMPABLE, 1 } },
	{ "seccomp", SYS_seccomp, { 0, 0, 0 } },
	{ "setrlimit", SYS_setrlimit, { RLIMIT_AS, PATH } },
	{ "prlimit", SYS_prlimit64, { 0, RLIMIT_AS, PATH, 0 } },
	{ "setuid", SYS_setuid, { 0 } },
	{ "unshare", SYS_unshare, { CLONE_NEWUSER } },
	{ "mount", SYS_mount, { PATH, PATH, PATH, 0, 0 } },
	{ "bpf", SYS_bpf, { 0, PATH, 0 } },
	{ "rt_sigaction", SYS_rt_sigaction, { SIGXCPU, 0, 0, 8 } },
	{ "rt_sigprocmask", SYS_rt_sigprocmask, { SIG_BLOCK, 0, 0, 8 } },
	{ "nanosleep", SYS_nanosleep, { PATH, 0 } },
	{ "shmget", SYS_shmget, { 1, 4096, 0600 } },
	{ "sysinfo", SYS_sysinfo, { PATH } },
	{ "getpid", SYS_getpid, { 0 } },
};

static void test_forbidden_calls(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(calls); i++) {
		struct call call = calls[i];

		sandbox_assert_ends(call.name, make_call, &call, -ECHILD, SANDBOX_FORBIDDEN);
	}
}

#ifdef __x86_64__
static int use_32_bit_calls(int device, int reply, void *context)
{
	long r = 20; /* getpid */

	(void)device;
	(void)reply;
	(void)context;
	__asm__ volatile("int $0x80" : "+a"(r) : : "memory");
	return 0;
}

/* Other numbers for the same calls are no way out. */
static void test_other_abis(void **state)
{
	struct call x32 = { "x32", 0x40000000L + SYS_openat, { AT_FDCWD, PATH, O_RDONLY } };
	struct call x32_write = { "x32 write", 0x40000000L + SYS_write, { 4, PATH, 1 } };

	(void)state;
	sandbox_assert_ends("x32", make_call, &x32, -ECHILD, SANDBOX_FORBIDDEN);
	sandbox_assert_ends("x32 write", make_call, &x32_write, -ECHILD, SANDBOX_FORBIDDEN);
	/* Where the kernel has none of these, it is a crash. */
	sandbox_assert_ends("int 0x80", use_32_bit_calls, NULL, -ECHILD, "it ");
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forbidden_calls),
#ifdef __x86_64__
		cmocka_unit_test(test_other_abis),
#endif
	};

	sandbox_skip_under_valgrind();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
