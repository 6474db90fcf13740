/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the child finds its descriptors, out of the way of standard input and output. */
#define DEVICE_FD 3
#define REPLY_FD  4

/* The child's exit statuses. */
#define STATUS_FAILED      1
#define STATUS_NO_MEMORY   98
#define STATUS_NOT_ENTERED 99 /* it never came to the volume */

static int set_limit(__rlimit_resource_t resource, rlim_t value, rlim_t hard)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0)
		return -errno;
	/* The user's own limits may be lower, and only root can raise them. */
	limit.rlim_max = hard < limit.rlim_max ? hard : limit.rlim_max;
	limit.rlim_cur = value < limit.rlim_max ? value : limit.rlim_max;
	return setrlimit(resource, &limit) < 0 ? -errno : 0;
}

static int set_limits(void)
{
	int r = set_limit(RLIMIT_AS, NP_SANDBOX_MEMORY_BYTES, NP_SANDBOX_MEMORY_BYTES);

	/* The soft limit's signal tells what happened, the hard one's doesn't. */
	if (!r)
		r = set_limit(RLIMIT_CPU, NP_SANDBOX_CPU_SECONDS, NP_SANDBOX_CPU_SECONDS + 1);
	if (!r)
		r = set_limit(RLIMIT_NOFILE, 0, 0);
	if (!r)
		r = set_limit(RLIMIT_FSIZE, 0, 0);
	if (!r)
		r = set_limit(RLIMIT_CORE, 0, 0);
	return r;
}

/* The allow-list. Arguments are checked where they decide what a call can reach. */
static int add_rules(scmp_filter_ctx filter)
{
	static const int calls[] = {
		SCMP_SYS(brk),
		SCMP_SYS(munmap),
		SCMP_SYS(exit_group),
		SCMP_SYS(rt_sigreturn),
		/* malloc's seed, and the clock where the kernel doesn't offer it in the vDSO. */
		SCMP_SYS(getrandom),
		SCMP_SYS(madvise),
		SCMP_SYS(clock_gettime),
		SCMP_SYS(gettimeofday),
	};
	static const int reads[] = { SCMP_SYS(pread64), SCMP_SYS(lseek), SCMP_SYS(read) };
	int r = 0;

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls) && !r; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	/* libntfs-3g reads at given places, libblkid goes there first. */
	for (size_t i = 0; i < sizeof(reads) / sizeof(*reads) && !r; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, reads[i], 1, SCMP_A0(SCMP_CMP_EQ, DEVICE_FD, 0));
	if (!r)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, SCMP_A0(SCMP_CMP_EQ, REPLY_FD, 0));
	/* Memory, but none that can be executed or that is a file's. */
	if (!r)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
				     SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
				     SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));
	if (!r)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mremap), 0);
	return r;
}

static int load_filter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int r;

	if (!filter)
		return -ENOMEM;
	r = add_rules(filter);
	if (!r)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}

/* What a child has to settle with its parent, and where its descriptors go. */
static int settle(pid_t parent, int device_fd, int reply_fd)
{
	sigset_t none;

	/* The limit on CPU time speaks through a signal, which the parent may have blocked, or have been told to ignore. */
	signal(SIGXCPU, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return -errno;
	if (getppid() != parent) /* it died before that */
		return -ESRCH;
	/* Two steps, since each may lie where the other has to go. */
	device_fd = fcntl(device_fd, F_DUPFD, REPLY_FD + 1);
	reply_fd = fcntl(reply_fd, F_DUPFD, REPLY_FD + 1);
	if (device_fd < 0 || reply_fd < 0 || dup2(device_fd, DEVICE_FD) < 0 || dup2(reply_fd, REPLY_FD) < 0)
		return -errno;
	return 0;
}

/* From here on there is no way back. */
static int enter(void)
{
	int r;

	if (close_range(0, DEVICE_FD - 1, 0) < 0 || close_range(REPLY_FD + 1, ~0u, 0) < 0)
		return -errno;
	r = set_limits();
	return r < 0 ? r : load_filter();
}

static int child_main(np_sandbox_prepare_fn *prepare, np_sandbox_fn *function, pid_t parent, int device_fd,
		      int reply_fd, void *context)
{
	int r;

	if (settle(parent, device_fd, reply_fd) < 0)
		return STATUS_NOT_ENTERED;
	if (prepare && prepare(DEVICE_FD, context) < 0)
		return STATUS_FAILED;
	if (enter() < 0)
		return STATUS_NOT_ENTERED;
	r = function(DEVICE_FD, REPLY_FD, context);
	return !r ? 0 : r == -ENOMEM ? STATUS_NO_MEMORY : STATUS_FAILED;
}

int np_sandbox_start(np_sandbox_prepare_fn *prepare, np_sandbox_fn *function, int device_fd, void *context,
		     struct np_sandbox *ret_sandbox)
{
	pid_t parent = getpid(), pid;
	int pipe_fds[2];
	int r;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return -errno;
	/* Whoever started us may ignore it, which is inherited: then a child leaves no status behind. */
	signal(SIGCHLD, SIG_DFL);
	pid = fork();
	if (pid < 0) {
		r = -errno;
		close(pipe_fds[0]);
		close(pipe_fds[1]);
		return r;
	}
	if (!pid)
		_exit(child_main(prepare, function, parent, device_fd, pipe_fds[1], context));
	close(pipe_fds[1]);
	*ret_sandbox = (struct np_sandbox){ .pid = pid, .reply_fd = pipe_fds[0] };
	return 0;
}

static int explain_signal(int signal, char *why, size_t why_size)
{
	if (signal == SIGSYS)
		snprintf(why, why_size, "it made a system call that the sandbox forbids");
	else if (signal == SIGXCPU)
		snprintf(why, why_size, "it used more than %u s of CPU time", NP_SANDBOX_CPU_SECONDS);
	else
		snprintf(why, why_size, "it crashed (%s)", strsignal(signal));
	return -ECHILD;
}

static int explain_status(int status, char *why, size_t why_size)
{
	if (status == STATUS_NOT_ENTERED) {
		snprintf(why, why_size, "it could not enter its sandbox (does this kernel have seccomp?)");
		return -ENOSYS;
	}
	if (status == STATUS_NO_MEMORY)
		snprintf(why, why_size, "it needed more than %u MiB of memory", NP_SANDBOX_MEMORY_BYTES >> 20);
	else
		snprintf(why, why_size, "it could not reply");
	return -ECHILD;
}

int np_sandbox_end(struct np_sandbox *sandbox, bool kill_it, char *why, size_t why_size)
{
	int status = 0, r;

	/* One that is dead already keeps the status that it died with. */
	if (kill_it)
		kill(sandbox->pid, SIGKILL);
	/* Not before the kill, or who still writes would die of that; not after the wait, or it might last for ever. */
	close(sandbox->reply_fd);
	do
		r = waitpid(sandbox->pid, &status, 0) < 0 ? -errno : 0;
	while (r == -EINTR);
	if (r < 0) {
		snprintf(why, why_size, "its end can't be waited for: %s", strerror(-r));
		return r;
	}
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && kill_it)
		return 0; /* by us: the reply is what was wrong */
	if (WIFSIGNALED(status))
		return explain_signal(WTERMSIG(status), why, why_size);
	return WEXITSTATUS(status) ? explain_status(WEXITSTATUS(status), why, why_size) : 0;
}
